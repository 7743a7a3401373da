/* SPDX-License-Identifier: Apache-2.0 */
/* Information-flow rules of a descriptor: "never": [["A", "B"]]. */
#include <stdio.h>
#include <string.h>
#include "deploy/descriptor.h"

#define NOT_REACHED (-1)

/* by[m]: the connection over which a breadth-first search from `from` first reached module m. */
static void search(const struct semo_descriptor *d, unsigned from, int by[SEMO_MODULES_MAX])
{
    unsigned queue[SEMO_MODULES_MAX], head = 0, tail = 0;
    for (unsigned m = 0; m < SEMO_MODULES_MAX; m++)
        by[m] = NOT_REACHED;
    queue[tail++] = from;
    while (head < tail) {
        int at = (int)queue[head++];
        for (unsigned i = 0; i < d->connection_count; i++) {
            const struct semo_connection_spec *c = &d->connections[i];
            if (c->from != at || c->to < 0 || c->to == (int)from || by[c->to] != NOT_REACHED)
                continue;
            by[c->to] = (int)i;
            queue[tail++] = (unsigned)c->to;
        }
    }
}

/* "A.out > B.in, B.out > C.in" */
static void describe(const struct semo_descriptor *d, const int *by, unsigned from, unsigned to,
                     char *out, size_t room)
{
    int path[SEMO_MODULES_MAX];
    unsigned len = 0;
    size_t used = 0;
    for (unsigned at = to; at != from; at = (unsigned)d->connections[by[at]].from)
        path[len++] = by[at];
    out[0] = 0;
    while (len-- > 0 && used < room) {
        const struct semo_connection_spec *c = &d->connections[path[len]];
        used += (size_t)snprintf(out + used, room - used, "%s%s.%s > %s.%s", used ? ", " : "",
                                 d->modules[c->from].name, c->from_output, d->modules[c->to].name,
                                 c->to_input);
    }
}

bool semo_flow_path(const struct semo_descriptor *d, unsigned from, unsigned to, char *path,
                    size_t room)
{
    int by[SEMO_MODULES_MAX];
    search(d, from, by);
    if (by[to] == NOT_REACHED)
        return false;
    describe(d, by, from, to, path, room);
    return true;
}

static enum semo_status read_module(const struct semo_descriptor *d, const struct semo_tree *t,
                                    unsigned *module, struct semo_error *e)
{
    if (semo_fields_want(t, SEMO_TREE_STRING, "a module of never", e) != SEMO_OK)
        return SEMO_INPUT;
    int found = semo_descriptor_module(d, t->text);
    if (found < 0)
        return semo_fields_fail(t, e, "no module of this name; declare it under modules");
    *module = (unsigned)found;
    return SEMO_OK;
}

enum semo_status semo_flow_read(struct semo_descriptor *d, const struct semo_tree *pair,
                                struct semo_error *e)
{
    struct semo_never_spec n = {.tree = pair};
    char path[320];
    if (semo_fields_want(pair, SEMO_TREE_LIST, "a pair of never", e) != SEMO_OK)
        return SEMO_INPUT;
    if (pair->count != 2)
        return semo_fields_fail(pair, e, "not a pair; write [\"FROM\", \"TO\"]");
    if (read_module(d, pair->first, &n.from, e) != SEMO_OK ||
        read_module(d, pair->first->next, &n.to, e) != SEMO_OK)
        return SEMO_INPUT;
    if (n.from == n.to)
        return semo_fields_fail(pair->first, e, "a module always reaches itself; name two modules");
    if (semo_flow_path(d, n.from, n.to, path, sizeof path))
        return semo_fields_fail(pair->first, e,
                                "must never reach %s, and does: %s; remove a connection or the "
                                "rule",
                                d->modules[n.to].name, path);
    d->never[d->never_count++] = n;
    return SEMO_OK;
}
