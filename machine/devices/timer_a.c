/* SPDX-License-Identifier: Apache-2.0 */
/* Timer A with three compare registers: its registers and interrupts. Capture inputs are tied to 0;
 * captures that software makes by switching an input to the supply are not modelled. */
#include "machine/devices/timer_a.h"
#include "machine/devices/builtin.h"
#include "machine/state.h"

enum { TACTL = 0, TACCTL = 2, TAR = 0x10, TACCR = 0x12 };
enum { CONTROL_STORED = 0x03F3, CCTL_STORED = 0xF9F7, CCI = 8 };

static uint16_t timer_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                           uint16_t module)
{
    const struct semo_timer *s = d->state;
    (void)mask, (void)module;
    semo_timer_settle(d, now);
    if (offset == TACTL)
        return s->control;
    if (offset == TAR)
        return s->tar;
    unsigned n = (offset >= TACCR ? offset - TACCR : offset - TACCTL) / 2;
    if (n >= 3)
        return 0;
    if (offset >= TACCR)
        return s->ccr[n];
    return s->cctl[n] | ((s->cctl[n] >> 12 & 3) == 3 ? CCI : 0);
}

static void timer_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                        uint64_t now, uint16_t module)
{
    struct semo_timer *s = d->state;
    (void)mask, (void)module;
    unsigned set = semo_timer_tick(d, now); /* it still sees the old setting */
    unsigned n = (offset >= TACCR ? offset - TACCR : offset - TACCTL) / 2;
    if (offset == TACTL) {
        s->control = (value & CONTROL_STORED) | (set & 8 ? TAIFG : 0);
        if (value & TACLR)
            s->tar = s->phase = 0;
        if ((value & TACLR) || semo_timer_mode(s) != UP_DOWN)
            s->down = false;
    } else if (offset == TAR) {
        s->tar = value;
    } else if (n < 3 && offset >= TACCR) {
        s->ccr[n] = value;
    } else if (n < 3) {
        s->cctl[n] = (uint16_t)((value & CCTL_STORED) | (set >> n & CCIFG));
    }
}

static void timer_reset(struct semo_device *d, uint64_t now)
{
    *(struct semo_timer *)d->state = (struct semo_timer){.ticks = semo_bcs_ticks(d->host, now)};
}

static bool clear(uint16_t reg, unsigned enable, unsigned flag)
{
    return (reg & enable) && !(reg & flag);
}

/* Nothing to tell while every flag that may interrupt is set. */
static uint64_t timer_next(const struct semo_device *d)
{
    const struct semo_timer *s = d->state;
    bool wanted = clear(s->control, TAIE, TAIFG);
    for (unsigned n = 0; n < 3; n++)
        wanted |= clear(s->cctl[n], CCIE, CCIFG);
    return wanted ? semo_timer_next(d) : UINT64_MAX;
}

static void timer_tick(struct semo_device *d, uint64_t now)
{
    semo_timer_settle(d, now);
}

static unsigned vector(const struct semo_timer *s)
{
    for (unsigned n = 1; n < 3; n++)
        if ((s->cctl[n] & CCIE) && (s->cctl[n] & CCIFG))
            return 2 * n;
    return (s->control & TAIE) && (s->control & TAIFG) ? 10 : 0;
}

static uint16_t timer_interrupts(const struct semo_device *d)
{
    const struct semo_timer *s = d->state;
    bool first = (s->cctl[0] & CCIE) && (s->cctl[0] & CCIFG);
    return (uint16_t)((first ? 1 << 9 : 0) | (vector(s) ? 1 << 8 : 0));
}

static void timer_accepted(struct semo_device *d, unsigned irq)
{
    if (irq != 9)
        return;
    semo_timer_settle(d, d->machine->core.cycle + 1); /* what this cycle sets is cleared, too */
    ((struct semo_timer *)d->state)->cctl[0] &= (uint16_t)~CCIFG;
}

/* TAIV: reading or writing clears the flag that it reports. */
static uint16_t vector_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                            uint16_t module)
{
    struct semo_timer *s = ((struct semo_device *)d->host)->state;
    (void)offset, (void)mask, (void)module;
    semo_timer_settle(d->host, now);
    unsigned v = vector(s);
    semo_timer_settle(d->host, now + 1);
    if (v == 10)
        s->control &= (uint16_t)~TAIFG;
    else if (v)
        s->cctl[v / 2] &= (uint16_t)~CCIFG;
    return (uint16_t)v;
}

static void vector_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                         uint64_t now, uint16_t module)
{
    (void)value;
    vector_read(d, offset, mask, now, module);
}

static const struct semo_device_class class = {
    .name = "timer-a",
    .state_size = sizeof(struct semo_timer),
    .read = timer_read,
    .write = timer_write,
    .reset = timer_reset,
    .next = timer_next,
    .tick = timer_tick,
    .interrupts = timer_interrupts,
    .accepted = timer_accepted,
    .free = semo_device_discard,
};

static const struct semo_device_class vector_class = {.name = "timer-a-vector",
                                                      .read = vector_read,
                                                      .write = vector_write,
                                                      .free = semo_device_discard};

struct semo_device *semo_timer_a_new(struct semo_device *clock)
{
    struct semo_device *d = semo_builtin_make(&class, 0x160, 0x18);
    if (d)
        d->host = clock;
    return d;
}

struct semo_device *semo_timer_a_vector_new(struct semo_device *timer)
{
    struct semo_device *d = semo_builtin_make(&vector_class, 0x12E, 2);
    if (d)
        d->host = timer;
    return d;
}
