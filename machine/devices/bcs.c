/* SPDX-License-Identifier: Apache-2.0 */
/* Basic clock: MCLK is one cycle; SMCLK = MCLK divided, or nothing when its source is the crystal
 * (which does not tick here) or SR.SCG1 stops it. ACLK never ticks. The divider is a counter that
 * keeps its value while nothing is divided, and its output passes a register: what is set in a
 * cycle shows in the tick of the next but one. */
#include "machine/devices/builtin.h"

struct state {
    uint64_t ticks,
        since; /* SMCLK ticks before cycle `since`, from which the setting below shows */
    uint8_t control1, control2;
    uint8_t divider;  /* the counter in the cycle before `since` */
    bool gated, late; /* late: that cycle has a tick, of the setting before */
};

static bool stopped(const struct state *s)
{
    return s->gated || (s->control2 & 8);
}

static unsigned shift(const struct state *s)
{
    return s->control2 >> 1 & 3;
}

/* Where in its period the divider began. */
static unsigned phase(const struct state *s)
{
    return s->divider & ((1u << shift(s)) - 1);
}

uint64_t semo_bcs_ticks(const struct semo_device *d, uint64_t now)
{
    const struct state *s = d->state;
    if (now < s->since)
        return s->ticks - s->late;
    return s->ticks + (stopped(s) ? 0 : (now - s->since + phase(s)) >> shift(s));
}

uint64_t semo_bcs_when(const struct semo_device *d, uint64_t ticks)
{
    const struct state *s = d->state;
    if (ticks <= s->ticks)
        return ticks == s->ticks && s->late ? s->since : s->since - (s->since > 0);
    return stopped(s) ? UINT64_MAX : s->since + ((ticks - s->ticks) << shift(s)) - phase(s);
}

/* A setting is changed at the end of cycle `now`. */
static void settle(struct semo_device *d, uint64_t now)
{
    struct state *s = d->state;
    uint64_t before = semo_bcs_ticks(d, now + 1), ticks = semo_bcs_ticks(d, now + 2);
    if (!stopped(s) && shift(s))
        s->divider = (s->divider + (now + 2 - s->since)) & 7;
    s->late = ticks > before;
    s->ticks = ticks;
    s->since = now + 2;
}

bool semo_bcs_gated(const struct semo_device *d)
{
    return ((const struct state *)d->state)->gated;
}

void semo_bcs_gate(struct semo_device *d, bool gated, uint64_t now)
{
    settle(d, now);
    ((struct state *)d->state)->gated = gated;
}

static uint16_t bcs_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                         uint16_t module)
{
    const struct state *s = d->state;
    (void)mask, (void)now, (void)module;
    return offset == 0 ? (uint16_t)(s->control1 << 8) : s->control2;
}

static void bcs_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                      uint64_t now, uint16_t module)
{
    struct state *s = d->state;
    (void)module;
    settle(d, now);
    if (offset == 0 && (mask & 2))
        s->control1 = value >> 8 & 0x30;
    else if (offset == 2 && (mask & 1))
        s->control2 = value & 0x0E;
}

static void bcs_reset(struct semo_device *d, uint64_t now)
{
    *(struct state *)d->state = (struct state){.ticks = semo_bcs_ticks(d, now), .since = now};
}

static const struct semo_device_class class = {
    .name = "basic-clock",
    .state_size = sizeof(struct state),
    .read = bcs_read,
    .write = bcs_write,
    .reset = bcs_reset,
    .free = semo_device_discard,
};

struct semo_device *semo_bcs_new(void)
{
    return semo_builtin_make(&class, 0x56, 4);
}
