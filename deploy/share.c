/* SPDX-License-Identifier: Apache-2.0 */
/* Connections between modules of two owners: each has the module key of one end only. */
#include <string.h>
#include "deploy/steps.h"
#include "host/random.h"

static bool sends(const struct semo_connection_spec *c)
{
    return c->from != SEMO_DEPLOYER;
}

static unsigned own_end(const struct semo_connection_spec *c)
{
    return (unsigned)(sends(c) ? c->from : c->to);
}

static enum semo_status check_end(struct semo_deploy *p, unsigned connection, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    if (!c->shared)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, c->name, 0, 0,
                              "not a shared connection; add \"shared\": true");
    if (!p->attested_now[own_end(c)])
        return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, c->name, 0, 0,
                              "not connected: its end is not attested");
    return semo_deploy_check_source(p, own_end(c), e);
}

static enum semo_status set_end(struct semo_deploy *p, unsigned connection, const uint8_t *key,
                                struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    const struct semo_module_spec *m = semo_deploy_spec(p, own_end(c));
    const struct semo_io *io =
        semo_unit_io(p->units[own_end(c)], sends(c) ? SEMO_IO_OUTPUT : SEMO_IO_INPUT,
                     sends(c) ? c->from_output : c->to_input);
    return semo_set_key(p->link, m->node, semo_deploy_node_name(p, own_end(c)), m->name,
                        &p->state->modules[own_end(c)], p->state->connections[connection].number,
                        io->index,
                        SEMO_KIND(sends(c) ? SEMO_SENDER : SEMO_RECEIVER, SEMO_NEWEST, 0), key, e);
}

/* Events go to the node of the receiving end. Who offers to send does not know it; until it is
 * known they go nowhere, under a number that is taken. */
static enum semo_status set_way(struct semo_deploy *p, unsigned connection, const char *to_node,
                                struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    unsigned number = p->state->connections[connection].number;
    if (!sends(c))
        return semo_deploy_route(p, number, c->to, e);
    int node = semo_descriptor_node(p->d, to_node);
    if (node < 0)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, to_node, 0, 0,
                              "the other end's node; declare it under nodes");
    return semo_link_route(p->link, number, (unsigned)node, e);
}

static enum semo_status finish(struct semo_deploy *p, unsigned connection, struct semo_error *e)
{
    p->state->connections[connection].connected = true;
    enum semo_status status = semo_state_write_run(p->state, p->d, e);
    return status == SEMO_OK ? semo_state_write_status(p->state, p->d, e) : status;
}

enum semo_status semo_deploy_offer(struct semo_deploy *p, unsigned connection,
                                   struct semo_offer *offer, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    const char *node = p->d->nodes[p->d->modules[own_end(c)].node].name;
    enum semo_status status = check_end(p, connection, e);
    p->offered = c;
    if (status == SEMO_OK)
        status = semo_deploy_number(p, e);
    memset(offer, 0, sizeof *offer);
    semo_random_fill(offer->key, sizeof offer->key);
    offer->sends = sends(c);
    offer->number = p->state->connections[connection].number;
    strcpy(offer->node, node);
    if (status == SEMO_OK)
        status = set_end(p, connection, offer->key, e);
    if (status == SEMO_OK)
        status = set_way(p, connection, node, e);
    return status == SEMO_OK ? finish(p, connection, e) : status;
}

/* A shared connection has its number from an offer: the last one that was accepted counts. */
enum semo_status semo_deploy_accept(struct semo_deploy *p, unsigned connection,
                                    const struct semo_offer *offer, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    int same = semo_state_connection(p->state, offer->number);
    if (offer->sends == sends(c))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, c->name, 0, 0,
                              "both ends %s; accept another offer",
                              offer->sends ? "send" : "receive");
    if (same >= 0 && same != (int)connection && p->d->connections[same].shared)
        memset(&p->state->connections[same], 0, sizeof p->state->connections[same]);
    else if (same >= 0 && same != (int)connection)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, c->name, 0, 0,
                              "the number of this offer is that of %s; have it offered again",
                              p->d->connections[same].name);
    enum semo_status status = check_end(p, connection, e);
    if (status != SEMO_OK)
        return status;
    p->state->connections[connection].number = offer->number;
    status = set_end(p, connection, offer->key, e);
    if (status == SEMO_OK)
        status = set_way(p, connection, offer->node, e);
    return status == SEMO_OK ? finish(p, connection, e) : status;
}
