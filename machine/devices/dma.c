/* SPDX-License-Identifier: Apache-2.0 */
/* The DMA port, and the attacker at it: 0x70 address, 0x72 countdown, 0x74 a word of the recording,
 * 0x76 its bit offset. After the countdown it reads the address for 2048 cycles and records in
 * which of them the port had to wait because the processor used that memory. */
#include <string.h>
#include "machine/devices/builtin.h"
#include "machine/family.h"
#include "machine/state.h"

enum { ADDRESS = 0, COUNTDOWN = 2, RECORDING = 4, OFFSET = 6, CYCLES = 2048, IDLE = 0xFFFF };
enum { AHEAD = 16 }; /* longest plain instruction: from then on every access is looked at */

struct state {
    uint64_t from; /* first cycle of the recording; SEMO_NEVER */
    uint16_t address, offset;
    uint8_t waits[CYCLES / 8];
};

enum region { NOTHING, DEVICES, DATA, PROGRAM };

static enum region region(uint16_t address)
{
    if (address < SEMO_DATA_START)
        return DEVICES;
    if (address < SEMO_DATA_END)
        return DATA;
    return semo_bus_is_program(address) ? PROGRAM : NOTHING;
}

/* Upstream compares the address of the word; hardened both of its bytes. */
static bool refused(const struct semo_machine *m, uint16_t address)
{
    const struct semo_access_state *a = m->core.access;
    uint16_t even = address & 0xFFFE;
    return region(address) == NOTHING || semo_access(a, 0, 0, even, SEMO_DMA) != SEMO_ALLOWED ||
           (a->hardened && semo_access(a, 0, 0, even | 1, SEMO_DMA) != SEMO_ALLOWED);
}

static void device_access(struct semo_machine *m, uint16_t address, bool write, uint16_t *word)
{
    struct semo_device *d = semo_device_low(m, address);
    uint16_t value = 0;
    if (d && write && d->class->write)
        d->class->write(d, (uint16_t)(address - d->base), *word, 3, m->core.cycle, 0);
    else if (d && !write && d->class->read)
        value = d->class->read(d, (uint16_t)(address - d->base), 3, m->core.cycle, 0);
    if (!write)
        *word = value;
    semo_devices_refresh(m);
}

bool semo_machine_dma(struct semo_machine *m, uint16_t address, bool write, uint16_t *word)
{
    address &= 0xFFFE;
    if (refused(m, address)) {
        if (!write)
            *word = 0;
        return false;
    }
    if (region(address) == DEVICES)
        device_access(m, address, write, word);
    else if (write)
        semo_word_put(m, address, *word, 3);
    else
        *word = semo_word(m, address);
    return true;
}

/* The processor uses `address` in cycle `when`: requests for the same memory wait. */
void semo_dma_wait(struct semo_machine *m, uint64_t when, uint16_t address)
{
    semo_family_lend(m);
    struct state *s = m->family->dma->state;
    if (when < s->from || when - s->from >= CYCLES || region(address) != region(s->address) ||
        refused(m, s->address))
        return;
    uint64_t n = when - s->from;
    s->waits[n / 8] |= (uint8_t)(1u << n % 8);
}

/* ---- the attacker ---- */

static uint16_t dma_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                         uint16_t module)
{
    const struct state *s = d->state;
    uint16_t word = 0;
    (void)mask, (void)now, (void)module;
    for (unsigned n = 0; offset <= OFFSET && n < 16; n++) {
        unsigned bit = s->offset + n;
        if (bit < CYCLES && (s->waits[bit / 8] >> bit % 8 & 1))
            word |= (uint16_t)(1u << n);
    }
    return word;
}

static void listen(struct semo_device *d, uint64_t now)
{
    struct state *s = d->state;
    bool over = s->from != SEMO_NEVER && now >= s->from + CYCLES;
    if (over)
        s->from = SEMO_NEVER;
    d->machine->core.dma_listens = s->from != SEMO_NEVER && now + AHEAD >= s->from;
}

static void dma_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                      uint64_t now, uint16_t module)
{
    struct state *s = d->state;
    (void)mask, (void)module; /* the whole bus word, also for bytes */
    if (offset == ADDRESS)
        s->address = value;
    else if (offset == OFFSET)
        s->offset = value;
    else if (offset == COUNTDOWN) {
        s->from = value == IDLE ? SEMO_NEVER : now + value + 1;
        memset(s->waits, 0, sizeof s->waits);
        listen(d, now);
    }
}

static uint64_t dma_next(const struct semo_device *d)
{
    const struct state *s = d->state;
    if (s->from == SEMO_NEVER)
        return SEMO_NEVER;
    return d->machine->core.dma_listens ? s->from + CYCLES : s->from - AHEAD;
}

static void dma_reset(struct semo_device *d, uint64_t now)
{
    struct state *s = d->state;
    (void)now;
    s->from = SEMO_NEVER; /* what was recorded stays */
    s->address = s->offset = 0;
    d->machine->core.dma_listens = false;
}

static const struct semo_device_class class = {.name = "dma-attacker",
                                               .state_size = sizeof(struct state),
                                               .read = dma_read,
                                               .write = dma_write,
                                               .reset = dma_reset,
                                               .next = dma_next,
                                               .tick = listen,
                                               .free = semo_device_discard};

struct semo_device *semo_dma_new(void)
{
    return semo_builtin_make(&class, 0x70, 16);
}
