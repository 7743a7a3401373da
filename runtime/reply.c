/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that are strict or acknowledged, and requests (lib/channel/policy.h). Linked only
 * into modules that have any. */
#include <stddef.h>
#include "runtime/runtime.h"

void *memcpy(void *to, const void *from, size_t len);

static struct semo_open *next_open(struct semo_open *o)
{
    uint8_t *next = o ? (uint8_t *)o + (size_t)semo_opens_len : semo_opens;
    return next < semo_opens_end ? (struct semo_open *)(void *)next : NULL;
}

/* connection 0: one that is free. */
static struct semo_open *find_open(uint16_t connection)
{
    struct semo_open *o = NULL;
    while ((o = next_open(o)))
        if (connection ? o->len && o->frame[0] == connection : !o->len)
            return o;
    return NULL;
}

/* The author's continuation. */
static void tell(const struct semo_channel *c, enum semo_status status, const uint8_t *reply,
                 unsigned len)
{
    const struct semo_output_record *output = &semo_outputs[c->io];
    if (output->told)
        output->told(status, reply, len);
}

/* The time is put behind the data where both are sealed. */
static enum semo_status send_expiring(struct semo_channel *c, const void *data, unsigned len,
                                      uint8_t **frame)
{
    static uint8_t body[SEMO_PAYLOAD_DEFAULT + SEMO_UNTIL_LEN];
    if (!(semo_until[0] | semo_until[1] | semo_until[2] | semo_until[3]))
        return SEMO_UNFRESH;
    memcpy(body, data, len);
    memcpy(body + len, semo_until, SEMO_UNTIL_LEN);
    return semo_send(c, SEMO_EVENT_EXPIRES, body, len + SEMO_UNTIL_LEN, frame);
}

enum semo_status semo_reply_output(struct semo_channel *c, const void *data, unsigned len)
{
    bool opens = SEMO_KIND_POLICY(c->kind) > SEMO_STRICT;
    bool expires = SEMO_POLICIES > 1 && c->kind & SEMO_KIND_EXPIRES;
    struct semo_open *o = opens ? find_open(0) : NULL;
    enum semo_status status;
    uint8_t *frame;
    if (opens && find_open(c->connection))
        return SEMO_BUSY;
    if (opens && !o)
        return SEMO_FULL;
    status = expires ? send_expiring(c, data, len, &frame) : semo_send(c, 0, data, len, &frame);
    if (status == SEMO_OK && o)
        semo_policy_hold(o, frame, 2 + SEMO_SEALED_LEN(len + (expires ? SEMO_UNTIL_LEN : 0)));
    return status;
}

static enum semo_status hear(const struct semo_channel *back, const uint8_t *report, unsigned len)
{
    struct semo_channel *c = semo_find(back->connection & (uint16_t)~SEMO_BACK, SEMO_SENDER);
    enum semo_status status;
    if (!c)
        return SEMO_UNKNOWN;
    status = semo_policy_hear(c, find_open(c->connection), report, len);
    if (status == SEMO_GAP) {
        tell(c, SEMO_GAP, NULL, 0);
        return semo_send(c, SEMO_EVENT_RESYNC, report, 0, NULL);
    }
    if (status == SEMO_OK && SEMO_KIND_POLICY(c->kind) != SEMO_STRICT)
        tell(c, SEMO_OK, report + SEMO_REPORT_LEN, len - SEMO_REPORT_LEN);
    return status;
}

/* The sequence of an event lies before its body, so an answer there is a report. A queue that is
 * full loses it, and counts that: its event will come again. */
static void report(const struct semo_channel *c, const void *body, unsigned len)
{
    struct semo_channel *back = semo_find(c->connection | SEMO_BACK, SEMO_SENDER);
    if (back)
        (void)semo_send(back, 0, body, len, NULL);
}

/* An event that is refused for its time never was: it may come again when the time is known. */
static enum semo_status check_time(struct semo_channel *c, const struct semo_channel *before,
                                   const uint8_t *body, unsigned *len)
{
    enum semo_status status = SEMO_MALFORMED;
    if (*len >= SEMO_UNTIL_LEN) {
        *len -= SEMO_UNTIL_LEN;
        status = semo_expiry_judge(body + *len);
    }
    if (status != SEMO_OK)
        *c = *before;
    return status;
}

enum semo_status semo_reply_input(struct semo_channel *c, const uint8_t *sealed, unsigned len,
                                  uint8_t *body)
{
    const struct semo_input_record *input = &semo_inputs[c->io];
    const struct semo_channel before = *c;
    bool is_back = c->connection >= SEMO_BACK;
    unsigned more = SEMO_POLICIES > 1 && c->kind & SEMO_KIND_EXPIRES ? SEMO_UNTIL_LEN : 0;
    unsigned max = is_back ? SEMO_REPORT_LEN + semo_outputs[c->io].max : input->max + more;
    enum semo_status status = semo_channel_open(c, sealed, len, body, max, &len);
    if (is_back)
        return status == SEMO_OK ? hear(c, body, len) : status;
    if (more && status == SEMO_OK && !(sealed[1] & SEMO_EVENT_RESYNC))
        status = check_time(c, &before, body, &len);
    if (semo_policy_wants_report(c, status))
        report(c, c->sequence, SEMO_REPORT_LEN);
    if (status != SEMO_OK || sealed[1] & SEMO_EVENT_RESYNC)
        return status;
    if (SEMO_KIND_POLICY(c->kind) != SEMO_REQUEST) {
        input->call.handle(body, len);
        return SEMO_OK;
    }
    len = input->call.answer(body, len);
    if (len <= input->max)
        report(c, body - SEMO_REPORT_LEN, SEMO_REPORT_LEN + len);
    return SEMO_OK;
}

void semo_reply_tick(void)
{
    for (struct semo_open *o = next_open(NULL); o; o = next_open(o)) {
        const struct semo_channel *c = o->len ? semo_find(o->frame[0], SEMO_SENDER) : NULL;
        unsigned len = o->len;
        enum semo_status status = semo_policy_tick(o);
        bool repeated = c && SEMO_KIND_POLICY(c->kind) == SEMO_ACKNOWLEDGED;
        uint8_t *again = repeated && status == SEMO_OK ? semo_queue_reserve(len) : NULL;
        if (again) {
            memcpy(again, o->frame, len);
            semo_queue_commit();
        }
        if (c && status == SEMO_TIMEOUT)
            tell(c, repeated ? SEMO_UNKNOWN : SEMO_TIMEOUT, NULL, 0);
    }
}

void semo_reply_rekeyed(struct semo_channel *c)
{
    struct semo_open *o = (c->kind & 1) == SEMO_SENDER ? find_open(c->connection) : NULL;
    if (!o)
        return;
    o->len = 0;
    tell(c, SEMO_UNKNOWN, NULL, 0);
}

enum semo_status semo_request(const struct semo_output_record *output, const void *data,
                              unsigned len)
{
    for (struct semo_channel *c = semo_connections; c < semo_connections_end; c++)
        if (c->connection && semo_outputs + c->io == output &&
            c->kind == (SEMO_KIND(SEMO_SENDER, SEMO_REQUEST, 0) | (c->kind & SEMO_KIND_AES)))
            return semo_output(output, data, len);
    return SEMO_MISSING;
}

void semo_cancel(const struct semo_output_record *output)
{
    struct semo_open *o = NULL;
    while ((o = next_open(o))) {
        const struct semo_channel *c = o->len ? semo_find(o->frame[0], SEMO_SENDER) : NULL;
        if (c && semo_outputs + c->io == output)
            o->len = 0;
    }
}
