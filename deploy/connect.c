/* SPDX-License-Identifier: Apache-2.0 */
/* Keys for both ends of each connection, routes, samples. */
#include <string.h>
#include <openssl/crypto.h>
#include "deploy/steps.h"
#include "host/random.h"
#include "lib/bytes/cursor.h"
#include "lib/channel/policy.h"

#define KEY_ATTEMPTS 3

/* One end of a connection, or of its back channel, gets its key: a module, or we ourselves. */
struct end {
    int module;
    enum semo_io_kind kind;
    const char *io;
};

static enum semo_status set_end(struct semo_deploy *p, const struct end *end, unsigned connection,
                                unsigned kind, const uint8_t *key, struct semo_error *e)
{
    if (end->module == SEMO_DEPLOYER)
        return SEMO_OK;
    const struct semo_io *found = semo_unit_io(p->units[end->module], end->kind, end->io);
    const struct semo_module_spec *m = semo_deploy_spec(p, (unsigned)end->module);
    return semo_set_key(p->link, m->node, semo_deploy_node_name(p, (unsigned)end->module), m->name,
                        &p->state->modules[end->module], connection, found->index, kind, key, e);
}

enum semo_status semo_deploy_route(struct semo_deploy *p, unsigned connection, int to,
                                   struct semo_error *e)
{
    unsigned node = to < 0 ? SEMO_CONTROL_CLIENT : semo_deploy_spec(p, (unsigned)to)->node;
    enum semo_status status = SEMO_OK;
    if (to >= 0) {
        uint8_t body[4];
        struct semo_cursor w = semo_cursor_over(body, sizeof body);
        semo_cursor_put_u16(&w, (uint16_t)connection);
        semo_cursor_put_u16(&w, (uint16_t)p->state->modules[to].id);
        status = semo_link_request(p->link, node, semo_deploy_node_name(p, (unsigned)to),
                                   SEMO_FRAME_ROUTE, body, sizeof body, NULL, e);
    }
    return status == SEMO_OK ? semo_link_route(p->link, connection, node, e) : status;
}

/* A new key for each attempt, for both ends, the receiver first: no key is ever sent twice. */
static enum semo_status key_ends(struct semo_deploy *p, unsigned connection, unsigned flags,
                                 const struct end *from, const struct end *to,
                                 struct semo_channel *own, struct semo_error *e)
{
    uint8_t key[SEMO_KEY_LEN];
    semo_random_fill(key, sizeof key);
    enum semo_status status = set_end(p, to, connection, flags | SEMO_RECEIVER, key, e);
    if (status == SEMO_OK)
        status = set_end(p, from, connection, flags | SEMO_SENDER, key, e);
    memset(own, 0, sizeof *own);
    if (status == SEMO_OK && (from->module == SEMO_DEPLOYER || to->module == SEMO_DEPLOYER)) {
        own->connection = (uint16_t)connection;
        own->kind =
            (uint8_t)(flags | (from->module == SEMO_DEPLOYER ? SEMO_SENDER : SEMO_RECEIVER));
        memcpy(own->key, key, sizeof key);
    }
    OPENSSL_cleanse(key, sizeof key);
    return status;
}

static enum semo_status key_once(struct semo_deploy *p, unsigned index, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[index];
    struct semo_state_connection *s = &p->state->connections[index];
    bool request = c->policy == SEMO_REQUEST;
    const struct end from = {c->from, request ? SEMO_IO_REQUEST : SEMO_IO_OUTPUT, c->from_output},
                     to = {c->to, request ? SEMO_IO_HANDLER : SEMO_IO_INPUT, c->to_input};
    unsigned back = SEMO_KIND(0U, SEMO_NEWEST, c->aes);
    unsigned flags = SEMO_KIND(0U, c->policy, c->aes) | (c->expires ? SEMO_KIND_EXPIRES : 0U);
    enum semo_status status = key_ends(p, s->number, flags, &from, &to, &s->channel, e);
    if (status == SEMO_OK && c->policy != SEMO_NEWEST)
        status = key_ends(p, s->number | SEMO_BACK, back, &to, &from, &s->back, e);
    s->takes =
        c->from == SEMO_DEPLOYER ? semo_unit_io(p->units[c->to], to.kind, to.io)->max + 1U : 0;
    return status;
}

