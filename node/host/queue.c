/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host/queue.h"

#include <stdlib.h>
#include <string.h>

struct semo_packet *semo_packet_new(const uint8_t *bytes, unsigned len)
{
    struct semo_packet *p = malloc(sizeof *p + len);
    if (!p)
        abort();
    p->references = 1;
    p->len = (uint16_t)len;
    memcpy(p->bytes, bytes, len);
    return p;
}

struct semo_packet *semo_packet_share(struct semo_packet *p)
{
    p->references++;
    return p;
}

void semo_packet_drop(struct semo_packet *p)
{
    if (p && --p->references == 0)
        free(p);
}

static bool before(const struct semo_item *a, const struct semo_item *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return a->serial < b->serial;
}

static void grow(struct semo_queue *q)
{
    q->room = q->room ? 2 * q->room : 16;
    q->items = realloc(q->items, q->room * sizeof *q->items);
    if (!q->items)
        abort();
}

bool semo_queue_push(struct semo_queue *q, const struct semo_item *item)
{
    if (q->count == q->limit)
        return false;
    if (q->count == q->room)
        grow(q);
    struct semo_item new = *item;
    new.serial = q->serial++;
    uint32_t i = q->count++;
    for (; i && before(&new, &q->items[(i - 1) / 2]); i = (i - 1) / 2)
        q->items[i] = q->items[(i - 1) / 2];
    q->items[i] = new;
    return true;
}

struct semo_item semo_queue_pop(struct semo_queue *q)
{
    struct semo_item first = q->items[0], last = q->items[--q->count];
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child + 1 < q->count && before(&q->items[child + 1], &q->items[child]))
            child++;
        if (child >= q->count || !before(&q->items[child], &last))
            break;
        q->items[i] = q->items[child];
        i = child;
    }
    if (q->count)
        q->items[i] = last;
    return first;
}

unsigned semo_queue_remove(struct semo_queue *q,
                           bool (*is)(const void *context, const struct semo_item *item),
                           const void *context)
{
    struct semo_queue kept = {.limit = q->limit};
    unsigned before = q->count;
    while (q->count) {
        struct semo_item item = semo_queue_pop(q);
        if (is(context, &item))
            semo_packet_drop(item.packet);
        else if (!semo_queue_push(&kept, &item))
            abort(); /* not more than before */
    }
    free(q->items);
    *q = kept;
    return before - q->count;
}

struct sent {
    unsigned from;
    uint64_t after;
};

static bool is_sent(const void *context, const struct semo_item *item)
{
    const struct sent *s = context;
    return item->from == s->from && item->time > s->after;
}

void semo_queue_forget(struct semo_queue *q, unsigned from, uint64_t after)
{
    const struct sent s = {from, after};
    semo_queue_remove(q, is_sent, &s);
}

void semo_queue_free(struct semo_queue *q)
{
    for (uint32_t i = 0; i < q->count; i++)
        semo_packet_drop(q->items[i].packet);
    free(q->items);
    *q = (struct semo_queue){.limit = q->limit};
}
