/* SPDX-License-Identifier: Apache-2.0 */
/* Watchdog timer WDTCTL 0x120: runs from reset, resets the chip after 2^15 SMCLK ticks. */
#include "machine/devices/builtin.h"

enum { HOLD = 0x80, INTERVAL = 0x10, CLEAR = 0x08, SOURCE = 0x04, STORED = 0x97 };

struct state {
    uint64_t from; /* SMCLK tick at which the count was 0 (while running) */
    uint64_t held; /* the count while held; while running, when it was set going */
    uint8_t control, enable, flag;
    bool expired; /* this reset is its own doing: the flag survives it */
};

static struct semo_device *bcs(const struct semo_device *d)
{
    return d->host;
}

static bool runs(const struct state *s)
{
    return !(s->control & (HOLD | SOURCE)); /* ACLK never ticks */
}

/* The count that ends the interval: the next one after `count` with the selected bit, however far
 * a longer interval before has got. */
static uint64_t end(const struct state *s, uint64_t count)
{
    static const uint8_t bits[4] = {15, 13, 9, 6};
    unsigned bit = bits[s->control & 3];
    return (count + 1) >> bit & 1 ? count + 1 : ((count + 1) >> bit | 1) << bit;
}

static void expire(struct semo_device *d)
{
    struct state *s = d->state;
    s->flag = 1;
    s->expired = true;
    semo_device_reset_machine(d);
}

static uint16_t watchdog_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                              uint16_t module)
{
    (void)offset, (void)mask, (void)now, (void)module;
    return 0x6900 | ((struct state *)d->state)->control;
}

static uint64_t watchdog_next(const struct semo_device *d)
{
    const struct state *s = d->state;
    return runs(s) && !s->expired ? semo_bcs_when(bcs(d), s->from + end(s, s->held)) : UINT64_MAX;
}

static void watchdog_tick(struct semo_device *d, uint64_t now)
{
    struct state *s = d->state;
    s->from = semo_bcs_ticks(bcs(d), now);
    s->held = 0;
    if (s->control & INTERVAL)
        s->flag = 1;
    else
        expire(d);
}

static void watchdog_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                           uint64_t now, uint16_t module)
{
    struct state *s = d->state;
    (void)offset, (void)mask, (void)module;
    if (value >> 8 != 0x5A) {
        expire(d);
        return;
    }
    if (watchdog_next(d) <= now + 1) /* an interval ends in this very cycle */
        watchdog_tick(d, now + 1);
    uint64_t tick = semo_bcs_ticks(bcs(d), now + 1);
    uint64_t count = value & CLEAR ? 0 : runs(s) ? tick - s->from : s->held;
    s->control = value & STORED;
    s->from = tick - count;
    s->held = count;
}

static void watchdog_reset(struct semo_device *d, uint64_t now)
{
    struct state *s = d->state;
    uint8_t flag = s->expired;
    *s = (struct state){.from = semo_bcs_ticks(bcs(d), now), .flag = flag};
}

static uint16_t watchdog_interrupts(const struct semo_device *d)
{
    const struct state *s = d->state;
    return s->flag && s->enable && (s->control & INTERVAL) ? 1 << 10 : 0;
}

static void watchdog_accepted(struct semo_device *d, unsigned irq)
{
    if (irq == 10)
        ((struct state *)d->state)->flag = 0;
}

uint8_t *semo_watchdog_enable(struct semo_device *d)
{
    return &((struct state *)d->state)->enable;
}

bool semo_watchdog_flag(const struct semo_device *d)
{
    return ((const struct state *)d->state)->flag;
}

/* Without interval mode the flag is a reset, whoever sets it. */
void semo_watchdog_set_flag(struct semo_device *d, bool set)
{
    struct state *s = d->state;
    if (set && !(s->control & INTERVAL))
        expire(d);
    else
        s->flag = set;
}

static const struct semo_device_class class = {
    .name = "watchdog",
    .state_size = sizeof(struct state),
    .read = watchdog_read,
    .write = watchdog_write,
    .reset = watchdog_reset,
    .next = watchdog_next,
    .tick = watchdog_tick,
    .interrupts = watchdog_interrupts,
    .accepted = watchdog_accepted,
    .free = semo_device_discard,
};

struct semo_device *semo_watchdog_new(struct semo_device *clock)
{
    struct semo_device *d = semo_builtin_make(&class, 0x120, 2);
    if (d)
        d->host = clock;
    return d;
}
