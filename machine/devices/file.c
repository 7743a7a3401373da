/* SPDX-License-Identifier: Apache-2.0 */
/* File input and output of the reference simulation: 0xC0 status (bit 0: a byte is there), 0xC2
 * data. The next byte appears a few cycles after the last one was taken. */
#include "machine/devices/builtin.h"
#include "machine/state.h"

enum { REFILL_CYCLES = 4, NONE = 0xFF };

struct state {
    uint64_t taken; /* bytes taken so far: the position in the input */
    uint64_t ready; /* cycle from which the next one is there */
};

static bool available(const struct semo_device *d, uint64_t now)
{
    const struct state *s = d->state;
    return now >= s->ready && s->taken < d->machine->input_len;
}

static uint16_t file_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                          uint16_t module)
{
    struct state *s = d->state;
    (void)mask, (void)module;
    if (offset == 0)
        return available(d, now);
    if (!available(d, now)) /* a byte at 0xC3 is read with the word, and taken */
        return NONE;
    s->ready = now + REFILL_CYCLES;
    return d->machine->input[s->taken++];
}

static void file_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                       uint64_t now, uint16_t module)
{
    (void)now, (void)module;
    if (offset == 2 && (mask & 1) && d->machine->put)
        d->machine->put(d->machine->put_context, SEMO_FILED, (uint8_t)value);
}

static void file_reset(struct semo_device *d, uint64_t now)
{
    ((struct state *)d->state)->ready = now;
}

static const struct semo_device_class class = {.name = "file",
                                               .state_size = sizeof(struct state),
                                               .read = file_read,
                                               .write = file_write,
                                               .reset = file_reset,
                                               .free = semo_device_discard};

struct semo_device *semo_file_new(void)
{
    return semo_builtin_make(&class, 0xC0, 4);
}
