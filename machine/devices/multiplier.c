/* SPDX-License-Identifier: Apache-2.0 */
/* Hardware multiplier 0x130-0x13F. A byte write writes the whole bus word. */
#include "machine/devices/builtin.h"

enum { OP2 = 8, RESLO = 10, RESHI = 12, SUMEXT = 14 };
enum { SIGNED = 1, ACCUMULATE = 2 };

struct state {
    uint16_t op1, op2, sumext;
    uint32_t result;
    uint8_t mode;
};

static void multiply(struct state *s)
{
    uint32_t product = s->mode & SIGNED
                           ? (uint32_t)((int32_t)(int16_t)s->op1 * (int32_t)(int16_t)s->op2)
                           : (uint32_t)s->op1 * s->op2;
    uint64_t sum = (uint64_t)product + (s->mode & ACCUMULATE ? s->result : 0);
    s->result = (uint32_t)sum;
    if (s->mode & SIGNED)
        s->sumext = s->result >> 31 ? 0xFFFF : 0;
    else
        s->sumext = (uint16_t)(sum >> 32);
}

static uint16_t multiplier_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                                uint16_t module)
{
    const struct state *s = d->state;
    (void)mask, (void)now, (void)module;
    switch (offset) {
    case OP2:
        return s->op2;
    case RESLO:
        return (uint16_t)s->result;
    case RESHI:
        return (uint16_t)(s->result >> 16);
    case SUMEXT:
        return s->sumext;
    default:
        return s->op1;
    }
}

static void multiplier_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                             uint64_t now, uint16_t module)
{
    struct state *s = d->state;
    (void)mask, (void)now, (void)module;
    if (offset < OP2) {
        s->op1 = value;
        s->mode = (uint8_t)(offset / 2);
    } else if (offset == OP2) {
        s->op2 = value;
        multiply(s);
    } else if (offset == RESLO) {
        s->result = (s->result & 0xFFFF0000) | value;
    } else if (offset == RESHI) {
        s->result = (s->result & 0xFFFF) | (uint32_t)value << 16;
    }
}

static void multiplier_reset(struct semo_device *d, uint64_t now)
{
    (void)now;
    *(struct state *)d->state = (struct state){0};
}

static const struct semo_device_class class = {
    .name = "multiplier",
    .state_size = sizeof(struct state),
    .read = multiplier_read,
    .write = multiplier_write,
    .reset = multiplier_reset,
    .free = semo_device_discard,
};

struct semo_device *semo_multiplier_new(void)
{
    return semo_builtin_make(&class, 0x130, 16);
}