static enum semo_status route_ends(struct semo_deploy *p, unsigned index, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[index];
    unsigned number = p->state->connections[index].number;
    enum semo_status status = semo_deploy_route(p, number, c->to, e);
    if (status == SEMO_OK && c->policy != SEMO_NEWEST)
        status = semo_deploy_route(p, number | SEMO_BACK, c->from, e);
    return status;
}

static bool end_attested(const struct semo_deploy *p, int module)
{
    return module == SEMO_DEPLOYER || p->attested_now[module];
}

static bool is_silent(const struct semo_deploy *p, int module)
{
    return module != SEMO_DEPLOYER && p->silent[semo_deploy_spec(p, (unsigned)module)->node];
}

static enum semo_status connect_one(struct semo_deploy *p, unsigned index, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[index];
    enum semo_status status = SEMO_REFUSED;
    if (c->shared && !p->state->connections[index].connected)
        semo_deploy_progress(p, "waiting  %s: shared; semo offer or semo accept keys it", c->name);
    if (c->shared || (p->keep && p->state->connections[index].connected))
        return SEMO_OK;
    if (!end_attested(p, c->from) || !end_attested(p, c->to)) {
        p->state->connections[index].connected = false; /* whatever it was in an earlier life */
        return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, c->name, 0, 0,
                              "not connected: an end is not attested");
    }
    if (is_silent(p, c->from) || is_silent(p, c->to))
        return semo_error_set(e, SEMO_TIMEOUT, SEMO_EXIT_TIMEOUT, c->name, 0, 0,
                              "not connected: the event manager of an end is silent");
    for (unsigned attempt = 0;
         attempt < KEY_ATTEMPTS && status != SEMO_OK && e->code != SEMO_EXIT_TIMEOUT; attempt++)
        status = key_once(p, index, e);
    if (status != SEMO_OK && e->code == SEMO_EXIT_TIMEOUT) /* else it was a module's */
        p->silent[p->link->waiting_node] = true;
    if (status == SEMO_OK)
        status = route_ends(p, index, e);
    if (status != SEMO_OK)
        return status;
    p->state->connections[index].connected = true;
    semo_deploy_progress(p, "connect  %s", c->name);
    return SEMO_OK;
}

static enum semo_status set_samples(struct semo_deploy *p, unsigned i, struct semo_error *e)
{
    const struct semo_unit *u = p->units[i];
    for (unsigned k = 0; k < u->io_count; k++) {
        uint8_t body[5];
        struct semo_cursor w = semo_cursor_over(body, sizeof body);
        if (u->io[k].kind != SEMO_IO_SAMPLE)
            continue;
        semo_cursor_put_u8(&w, (uint8_t)u->io[k].window);
        semo_cursor_put_u16(&w, (uint16_t)p->state->modules[i].id);
        semo_cursor_put_u16(&w, u->io[k].index);
        enum semo_status status = semo_link_request(p->link, semo_deploy_spec(p, i)->node, u->name,
                                                    SEMO_FRAME_SAMPLE, body, sizeof body, NULL, e);
        if (status != SEMO_OK)
            return status;
    }
    return SEMO_OK;
}

/* What is open is repeated and timed out by ticks, which anybody may give: the node does. */
enum semo_status semo_deploy_tick(struct semo_deploy *p, unsigned i, struct semo_error *e)
{
    bool opens = false;
    for (unsigned k = 0; k < p->d->connection_count; k++)
        opens = opens ||
                (p->d->connections[k].from == (int)i && p->d->connections[k].policy > SEMO_STRICT);
    if (!opens)
        return SEMO_OK;
    return semo_link_timer(p->link, semo_deploy_spec(p, i)->node, semo_deploy_spec(p, i)->name,
                           p->state->modules[i].id, SEMO_ENTRY_TICK, SEMO_TICK_MS, e);
}

