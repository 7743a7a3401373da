/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host/world.h"

#include <string.h>
#include <semo/map.h>
#include "host/random.h"

#define SEEN_MAX      65536
#define LOOKAHEAD_MAX (SEMO_CLOCK_HZ / 100) /* bounds what timers can do in one step */

/* ---- nodes ---- */

static uint64_t input_time(const struct semo_node *n)
{
    return n->busy ? UINT64_MAX : semo_queue_time(&n->inbox);
}

void semo_node_touch(struct semo_node *n)
{
    uint64_t next = n->lost || !n->class->next ? UINT64_MAX : n->class->next(n);
    uint64_t input = input_time(n);
    n->due = next < input ? next : input;
}

bool semo_node_push(struct semo_node *n, const struct semo_item *item)
{
    if (!semo_queue_push(&n->inbox, item))
        return false;
    if (item->time < n->due && !n->busy)
        n->due = item->time;
    return true;
}

void semo_node_lose(struct semo_node *n, const char *reason)
{
    struct semo_world *w = n->world;
    n->lost = true;
    semo_world_not_deterministic(w, "a process was killed or died");
    w->onlooker.lost(w->onlooker.context, w->now, n, reason);
}

void semo_world_not_deterministic(struct semo_world *w, const char *why)
{
    if (!w->why_not_deterministic)
        w->why_not_deterministic = why;
}

static void apply_next(struct semo_node *n)
{
    struct semo_item item = semo_queue_pop(&n->inbox);
    n->frames_in++;
    if (!n->lost)
        n->class->apply(n, &item);
    semo_packet_drop(item.packet);
}

/* Everything of this node before the horizon. Nothing that others do in it can reach the node in
 * it, but for a wire, whose source has run before. */
static void run_node(struct semo_node *n, uint64_t horizon)
{
    for (;;) {
        uint64_t input = input_time(n);
        uint64_t to = input < horizon ? input : horizon;
        if (!n->lost && n->class->run)
            n->class->run(n, to);
        if (to == horizon)
            break;
        apply_next(n);
    }
    semo_node_touch(n);
}

/* ---- the clock ---- */

static void show_seen(struct semo_world *w)
{
    const struct semo_onlooker *o = &w->onlooker;
    while (semo_queue_time(&w->seen) <= w->now) {
        struct semo_item item = semo_queue_pop(&w->seen);
        if (item.kind == SEMO_ITEM_FRAME)
            o->frame(o->context, &item);
        else if (item.kind == SEMO_ITEM_CONTACT)
            o->pin(o->context, &item);
        else if (item.kind == SEMO_ITEM_SHOW)
            o->show(o->context, &item);
        else if (item.kind == SEMO_ITEM_PRINT)
            o->print(o->context, &item);
        else
            o->han(o->context, &item);
        semo_packet_drop(item.packet);
    }
}

static uint64_t shown_or_called(const struct semo_world *w)
{
    uint64_t seen = semo_queue_time(&w->seen), timers = semo_queue_time(&w->timers);
    return seen < timers ? seen : timers;
}

uint64_t semo_world_queued(const struct semo_world *w)
{
    uint64_t first = shown_or_called(w);
    for (unsigned i = 0; i < w->count; i++)
        if (input_time(&w->nodes[i]) < first)
            first = input_time(&w->nodes[i]);
    return first;
}

uint64_t semo_world_next(const struct semo_world *w)
{
    uint64_t first = shown_or_called(w);
    for (unsigned i = 0; i < w->count; i++)
        if (w->nodes[i].due < first)
            first = w->nodes[i].due;
    return first;
}

void semo_world_step(struct semo_world *w, uint64_t until)
{
    uint64_t start = semo_world_next(w);
    if (start < w->now)
        start = w->now;
    /* Written so that nothing wraps near the end of time. */
    uint64_t horizon =
        start >= until || until - start < w->lookahead ? until : start + w->lookahead;
    w->horizon = horizon;
    semo_timer_fire(w, horizon);
    for (unsigned i = 0; i < w->count; i++)
        if (w->order[i]->due < horizon)
            run_node(w->order[i], horizon);
    w->now = horizon;
    w->steps++;
    show_seen(w);
}

void semo_world_store(struct semo_world *w)
{
    for (unsigned i = 0; i < w->count; i++)
        if (w->nodes[i].state && w->nodes[i].class->store)
            w->nodes[i].class->store(&w->nodes[i]);
}

