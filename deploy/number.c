/* SPDX-License-Identifier: Apache-2.0 */
/* Applications of several owners share event managers and the network between them, which know a
 * connection by its number only. So nobody may take a number that another one uses.
 *
 * A number is ours from the command that chooses it on, since it has a way at once, until the
 * semo-node that knows the way ends: who comes first then has it. Commands wait for each other. */
#include <stdlib.h>
#include "deploy/deploy.h"
#include "host/file.h"
#include "host/random.h"

#define OWN (SEMO_TAKEN_ANEW + 1)

/* Its way leads where it will be, or, of a shared one that we send on, nowhere. */
static enum semo_status reserve(struct semo_deploy *p, unsigned i, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[i];
    int end = c->to >= 0 || !c->shared ? c->to : c->from;
    return semo_link_route(p->link, p->state->connections[i].number,
                           end < 0 ? SEMO_CONTROL_CLIENT : p->d->modules[end].node, e);
}

static bool is_anew(const struct semo_deploy *p, const struct semo_taken *t, int module)
{
    return module >= 0 && t->anew[p->d->modules[module].node];
}

/* What had an end on nodes that were started anew has lost it, and its number where another
 * connection was quicker; a shared one has its number from the next offer. */
static enum semo_status forget_life(struct semo_deploy *p, unsigned i, const struct semo_taken *t,
                                    struct semo_error *e)
{
    const struct semo_connection_spec *spec = &p->d->connections[i];
    struct semo_state_connection *c = &p->state->connections[i];
    c->wish = 0;
    if (!is_anew(p, t, spec->from) && !is_anew(p, t, spec->to))
        return SEMO_OK;
    semo_state_lose_connection(c);
    if (spec->shared || t->use[c->number] == SEMO_TAKEN_ANEW)
        c->number = 0;
    return c->number ? reserve(p, i, e) : SEMO_OK;
}

static enum semo_status forget_lives(struct semo_deploy *p, const struct semo_taken *t,
                                     struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    bool anew = false;
    for (unsigned n = 0; n < p->d->node_count; n++)
        anew = anew || t->anew[n];
    for (unsigned i = 0; i < p->d->connection_count && anew && status == SEMO_OK; i++)
        status = forget_life(p, i, t, e);
    for (unsigned i = 0; i < p->state->ghost_count && anew; i++)
        p->state->ghosts[i].number = 0;
    return status;
}

static void note_own(const struct semo_deploy *p, struct semo_taken *t)
{
    for (unsigned i = 0; i < p->d->connection_count; i++)
        t->use[p->state->connections[i].number] = OWN;
    for (unsigned i = 0; i < p->state->ghost_count; i++)
        t->use[p->state->ghosts[i].number] = OWN;
}

/* Commands do not wait for each other at nodes elsewhere: those who choose there in the same moment
 * shall not all choose the lowest. */
static unsigned first_choice(const struct semo_deploy *p)
{
    uint16_t chance = 0;
    for (unsigned n = 0; n < SEMO_NODES_MAX && !chance; n++)
        if (p->link->remotes[n])
            semo_random_fill(&chance, sizeof chance);
    return chance % (SEMO_BACK - 1) + 1;
}

/* 0: none is left. What it had before, a module still has a slot for; its way stayed. */
static unsigned pick(const struct semo_deploy *p, unsigned i, const struct semo_taken *t)
{
    unsigned wish = p->state->connections[i].wish, number = first_choice(p), tried = 1;
    if (p->offered == &p->d->connections[i] && p->offered_number && !t->use[p->offered_number])
        return p->offered_number;
    if (wish && (!t->use[wish] || t->use[wish] == SEMO_TAKEN))
        return wish;
    for (; t->use[number] && tried < SEMO_BACK; tried++)
        number = number % (SEMO_BACK - 1) + 1;
    return tried < SEMO_BACK ? number : 0;
}

static enum semo_status choose(struct semo_deploy *p, struct semo_taken *t, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0; i < p->d->connection_count && status == SEMO_OK; i++) {
        struct semo_state_connection *c = &p->state->connections[i];
        const struct semo_connection_spec *spec = &p->d->connections[i];
        if (c->number || (spec->shared && spec != p->offered))
            continue;
        c->number = pick(p, i, t);
        if (!c->number)
            return semo_error_set(e, SEMO_FULL, SEMO_EXIT_FAILED, spec->name, 0, 0,
                                  "all %d connection numbers of these nodes are in use",
                                  SEMO_BACK - 1);
        t->use[c->number] = OWN;
        status = reserve(p, i, e);
    }
    return status;
}

enum semo_status semo_deploy_number(struct semo_deploy *p, struct semo_error *e)
{
    struct semo_taken *t = semo_allocate(1, sizeof *t);
    for (unsigned n = 0; n < p->d->node_count; n++)
        t->life[n] = p->state->nodes[n].life;
    enum semo_status status = semo_link_taken(p->link, t, e);
    if (status == SEMO_OK)
        status = forget_lives(p, t, e);
    note_own(p, t);
    if (status == SEMO_OK)
        status = choose(p, t, e);
    for (unsigned n = 0; n < p->d->node_count && status == SEMO_OK; n++)
        p->state->nodes[n].life = t->life[n];
    free(t);
    return status;
}
