/* SPDX-License-Identifier: Apache-2.0 */
/* SPI master: 0x150 data, 0x151 control (bit 0 CPOL, 1 CPHA, 3:2 slave, 7:4 clock divider), 0x152
 * bit 0 busy. Nothing is connected: the input line reads 0. */
#include "machine/devices/builtin.h"

enum { IDLE, START, PREPARE, TRANSFER, FINISH };
enum { CPOL = 1, CPHA = 2, BITS = 8 };

struct state {
    uint64_t at; /* cycle that the rest describes, while it is not idle */
    uint8_t control, phase, clock, buffer, bits;
    bool line; /* of the clock */
};

/* One cycle of a transfer. */
static void step(struct state *s)
{
    bool idle_level = s->control & CPOL, late = s->control & CPHA;
    bool wrap = s->clock == s->control >> 4, line = idle_level;
    if (s->phase == START) {
        *s = (struct state){.at = s->at + 1,
                            .control = s->control,
                            .phase = PREPARE,
                            .buffer = s->buffer,
                            .line = idle_level};
        return;
    }
    unsigned next = s->phase == PREPARE                      ? TRANSFER
                    : s->phase == TRANSFER && s->bits < BITS ? TRANSFER
                    : s->phase == TRANSFER                   ? FINISH
                    : wrap                                   ? IDLE
                                                             : FINISH;
    if (next == TRANSFER)
        line = wrap ? !s->line : s->line;
    bool edge = line != s->line, leading = line != idle_level;
    if (next == TRANSFER && edge && leading == late && !(late && !s->bits))
        s->buffer = (uint8_t)(s->buffer << 1);
    s->bits += edge && !leading;
    s->clock = wrap ? 0 : (uint8_t)(s->clock + 1);
    s->line = line;
    s->phase = (uint8_t)next;
    s->at++;
}

static void settle(struct state *s, uint64_t now)
{
    while (s->phase != IDLE && s->at < now)
        step(s);
}

static uint16_t spi_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                         uint16_t module)
{
    struct state *s = d->state;
    (void)mask, (void)module;
    settle(s, now);
    return offset == 0 ? s->buffer : s->phase >= PREPARE;
}

static void spi_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                      uint64_t now, uint16_t module)
{
    struct state *s = d->state;
    (void)module;
    if (offset != 0)
        return;
    settle(s, now);
    if ((mask & 1) && s->phase == IDLE) {
        s->phase = START;
        s->buffer = (uint8_t)value;
        s->at = now + 1;
    }
    if (mask & 2)
        s->control = (uint8_t)(value >> 8);
}

static void spi_reset(struct semo_device *d, uint64_t now)
{
    (void)now;
    *(struct state *)d->state = (struct state){0};
}

static const struct semo_device_class class = {.name = "spi-master",
                                               .state_size = sizeof(struct state),
                                               .read = spi_read,
                                               .write = spi_write,
                                               .reset = spi_reset,
                                               .free = semo_device_discard};

struct semo_device *semo_spi_new(void)
{
    return semo_builtin_make(&class, 0x150, 4);
}