/* Unauthenticated by design: whoever can reach the node can do the same. */
static enum semo_status set_periodic(struct semo_deploy *p, unsigned i, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    for (unsigned k = 0; k < p->d->periodic_count && status == SEMO_OK; k++) {
        const struct semo_periodic_spec *t = &p->d->periodic[k];
        if (t->module != i)
            continue;
        const struct semo_io *io = semo_unit_io(p->units[i], SEMO_IO_ENTRY, t->entry);
        status =
            semo_link_timer(p->link, semo_deploy_spec(p, i)->node, semo_deploy_spec(p, i)->name,
                            p->state->modules[i].id, io->index, t->period_ms, e);
    }
    return status;
}

static bool all_connected(const struct semo_deploy *p, unsigned module)
{
    for (unsigned i = 0; i < p->d->connection_count; i++) {
        const struct semo_connection_spec *c = &p->d->connections[i];
        if ((c->from == (int)module || c->to == (int)module) && !c->shared &&
            !p->state->connections[i].connected)
            return false;
    }
    return true;
}

enum semo_status semo_deploy_connect(struct semo_deploy *p, struct semo_error *e)
{
    enum semo_status worst = SEMO_OK, status = semo_deploy_build(p, e);
    if (status == SEMO_OK)
        status = semo_deploy_number(p, e);
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++) {
        struct semo_error why = {{0}, 0};
        enum semo_status one = p->attested_now[i] ? semo_deploy_check_source(p, i, &why) : SEMO_OK;
        if (one != SEMO_OK)
            semo_deploy_note_failure(p, i, &why, &worst, one, e);
    }
    for (unsigned i = 0; i < p->d->connection_count && status == SEMO_OK; i++) {
        struct semo_error why = {{0}, 0};
        enum semo_status one = connect_one(p, i, &why);
        if (one == SEMO_OK)
            continue;
        semo_deploy_progress(p, "FAILED   %s", why.text);
        if (worst == SEMO_OK) {
            worst = one;
            *e = why;
        }
    }
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++) {
        if (!p->attested_now[i] || !all_connected(p, i))
            continue;
        p->state->modules[i].step = SEMO_STEP_CONNECTED;
        status = set_samples(p, i, e);
        if (status == SEMO_OK)
            status = semo_deploy_tick(p, i, e);
        if (status == SEMO_OK)
            status = set_periodic(p, i, e);
    }
    if (status == SEMO_OK)
        status = semo_state_write_run(p->state, p->d, e);
    if (status == SEMO_OK)
        status = semo_state_write_status(p->state, p->d, e);
    return status == SEMO_OK ? worst : status;
}

/* ---- the end ---- */

enum semo_status semo_deploy_disable(struct semo_deploy *p, unsigned module, struct semo_error *e)
{
    struct semo_state_module *m = &p->state->modules[module];
    const struct semo_module_spec *spec = semo_deploy_spec(p, module);
    const char *node = semo_deploy_node_name(p, module);
    enum semo_status status;
    if (m->step < SEMO_STEP_ENABLED)
        return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, spec->name, 0, 0,
                              "not loaded; run semo deploy");
    status = semo_attest_module(p->link, spec->node, node, spec->name, m, e);
    if (status == SEMO_OK)
        status = semo_disable_module(p->link, spec->node, node, spec->name, m, e);
    if (status != SEMO_OK)
        return status;
    for (unsigned i = 0; i < p->d->connection_count; i++)
        if (p->d->connections[i].from == (int)module || p->d->connections[i].to == (int)module)
            semo_state_lose_connection(&p->state->connections[i]);
    p->attested_now[module] = false;
    m->id = 0;
    m->step = SEMO_STEP_LINKED;
    semo_deploy_progress(p, "disable  %s", spec->name);
    status = semo_state_write_run(p->state, p->d, e);
    return status == SEMO_OK ? semo_state_write_status(p->state, p->d, e) : status;
}
