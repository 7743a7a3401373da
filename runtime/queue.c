/* SPDX-License-Identifier: Apache-2.0 */
/* The bounded output queue: a ring of contiguous frames, each preceded by its length. Offsets, so
 * that all zero is the empty queue. */
#include "runtime/runtime.h"

static uint16_t head, tail; /* oldest frame, first free byte; equal = empty */
static uint16_t wrap_at;    /* while tail < head: where the frames above head end */
static uint16_t reserved;   /* start of the frame being written */
static uint16_t dropped;

static uint16_t *length_at(uint16_t offset)
{
    return (uint16_t *)(void *)(semo_queue + offset); /* offsets are even */
}

/* A frame never wraps, and never fills the last gap below head: equal offsets mean empty. */
static bool find_room(uint16_t need)
{
    uint16_t size = (uint16_t)(semo_queue_end - semo_queue);
    if (tail < head) {
        reserved = tail;
        return (uint16_t)(head - tail) > need;
    }
    if (head == tail)
        head = tail = 0;
    reserved = tail;
    if ((uint16_t)(size - tail) >= need)
        return true;
    reserved = 0;
    return head > need;
}

uint8_t *semo_queue_reserve(unsigned len)
{
    uint16_t need = (uint16_t)(2 + len);
    if (!find_room(need)) {
        if (dropped != 0xFFFF)
            dropped++;
        return 0;
    }
    *length_at(reserved) = (uint16_t)len;
    return semo_queue + reserved + 2;
}

void semo_queue_commit(void)
{
    if (reserved < tail)
        wrap_at = tail;
    tail = (uint16_t)(reserved + 2 + *length_at(reserved));
}

const uint8_t *semo_queue_take(unsigned room, unsigned *len)
{
    const uint8_t *frame;
    *len = 0;
    if (head == tail && !(SEMO_PRINTS && semo_print_flush()))
        return 0;
    if (tail < head && head == wrap_at)
        head = 0;
    *len = *length_at(head);
    if (*len > room)
        return 0;
    frame = semo_queue + head + 2;
    head = (uint16_t)(head + 2 + *len);
    return frame;
}

uint16_t semo_queue_dropped(void)
{
    return dropped;
}
