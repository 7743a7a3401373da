/* SPDX-License-Identifier: Apache-2.0 */
/* The event manager: requests, routes, samples, and the loop that sleeps when nothing is left. It
 * holds nothing that integrity needs: events are sealed from module to module. */
#include <stddef.h>
#include "node/mcu/firmware.h"

#define AT(field, address)                                                                         \
    _Static_assert(SEMO_RAM_START + offsetof(struct semo_table, field) == (address), #field)
AT(call, SEMO_TABLE_CALL);
AT(fresh, SEMO_TABLE_FRESH);
AT(bits, SEMO_TABLE_BITS);
AT(received, SEMO_TABLE_RECEIVED);
AT(escaped, SEMO_TABLE_ESCAPED);
AT(pending, SEMO_TABLE_PENDING);
AT(deferred, SEMO_TABLE_DEFERRED);
AT(turn, SEMO_TABLE_TURN);
AT(modules, SEMO_TABLE_MODULES);
AT(routes, SEMO_TABLE_ROUTES);
AT(buffer, SEMO_TABLE_BUFFER);
_Static_assert(SEMO_RAM_START + sizeof(struct semo_table) == SEMO_TABLE_END, "end");

#define EVENT_FLAGS (*(volatile uint16_t *)SEMO_EVENT_FLAGS)

/* A request is answered in its own buffer: the payload of a call and of its answer begin at +7, an
 * even address, the head of an answer in the four bytes before. */
#define PAYLOAD     7
#define PAYLOAD_MAX (SEMO_FRAME_MAX - PAYLOAD)
#define ANSWER_HEAD 4
#define EVENT_HEAD  3 /* type, connection */
#define ANSWER      (PAYLOAD - ANSWER_HEAD)

/* The link wakes when a short event has come whole, or after a pause. */
#define LINK_WAKE (33 << 8 | 1)

#define IN  (&semo_table.in)
#define OUT (&semo_table.out)

static enum semo_status answer_call(void)
{
    const uint16_t module = semo_cursor_u16(IN), entry = semo_cursor_u16(IN);
    uint16_t len = IN->left;
    const enum semo_status status = semo_module_call(module, entry, IN->at, &len);
    if (len > OUT->left)
        return SEMO_LENGTH;
    OUT->at += len;
    return status;
}

static enum semo_status answer_route(void)
{
    const uint16_t connection = semo_cursor_u16(IN), module = semo_cursor_u16(IN);
    struct semo_route *r = semo_route_place(connection);
    if (!connection)
        return SEMO_UNKNOWN;
    if (!r)
        return module ? SEMO_FULL : SEMO_OK;
    r->connection = connection;
    r->module = module;
    return SEMO_OK;
}

static enum semo_status answer_sample(void)
{
    const uint16_t window = semo_cursor_u8(IN);
    if (window >= SEMO_WINDOW_COUNT)
        return SEMO_UNKNOWN;
    struct semo_sample *s = &semo_table.samples[window];
    s->module = semo_cursor_u16(IN);
    s->entry = semo_cursor_u16(IN);
    semo_table.windows |= semo_table.modules[window].bit;
    return SEMO_OK;
}

static enum semo_status answer_reset(void)
{
    semo_cpu_reset();
}

static enum semo_status answer_counters(void)
{
    semo_cursor_put_u8(OUT, SEMO_COUNTERS);
    for (const uint32_t *c = semo_table.counters; c < semo_table.counters + SEMO_COUNTERS; c++) {
        semo_cursor_put_u16(OUT, *c);
        semo_cursor_put_u16(OUT, *c >> 16);
    }
    return SEMO_OK;
}

#define OR_MORE 0x8000
static const struct request {
    uint16_t body; /* bytes */
    enum semo_status (*answer)(void);
} requests[] = {
    [SEMO_FRAME_INFO] = {0, semo_loader_info},
    [SEMO_FRAME_WRITE] = {5 | OR_MORE, semo_loader_write},
    [SEMO_FRAME_ENABLE] = {SEMO_ENABLE_LEN, semo_loader_enable},
    [SEMO_FRAME_CALL] = {4 | OR_MORE, answer_call},
    [SEMO_FRAME_ROUTE] = {4, answer_route},
    [SEMO_FRAME_SAMPLE] = {5, answer_sample},
    [SEMO_FRAME_RESET] = {0, answer_reset},
    [SEMO_FRAME_COUNTERS] = {0, answer_counters},
};

static bool fits(uint16_t left, uint16_t body)
{
    if (body == SEMO_ENABLE_LEN && left == SEMO_ENABLE_LEN + SEMO_CONCEALED_LEN)
        return true;
    return body & OR_MORE ? left >= (body & ~OR_MORE) : left == body;
}

static void request(uint8_t *frame, unsigned len)
{
    *IN = (struct semo_cursor){frame, len, false};
    const uint8_t type = semo_cursor_u8(IN);
    const uint16_t tag = semo_cursor_u16(IN);
    if (!type || type > SEMO_FRAME_COUNTERS || IN->bad || !fits(IN->left, requests[type].body)) {
        semo_em_count(SEMO_COUNT_MALFORMED);
        return;
    }
    *OUT = (struct semo_cursor){frame + PAYLOAD, PAYLOAD_MAX, false};
    const enum semo_status status = requests[type].answer();
    len = OUT->at - frame - ANSWER;
    *OUT = (struct semo_cursor){frame + ANSWER, ANSWER_HEAD, false};
    semo_cursor_put_u8(OUT, type | SEMO_FRAME_ANSWER);
    semo_cursor_put_u16(OUT, tag);
    semo_cursor_put_u8(OUT, status);
    semo_link_send(frame + ANSWER, len);
}

void semo_em_frame(uint8_t *frame, unsigned len)
{
    if (*frame != SEMO_FRAME_EVENT)
        request(frame, len);
    else if (len > EVENT_HEAD)
        (void)semo_em_deliver(frame + 1, len - 1);
    else
        semo_em_count(SEMO_COUNT_MALFORMED);
}

/* Where an event can be taken to: behind the frame that is arriving, room for the type, even. */
static uint8_t *beside(void)
{
    return semo_table.buffer + ((semo_table.received + 3) & ~1u);
}

/* One event of one module, in turn, so that no module and no frame waits for another's flood. */
static bool take(void)
{
    const struct semo_module *m = semo_module_next();
    if (!m)
        return false;
    uint16_t len = 0;
    const enum semo_status status = semo_module_call(m->id, SEMO_ENTRY_TAKE, beside(), &len);
    if (status == SEMO_OK && len > 2) {
        semo_em_count(SEMO_COUNT_EVENTS_OUT);
        (void)semo_em_route(beside(), len);
        return true;
    }
    semo_table.pending &= ~m->bit;
    if (status == SEMO_LENGTH && semo_table.received)
        semo_table.deferred |= m->bit;
    return true;
}

static bool sample(void)
{
    uint16_t flags = EVENT_FLAGS & semo_table.windows;
    if (!flags)
        return false;
    EVENT_FLAGS = flags;
    for (const struct semo_sample *s = semo_table.samples; flags; s++, flags >>= 1) {
        uint16_t len = 0;
        if (flags & 1)
            (void)semo_module_call(s->module, s->entry, beside(), &len);
    }
    return true;
}

void semo_em_run(void)
{
    for (;;)
        if (!semo_link_receive() && !sample() && !take())
            semo_cpu_sleep(LINK_WAKE, semo_table.windows);
}
