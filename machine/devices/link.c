/* SPDX-License-Identifier: Apache-2.0 */
/* The link UART (docs/devices.md "link"). It asks for a tick only where its interrupt line rises:
 * at the trigger level, after 4 idle byte times with a partial FIFO, or when the transmit FIFO has
 * run empty. */
#include "machine/devices/serial.h"

#define ENABLE_RX 1
#define ENABLE_TX 2
#define REG(name) (SEMO_LINK_##name - SEMO_LINK_DATA)

struct link {
    struct semo_line in;
    struct semo_serial out;
    uint16_t control;
    uint16_t lines; /* interrupts requested */
    uint64_t wake;  /* the line rises; while it is up nothing needs a tick */
};

static uint64_t receive_at(const struct link *s)
{
    const uint32_t trigger = s->control >> 8;
    return s->control & ENABLE_RX ? semo_line_due(&s->in, trigger ? trigger : 1) : SEMO_NEVER;
}

static void update(struct link *s, uint64_t now)
{
    const uint64_t receive = receive_at(s);
    const uint64_t empty = s->control & ENABLE_TX ? semo_serial_empty_at(&s->out) : SEMO_NEVER;
    const uint64_t first = receive < empty ? receive : empty;
    s->lines = first <= now ? 1 << SEMO_IRQ_LINK : 0;
    s->wake = first <= now ? SEMO_NEVER : first;
}

static uint16_t read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                     uint16_t module)
{
    (void)module;
    struct link *s = d->state;
    uint16_t value = 0;
    semo_line_settle(&s->in, now);
    if (offset == 0 && (mask & 1))
        value = semo_line_take(&s->in, now);
    else if (offset == REG(RX_COUNT))
        value = (uint16_t)s->in.waiting;
    else if (offset == REG(TX_FREE))
        value = (uint16_t)semo_serial_free(&s->out, now);
    else if (offset == REG(CONTROL))
        value = s->control;
    update(s, now);
    return value;
}

static void write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                  uint64_t now, uint16_t module)
{
    (void)module;
    struct link *s = d->state;
    semo_line_settle(&s->in, now);
    if (offset == 0 && (mask & 1))
        semo_serial_write(&s->out, d->host, (uint8_t)value, now);
    if (offset == REG(CONTROL))
        s->control = semo_masked(s->control, value, mask) & (0xFF00 | ENABLE_RX | ENABLE_TX);
    update(s, now);
}

/* Interrupts off and the receive FIFO empty; both lines have a life of their own. */
static void reset(struct semo_device *d, uint64_t now)
{
    struct link *s = d->state;
    semo_line_settle(&s->in, now);
    while (s->in.waiting)
        semo_line_take(&s->in, now);
    s->control = 0;
    update(s, now);
}

static uint64_t next(const struct semo_device *d)
{
    return ((const struct link *)d->state)->wake;
}

static void tick(struct semo_device *d, uint64_t now)
{
    struct link *s = d->state;
    semo_line_settle(&s->in, now);
    update(s, now);
}

static uint16_t interrupts(const struct semo_device *d)
{
    return ((const struct link *)d->state)->lines;
}

static const struct semo_device_class class = {
    .name = "link",
    .state_size = sizeof(struct link),
    .read = read,
    .write = write,
    .reset = reset,
    .next = next,
    .tick = tick,
    .interrupts = interrupts,
    .free = semo_device_release,
};

struct semo_device *semo_link_new(semo_link_sent_fn *sent, void *context)
{
    struct semo_device *d =
        semo_device_make(&class, SEMO_LINK_DATA, 8, -1, sizeof(struct semo_serial_peer));
    struct link *s = d->state;
    *(struct semo_serial_peer *)d->host = (struct semo_serial_peer){sent, context};
    s->out.fifo = SEMO_LINK_FIFO;
    s->wake = SEMO_NEVER;
    return d;
}

void semo_link_accept(struct semo_device *d, bool accept, uint64_t now)
{
    struct link *s = d->state;
    semo_line_settle(&s->in, now);
    semo_serial_hold(&s->out, d->host, !accept, now);
    update(s, now);
    semo_device_changed(d);
}

unsigned semo_link_receive(struct semo_device *d, const uint8_t *bytes, unsigned len,
                           uint64_t start)
{
    struct link *s = d->state;
    const unsigned taken = semo_line_add(&s->in, bytes, len, start);
    if (!s->lines && receive_at(s) < s->wake)
        s->wake = receive_at(s);
    semo_device_changed(d);
    return taken;
}
