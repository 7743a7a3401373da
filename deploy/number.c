/* SPDX-License-Identifier: Apache-2.0 */
/* Applications of several owners share event managers and the network between them, which know a
 * connection by its number only. So nobody may take a number that another one uses. */
#include <stdlib.h>
#include "deploy/deploy.h"
#include "host/file.h"

static enum semo_status choose(struct semo_deploy *p, bool *taken, struct semo_error *e)
{
    unsigned next = 1;
    for (unsigned i = 0; i < p->d->connection_count; i++) {
        struct semo_state_connection *c = &p->state->connections[i];
        const struct semo_connection_spec *spec = &p->d->connections[i];
        if (c->number || (spec->shared && spec != p->offered))
            continue;
        if (c->wish && !taken[c->wish]) {
            c->number = c->wish;
            continue;
        }
        while (next < SEMO_BACK && taken[next])
            next++;
        if (next == SEMO_BACK)
            return semo_error_set(e, SEMO_FULL, SEMO_EXIT_FAILED, p->d->connections[i].name, 0, 0,
                                  "all %d connection numbers of these nodes are in use",
                                  SEMO_BACK - 1);
        c->number = next++;
    }
    return SEMO_OK;
}

enum semo_status semo_deploy_number(struct semo_deploy *p, struct semo_error *e)
{
    bool *taken = semo_allocate(SEMO_BACK, sizeof *taken);
    enum semo_status status = semo_link_taken(p->link, taken, e);
    for (unsigned i = 0; i < p->d->connection_count; i++)
        taken[p->state->connections[i].number] = true;
    for (unsigned i = 0; i < p->state->ghost_count; i++)
        taken[p->state->ghosts[i].number] = true;
    if (status == SEMO_OK)
        status = choose(p, taken, e);
    free(taken);
    return status;
}
