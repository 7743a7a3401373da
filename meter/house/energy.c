/* SPDX-License-Identifier: Apache-2.0 */
/* What the front end must have counted (house.h). */
#include "meter/house/house.h"

struct sum {
    uint64_t ws;
    uint64_t watt_cycles; /* less than one watt-second */
};

static void add(struct sum *s, uint32_t power_w, uint64_t cycles)
{
    s->ws += power_w * (cycles / SEMO_CLOCK_HZ);
    s->watt_cycles += power_w * (cycles % SEMO_CLOCK_HZ);
    s->ws += s->watt_cycles / SEMO_CLOCK_HZ;
    s->watt_cycles %= SEMO_CLOCK_HZ;
}

uint64_t semo_house_cycle(const struct semo_house *h, size_t row, uint64_t start)
{
    const struct semo_house_row *last = &h->row[h->rows - 1];
    const uint32_t utc = row < h->rows ? h->row[row].utc : last->utc + last->hold_s;
    return start + (uint64_t)(utc - h->row[0].utc) * SEMO_CLOCK_HZ;
}

struct semo_house_energy semo_house_integrate(const struct semo_house *h, uint64_t start,
                                              bool closed, const struct semo_house_contact *changes,
                                              size_t count)
{
    struct sum s = {0};
    size_t next = 0; /* change that has not reached the line yet */
    uint64_t now = start;
    for (size_t i = 0; i < h->rows; i++) {
        const uint64_t end = semo_house_cycle(h, i + 1, start);
        while (now < end) {
            while (next < count && changes[next].at + SEMO_LINK_BYTE_CYCLES <= now)
                closed = changes[next++].closed;
            uint64_t stop = end;
            if (next < count && changes[next].at + SEMO_LINK_BYTE_CYCLES < end)
                stop = changes[next].at + SEMO_LINK_BYTE_CYCLES;
            if (closed)
                add(&s, h->row[i].power_w, stop - now);
            now = stop;
        }
    }
    return (struct semo_house_energy){s.ws / 3600, (uint32_t)(s.ws % 3600)};
}