void semo_world_cut(struct semo_node *n)
{
    struct semo_world *w = n->world;
    semo_queue_forget(&w->seen, n->index, w->now);
    for (unsigned i = 0; i < w->count; i++) {
        struct semo_node *to = &w->nodes[i];
        semo_queue_forget(&to->inbox, n->index, w->now + to->config->latency_cycles);
    }
}

/* ---- wires ---- */

void semo_world_contact(struct semo_node *n, bool closed, uint64_t at)
{
    struct semo_world *w = n->world;
    struct semo_item pin = {.time = at,
                            .kind = SEMO_ITEM_CONTACT,
                            .rank = n->rank,
                            .from = (uint8_t)n->index,
                            .closed = closed};
    if (!semo_queue_push(&w->seen, &pin))
        n->dropped++;
    for (unsigned i = 0; i < w->count; i++)
        if (n->gated >> i & 1)
            semo_mcu_gate(&w->nodes[i], closed, at + SEMO_LINK_BYTE_CYCLES);
}

static uint64_t shortest_latency(const struct semo_world *w)
{
    uint64_t shortest = LOOKAHEAD_MAX;
    for (unsigned i = 0; !w->config->realtime && i < w->count; i++)
        if (w->nodes[i].config->latency_cycles < shortest)
            shortest = w->nodes[i].config->latency_cycles;
    return shortest;
}

/* Sources of wires first. A node that is both gives no order: then a quantum is one byte time, the
 * delay of a wire. */
static void arrange(struct semo_world *w)
{
    unsigned placed = 0;
    uint64_t sinks = 0;
    for (unsigned i = 0; i < w->count; i++)
        sinks |= w->nodes[i].gated & ~((uint64_t)1 << i);
    bool ordered = true;
    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < w->count; i++) {
            bool is_source = w->nodes[i].gated & ~((uint64_t)1 << i);
            if (is_source == (pass == 0))
                w->order[placed++] = &w->nodes[i];
            if (is_source && sinks >> i & 1)
                ordered = false;
        }
    w->lookahead = ordered ? shortest_latency(w) : SEMO_LINK_BYTE_CYCLES;
}

void semo_world_wire(struct semo_world *w, struct semo_node *from, struct semo_node *to)
{
    from->gated |= (uint64_t)1 << to->index;
    arrange(w);
    semo_mcu_gate(to, semo_mcu_contact(from), w->now + SEMO_LINK_BYTE_CYCLES);
}

/* ---- life ---- */

static enum semo_status (*const open_by_type[])(struct semo_node *, struct semo_error *) = {
    [SEMO_TYPE_MCU] = semo_mcu_open,
    [SEMO_TYPE_LINUX] = semo_monitored_open,
    [SEMO_TYPE_SERIAL] = semo_serial_open,
    [SEMO_TYPE_REMOTE] = semo_remote_open,
};

static void rank_by_name(struct semo_world *w)
{
    for (unsigned i = 0; i < w->count; i++)
        for (unsigned j = 0; j < w->count; j++)
            if (strcmp(w->nodes[j].config->name, w->nodes[i].config->name) < 0)
                w->nodes[i].rank++;
}

enum semo_status semo_world_open(struct semo_world *w, const struct semo_config *config,
                                 const struct semo_onlooker *onlooker, struct semo_error *e)
{
    memset(w, 0, sizeof *w);
    memset(w->route, SEMO_CONTROL_FORGET, sizeof w->route);
    w->config = config;
    w->onlooker = *onlooker;
    w->seen.limit = SEEN_MAX;
    w->timers.limit = SEMO_TIMERS_MAX;
    semo_random_fill_unseeded(&w->life, sizeof w->life);
    w->life |= 1;
    w->count = config->count;
    for (unsigned i = 0; i < w->count; i++) {
        struct semo_node *n = &w->nodes[i];
        n->config = &config->nodes[i];
        n->world = w;
        n->index = i;
        n->inbox.limit = SEMO_INBOX_MAX;
    }
    rank_by_name(w);
    arrange(w);
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0; status == SEMO_OK && i < w->count; i++) {
        struct semo_node *n = &w->nodes[i];
        status = open_by_type[n->config->type](n, e);
        if (status == SEMO_OK)
            semo_node_touch(n);
    }
    if (status != SEMO_OK)
        semo_world_close(w);
    return status;
}

void semo_world_close(struct semo_world *w)
{
    semo_world_store(w);
    for (unsigned i = 0; i < w->count; i++) {
        if (w->nodes[i].state && w->nodes[i].class->close)
            w->nodes[i].class->close(&w->nodes[i]);
        semo_queue_free(&w->nodes[i].inbox);
    }
    semo_queue_free(&w->seen);
    semo_queue_free(&w->timers);
    w->count = 0;
}
