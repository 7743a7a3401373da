/* SPDX-License-Identifier: Apache-2.0 */
/* Basic clock: MCLK is one cycle; SMCLK = MCLK divided, or nothing when its source is the crystal
 * (which does not tick here) or SR.SCG1 stops it. ACLK never ticks. */
#include "machine/devices/builtin.h"

struct state {
    uint64_t ticks,
        since; /* SMCLK ticks before cycle `since`, from which the setting below holds */
    uint8_t control1, control2;
    bool gated;
};

static bool stopped(const struct state *s)
{
    return s->gated || (s->control2 & 8);
}

static unsigned shift(const struct state *s)
{
    return s->control2 >> 1 & 3;
}

uint64_t semo_bcs_ticks(const struct semo_device *d, uint64_t now)
{
    const struct state *s = d->state;
    return s->ticks + (stopped(s) || now < s->since ? 0 : (now - s->since) >> shift(s));
}

uint64_t semo_bcs_when(const struct semo_device *d, uint64_t ticks)
{
    const struct state *s = d->state;
    if (ticks <= s->ticks)
        return s->since;
    return stopped(s) ? UINT64_MAX : s->since + ((ticks - s->ticks) << shift(s));
}

static void settle(struct semo_device *d, uint64_t now)
{
    struct state *s = d->state;
    s->ticks = semo_bcs_ticks(d, now);
    s->since = now;
}

bool semo_bcs_gate(struct semo_device *d, bool gated, uint64_t now)
{
    struct state *s = d->state;
    if (s->gated == gated)
        return false;
    settle(d, now);
    s->gated = gated;
    return true;
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
    settle(d, now + 1);
    if (offset == 0 && (mask & 2))
        s->control1 = value >> 8 & 0x30;
    else if (offset == 2 && (mask & 1))
        s->control2 = value & 0x0E;
}

static void bcs_reset(struct semo_device *d, uint64_t now)
{
    struct state *s = d->state;
    settle(d, now);
    s->control1 = s->control2 = 0;
    s->gated = false;
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
