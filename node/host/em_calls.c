/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of modules in batches: one message to the monitor carries many calls of one module, and
 * several messages are under way at once, so that a call costs little more than its bytes. With
 * each call a module is asked for the events that wait in its queue, or it would overflow. */
#include <string.h>
#include "monitor/protocol.h"
#include "node/host/em.h"

#define BATCHES SEMO_EM_CALLS_AHEAD
#define CALLS   64 /* of a batch: what a module has SEMO_MONITOR_CALL_MS for */
#define TAKES   8  /* events after one call: no module waits for another's flood */
#define EVENTS  (SEMO_EM_TAKES * (2 + SEMO_FRAME_MAX))

struct batch {
    uint16_t module;
    unsigned count, len, reserved;
    uint16_t entries[CALLS];
    uint8_t takes[CALLS];
    uint8_t bytes[SEMO_MONITOR_MESSAGE_MAX - 1]; /* module u16 | calls */
};

static struct batch batches[BATCHES];
static unsigned open;    /* batches */
static unsigned allowed; /* events in this turn, less what is reserved for calls under way */

/* Whoever waits for the answer of a call. */
static struct {
    uint8_t *buffer;
    unsigned room, len;
} waiting;
static enum semo_status last_input, last_other;

/* Events that modules gave, each len u16 | bytes. */
static uint8_t events[EVENTS];
static unsigned first_event, events_end;

/* Modules that may have more: each at most once. */
static uint16_t ring[UINT16_MAX + 1];
static uint16_t ring_start, ring_end;
static bool in_ring[UINT16_MAX + 1];

void semo_calls_await(uint16_t module)
{
    if (in_ring[module])
        return;
    in_ring[module] = true;
    ring[ring_end++] = module;
}

/* The ring is not of the table: all modules are asked once. */
void semo_calls_start(void)
{
    ring_start = ring_end = 0;
    first_event = events_end = open = 0;
    memset(in_ring, 0, sizeof in_ring);
    for (unsigned id = 1; id <= UINT16_MAX; id++)
        if (semo_em_table->modules[id])
            semo_calls_await((uint16_t)id);
}

void semo_calls_turn(void)
{
    allowed = SEMO_EM_TAKES;
}

/* ---- events ---- */

static void keep(const uint8_t *event, unsigned len)
{
    struct semo_cursor c = semo_cursor_over(events + events_end, EVENTS - events_end);
    semo_em_count(SEMO_COUNT_EVENTS_OUT);
    allowed--;
    if (len >= SEMO_FRAME_MAX || c.left < 2 + len) {
        semo_em_count(SEMO_COUNT_UNROUTABLE);
        return;
    }
    semo_cursor_put_u16(&c, (uint16_t)len);
    semo_cursor_put(&c, event, len);
    events_end += 2 + len;
}

unsigned semo_calls_event(uint8_t *event)
{
    struct semo_cursor c = semo_cursor_from(events + first_event, events_end - first_event);
    if (c.left == 0) {
        first_event = events_end = 0;
        return 0;
    }
    const unsigned len = semo_cursor_u16(&c);
    first_event += 2 + len;
    memcpy(event, c.at, len);
    return len;
}

/* ---- answers ---- */

static void answer(uint16_t entry, enum semo_status status, const uint8_t *bytes, unsigned len)
{
    if (entry == SEMO_ENTRY_INPUT && status != SEMO_OK)
        semo_em_count(SEMO_COUNT_REFUSED);
    if (entry == SEMO_ENTRY_INPUT)
        last_input = status;
    else
        last_other = status;
    if (entry == SEMO_ENTRY_TAKE && status == SEMO_OK && len > 2 && !waiting.buffer)
        keep(bytes, len);
    if (!waiting.buffer)
        return;
    if (len > waiting.room)
        last_other = last_input = SEMO_LENGTH;
    else if (len > 0)
        memcpy(waiting.buffer, bytes, waiting.len = len);
}

/* NULL: there is none. */
static const uint8_t *read_answer(struct semo_cursor *c, enum semo_status *status, unsigned *len)
{
    *status = (enum semo_status)semo_cursor_u8(c);
    *len = semo_cursor_u16(c);
    return semo_cursor_take(c, *len);
}

/* The events behind an answer. False: there are no more where they come from. */
static bool take(struct semo_cursor *c, unsigned most)
{
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0, len; i < most && status == SEMO_OK; i++) {
        const uint8_t *event = read_answer(c, &status, &len);
        if (event && len > 2 && status == SEMO_OK)
            keep(event, len);
    }
    return status != SEMO_EMPTY;
}

