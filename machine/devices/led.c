/* SPDX-License-Identifier: Apache-2.0 */
/* Eight LED digits 0x90-0x97: byte registers. */
#include "machine/devices/builtin.h"

struct state {
    uint8_t digit[8];
};

static uint16_t led_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                         uint16_t module)
{
    const struct state *s = d->state;
    (void)mask, (void)now, (void)module;
    return (uint16_t)(s->digit[offset] | s->digit[offset + 1] << 8);
}

static void led_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                      uint64_t now, uint16_t module)
{
    struct state *s = d->state;
    (void)now, (void)module;
    if (mask & 1)
        s->digit[offset] = (uint8_t)value;
    if (mask & 2)
        s->digit[offset + 1] = (uint8_t)(value >> 8);
}

static void led_reset(struct semo_device *d, uint64_t now)
{
    (void)now;
    *(struct state *)d->state = (struct state){{0}};
}

static const struct semo_device_class class = {.name = "led-digits",
                                               .state_size = sizeof(struct state),
                                               .read = led_read,
                                               .write = led_write,
                                               .reset = led_reset,
                                               .free = semo_device_discard};

struct semo_device *semo_led_new(void)
{
    return semo_builtin_make(&class, 0x90, 8);
}
