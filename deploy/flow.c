/* SPDX-License-Identifier: Apache-2.0 */
/* Information-flow rules of a descriptor: "never": [["A", "B"]]. A connection is a flow from its
 * sender to its receiver, a request also one back: the reply. What a receiver reports to the sender
 * of a strict or acknowledged connection is no data, but the sender's author is told: control. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "deploy/descriptor.h"
#include "host/file.h"

#define NOT_REACHED (-1)

struct edge {
    int from, to, connection;
    bool back;
};

struct flow {
    struct edge *edges; /* by the module that they leave */
    unsigned count;
    int by[SEMO_MODULES_MAX]; /* edge over which a module was first reached */
};

static int by_source(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from - y->from;
    return x->connection != y->connection ? x->connection - y->connection : x->back - y->back;
}

/* Connections of the deployer lead nowhere: there people decide. */
static void collect(const struct semo_descriptor *d, bool control, struct flow *f)
{
    f->edges = semo_allocate(2 * d->connection_count, sizeof *f->edges);
    f->count = 0;
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *c = &d->connections[i];
        if (c->from < 0 || c->to < 0)
            continue;
        f->edges[f->count++] = (struct edge){c->from, c->to, (int)i, false};
        if (c->policy == SEMO_REQUEST || (control && c->policy != SEMO_NEWEST))
            f->edges[f->count++] = (struct edge){c->to, c->from, (int)i, true};
    }
    qsort(f->edges, f->count, sizeof *f->edges, by_source);
}

static unsigned first_edge(const struct flow *f, int from)
{
    unsigned low = 0, high = f->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (f->edges[middle].from < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void search(struct flow *f, unsigned from)
{
    unsigned queue[SEMO_MODULES_MAX], head = 0, tail = 0;
    for (unsigned m = 0; m < SEMO_MODULES_MAX; m++)
        f->by[m] = NOT_REACHED;
    queue[tail++] = from;
    while (head < tail) {
        int at = (int)queue[head++];
        for (unsigned i = first_edge(f, at); i < f->count && f->edges[i].from == at; i++) {
            int to = f->edges[i].to;
            if (to == (int)from || f->by[to] != NOT_REACHED)
                continue;
            f->by[to] = (int)i;
            queue[tail++] = (unsigned)to;
        }
    }
}

static size_t describe_edge(const struct semo_descriptor *d, const struct edge *e, char *out,
                            size_t room)
{
    const struct semo_connection_spec *c = &d->connections[e->connection];
    const char *from = d->modules[c->from].name, *to = d->modules[c->to].name;
    int len = e->back ? snprintf(out, room, "%s.%s > %s.%s (%s)", to, c->to_input, from,
                                 c->from_output, c->policy == SEMO_REQUEST ? "reply" : "report")
                      : snprintf(out, room, "%s.%s > %s.%s", from, c->from_output, to, c->to_input);
    return (size_t)len;
}

/* "A.out > B.in, B.out > C.in" */
static void describe(const struct semo_descriptor *d, const struct flow *f, unsigned from,
                     unsigned to, char *out, size_t room)
{
    int path[SEMO_MODULES_MAX];
    unsigned len = 0;
    size_t used = 0;
    for (unsigned at = to; at != from; at = (unsigned)f->edges[f->by[at]].from)
        path[len++] = f->by[at];
    out[0] = 0;
    while (len-- > 0 && used < room) {
        if (used)
            used += (size_t)snprintf(out + used, room - used, ", ");
        if (used < room)
            used += describe_edge(d, &f->edges[path[len]], out + used, room - used);
    }
    if (used >= room)
        strcpy(out + room - 4, "...");
}

bool semo_flow_path(const struct semo_descriptor *d, unsigned from, unsigned to, bool control,
                    char *path, size_t room)
{
    struct flow f;
    collect(d, control, &f);
    search(&f, from);
    bool reached = f.by[to] != NOT_REACHED;
    if (reached)
        describe(d, &f, from, to, path, room);
    free(f.edges);
    return reached;
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
    if (semo_flow_path(d, n.from, n.to, true, path, sizeof path))
        return semo_fields_fail(pair->first, e,
                                "must never reach %s, and does: %s; remove a connection or the "
                                "rule",
                                d->modules[n.to].name, path);
    d->never[d->never_count++] = n;
    return SEMO_OK;
}
