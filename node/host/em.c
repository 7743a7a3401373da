/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host/em.h"

#include <string.h>

#define EVENT_HEAD  3 /* type, connection */
#define ANSWER_HEAD 4

static bool delivered; /* events of this turn, not yet drained */

static enum semo_status answer_call(struct semo_cursor *in, struct semo_cursor *out)
{
    uint8_t buffer[SEMO_FRAME_MAX];
    const uint16_t module = semo_cursor_u16(in), entry = semo_cursor_u16(in);
    unsigned len = in->left;
    memcpy(buffer, in->at, len);
    const enum semo_status status = semo_calls_now(module, entry, buffer, &len, out->left);
    semo_cursor_put(out, buffer, len);
    return status;
}

static enum semo_status answer_route(struct semo_cursor *in, struct semo_cursor *out)
{
    (void)out;
    const uint16_t connection = semo_cursor_u16(in), module = semo_cursor_u16(in);
    semo_em_table->routes[connection] = module;
    return SEMO_OK;
}

/* A process owns no device, and only the coordinator can have the monitor reset. */
static enum semo_status answer_unsupported(struct semo_cursor *in, struct semo_cursor *out)
{
    (void)in, (void)out;
    return SEMO_UNSUPPORTED;
}

static enum semo_status answer_counters(struct semo_cursor *in, struct semo_cursor *out)
{
    (void)in;
    semo_cursor_put_u8(out, SEMO_COUNTERS);
    for (unsigned i = 0; i < SEMO_COUNTERS; i++)
        semo_cursor_put_u32(out, semo_em_table->counters[i]);
    return SEMO_OK;
}

#define ANY SEMO_FRAME_MAX
static const struct request {
    uint16_t least, most; /* bytes of the body */
    enum semo_status (*answer)(struct semo_cursor *in, struct semo_cursor *out);
} requests[] = {
    [SEMO_FRAME_INFO] = {0, 0, semo_loader_info},
    [SEMO_FRAME_WRITE] = {5, ANY, semo_loader_write},
    [SEMO_FRAME_ENABLE] = {SEMO_ENABLE_LEN, SEMO_ENABLE_LEN + SEMO_CONCEALED_LEN,
                           semo_loader_enable},
    [SEMO_FRAME_CALL] = {4, ANY, answer_call},
    [SEMO_FRAME_ROUTE] = {4, 4, answer_route},
    [SEMO_FRAME_SAMPLE] = {5, 5, answer_unsupported},
    [SEMO_FRAME_RESET] = {0, 0, answer_unsupported},
    [SEMO_FRAME_COUNTERS] = {0, 0, answer_counters},
};

static const struct request *request_of(uint8_t type, const struct semo_cursor *body)
{
    if (body->bad || type >= sizeof requests / sizeof requests[0] || !requests[type].answer)
        return NULL;
    const struct request *r = &requests[type];
    return body->left >= r->least && body->left <= r->most ? r : NULL;
}

static void answer(uint8_t type, uint16_t tag, const struct request *r, struct semo_cursor *in)
{
    uint8_t frame[SEMO_FRAME_MAX];
    struct semo_cursor head = semo_cursor_over(frame, ANSWER_HEAD),
                       body = semo_cursor_over(frame + ANSWER_HEAD, sizeof frame - ANSWER_HEAD);
    if (delivered) /* what came before comes before */
        semo_em_drain();
    const enum semo_status status = r->answer(in, &body);
    semo_cursor_put_u8(&head, type | SEMO_FRAME_ANSWER);
    semo_cursor_put_u16(&head, tag);
    semo_cursor_put_u8(&head, (uint8_t)status);
    semo_link_send(frame, (unsigned)(body.at - frame));
}

static void request(uint8_t *frame, unsigned len)
{
    struct semo_cursor in = semo_cursor_over(frame, len);
    const uint8_t type = semo_cursor_u8(&in);
    const uint16_t tag = semo_cursor_u16(&in);
    const struct request *r = request_of(type, &in);
    if (r)
        answer(type, tag, r, &in);
    else
        semo_em_count(SEMO_COUNT_MALFORMED);
}

void semo_em_frame(uint8_t *frame, unsigned len)
{
    if (!len || len > SEMO_FRAME_MAX || (frame[0] == SEMO_FRAME_EVENT && len <= EVENT_HEAD))
        semo_em_count(SEMO_COUNT_MALFORMED);
    else if (frame[0] == SEMO_FRAME_EVENT) {
        delivered = true;
        (void)semo_em_deliver(frame + 1, len - 1);
    } else
        request(frame, len);
}

static bool route_events(void)
{
    uint8_t frame[SEMO_FRAME_MAX];
    bool any = false;
    for (unsigned len; (len = semo_calls_event(frame + 1)) > 0; any = true)
        (void)semo_em_route(frame + 1, len);
    return any;
}

void semo_em_drain(void)
{
    do
        (void)semo_em_settle();
    while (route_events() || semo_calls_ask());
    delivered = false;
}

void semo_em_turn(void)
{
    semo_em_drain();
    semo_calls_turn();
}

void semo_em_start(void)
{
    semo_calls_start();
    semo_calls_turn();
}
