/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "deploy/steps.h"
#include "host/file.h"

const struct semo_module_spec *semo_deploy_spec(const struct semo_deploy *p, unsigned module)
{
    return &p->d->modules[module];
}

const char *semo_deploy_node_name(const struct semo_deploy *p, unsigned module)
{
    return p->d->nodes[semo_deploy_spec(p, module)->node].name;
}

void semo_deploy_progress(struct semo_deploy *p, const char *format, ...)
{
    char line[256];
    va_list arguments;
    if (!p->progress)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    p->progress(p->progress_context, line);
}

enum semo_status semo_deploy_reach(struct semo_deploy *p, unsigned module, enum semo_step step,
                                   struct semo_error *e)
{
    p->state->modules[module].step = step;
    return semo_state_write_status(p->state, p->d, e);
}

struct semo_deploy *semo_deploy_new(const struct semo_descriptor *d, struct semo_state *s,
                                    const char *root)
{
    struct semo_deploy *p = semo_allocate(1, sizeof *p);
    p->d = d;
    p->state = s;
    p->root = root;
    p->units = semo_allocate(d->module_count, sizeof(struct semo_unit *));
    p->infos = semo_allocate(d->node_count, sizeof *p->infos);
    return p;
}

void semo_deploy_free(struct semo_deploy *p)
{
    if (!p)
        return;
    for (unsigned i = 0; i < p->d->module_count; i++)
        if (p->units[i])
            semo_unit_free(p->units[i]);
    free(p->units);
    free(p->infos);
    free(p);
}
