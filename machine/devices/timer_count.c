/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/devices/builtin.h"
#include "machine/devices/timer_a.h"

enum { SMCLK = 2 };

static unsigned divider(const struct semo_timer *s)
{
    return 1u << (s->control >> 6 & 3);
}

/* No other clock ticks here. */
static bool clocked(const struct semo_timer *s)
{
    return (s->control >> 8 & 3) == SMCLK;
}

/* One step of the counter. */
static void step(struct semo_timer *s)
{
    uint16_t old = s->tar, top = s->ccr[0];
    bool above = old >= top, overflow = false;
    if (semo_timer_mode(s) == UP) {
        overflow = old == top;
        s->tar = above ? 0 : old + 1;
    } else if (semo_timer_mode(s) == CONTINUOUS) {
        overflow = ++s->tar == 0;
    } else {
        bool down = s->down || above;
        s->tar = top == 0 ? 0 : (uint16_t)(down ? old - 1 : old + 1);
        overflow = down && s->tar == 0;
        s->down = down && old != 1;
    }
    if (overflow)
        s->control |= TAIFG;
    for (unsigned n = 0; n < 3; n++)
        if (s->tar == s->ccr[n] && old != s->tar && !(s->cctl[n] & CAP))
            s->cctl[n] |= CCIFG;
}

/* Steps that surely set no flag and do not turn: they can be taken at once. */
static uint64_t quiet(const struct semo_timer *s)
{
    bool down = semo_timer_mode(s) == UP_DOWN && s->down;
    uint64_t top = semo_timer_mode(s) == CONTINUOUS ? 0xFFFF : s->ccr[0];
    uint64_t limit = s->tar < top ? top - s->tar : 0;
    if (down)
        limit = s->tar > 1 ? s->tar - 1u : 0;
    for (unsigned n = 0; n < 3; n++) {
        uint64_t way = (uint64_t)(down ? s->tar - s->ccr[n] : s->ccr[n] - s->tar) - 1;
        if ((down ? s->ccr[n] < s->tar : s->ccr[n] > s->tar) && way < limit)
            limit = way;
    }
    return limit;
}

/* Where the counter is after so many steps depends on far fewer of them. */
static uint64_t shortened(const struct semo_timer *s, uint64_t steps)
{
    uint64_t period = semo_timer_mode(s) == CONTINUOUS ? 0x10000
                      : semo_timer_mode(s) == UP       ? s->ccr[0] + 1u
                      : s->ccr[0]                      ? 2u * s->ccr[0]
                                                       : 1;
    uint64_t whole = 0x10000 + 2 * period; /* a counter above its top has come down before */
    return steps > whole + period ? whole + (steps - whole) % period : steps;
}

static void advance(struct semo_timer *s, uint64_t steps)
{
    for (steps = shortened(s, steps); steps; steps--) {
        uint64_t free = quiet(s);
        if (free >= steps)
            free = steps - 1;
        s->tar = (uint16_t)(s->down ? s->tar - free : s->tar + free);
        steps -= free;
        step(s);
    }
}

/* Up to the state at the start of cycle `now`. The divider fires when its low bits are all ones. */
void semo_timer_settle(struct semo_device *d, uint64_t now)
{
    struct semo_timer *s = d->state;
    uint64_t ticks = semo_bcs_ticks(d->host, now);
    uint64_t passed = ticks > s->ticks ? ticks - s->ticks : 0;
    unsigned all = divider(s) - 1, low = s->phase & all;
    s->ticks = ticks > s->ticks ? ticks : s->ticks;
    if (!passed || !clocked(s))
        return;
    if (semo_timer_mode(s) == STOP) {
        s->phase = low == all ? 0 : s->phase;
        return;
    }
    uint64_t fired = (passed + low) / divider(s);
    s->phase = (uint8_t)((fired ? (passed + low) % divider(s) : s->phase + passed) & 7);
    advance(s, fired);
}

static unsigned flags(const struct semo_timer *s)
{
    unsigned set = s->control & TAIFG ? 8 : 0;
    for (unsigned n = 0; n < 3; n++)
        set |= (unsigned)(s->cctl[n] & CCIFG) << n;
    return set;
}

static void set_flags(struct semo_timer *s, unsigned set)
{
    s->control = (uint16_t)((s->control & ~TAIFG) | (set & 8 ? TAIFG : 0));
    for (unsigned n = 0; n < 3; n++)
        s->cctl[n] = (uint16_t)((s->cctl[n] & ~CCIFG) | (set >> n & CCIFG));
}

unsigned semo_timer_tick(struct semo_device *d, uint64_t now)
{
    struct semo_timer *s = d->state;
    semo_timer_settle(d, now);
    unsigned before = flags(s);
    set_flags(s, 0);
    semo_timer_settle(d, now + 1);
    unsigned set = flags(s);
    set_flags(s, before | set);
    return set;
}

uint64_t semo_timer_next(const struct semo_device *d)
{
    const struct semo_timer *s = d->state;
    if (semo_timer_mode(s) == STOP || !clocked(s))
        return UINT64_MAX;
    unsigned first = divider(s) - (s->phase & (divider(s) - 1));
    return semo_bcs_when(d->host, s->ticks + first + quiet(s) * divider(s));
}
