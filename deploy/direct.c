/* SPDX-License-Identifier: Apache-2.0 */
/* Direct connections: the deployer is one end. */
#include <string.h>
#include "deploy/steps.h"
#include "lib/channel/policy.h"

static enum semo_status check_direct(const struct semo_deploy *p, unsigned connection, unsigned len,
                                     struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    const struct semo_channel *channel = &p->state->connections[connection].channel;
    if (!channel->connection || (channel->kind & 1) != SEMO_SENDER)
        return semo_error_set(
            e, SEMO_MISSING, SEMO_EXIT_FAILED, c->name, 0, 0,
            "not a connected direct connection of the deployer; run semo connect");
    if (len > SEMO_PAYLOAD_MAX)
        return semo_error_set(e, SEMO_LENGTH, SEMO_EXIT_USAGE, c->name, 0, 0,
                              "a body of %u bytes; at most %d", len, SEMO_PAYLOAD_MAX);
    const unsigned takes = p->state->connections[connection].takes;
    if (takes && len >= takes)
        return semo_error_set(e, SEMO_LENGTH, SEMO_EXIT_USAGE, c->name, 0, 0,
                              "a body of %u bytes, and %s takes %u; shorten it", len, c->to_input,
                              takes - 1);
    return SEMO_OK;
}

/* Any event of ours. Its sequence is on disk before its frame is on the wire: a crash skips, never
 * repeats. */
static enum semo_status seal(struct semo_deploy *p, struct semo_channel *channel, unsigned flags,
                             const void *body, unsigned len, uint8_t *sealed, struct semo_error *e)
{
    enum semo_status status = semo_channel_seal(channel, flags, body, len, sealed);
    if (status != SEMO_OK)
        return semo_error_set(e, status, SEMO_EXIT_FAILED, NULL, 0, 0, "%s",
                              semo_status_text(status));
    semo_link_log_seal(p->link, channel->key, sealed, SEMO_EVENT_AD_LEN);
    return semo_state_write_run(p->state, p->d, e);
}

static enum semo_status send(struct semo_deploy *p, unsigned connection, unsigned number,
                             const uint8_t *sealed, unsigned len, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    int module = c->from == SEMO_DEPLOYER ? c->to : c->from;
    enum semo_status status = semo_deploy_listen(p, e); /* to what comes back */
    if (status != SEMO_OK)
        return status;
    return semo_link_event(p->link, semo_deploy_spec(p, (unsigned)module)->node, number, sealed,
                           len, e);
}

enum semo_status semo_deploy_output(struct semo_deploy *p, unsigned connection, const void *body,
                                    unsigned len, struct semo_error *e)
{
    _Alignas(8) uint8_t sealed[SEMO_SEALED_LEN(SEMO_PAYLOAD_MAX)];
    enum semo_status status = check_direct(p, connection, len, e);
    if (status == SEMO_OK)
        status = seal(p, &p->state->connections[connection].channel, 0, body, len, sealed, e);
    if (status == SEMO_OK)
        status = send(p, connection, p->state->connections[connection].number, sealed,
                      SEMO_SEALED_LEN(len), e);
    return status;
}

enum semo_status semo_deploy_input(struct semo_deploy *p, unsigned connection,
                                   const uint8_t *sealed, unsigned sealed_len, uint8_t *body,
                                   unsigned *len)
{
    struct semo_state_connection *s = &p->state->connections[connection];
    _Alignas(8) uint8_t report[SEMO_SEALED_LEN(SEMO_REPORT_LEN)];
    struct semo_error e;
    if (!s->channel.connection || (s->channel.kind & 1) != SEMO_RECEIVER)
        return SEMO_UNKNOWN;
    enum semo_status status =
        semo_channel_open(&s->channel, sealed, sealed_len, body, SEMO_PAYLOAD_MAX, len);
    if (semo_policy_wants_report(&s->channel, status) &&
        seal(p, &s->back, 0, s->channel.sequence, SEMO_REPORT_LEN, report, &e) == SEMO_OK)
        (void)send(p, connection, s->number | SEMO_BACK, report, sizeof report, &e);
    return status == SEMO_OK && sealed[1] & SEMO_EVENT_RESYNC ? SEMO_EMPTY : status;
}

