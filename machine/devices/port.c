/* SPDX-License-Identifier: Apache-2.0 */
/* Digital ports 1 to 6: byte registers. Inputs are tied to 0, so flags change only by software. */
#include "machine/devices/builtin.h"

struct state {
    uint8_t reg[8];
    uint8_t number;
};

/* Ports 1 and 2 have interrupts: IN OUT DIR IFG IES IE SEL; the others IN OUT DIR SEL. */
enum { IFG = 3, IE = 5 };

static unsigned count(const struct state *s)
{
    return s->number <= 2 ? 7 : 4;
}

static uint16_t port_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                          uint16_t module)
{
    const struct state *s = d->state;
    (void)mask, (void)now, (void)module;
    return (uint16_t)(s->reg[offset] | s->reg[offset + 1] << 8);
}

static void put(struct state *s, unsigned n, uint8_t value)
{
    if (n > 0 && n < count(s))
        s->reg[n] = value;
}

static void port_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                       uint64_t now, uint16_t module)
{
    (void)now, (void)module;
    if (mask & 1)
        put(d->state, offset, (uint8_t)value);
    if (mask & 2)
        put(d->state, offset + 1u, (uint8_t)(value >> 8));
}

static void port_reset(struct semo_device *d, uint64_t now)
{
    struct state *s = d->state;
    (void)now;
    *s = (struct state){.number = s->number};
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
