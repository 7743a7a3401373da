/* SPDX-License-Identifier: Apache-2.0 */
/* The network. It is untrusted: it may lose, and it believes nothing. */
#include "lib/bytes/cursor.h"
#include "node/host/world.h"

static void show(struct semo_world *w, struct semo_item item)
{
    /* Bounded by what nodes can send in one look-ahead; past that it is not shown. */
    if (!semo_queue_push(&w->seen, &item))
        semo_packet_drop(item.packet);
}

static void deliver(struct semo_node *to, const struct semo_item *item, uint64_t at)
{
    struct semo_item arrival = *item;
    /* In real time others may have run to the end of the step already. */
    arrival.time = to->world->config->realtime && at < to->world->horizon ? to->world->horizon : at;
    arrival.packet = semo_packet_share(item->packet);
    if (to->lost || !semo_node_push(to, &arrival)) {
        to->dropped++;
        semo_packet_drop(arrival.packet);
    }
}

/* So that no terminal and no log minds; returns the length. */
static unsigned escape(const uint8_t *text, unsigned len, uint8_t out[SEMO_PRINT_SHOWN])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t *at = out;
    for (; len > 0 && at + 4 <= out + SEMO_PRINT_SHOWN; len--, text++) {
        if (*text >= ' ' && *text <= '~' && *text != '\\') {
            *at++ = *text;
            continue;
        }
        *at++ = '\\';
        *at++ = 'x';
        *at++ = (uint8_t)digits[*text >> 4];
        *at++ = (uint8_t)digits[*text & 15];
    }
    return (unsigned)(at - out);
}

/* Whoever has the event manager can say this, and as often as it likes. */
static void route_print(struct semo_node *n, struct semo_item *item, const uint8_t *text,
                        unsigned len)
{
    static const uint8_t enough[] = "(more lines in this second)";
    uint8_t shown[SEMO_PRINT_SHOWN];
    uint64_t second = item->time / SEMO_CLOCK_HZ;
    if (second != n->print_second) {
        n->print_second = second;
        n->prints = 0;
    }
    n->unprinted += n->prints >= SEMO_PRINT_RATE;
    if (n->prints > SEMO_PRINT_RATE)
        return;
    if (n->prints++ == SEMO_PRINT_RATE) {
        text = enough;
        len = sizeof enough - 1;
    }
    while (len > 0 && (text[len - 1] == 0 || text[len - 1] == '\r'))
        len--;
    item->kind = SEMO_ITEM_PRINT;
    len = escape(text, len, shown);
    item->packet = semo_packet_new(shown, len);
    show(n->world, *item);
}

static void route_event(struct semo_node *n, struct semo_item *item)
{
    struct semo_world *w = n->world;
    struct semo_cursor c = semo_cursor_from(item->packet->bytes + 1, 2);
    uint16_t connection = semo_cursor_u16(&c);
    item->to = w->route[connection];
    if (item->to != SEMO_CONTROL_CLIENT && item->to != SEMO_ROUTE_AWAY && item->to >= w->count) {
        n->unroutable++;
        semo_packet_drop(item->packet);
        return;
    }
    w->events[connection]++;
    if (item->to < w->count && w->nodes[item->to].config->type != SEMO_TYPE_REMOTE) {
        struct semo_node *to = &w->nodes[item->to];
        /* a real network takes its own time */
        deliver(to, item, item->time + (w->config->realtime ? 0 : to->config->latency_cycles));
    }
    show(w, *item);
}

/* The answer goes to the client whose request had this tag, under the tag that it chose. */
static void route_answer(struct semo_node *n, struct semo_item *item)
{
    uint8_t *b = item->packet->bytes;
    struct semo_tag *t = &n->tags[b[1] % SEMO_TAGS];
    if (b[1] == SEMO_TAG_TIMER) {
        show(n->world, *item);
        return;
    }
    if (!t->client || t->generation != b[2]) {
        n->unroutable++;
        semo_packet_drop(item->packet);
        return;
    }
    b[1] = (uint8_t)t->original;
    b[2] = (uint8_t)(t->original >> 8);
    item->client = t->client;
    t->client = 0;
    show(n->world, *item);
}

void semo_router_from_node(struct semo_node *n, const uint8_t *frame, unsigned len, uint64_t at)
{
    struct semo_item item = {
        .time = at,
        .kind = SEMO_ITEM_FRAME,
        .rank = n->rank,
        .from = (uint8_t)n->index,
        .to = SEMO_CONTROL_CLIENT,
    };
    bool is_answer = len >= 4 && frame[0] & SEMO_FRAME_ANSWER;
    bool is_event = len >= 3 && frame[0] == SEMO_FRAME_EVENT;
    if (len > SEMO_FRAME_MAX || !(is_answer || is_event)) {
        n->malformed++;
        return;
    }
    n->frames_out++;
    if (is_event && (frame[1] | frame[2]) == SEMO_PRINT_CONNECTION) {
        route_print(n, &item, frame + 3, len - 3);
        return;
    }
    item.packet = semo_packet_new(frame, len);
    if (is_event)
        route_event(n, &item);
    else
        route_answer(n, &item);
}

/* Tag on the link: slot and generation, so that a late answer to an old request finds nobody. */
static void rename_request(struct semo_node *n, uint32_t client, uint8_t *request)
{
    unsigned slot = n->next_tag++ % SEMO_TAGS;
    struct semo_tag *t = &n->tags[slot];
    t->client = client;
    t->original = (uint16_t)(request[1] | request[2] << 8);
    t->generation++;
    request[1] = (uint8_t)slot;
    request[2] = t->generation;
}

static void enter(struct semo_node *n, struct semo_item *item)
{
    deliver(n, item, item->time);
    show(n->world, *item);
}

static struct semo_item from_outside(struct semo_node *n, uint64_t at)
{
    return (struct semo_item){
        .time = at,
        .kind = SEMO_ITEM_FRAME,
        .rank = SEMO_RANK_CLIENT,
        .from = SEMO_CONTROL_CLIENT,
        .to = (uint8_t)n->index,
    };
}

void semo_router_from_client(struct semo_node *n, uint32_t client, const uint8_t *frame,
                             unsigned len)
{
    struct semo_item item = from_outside(n, n->world->now);
    if (len == 0 || len > SEMO_FRAME_MAX) {
        n->malformed++;
        return;
    }
    item.packet = semo_packet_new(frame, len);
    item.client = client;
    if (len >= 3 && !(frame[0] & SEMO_FRAME_ANSWER) && frame[0] != SEMO_FRAME_EVENT)
        rename_request(n, client, item.packet->bytes);
    enter(n, &item);
}

void semo_router_from_timer(struct semo_node *n, const uint8_t *frame, unsigned len, uint64_t at)
{
    struct semo_item item = from_outside(n, at);
    item.packet = semo_packet_new(frame, len);
    item.packet->bytes[1] = SEMO_TAG_TIMER;
    enter(n, &item);
}