/* ---- what is answered ---- */

struct conversation {
    struct semo_deploy *p;
    unsigned connection;
    struct semo_open *open;
    uint8_t *reply;
    unsigned reply_len;
    bool done;
    semo_link_event_fn *others; /* who hears all other events meanwhile */
    void *context;
};

static void on_answer(void *context, uint64_t time, unsigned connection, uint8_t *sealed,
                      unsigned len)
{
    struct conversation *t = context;
    struct semo_state_connection *s = &t->p->state->connections[t->connection];
    uint8_t body[SEMO_REPORT_LEN + SEMO_PAYLOAD_MAX + 1];
    unsigned body_len;
    if (connection != (s->number | SEMO_BACK)) {
        if (t->others)
            t->others(t->context, time, connection, sealed, len);
        return;
    }
    if (semo_channel_open(&s->back, sealed, len, body, sizeof body - 1, &body_len) != SEMO_OK ||
        semo_policy_hear(&s->channel, t->open, body, body_len) != SEMO_OK)
        return;
    t->reply_len = body_len - SEMO_REPORT_LEN;
    memcpy(t->reply, body + SEMO_REPORT_LEN, t->reply_len);
    t->done = true;
}

/* A tick at a time, as the runtime of a module would. */
static enum semo_status await(struct conversation *t, bool repeat, struct semo_error *e)
{
    enum semo_status status;
    do {
        status = semo_link_wait(t->p->link, &t->done, SEMO_TICK_MS, e);
        if (status != SEMO_TIMEOUT)
            return status;
        status = semo_policy_tick(t->open);
        if (status == SEMO_OK && repeat)
            status = send(t->p, t->connection, t->open->frame[0], (uint8_t *)(t->open->frame + 1),
                          t->open->len - 2U, e);
    } while (status == SEMO_OK);
    return status == SEMO_TIMEOUT
               ? semo_error_set(
                     e, status, SEMO_EXIT_TIMEOUT, t->p->d->connections[t->connection].name, 0, 0,
                     "no answer in %u ms of virtual time%s", SEMO_OPEN_TICKS * SEMO_TICK_MS,
                     repeat ? "; nobody can say whether it arrived" : "")
               : status;
}

enum semo_status semo_deploy_request(struct semo_deploy *p, unsigned connection, const void *body,
                                     unsigned len, uint8_t *reply, unsigned *reply_len,
                                     struct semo_error *e)
{
    _Alignas(8)
        uint8_t room[sizeof(struct semo_open) + 2 + SEMO_SEALED_LEN(SEMO_PAYLOAD_MAX)] = {0};
    struct semo_open *open = (struct semo_open *)(void *)room;
    unsigned policy = p->d->connections[connection].policy;
    struct conversation t = {.p = p,
                             .connection = connection,
                             .open = open,
                             .reply = reply,
                             .others = p->link->event,
                             .context = p->link->event_context};
    enum semo_status status = check_direct(p, connection, len, e);
    if (status == SEMO_OK && policy != SEMO_REQUEST && policy != SEMO_ACKNOWLEDGED)
        status = semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, p->d->connections[connection].name,
                                0, 0, "not a request and not acknowledged; use semo output");
    open->frame[0] = (uint16_t)p->state->connections[connection].number;
    if (status == SEMO_OK)
        status = seal(p, &p->state->connections[connection].channel, 0, body, len,
                      (uint8_t *)(open->frame + 1), e);
    if (status != SEMO_OK)
        return status;
    open->len = (uint16_t)(2 + SEMO_SEALED_LEN(len));
    open->ticks = SEMO_OPEN_TICKS;
    p->link->event = on_answer;
    p->link->event_context = &t;
    status =
        send(p, connection, open->frame[0], (uint8_t *)(open->frame + 1), SEMO_SEALED_LEN(len), e);
    if (status == SEMO_OK)
        status = await(&t, policy == SEMO_ACKNOWLEDGED, e);
    p->link->event = t.others;
    p->link->event_context = t.context;
    if (status != SEMO_OK)
        return status;
    *reply_len = t.reply_len;
    return semo_state_write_run(p->state, p->d, e); /* what was accepted is never accepted again */
}
