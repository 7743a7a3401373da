/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/devices/serial.h"

#define BYTE SEMO_BYTE_CYCLES

/* The byte in the shift register has left the FIFO. */
static unsigned waiting(const struct semo_serial *s, uint64_t now)
{
    return s->idle_at <= now ? 0 : (unsigned)((s->idle_at - now - 1) / BYTE);
}

unsigned semo_serial_free(const struct semo_serial *s, uint64_t now)
{
    return s->fifo - s->held_count - waiting(s, now);
}

static void announce(struct semo_serial *s, const struct semo_serial_peer *p, uint8_t byte,
                     uint64_t now)
{
    s->idle_at = SEMO_LATER(s->idle_at, now) + BYTE;
    p->sent(p->context, byte, s->idle_at);
}

void semo_serial_write(struct semo_serial *s, const struct semo_serial_peer *p, uint8_t byte,
                       uint64_t now)
{
    if (semo_serial_free(s, now) == 0)
        return;
    if (s->hold)
        s->held[s->held_count++] = byte;
    else
        announce(s, p, byte, now);
}

void semo_serial_hold(struct semo_serial *s, const struct semo_serial_peer *p, bool hold,
                      uint64_t now)
{
    s->hold = hold;
    for (unsigned i = 0; !hold && i < s->held_count; i++)
        announce(s, p, s->held[i], now);
    if (!hold)
        s->held_count = 0;
}

uint64_t semo_serial_empty_at(const struct semo_serial *s)
{
    if (s->held_count)
        return SEMO_NEVER;
    return s->idle_at > BYTE ? s->idle_at - BYTE : 0;
}

void semo_line_settle(struct semo_line *l, uint64_t now)
{
    while (l->batch_count && l->waiting < SEMO_LINK_FIFO) {
        struct semo_batch *b = &l->batch[l->batch_head];
        const uint64_t start = SEMO_LATER(b->start, l->free_at);
        const uint32_t room = SEMO_LINK_FIFO - l->waiting;
        const uint32_t most = b->len < room ? b->len : room;
        if (now < start + BYTE)
            return;
        const uint64_t arrived = (now - start) / BYTE;
        const uint32_t n = arrived < most ? (uint32_t)arrived : most;
        l->waiting += n;
        l->ahead -= n;
        b->len -= n;
        b->start = l->free_at = l->last = start + n * BYTE;
        if (b->len == 0) {
            l->batch_head = (l->batch_head + 1) % SEMO_LINE_BATCHES;
            l->batch_count--;
        }
    }
}

uint8_t semo_line_take(struct semo_line *l, uint64_t now)
{
    if (l->waiting == 0)
        return 0;
    const uint8_t byte = l->ring[l->head];
    if (l->waiting == SEMO_LINK_FIFO)
        l->free_at = SEMO_LATER(l->free_at, now); /* the line was held back until now */
    l->head = (l->head + 1) % sizeof l->ring;
    l->waiting--;
    l->last = now;
    return byte;
}

unsigned semo_line_add(struct semo_line *l, const uint8_t *bytes, unsigned len, uint64_t start)
{
    const uint32_t end = l->batch_head + l->batch_count;
    struct semo_batch *b = &l->batch[(end + SEMO_LINE_BATCHES - 1) % SEMO_LINE_BATCHES];
    const bool follows = l->batch_count && start <= b->start + b->len * BYTE;
    len = len < SEMO_LINE_AHEAD - l->ahead ? len : SEMO_LINE_AHEAD - l->ahead;
    if (len == 0 || (!follows && l->batch_count == SEMO_LINE_BATCHES))
        return 0;
    for (unsigned i = 0; i < len; i++)
        l->ring[(l->head + l->waiting + l->ahead + i) % sizeof l->ring] = bytes[i];
    l->ahead += len;
    if (follows) {
        b->len += len;
    } else {
        l->batch[end % SEMO_LINE_BATCHES] = (struct semo_batch){start, len};
        l->batch_count++;
    }
    return len;
}

uint64_t semo_line_due(const struct semo_line *l, uint32_t trigger)
{
    const uint64_t idle = 4 * BYTE;
    uint32_t count = l->waiting;
    uint64_t last = l->last, free_at = l->free_at;
    for (uint32_t i = 0; count < trigger && i < l->batch_count; i++) {
        const struct semo_batch *b = &l->batch[(l->batch_head + i) % SEMO_LINE_BATCHES];
        const uint64_t start = SEMO_LATER(b->start, free_at);
        if (count && start + BYTE > last + idle)
            break;
        if (count + b->len >= trigger)
            return start + (trigger - count) * BYTE;
        count += b->len;
        last = free_at = start + b->len * BYTE;
    }
    return count >= trigger ? last : count ? last + idle : SEMO_NEVER;
}
