/* SPDX-License-Identifier: Apache-2.0 */
/* Entries that are called once a period. A call enters its node like a stranger's request, which it
 * is: nothing of it is authentic. */
#include <semo/map.h>
#include "lib/bytes/cursor.h"
#include "node/host/world.h"

#define CYCLES_PER_MS (SEMO_CLOCK_HZ / 1000)
#define CALL_LEN      7

static bool is_same(const void *context, const struct semo_item *item)
{
    const struct semo_item *wanted = context;
    return item->to == wanted->to && item->timer.module == wanted->timer.module &&
           item->timer.entry == wanted->timer.entry;
}

bool semo_timer_set(struct semo_node *n, const struct semo_timer *t)
{
    struct semo_queue *timers = &n->world->timers;
    struct semo_item item = {.kind = SEMO_ITEM_TIMER, .to = (uint8_t)n->index, .timer = *t};
    semo_queue_remove(timers, is_same, &item);
    item.time = n->world->now + (uint64_t)t->period_ms * CYCLES_PER_MS;
    return t->period_ms == 0 || semo_queue_push(timers, &item);
}

static void call(struct semo_node *n, const struct semo_item *item)
{
    uint8_t frame[CALL_LEN];
    struct semo_cursor w = semo_cursor_over(frame, sizeof frame);
    semo_cursor_put_u8(&w, SEMO_FRAME_CALL);
    semo_cursor_put_u16(&w, 0);
    semo_cursor_put_u16(&w, item->timer.module);
    semo_cursor_put_u16(&w, item->timer.entry);
    if (n->inbox.count < SEMO_INBOX_MAX / 2) /* the other half is for those who answer somebody */
        semo_router_from_timer(n, frame, sizeof frame, item->time);
    else
        n->dropped++;
}

void semo_timer_fire(struct semo_world *w, uint64_t horizon)
{
    while (semo_queue_time(&w->timers) < horizon) {
        struct semo_item item = semo_queue_pop(&w->timers);
        call(&w->nodes[item.to], &item);
        item.time += (uint64_t)item.timer.period_ms * CYCLES_PER_MS;
        (void)semo_queue_push(&w->timers, &item); /* its own place is free */
    }
}
