/* SPDX-License-Identifier: Apache-2.0 */
/* The HAN port: transmit only. There is no receive register, and nothing that the home could send
 * has a way in (docs/devices.md "HAN"). */
#include "machine/devices/serial.h"

struct han {
    struct semo_serial out;
    bool busy; /* bytes were written since the FIFO was last seen empty */
};

static uint16_t read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                     uint16_t module)
{
    (void)mask, (void)module;
    const struct han *s = d->state;
    return offset == SEMO_HAN_STATUS ? (uint16_t)semo_serial_free(&s->out, now) : 0;
}

static void write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                  uint64_t now, uint16_t module)
{
    (void)module;
    struct han *s = d->state;
    if (offset != SEMO_HAN_DATA || !(mask & 1))
        return;
    semo_serial_write(&s->out, d->host, (uint8_t)value, now);
    s->busy = true;
}

static uint64_t next(const struct semo_device *d)
{
    const struct han *s = d->state;
    return s->busy ? semo_serial_empty_at(&s->out) : SEMO_NEVER;
}

static void tick(struct semo_device *d, uint64_t now)
{
    (void)now;
    ((struct han *)d->state)->busy = false;
    semo_device_event(d);
}

/* What was written leaves; its end is nobody's event any more. */
static void reset(struct semo_device *d, uint64_t now)
{
    (void)now;
    ((struct han *)d->state)->busy = false;
}

static const struct semo_device_class class = {
    .name = "han",
    .state_size = sizeof(struct han),
    .read = read,
    .write = write,
    .reset = reset,
    .next = next,
    .tick = tick,
    .free = semo_device_release,
};

struct semo_device *semo_han_new(semo_han_sent_fn *sent, void *context)
{
    struct semo_device *d = semo_window_make(&class, SEMO_WINDOW_HAN, SEMO_HAN_STATUS + 2,
                                             sizeof(struct semo_serial_peer));
    ((struct han *)d->state)->out.fifo = SEMO_HAN_FIFO;
    *(struct semo_serial_peer *)d->host = (struct semo_serial_peer){sent, context};
    return d;
}
