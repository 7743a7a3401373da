/* SPDX-License-Identifier: Apache-2.0 */
/* Timer A with three compare registers. The counter is brought up to date only when somebody looks
 * or something happens; a tick in cycle t shows from cycle t+1. Capture inputs are tied to 0. */
#include "machine/devices/builtin.h"

enum { TACTL = 0, TACCTL = 2, TAR = 0x10, TACCR = 0x12 };
enum { TAIFG = 1, TAIE = 2, TACLR = 4, CCIFG = 1, CCIE = 0x10, CAP = 0x100 };
enum { STOP, UP, CONTINUOUS, UP_DOWN };
enum { CONTROL_STORED = 0x03F3, CCTL_STORED = 0xF9F7, SMCLK = 2 };

struct state {
    uint64_t ticks; /* SMCLK ticks up to which the counter is right */
    uint16_t control, tar, cctl[3], ccr[3];
    uint8_t phase; /* of the divider, in ticks */
    bool down;
};

static struct semo_device *bcs(const struct semo_device *d)
{
    return d->host;
}

static unsigned mode(const struct state *s)
{
    return s->control >> 4 & 3;
}

static unsigned divider(const struct state *s)
{
    return 1u << (s->control >> 6 & 3);
}

static bool counts(const struct state *s)
{
    return mode(s) != STOP && (s->control >> 8 & 3) == SMCLK &&
           (mode(s) == CONTINUOUS || s->ccr[0]);
}

/* One step of the counter. */
static void step(struct state *s)
{
    uint16_t old = s->tar;
    bool overflow = false;
    if (mode(s) == UP) {
        overflow = s->tar >= s->ccr[0];
        s->tar = overflow ? 0 : s->tar + 1;
    } else if (mode(s) == CONTINUOUS) {
        overflow = ++s->tar == 0;
    } else {
        if (s->tar >= s->ccr[0])
            s->down = true;
        else if (s->tar == 0)
            s->down = false;
        s->tar = (uint16_t)(s->down ? s->tar - 1 : s->tar + 1);
        overflow = s->down && s->tar == 0;
    }
    if (overflow)
        s->control |= TAIFG;
    for (unsigned n = 0; n < 3; n++)
        if (s->tar == s->ccr[n] && old != s->tar && !(s->cctl[n] & CAP))
            s->cctl[n] |= CCIFG;
}

/* Steps that surely set no flag and do not turn: they can be taken at once. */
static uint64_t quiet(const struct state *s)
{
    if (mode(s) == UP_DOWN && s->down)
        return 0;
    uint64_t top = mode(s) == CONTINUOUS ? 0xFFFF : s->ccr[0];
    uint64_t limit = s->tar < top ? top - s->tar : 0;
    for (unsigned n = 0; n < 3; n++)
        if (s->ccr[n] > s->tar && (uint64_t)(s->ccr[n] - s->tar - 1) < limit)
            limit = s->ccr[n] - s->tar - 1u;
    return limit;
}

/* Up to the state at the start of cycle `now`. */
static void settle(struct semo_device *d, uint64_t now)
{
    struct state *s = d->state;
    uint64_t ticks = semo_bcs_ticks(bcs(d), now);
    uint64_t passed = ticks > s->ticks ? ticks - s->ticks : 0;
    s->ticks = ticks > s->ticks ? ticks : s->ticks;
    if (!counts(s))
        return;
    passed += s->phase;
    uint64_t steps = passed / divider(s);
    s->phase = (uint8_t)(passed % divider(s));
    while (steps) {
        uint64_t free = quiet(s);
        if (free > steps)
            free = steps;
        s->tar = (uint16_t)(s->tar + free);
        steps -= free;
        if (steps) {
            step(s);
            steps--;
        }
    }
}

static uint16_t timer_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                           uint16_t module)
{
    const struct state *s = d->state;
    (void)mask, (void)module;
    settle(d, now);
    if (offset == TACTL)
        return s->control;
    if (offset == TAR)
        return s->tar;
    unsigned n = (offset >= TACCR ? offset - TACCR : offset - TACCTL) / 2;
    if (n >= 3)
        return 0;
    return offset >= TACCR ? s->ccr[n] : s->cctl[n];
}

static void timer_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                        uint64_t now, uint16_t module)
{
    struct state *s = d->state;
    (void)mask, (void)module;
    settle(d, now + 1); /* the tick of this very cycle still sees the old setting */
    if (offset == TACTL) {
        s->control = value & CONTROL_STORED;
        if (value & TACLR) {
            s->tar = s->phase = 0;
            s->down = false;
        }
    } else if (offset == TAR) {
        s->tar = value;
    } else {
        unsigned n = (offset >= TACCR ? offset - TACCR : offset - TACCTL) / 2;
        if (n < 3)
            *(offset >= TACCR ? &s->ccr[n] : &s->cctl[n]) =
                offset >= TACCR ? value : value & CCTL_STORED;
    }
}

static void timer_reset(struct semo_device *d, uint64_t now)
{
    *(struct state *)d->state = (struct state){.ticks = semo_bcs_ticks(bcs(d), now)};
}

static uint64_t timer_next(const struct semo_device *d)
{
    const struct state *s = d->state;
    bool wanted = s->control & TAIE;
    for (unsigned n = 0; n < 3; n++)
        wanted |= s->cctl[n] & CCIE;
    if (!counts(s) || !wanted)
        return UINT64_MAX;
    return semo_bcs_when(bcs(d), s->ticks + (quiet(s) + 1) * divider(s) - s->phase);
}

static void timer_tick(struct semo_device *d, uint64_t now)
{
    settle(d, now);
}

static unsigned vector(const struct state *s)
{
    for (unsigned n = 1; n < 3; n++)
        if ((s->cctl[n] & CCIE) && (s->cctl[n] & CCIFG))
            return 2 * n;
    return (s->control & TAIE) && (s->control & TAIFG) ? 10 : 0;
}

static uint16_t timer_interrupts(const struct semo_device *d)
{
    const struct state *s = d->state;
    bool first = (s->cctl[0] & CCIE) && (s->cctl[0] & CCIFG);
    return (uint16_t)((first ? 1 << 9 : 0) | (vector(s) ? 1 << 8 : 0));
}

static void timer_accepted(struct semo_device *d, unsigned irq)
{
    if (irq == 9)
        ((struct state *)d->state)->cctl[0] &= (uint16_t)~CCIFG;
}

/* TAIV: reading or writing clears the flag that it reports. */
static uint16_t vector_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                            uint16_t module)
{
    struct state *s = ((struct semo_device *)d->host)->state;
    (void)offset, (void)mask, (void)module;
    settle(d->host, now);
    unsigned v = vector(s);
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
    .state_size = sizeof(struct state),
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
