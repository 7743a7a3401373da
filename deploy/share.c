/* SPDX-License-Identifier: Apache-2.0 */
/* Connections between modules of two owners: each has the module key of one end only. */
#include <stdlib.h>
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

static enum semo_status refuse(const char *who, struct semo_error *e, const char *text)
{
    return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, who, 0, 0, "%s", text);
}

static enum semo_status fail_full(const struct semo_deploy *p, unsigned connection,
                                  struct semo_error *e)
{
    unsigned end = own_end(&p->d->connections[connection]);
    const char *module = semo_deploy_spec(p, end)->name;
    return semo_error_set(e, SEMO_FULL, SEMO_EXIT_FAILED, p->d->connections[connection].name, 0, 0,
                          "%s has no room for it: %u of its %u connection ends have keys; empty "
                          "it by semo disable --module %s and semo deploy, and give it "
                          "spare_connections",
                          module, p->state->modules[end].connections,
                          p->state->modules[end].room.slots, module);
}

/* Whatever can be known of our end before anything is sent. */
static enum semo_status check_end(struct semo_deploy *p, unsigned connection, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    if (!c->shared)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, c->name, 0, 0,
                              "not a shared connection; add \"shared\": true");
    if (!p->attested_now[own_end(c)])
        return refuse(c->name, e, "not connected: its end is not attested; run semo deploy");
    if (!semo_deploy_has_room(p, own_end(c)))
        return refuse(c->name, e, "not connected: its end was built without it; run semo deploy");
    return semo_deploy_check_source(p, own_end(c), e);
}

/* A number that the module has not yet takes a slot of its table, or two. */
static enum semo_status check_room(const struct semo_deploy *p, unsigned connection,
                                   unsigned number, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    const struct semo_state_module *m = &p->state->modules[own_end(c)];
    unsigned need = c->policy == SEMO_NEWEST ? 1 : 2;
    if (p->state->connections[connection].number == number ||
        m->connections + need <= m->room.slots)
        return SEMO_OK;
    return fail_full(p, connection, e);
}

/* ---- keys ---- */

static unsigned kind_of(const struct semo_connection_spec *c)
{
    return SEMO_KIND(0U, c->policy, c->aes) | (c->expires ? SEMO_KIND_EXPIRES : 0U);
}

static const struct semo_io *own_io(const struct semo_deploy *p,
                                    const struct semo_connection_spec *c)
{
    bool asks = c->policy == SEMO_REQUEST;
    enum semo_io_kind out = asks ? SEMO_IO_REQUEST : SEMO_IO_OUTPUT,
                      in = asks ? SEMO_IO_HANDLER : SEMO_IO_INPUT;
    return semo_unit_io(p->units[own_end(c)], sends(c) ? out : in,
                        sends(c) ? c->from_output : c->to_input);
}

static enum semo_status set_end(struct semo_deploy *p, unsigned connection, bool back,
                                const uint8_t *key, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    const struct semo_module_spec *m = semo_deploy_spec(p, own_end(c));
    unsigned number = p->state->connections[connection].number | (back ? SEMO_BACK : 0U),
             kind = back ? SEMO_KIND(0U, SEMO_NEWEST, c->aes) : kind_of(c);
    enum semo_status status =
        semo_set_key(p->link, m->node, semo_deploy_node_name(p, own_end(c)), m->name,
                     &p->state->modules[own_end(c)], number, own_io(p, c)->index,
                     kind | (sends(c) != back ? SEMO_SENDER : SEMO_RECEIVER), key, e);
    return status == SEMO_FULL ? fail_full(p, connection, e) : status;
}

static enum semo_status set_ends(struct semo_deploy *p, unsigned connection,
                                 const uint8_t keys[2][SEMO_KEY_LEN], struct semo_error *e)
{
    enum semo_status status = set_end(p, connection, false, keys[0], e);
    if (status == SEMO_OK && p->d->connections[connection].policy != SEMO_NEWEST)
        status = set_end(p, connection, true, keys[1], e);
    return status;
}

/* ---- ways ---- */

/* What we send goes to `other`, the node of the other end. Who offers does not know it; until it
 * is known those events go nowhere, under a number that is taken: to our own node. */
static enum semo_status set_way(struct semo_deploy *p, unsigned connection, bool back,
                                unsigned other, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    unsigned number = p->state->connections[connection].number | (back ? SEMO_BACK : 0U);
    return sends(c) != back ? semo_link_route(p->link, number, other, e)
                            : semo_deploy_route(p, number, (int)own_end(c), e);
}

static enum semo_status set_ways(struct semo_deploy *p, unsigned connection, unsigned other,
                                 struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    enum semo_status status = set_way(p, connection, false, other, e);
    if (status == SEMO_OK && c->policy != SEMO_NEWEST)
        status = set_way(p, connection, true, other, e);
    return status == SEMO_OK && sends(c) ? semo_deploy_tick(p, own_end(c), e) : status;
}

static enum semo_status finish(struct semo_deploy *p, unsigned connection, struct semo_error *e)
{
    p->state->connections[connection].connected = true;
    enum semo_status status = semo_state_write_run(p->state, p->d, e);
    return status == SEMO_OK ? semo_state_write_status(p->state, p->d, e) : status;
}

