/* SPDX-License-Identifier: Apache-2.0 */
/* A machine whose devices get the same numbers from the world in every run. */
#ifndef SEMO_FUZZ_CHIP_H
#define SEMO_FUZZ_CHIP_H

#include <semo/machine.h>
#include "machine/devices/devices.h"
#include "tests/fuzz/fuzz.h"

struct fuzz_chip {
    struct semo_machine *machine;
    struct semo_device *link;
    void *start, *now; /* snapshots */
    size_t size;
    uint64_t draws, epochs;
    semo_link_sent_fn *sent; /* NULL: nobody listens */
    void *context;
};

static inline void fuzz_fill(void *context, void *out, unsigned len)
{
    struct fuzz_chip *c = context;
    for (unsigned i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)(++c->draws * 0x9E3779B97F4A7C15u >> 56);
}

static inline uint64_t fuzz_epoch(void *context)
{
    return ++((struct fuzz_chip *)context)->epochs;
}

static inline void fuzz_sent(void *context, uint8_t byte, uint64_t at)
{
    struct fuzz_chip *c = context;
    if (c->sent)
        c->sent(c->context, byte, at);
}

static inline void fuzz_nothing(void *context, uint8_t byte, uint64_t at)
{
    (void)context, (void)byte, (void)at;
}

static inline void fuzz_contact(void *context, bool closed, uint64_t at)
{
    (void)context, (void)closed, (void)at;
}

static inline void fuzz_attach(struct fuzz_chip *c)
{
    struct semo_machine *m = c->machine;
    semo_machine_attach(m, semo_events_new());
    semo_machine_attach(m, c->link = semo_link_new(fuzz_sent, c));
    semo_machine_attach(m, semo_random_new(fuzz_fill, c));
    semo_machine_attach(m, semo_epoch_new(fuzz_epoch, c));
    semo_machine_attach(m, semo_metering_new());
    semo_machine_attach(m, semo_clock_new(1700000000));
    semo_machine_attach(m, semo_relay_new(true, fuzz_contact, c));
    semo_machine_attach(m, semo_han_new(fuzz_nothing, c));
}

/* What fuzz_rewind goes back to. */
static inline void fuzz_keep(struct fuzz_chip *c)
{
    c->size = semo_machine_snapshot_size(c->machine);
    c->start = malloc(c->size);
    c->now = malloc(c->size);
    semo_machine_snapshot(c->machine, c->start);
}

static inline void fuzz_rewind(struct fuzz_chip *c)
{
    semo_machine_restore(c->machine, c->start);
    c->draws = c->epochs = 0;
}

static inline void fuzz_put(struct semo_machine *m, uint16_t address, uint16_t word)
{
    uint8_t bytes[2] = {(uint8_t)word, (uint8_t)(word >> 8)};
    semo_machine_poke(m, address, bytes, 2);
}

#endif
