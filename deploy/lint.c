/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "deploy/lint.h"
#include "host/file.h"

enum semo_status semo_lint_capacity(const struct semo_descriptor *d, struct semo_unit *const *units,
                                    struct semo_error *e)
{
    struct semo_node_info *infos = semo_allocate(d->node_count, sizeof *infos);
    struct semo_place *places = semo_allocate(d->module_count, sizeof *places);
    for (unsigned n = 0; n < d->node_count; n++)
        semo_plan_emulated(&infos[n]);
    enum semo_status status = semo_plan_place(d, units, infos, NULL, places, e);
    free(infos);
    free(places);
    return status;
}

/* ---- strangers ---- */

struct finding {
    const struct semo_tree *at;
    char text[480];
    semo_lint_fn *say;
    void *context;
};

static unsigned report(struct finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static unsigned report(struct finding *f, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(f->text, sizeof f->text, format, arguments);
    va_end(arguments);
    f->say(f->context, f->at, f->text);
    return 1;
}

static const struct semo_periodic_spec *period_of(const struct semo_descriptor *d, unsigned module,
                                                  const char *entry)
{
    for (unsigned i = 0; i < d->periodic_count; i++)
        if (d->periodic[i].module == module && strcmp(d->periodic[i].entry, entry) == 0)
            return &d->periodic[i];
    return NULL;
}

/* The module of ours from which it sends: its output, its request, or its handler's answer. */
static int leaves_from(const struct semo_connection_spec *c)
{
    return c->from < 0 && c->policy == SEMO_REQUEST ? c->to : c->from;
}

/* What reaches a module of another owner may come out anywhere there. */
static unsigned follow_shared(const struct semo_descriptor *d, unsigned module, const char *entry,
                              const char *how, struct finding *f)
{
    unsigned found = 0;
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *c = &d->connections[i];
        char path[320] = "";
        int from = leaves_from(c);
        if (!c->shared || from < 0 ||
            (from != (int)module &&
             !semo_flow_path(d, module, (unsigned)from, false, path, sizeof path)))
            continue;
        found += report(f,
                        "any stranger can call entry %s %s, and a module of another owner can "
                        "follow: %s%s%s.%s%s",
                        entry, how, path, path[0] ? ", " : "", d->modules[from].name,
                        c->from < 0 ? c->to_input : c->from_output, c->from < 0 ? " (reply)" : "");
    }
    return found;
}

/* Whatever an entry does may show in every output of its module, in the requests that it makes and
 * in the answers that it gives. */
static unsigned follow(const struct semo_descriptor *d, struct semo_unit *const *units,
                       unsigned module, const char *entry, struct finding *f)
{
    const struct semo_periodic_spec *p = period_of(d, module, entry);
    const char *how = p ? "at any time, not only every so often" : "at any time";
    const char *own = semo_plan_actuator(units[module]);
    char path[320];
    unsigned found = 0;
    f->at = semo_tree_field(p ? p->tree : d->modules[module].tree, p ? "entry" : "name");
    for (unsigned to = 0; to < d->module_count; to++) {
        const char *actuator = semo_plan_actuator(units[to]);
        if (actuator && to != module && semo_flow_path(d, module, to, false, path, sizeof path))
            found += report(f, "any stranger can call entry %s %s, and %s can follow: %s", entry,
                            how, actuator, path);
    }
    found += follow_shared(d, module, entry, how, f);
    if (own)
        found +=
            report(f, "any stranger can call entry %s %s; its module drives %s", entry, how, own);
    return found ? found
                 : report(f, "any stranger can call entry %s %s; no physical output follows", entry,
                          how);
}

static unsigned check_strangers(const struct semo_descriptor *d, struct semo_unit *const *units,
                                struct finding *f)
{
    unsigned found = 0;
    for (unsigned i = 0; i < d->module_count; i++)
        for (unsigned k = 0; k < units[i]->io_count; k++)
            if (units[i]->io[k].kind == SEMO_IO_ENTRY)
                found += follow(d, units, i, units[i]->io[k].name, f);
    return found;
}

/* ---- places ---- */

static unsigned check_nodes(const struct semo_descriptor *d, struct finding *f)
{
    unsigned found = 0;
    for (unsigned n = 0; n < d->node_count; n++) {
        const struct semo_node_spec *s = &d->nodes[n];
        f->at = semo_tree_field(s->tree, "name");
        if (!s->emulated && s->host && !s->deploy_port)
            found += report(f, "has an address without a port; add deploy_port, or \"emulated\": "
                               "true");
    }
    return found;
}

unsigned semo_lint_warn(const struct semo_descriptor *d, struct semo_unit *const *units,
                        semo_lint_fn *say, void *context)
{
    struct finding f = {.say = say, .context = context};
    return check_nodes(d, &f) + check_strangers(d, units, &f);
}