static void read_answers(const struct batch *b, struct semo_cursor *c)
{
    bool more = false;
    for (unsigned i = 0; i < b->count; i++) {
        enum semo_status status;
        unsigned len;
        const uint8_t *bytes = read_answer(c, &status, &len);
        if (!bytes) {
            answer(b->entries[i], SEMO_MALFORMED, NULL, 0);
            continue;
        }
        answer(b->entries[i], status, bytes, len);
        more = take(c, b->takes[i]);
    }
    if (more)
        semo_calls_await(b->module);
}

static void collect(struct batch *b)
{
    static uint8_t result[SEMO_MONITOR_MESSAGE_MAX];
    struct semo_cursor c = semo_cursor_from(result, semo_gate_result(result, sizeof result));
    const enum semo_status status = (enum semo_status)semo_cursor_u8(&c);
    allowed += b->reserved;
    if (status == SEMO_OK)
        read_answers(b, &c);
    for (unsigned i = 0; status != SEMO_OK && i < b->count; i++)
        answer(b->entries[i], status, NULL, 0);
    if (status == SEMO_UNKNOWN || status == SEMO_TIMEOUT)
        semo_em_table->modules[b->module] = 0;
}

enum semo_status semo_em_settle(void)
{
    for (unsigned i = 0; i < open; i++)
        semo_gate_call(batches[i].bytes, batches[i].len);
    for (unsigned i = 0; i < open; i++)
        collect(&batches[i]);
    open = 0;
    return last_input;
}

/* ---- calls ---- */

static bool fits(const struct batch *b, unsigned len)
{
    return b->count < CALLS && len <= sizeof b->bytes - b->len - sizeof(struct semo_gate_call);
}

/* With room for a call of so many bytes. */
static struct batch *batch_of(uint16_t module, unsigned len)
{
    unsigned i = 0;
    while (i < open && batches[i].module != module)
        i++;
    if (i < open && fits(&batches[i], len))
        return &batches[i];
    if (i < open || i == BATCHES) {
        (void)semo_em_settle();
        i = 0;
    }
    struct semo_cursor c = semo_cursor_over(batches[i].bytes, 2);
    semo_cursor_put_u16(&c, module);
    batches[i].module = module;
    batches[i].count = batches[i].reserved = 0;
    batches[i].len = 2;
    open = i + 1;
    return &batches[i];
}

/* How many events a call may give. What is missing may come back from calls under way. */
static unsigned reserve(void)
{
    if (allowed < TAKES)
        (void)semo_em_settle();
    const unsigned takes = allowed < TAKES ? allowed : TAKES;
    allowed -= takes;
    return takes;
}

void semo_calls_post(uint16_t module, uint16_t entry, const uint8_t *payload, unsigned len)
{
    const unsigned takes = reserve();
    struct batch *b = batch_of(module, len);
    struct semo_cursor c = semo_cursor_over(b->bytes + b->len, sizeof b->bytes - b->len);
    b->reserved += takes;
    b->entries[b->count] = entry;
    b->takes[b->count] = (uint8_t)(entry == SEMO_ENTRY_TAKE && takes > 0 ? takes - 1 : takes);
    const struct semo_gate_call head = {
        .entry = entry, .takes = b->takes[b->count++], .len = (uint16_t)len};
    semo_cursor_put(&c, &head, sizeof head);
    semo_cursor_put(&c, payload, len);
    b->len = (unsigned)(c.at - b->bytes);
}

enum semo_status semo_calls_now(uint16_t module, uint16_t entry, uint8_t *buffer, unsigned *len,
                                unsigned room)
{
    const unsigned payload = *len;
    (void)semo_em_settle();
    *len = 0;
    if (payload > SEMO_FRAME_MAX)
        return SEMO_LENGTH;
    semo_calls_post(module, entry, buffer, payload);
    waiting.buffer = buffer;
    waiting.room = room;
    waiting.len = 0;
    (void)semo_em_settle();
    waiting.buffer = NULL;
    *len = waiting.len;
    return entry == SEMO_ENTRY_INPUT ? last_input : last_other;
}

bool semo_calls_ask(void)
{
    unsigned asked = 0;
    while (ring_start != ring_end && allowed > 0 && asked < BATCHES) {
        const uint16_t module = ring[ring_start++];
        in_ring[module] = false;
        semo_calls_post(module, SEMO_ENTRY_TAKE, NULL, 0);
        asked++;
    }
    return asked > 0;
}