/* ---- offer ---- */

/* wish: the number that it shall have; 0 = the one that it has, or any. */
static enum semo_status choose_number(struct semo_deploy *p, unsigned connection, unsigned wish,
                                      struct semo_error *e)
{
    struct semo_state_connection *s = &p->state->connections[connection];
    unsigned next = wish ? wish : s->number;
    enum semo_status status = check_room(p, connection, next ? next : SEMO_BACK, e);
    if (status != SEMO_OK)
        return status;
    if (wish)
        s->number = s->number == wish ? wish : 0;
    p->offered_number = wish;
    p->offered = &p->d->connections[connection];
    status = semo_deploy_number(p, e);
    if (status != SEMO_OK || !wish || s->number == wish)
        return status;
    (void)!semo_link_route(p->link, s->number, SEMO_CONTROL_FORGET, e);
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, p->offered->name, 0, 0,
                          "number %u is in use on these nodes; %u is free", wish, s->number);
}

enum semo_status semo_deploy_offer(struct semo_deploy *p, unsigned connection, unsigned number,
                                   struct semo_offer *offer, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    unsigned node = p->d->modules[own_end(c)].node;
    enum semo_status status = check_end(p, connection, e);
    if (status == SEMO_OK)
        status = choose_number(p, connection, number, e);
    memset(offer, 0, sizeof *offer);
    semo_random_fill(offer->keys, sizeof offer->keys);
    offer->sends = sends(c);
    offer->number = p->state->connections[connection].number;
    offer->kind = kind_of(c);
    strcpy(offer->node, p->d->nodes[node].name);
    if (status == SEMO_OK)
        status = set_ends(p, connection, offer->keys, e);
    if (status == SEMO_OK)
        status = set_ways(p, connection, node, e);
    return status == SEMO_OK ? finish(p, connection, e) : status;
}

/* ---- accept ---- */

static enum semo_status check_kind(const struct semo_connection_spec *c,
                                   const struct semo_offer *offer, struct semo_error *e)
{
    if (offer->sends == sends(c))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, c->name, 0, 0,
                              "both ends %s; accept another offer",
                              offer->sends ? "send" : "receive");
    if (offer->kind == kind_of(c))
        return SEMO_OK;
    char *theirs = semo_offer_kind(offer->kind), *ours = semo_offer_kind(kind_of(c));
    semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, c->name, 0, 0,
                   "the offer is for \"%s\", the descriptor says \"%s\"; both owners write the "
                   "same policy, encryption and expires",
                   theirs, ours);
    free(theirs);
    free(ours);
    return SEMO_INPUT;
}

/* Who offered says which of its connections has the number, so what had it here has lost its other
 * end. But a slot of a module is for good. */
static enum semo_status check_number(struct semo_deploy *p, unsigned connection,
                                     const struct semo_offer *offer, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    int same = semo_state_connection(p->state, offer->number);
    if (same < 0 || same == (int)connection)
        return check_room(p, connection, offer->number, e);
    const struct semo_connection_spec *o = &p->d->connections[same];
    const char *module = semo_deploy_spec(p, own_end(o))->name;
    if (!o->shared)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, c->name, 0, 0,
                              "the number of this offer is that of %s; have it offered again by "
                              "semo offer --number, with one that is free here and there",
                              o->name);
    if (p->state->connections[same].connected && own_end(o) == own_end(c))
        return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, c->name, 0, 0,
                              "%s has the number of this offer for %s already; accept it there, "
                              "or empty it by semo disable --module %s and semo deploy",
                              module, o->name, module);
    return check_room(p, connection, offer->number, e);
}

/* *other: the node of the other end, which we must know when we send anything, and when it has to
 * be told where we are. */
static enum semo_status find_other(const struct semo_deploy *p, unsigned connection,
                                   const struct semo_offer *offer, unsigned *other,
                                   struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    int node = semo_descriptor_node(p->d, offer->node);
    *other = node < 0 ? 0 : (unsigned)node;
    if (node >= 0 || (!sends(c) && c->policy == SEMO_NEWEST &&
                      !p->link->remotes[semo_deploy_spec(p, own_end(c))->node]))
        return SEMO_OK;
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, offer->node, 0, 0,
                          "the other end's node; declare it under nodes");
}

enum semo_status semo_deploy_accept(struct semo_deploy *p, unsigned connection,
                                    const struct semo_offer *offer, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    unsigned other;
    enum semo_status status = check_kind(c, offer, e);
    if (status == SEMO_OK)
        status = find_other(p, connection, offer, &other, e);
    if (status == SEMO_OK)
        status = check_end(p, connection, e);
    if (status == SEMO_OK)
        status = check_number(p, connection, offer, e);
    if (status == SEMO_OK)
        status = semo_state_use_offer(p->state, offer, e);
    if (status != SEMO_OK)
        return status;
    int same = semo_state_connection(p->state, offer->number);
    if (same >= 0 && same != (int)connection)
        memset(&p->state->connections[same], 0, sizeof p->state->connections[same]);
    p->state->connections[connection].number = offer->number;
    status = set_ends(p, connection, offer->keys, e);
    if (status == SEMO_OK)
        status = set_ways(p, connection, other, e);
    return status == SEMO_OK ? finish(p, connection, e) : status;
}
