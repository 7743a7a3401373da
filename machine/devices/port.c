/* SPDX-License-Identifier: Apache-2.0 */
/* Digital ports 1 to 6: byte registers. Inputs pass two flip-flops; an edge at the second one sets
 * the flag of ports 1 and 2 in the same cycle, software's write of that cycle notwithstanding. */
#include "machine/devices/builtin.h"
#include "machine/state.h"

struct state {
    uint64_t at;                       /* cycle that the inputs describe */
    uint8_t reg[8];                    /* reg[IN] is the second flip-flop */
    uint8_t number, pins, first, last; /* outside; first flip-flop; reg[IN] one cycle ago */
};

/* Ports 1 and 2 have interrupts: IN OUT DIR IFG IES IE SEL; the others IN OUT DIR SEL. */
enum { IN = 0, IFG = 3, IES = 4, IE = 5 };

static unsigned count(const struct state *s)
{
    return s->number <= 2 ? 7 : 4;
}

static bool stable(const struct state *s)
{
    return s->pins == s->first && s->first == s->reg[IN] && s->reg[IN] == s->last;
}

/* What the edges of the present cycle set. */
static uint8_t edges(const struct state *s)
{
    uint8_t rising = s->reg[IN] & ~s->last, falling = (uint8_t)~s->reg[IN] & s->last;
    if (s->number > 2)
        return 0;
    return (uint8_t)((rising & ~s->reg[IES]) | (falling & s->reg[IES]));
}

/* To the start of cycle `now`. */
static void settle(struct state *s, uint64_t now)
{
    for (; s->at < now && !stable(s); s->at++) {
        s->reg[IFG] |= edges(s);
        s->last = s->reg[IN];
        s->reg[IN] = s->first;
        s->first = s->pins;
    }
    if (s->at < now)
        s->at = now;
}

static uint16_t port_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                          uint16_t module)
{
    struct state *s = d->state;
    (void)mask, (void)module;
    settle(s, now);
    return (uint16_t)(s->reg[offset] | s->reg[offset + 1] << 8);
}

static void put(struct state *s, unsigned n, uint8_t value)
{
    if (n > IN && n < count(s))
        s->reg[n] = value;
}

static void port_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                       uint64_t now, uint16_t module)
{
    struct state *s = d->state;
    (void)module;
    settle(s, now);
    uint8_t set = edges(s);
    settle(s, now + 1);
    if (mask & 1)
        put(s, offset, (uint8_t)value);
    if (mask & 2)
        put(s, offset + 1u, (uint8_t)(value >> 8));
    if (set)
        s->reg[IFG] |= set;
}

static void port_reset(struct semo_device *d, uint64_t now)
{
    struct state *s = d->state;
    *s = (struct state){.at = now, .number = s->number, .pins = s->pins};
}

static uint64_t port_next(const struct semo_device *d)
{
    const struct state *s = d->state;
    return s->number <= 2 && !stable(s) ? s->at + 1 : UINT64_MAX;
}

static void port_tick(struct semo_device *d, uint64_t now)
{
    settle(d->state, now);
}

static uint16_t port_interrupts(const struct semo_device *d)
{
    const struct state *s = d->state;
    bool due = s->number <= 2 && (s->reg[IFG] & s->reg[IE]);
    return due ? (uint16_t)(s->number == 1 ? 1 << 2 : 1 << 3) : 0;
}

static const struct semo_device_class class = {
    .name = "port",
    .state_size = sizeof(struct state),
    .read = port_read,
    .write = port_write,
    .reset = port_reset,
    .next = port_next,
    .tick = port_tick,
    .interrupts = port_interrupts,
    .free = semo_device_discard,
};

struct semo_device *semo_port_new(unsigned number)
{
    static const uint8_t base[7] = {0, 0x20, 0x28, 0x18, 0x1C, 0x30, 0x34};
    struct semo_device *d = semo_builtin_make(&class, base[number], number <= 2 ? 8 : 4);
    if (d)
        ((struct state *)d->state)->number = (uint8_t)number;
    return d;
}

void semo_machine_set_pins(struct semo_machine *m, unsigned port, uint8_t levels)
{
    for (unsigned i = 0; i < semo_device_count(m); i++) {
        const struct semo_device *d = semo_device_nth(m, i);
        struct state *s = d->state;
        if (d->class != &class || s->number != port)
            continue;
        settle(s, m->core.cycle);
        s->pins = levels;
    }
    semo_devices_refresh(m);
}
