/* SPDX-License-Identifier: Apache-2.0 */
/* Devices on a real machine whose processor never runs: the tests drive the classes at the cycles
 * they choose, through the calls the machine makes. */
#ifndef SEMO_RIG_H
#define SEMO_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <semo/machine.h>
#include <semo/map.h>
#include "machine/devices/devices.h"

struct rig {
    struct semo_machine *machine;
    struct semo_device *device, *events;
    uint64_t now;
    unsigned ticks;
};

static inline struct rig rig_with(struct semo_device *d)
{
    const struct semo_machine_config config = {.profile = SEMO_HARDENED, .security = 128};
    struct rig r = {.machine = semo_machine_new(&config), .device = d, .events = semo_events_new()};
    assert_non_null(r.machine);
    semo_machine_attach(r.machine, r.events);
    semo_machine_attach(r.machine, d);
    return r;
}

/* Runs every tick that is due up to and including `to`. */
static inline void rig_advance(struct rig *r, uint64_t to)
{
    const struct semo_device_class *class = r->device->class;
    while (class->next && class->next(r->device) <= to) {
        const uint64_t at = class->next(r->device);
        assert_true(at >= r->now);
        r->now = at;
        r->ticks++;
        class->tick(r->device, at);
        assert_true(class->next(r->device) > at);
    }
    r->now = to;
}

static inline uint16_t rig_read(struct rig *r, unsigned offset)
{
    return r->device->class->read(r->device, (uint16_t)offset, 3, r->now, 1);
}

static inline void rig_write(struct rig *r, unsigned offset, unsigned value)
{
    if (r->device->class->write)
        r->device->class->write(r->device, (uint16_t)offset, (uint16_t)value, 3, r->now, 1);
}

static inline uint32_t rig_read32(struct rig *r, unsigned offset)
{
    const uint32_t low = rig_read(r, offset);
    return (uint32_t)rig_read(r, offset + 2) << 16 | low;
}

/* The event flags, cleared. */
static inline uint16_t rig_events(struct rig *r)
{
    const uint16_t flags = r->events->class->read(r->events, 0, 3, r->now, 0);
    r->events->class->write(r->events, 0, flags, 3, r->now, 0);
    return flags;
}

static inline uint32_t rig_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    return *seed ^= *seed << 5;
}

static inline uint32_t rig_seed(void)
{
    const char *given = getenv("SEED");
    const uint32_t seed = given ? (uint32_t)strtoul(given, NULL, 0) | 1 : 0x5E40C0DE;
    printf("# SEED=%u\n", seed);
    return seed;
}

#endif
