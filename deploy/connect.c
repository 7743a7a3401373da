/* SPDX-License-Identifier: Apache-2.0 */
/* Keys for both ends of each connection, routes, samples; direct connections. */
#include <string.h>
#include <openssl/crypto.h>
#include "deploy/steps.h"
#include "host/random.h"
#include "lib/bytes/cursor.h"

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

/* The event manager learns the receiving module, the router the receiving node. */
static enum semo_status set_route(struct semo_deploy *p, unsigned connection, int to,
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
    if (status == SEMO_OK && semo_control_route(p->link->client, connection, node) != SEMO_OK)
        status = semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, "semo-node", 0, 0, "gone");
    return status;
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
    unsigned flags = SEMO_KIND(0U, c->policy, c->aes);
    enum semo_status status = key_ends(p, index + 1, flags, &from, &to, &s->channel, e);
    if (status == SEMO_OK && c->policy != SEMO_NEWEST)
        status = key_ends(p, (index + 1) | SEMO_BACK, flags, &to, &from, &s->back, e);
    return status;
}

static enum semo_status route_ends(struct semo_deploy *p, unsigned index, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[index];
    enum semo_status status = set_route(p, index + 1, c->to, e);
    if (status == SEMO_OK && c->policy != SEMO_NEWEST)
        status = set_route(p, (index + 1) | SEMO_BACK, c->from, e);
    return status;
}

static bool end_attested(const struct semo_deploy *p, int module)
{
    return module == SEMO_DEPLOYER || p->attested_now[module];
}

static enum semo_status connect_one(struct semo_deploy *p, unsigned index, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[index];
    enum semo_status status = SEMO_REFUSED;
    if (!end_attested(p, c->from) || !end_attested(p, c->to)) {
        p->state->connections[index].connected = false; /* whatever it was in an earlier life */
        return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, c->name, 0, 0,
                              "not connected: an end is not attested");
    }
    for (unsigned attempt = 0; attempt < KEY_ATTEMPTS && status != SEMO_OK; attempt++)
        status = key_once(p, index, e);
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

static bool all_connected(const struct semo_deploy *p, unsigned module)
{
    for (unsigned i = 0; i < p->d->connection_count; i++) {
        const struct semo_connection_spec *c = &p->d->connections[i];
        if ((c->from == (int)module || c->to == (int)module) && !p->state->connections[i].connected)
            return false;
    }
    return true;
}

enum semo_status semo_deploy_connect(struct semo_deploy *p, struct semo_error *e)
{
    enum semo_status worst = SEMO_OK, status = semo_deploy_build(p, e);
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
    }
    if (status == SEMO_OK)
        status = semo_state_write_run(p->state, p->d, e);
    if (status == SEMO_OK)
        status = semo_state_write_status(p->state, p->d, e);
    return status == SEMO_OK ? worst : status;
}

/* ---- direct connections ---- */

enum semo_status semo_deploy_output(struct semo_deploy *p, unsigned connection, const void *body,
                                    unsigned len, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    struct semo_channel *channel = &p->state->connections[connection].channel;
    _Alignas(8) uint8_t sealed[SEMO_SEALED_LEN(SEMO_PAYLOAD_MAX)];
    if (!channel->connection || (channel->kind & 1) != SEMO_SENDER)
        return semo_error_set(
            e, SEMO_MISSING, SEMO_EXIT_FAILED, c->name, 0, 0,
            "not a connected direct connection of the deployer; run semo connect");
    if (len > SEMO_PAYLOAD_MAX)
        return semo_error_set(e, SEMO_LENGTH, SEMO_EXIT_USAGE, c->name, 0, 0,
                              "a body of %u bytes; at most %d", len, SEMO_PAYLOAD_MAX);
    enum semo_status status = semo_channel_seal(channel, 0, body, len, sealed);
    if (status != SEMO_OK)
        return semo_error_set(e, status, SEMO_EXIT_FAILED, c->name, 0, 0, "%s",
                              semo_status_text(status));
    semo_link_log_seal(p->link, channel->key, sealed, SEMO_EVENT_AD_LEN);
    /* The sequence is on disk before the frame is on the wire: a crash skips, never repeats. */
    status = semo_state_write_run(p->state, p->d, e);
    if (status == SEMO_OK)
        status = semo_link_event(p->link, semo_deploy_spec(p, (unsigned)c->to)->node,
                                 connection + 1, sealed, SEMO_SEALED_LEN(len), e);
    return status;
}

enum semo_status semo_deploy_input(struct semo_deploy *p, unsigned connection,
                                   const uint8_t *sealed, unsigned sealed_len, uint8_t *body,
                                   unsigned *len)
{
    struct semo_channel *channel = &p->state->connections[connection].channel;
    if (!channel->connection || (channel->kind & 1) != SEMO_RECEIVER)
        return SEMO_UNKNOWN;
    return semo_channel_open(channel, sealed, sealed_len, body, SEMO_PAYLOAD_MAX, len);
}
