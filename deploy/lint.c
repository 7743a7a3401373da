/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include "deploy/lint.h"
#include "host/file.h"

enum semo_status semo_lint_capacity(const struct semo_descriptor *d, struct semo_unit *const *units,
                                    struct semo_error *e)
{
    struct semo_node_info *infos = semo_allocate(d->node_count, sizeof *infos);
    struct semo_place *places = semo_allocate(d->module_count, sizeof *places);
    for (unsigned n = 0; n < d->node_count; n++)
        semo_plan_emulated(&infos[n]);
    enum semo_status status = semo_plan_place(d, units, infos, places, e);
    free(infos);
    free(places);
    return status;
}

/* Whatever an entry does may show in every output of its module. */
static unsigned follow(const struct semo_descriptor *d, struct semo_unit *const *units,
                       unsigned module, const char *entry, semo_lint_fn *say, void *context)
{
    const struct semo_tree *at = semo_tree_field(d->modules[module].tree, "name");
    char path[320], text[480];
    unsigned found = 0;
    for (unsigned to = 0; to < d->module_count; to++) {
        const char *actuator = semo_plan_actuator(units[to]);
        if (!actuator || to == module || !semo_flow_path(d, module, to, path, sizeof path))
            continue;
        snprintf(text, sizeof text, "any stranger can call entry %s, and %s can follow: %s", entry,
                 actuator, path);
        say(context, at, text);
        found++;
    }
    if (found)
        return found;
    const char *own = semo_plan_actuator(units[module]);
    snprintf(text, sizeof text, "any stranger can call entry %s; %s%s", entry,
             own ? "its module drives " : "no physical output follows", own ? own : "");
    say(context, at, text);
    return 1;
}

unsigned semo_lint_strangers(const struct semo_descriptor *d, struct semo_unit *const *units,
                             semo_lint_fn *say, void *context)
{
    unsigned found = 0;
    for (unsigned i = 0; i < d->module_count; i++)
        for (unsigned k = 0; k < units[i]->io_count; k++)
            if (units[i]->io[k].kind == SEMO_IO_ENTRY)
                found += follow(d, units, i, units[i]->io[k].name, say, context);
    return found;
}
