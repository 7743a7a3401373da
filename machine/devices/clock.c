/* SPDX-License-Identifier: Apache-2.0 */
/* The real-time clock: UTC and a tick each second (docs/devices.md "clock"). */
#include "machine/devices/make.h"

struct rtc {
    uint64_t next; /* end of the running second */
    uint32_t utc;
    uint16_t ticks;
    uint16_t latched_high, latched_ticks; /* by reading the low word of UTC */
};

static uint16_t read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                     uint16_t module)
{
    (void)mask, (void)module;
    struct rtc *s = d->state;
    switch (offset) {
    case SEMO_CLOCK_UTC:
        s->latched_high = (uint16_t)(semo_clock_utc(d, now) >> 16);
        s->latched_ticks = s->ticks;
        return (uint16_t)semo_clock_utc(d, now);
    case SEMO_CLOCK_UTC + 2:
        return s->latched_high;
    case SEMO_CLOCK_TICKS:
        return s->latched_ticks;
    default:
        return 0;
    }
}

/* Time goes on; only what software has latched is forgotten. */
static void reset(struct semo_device *d, uint64_t now)
{
    (void)now;
    struct rtc *s = d->state;
    s->latched_high = s->latched_ticks = 0;
}

static uint64_t next(const struct semo_device *d)
{
    return ((const struct rtc *)d->state)->next;
}

static void tick(struct semo_device *d, uint64_t now)
{
    struct rtc *s = d->state;
    for (; s->next <= now; s->next += SEMO_CLOCK_HZ) {
        s->utc++;
        s->ticks++;
    }
    semo_device_event(d);
}

static const struct semo_device_class class = {
    .name = "clock",
    .state_size = sizeof(struct rtc),
    .read = read,
    .reset = reset,
    .next = next,
    .tick = tick,
    .free = semo_device_release,
};

struct semo_device *semo_clock_new(uint32_t utc)
{
    struct semo_device *d = semo_window_make(&class, SEMO_WINDOW_CLOCK, SEMO_CLOCK_TICKS + 2, 0);
    *(struct rtc *)d->state = (struct rtc){.next = SEMO_CLOCK_HZ, .utc = utc};
    return d;
}

void semo_clock_set(struct semo_device *d, uint32_t utc, uint64_t now)
{
    struct rtc *s = d->state;
    s->utc = utc;
    s->next = now + SEMO_CLOCK_HZ;
    semo_device_changed(d);
}

uint32_t semo_clock_utc(const struct semo_device *d, uint64_t now)
{
    const struct rtc *s = d->state;
    return s->utc + (now < s->next ? 0 : (uint32_t)((now - s->next) / SEMO_CLOCK_HZ) + 1);
}
