/* SPDX-License-Identifier: Apache-2.0 */
/* The metering front end: integrates the power that flows in watt-cycles and counts whole
 * watt-seconds, exactly (docs/devices.md "metering"). Changes of the physical world carry the cycle
 * at which they happen and take effect there, whenever the machine gets to run. */
#include "machine/devices/make.h"

#define WORDS ((SEMO_METERING_TICKS + 2) / 2)

struct world {
    struct semo_supply supply;
    bool closed;
};

struct change { /* of one of the two */
    uint64_t at;
    struct world to;
    bool is_contact;
};

struct metering {
    uint64_t settled;  /* integrated up to this cycle */
    uint64_t energy;   /* watt-seconds */
    uint64_t fraction; /* watt-cycles, less than one watt-second */
    uint64_t next;
    struct world world;
    struct change ahead[SEMO_METERING_AHEAD]; /* by time, equal times in order of arrival */
    unsigned ahead_count;
    uint16_t ticks;
    uint16_t latch[WORDS];
};

static uint32_t power(const struct metering *s)
{
    return s->world.closed ? s->world.supply.power_w : 0;
}

/* No overflow: power < 2^32, a part of a second < 2^25 cycles. */
static void integrate(struct metering *s, uint64_t until)
{
    if (until <= s->settled)
        return;
    const uint64_t cycles = until - s->settled;
    s->energy += power(s) * (cycles / SEMO_CLOCK_HZ);
    s->fraction += power(s) * (cycles % SEMO_CLOCK_HZ);
    s->energy += s->fraction / SEMO_CLOCK_HZ;
    s->fraction %= SEMO_CLOCK_HZ;
    s->settled = until;
}

/* The changes up to `now` happen. What came too late for its cycle happens at the next chance. */
static void absorb(struct metering *s, uint64_t now)
{
    unsigned done = 0;
    for (; done < s->ahead_count && s->ahead[done].at <= now; done++) {
        const struct change *c = &s->ahead[done];
        integrate(s, c->at);
        if (c->is_contact)
            s->world.closed = c->to.closed;
        else
            s->world.supply = c->to.supply;
    }
    s->ahead_count -= done;
    for (unsigned i = 0; i < s->ahead_count && done; i++)
        s->ahead[i] = s->ahead[i + done];
}

static void settle(struct metering *s, uint64_t now)
{
    absorb(s, now);
    integrate(s, now);
}

static void latch(struct metering *s)
{
    static const struct semo_supply nothing;
    const struct semo_supply *v = s->world.closed ? &s->world.supply : &nothing;
    for (unsigned i = 0; i < 4; i++)
        s->latch[SEMO_METERING_ENERGY / 2 + i] = (uint16_t)(s->energy >> 16 * i);
    s->latch[SEMO_METERING_POWER / 2] = (uint16_t)v->power_w;
    s->latch[SEMO_METERING_POWER / 2 + 1] = (uint16_t)(v->power_w >> 16);
    s->latch[SEMO_METERING_VOLTAGE / 2] = v->voltage_10mv;
    s->latch[SEMO_METERING_CURRENT / 2] = v->current_10ma;
    s->latch[SEMO_METERING_REACTIVE / 2] = (uint16_t)v->reactive_var;
    s->latch[SEMO_METERING_FREQUENCY / 2] = v->frequency_10mhz;
    s->latch[SEMO_METERING_TICKS / 2] = s->ticks;
}

static uint16_t read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                     uint16_t module)
{
    (void)mask, (void)module;
    struct metering *s = d->state;
    if (offset == SEMO_METERING_ENERGY) {
        settle(s, now);
        latch(s);
    }
    return offset / 2 < WORDS ? s->latch[offset / 2] : 0;
}

/* The front end goes on counting; only what software has latched is forgotten. */
static void reset(struct semo_device *d, uint64_t now)
{
    (void)now;
    struct metering *s = d->state;
    for (unsigned i = 0; i < WORDS; i++)
        s->latch[i] = 0;
}

static uint64_t next(const struct semo_device *d)
{
    return ((const struct metering *)d->state)->next;
}

static void tick(struct semo_device *d, uint64_t now)
{
    struct metering *s = d->state;
    /* Not settled: only software that reads the energy makes the past unchangeable, and an
     * instruction may be so long that a change inside of it is told after this tick. */
    for (; s->next <= now; s->next += SEMO_CLOCK_HZ)
        s->ticks++;
    semo_device_event(d);
}

static const struct semo_device_class class = {
    .name = "metering",
    .state_size = sizeof(struct metering),
    .read = read,
    .reset = reset,
    .next = next,
    .tick = tick,
    .free = semo_device_release,
};

struct semo_device *semo_metering_new(void)
{
    struct semo_device *d = semo_window_make(&class, SEMO_WINDOW_METERING, WORDS * 2, 0);
    *(struct metering *)d->state = (struct metering){.next = SEMO_CLOCK_HZ, .world.closed = true};
    return d;
}

static void expect(struct semo_device *d, struct change c)
{
    struct metering *s = d->state;
    if (s->ahead_count == SEMO_METERING_AHEAD)
        absorb(s, s->ahead[0].at);
    unsigned i = s->ahead_count++;
    for (; i > 0 && s->ahead[i - 1].at > c.at; i--)
        s->ahead[i] = s->ahead[i - 1];
    s->ahead[i] = c;
}

void semo_metering_supply(struct semo_device *d, const struct semo_supply *v, uint64_t at)
{
    expect(d, (struct change){.at = at, .to.supply = *v});
}

void semo_metering_contact(struct semo_device *d, bool closed, uint64_t at)
{
    expect(d, (struct change){.at = at, .to.closed = closed, .is_contact = true});
}
