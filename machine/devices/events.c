/* SPDX-License-Identifier: Apache-2.0 */
/* One flag for each device window, and the interrupt line they share (docs/devices.md "events"). */
#include "machine/devices/make.h"

struct events {
    uint16_t flags, enable;
};

static uint16_t read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                     uint16_t module)
{
    (void)mask, (void)now, (void)module;
    const struct events *s = d->state;
    return offset == 0 ? s->flags : s->enable;
}

static void write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                  uint64_t now, uint16_t module)
{
    (void)now, (void)module;
    struct events *s = d->state;
    if (offset == 0)
        s->flags &= (uint16_t)~semo_masked(0, value, mask);
    else
        s->enable = semo_masked(s->enable, value, mask);
}

static void reset(struct semo_device *d, uint64_t now)
{
    (void)now;
    *(struct events *)d->state = (struct events){0};
}

static uint16_t interrupts(const struct semo_device *d)
{
    const struct events *s = d->state;
    return s->flags & s->enable ? 1 << SEMO_IRQ_EVENT : 0;
}

const struct semo_device_class semo_events_class = {
    .name = "events",
    .state_size = sizeof(struct events),
    .read = read,
    .write = write,
    .reset = reset,
    .interrupts = interrupts,
    .free = semo_device_release,
};

struct semo_device *semo_events_new(void)
{
    return semo_device_make(&semo_events_class, SEMO_EVENT_FLAGS, 4, -1, 0);
}

void semo_events_raise(struct semo_device *events, unsigned window)
{
    struct events *s = events->state;
    s->flags |= (uint16_t)(1u << window);
    semo_device_changed(events);
}
