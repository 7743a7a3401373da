/* SPDX-License-Identifier: Apache-2.0 */
/* Cycle counter 0x190-0x197: a write takes a snapshot, reads return its words. */
#include "machine/devices/builtin.h"

struct state {
    uint64_t start, snapshot;
};

static uint16_t tsc_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                         uint16_t module)
{
    (void)mask, (void)now, (void)module;
    return (uint16_t)(((struct state *)d->state)->snapshot >> (8 * offset));
}

static void tsc_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                      uint64_t now, uint16_t module)
{
    struct state *s = d->state;
    (void)offset, (void)value, (void)mask, (void)module;
    s->snapshot = now - s->start;
}

static void tsc_reset(struct semo_device *d, uint64_t now)
{
    *(struct state *)d->state = (struct state){.start = now};
}

static const struct semo_device_class class = {.name = "cycle-counter",
                                               .state_size = sizeof(struct state),
                                               .read = tsc_read,
                                               .write = tsc_write,
                                               .reset = tsc_reset,
                                               .free = semo_device_discard};

struct semo_device *semo_tsc_new(void)
{
    return semo_builtin_make(&class, 0x190, 8);
}
