/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host/em.h"

#include <string.h>

#define EVENT_HEAD  3 /* type, connection */
#define ANSWER_HEAD 4

/* Of one turn: two modules that send each other events for ever must not stop the clock. The rest
 * is for the next turn. */
#define TAKES 500

static enum semo_status answer_call(struct semo_cursor *in, struct semo_cursor *out)
{
    uint8_t buffer[SEMO_FRAME_MAX];
    const uint16_t module = semo_cursor_u16(in), entry = semo_cursor_u16(in);
    unsigned len = in->left;
    memcpy(buffer, in->at, len);
    const enum semo_status status = semo_module_call(module, entry, buffer, &len, out->left);
    semo_cursor_put(out, buffer, len);
    return status;
}

static enum semo_status answer_route(struct semo_cursor *in, struct semo_cursor *out)
{
    (void)out;
    const uint16_t connection = semo_cursor_u16(in), module = semo_cursor_u16(in);
    unsigned place = SEMO_EM_ROUTES;
    for (unsigned i = SEMO_EM_ROUTES; i--;)
        if (semo_em_table->routes[i].connection == connection ||
            (!semo_em_table->routes[i].connection &&
             (place == SEMO_EM_ROUTES || semo_em_table->routes[place].connection != connection)))
            place = i;
    if (place == SEMO_EM_ROUTES)
        return SEMO_FULL;
    semo_em_table->routes[place].connection = module ? connection : 0;
    semo_em_table->routes[place].module = module;
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
    [SEMO_FRAME_ENABLE] = {18, 18, semo_loader_enable},
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
    else if (frame[0] == SEMO_FRAME_EVENT)
        (void)semo_em_deliver(frame + 1, len - 1);
    else
        request(frame, len);
}

/* One event of one module; true: there was one. A module that does not know TAKE is dead. */
static bool take(unsigned slot)
{
    uint8_t frame[SEMO_FRAME_MAX];
    unsigned len = 0;
    const uint16_t id = semo_em_table->modules[slot].id;
    const enum semo_status status =
        semo_module_call(id, SEMO_ENTRY_TAKE, frame + 1, &len, sizeof frame - 1);
    if (status == SEMO_OK && len > EVENT_HEAD - 1) {
        semo_em_count(SEMO_COUNT_EVENTS_OUT);
        (void)semo_em_route(frame + 1, len);
        return true;
    }
    semo_em_table->modules[slot].pending = 0;
    if (status == SEMO_UNKNOWN || status == SEMO_TIMEOUT)
        semo_loader_forget(id);
    return false;
}

/* In turn, so that no module waits for another's flood. */
void semo_em_drain(void)
{
    unsigned idle = 0;
    for (unsigned slot = 0, takes = 0; idle < SEMO_EM_MODULES && takes < TAKES;
         slot = (slot + 1) % SEMO_EM_MODULES) {
        const bool pending =
            semo_em_table->modules[slot].id && semo_em_table->modules[slot].pending;
        idle = pending ? 0 : idle + 1;
        takes += pending;
        if (pending)
            (void)take(slot);
    }
}
