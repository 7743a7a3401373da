/* SPDX-License-Identifier: Apache-2.0 */
/* Memory and peripherals as the executing instruction sees them. */
#include "machine/state.h"

bool semo_bus_is_program(uint16_t address)
{
    return address >= SEMO_PROGRAM_START;
}

static bool is_data(uint16_t address)
{
    return address >= SEMO_DATA_START && address < SEMO_DATA_END;
}

static int window_of(const struct semo_machine *m, uint16_t address)
{
    if (address < SEMO_WINDOW_START || address >= SEMO_WINDOW(SEMO_WINDOW_COUNT))
        return -1;
    int n = (address - SEMO_WINDOW_START) / SEMO_WINDOW_SIZE;
    return semo_device_in(m, (unsigned)n) ? n : -1;
}

/* The device behind an address, if the executing code may reach it. */
static struct semo_device *device_at(struct semo_machine *m, uint16_t address)
{
    if (address < SEMO_DATA_START)
        return semo_device_low(m, address);
    int n = window_of(m, address);
    if (n < 0 || address - SEMO_WINDOW(n) < SEMO_WINDOW_REGISTERS)
        return NULL;
    uint16_t start = SEMO_WINDOW(n);
    bool own = semo_access_owns(m->core.access, m->core.pc_now, start, start + SEMO_WINDOW_SIZE);
    return own ? semo_device_in(m, (unsigned)n) : NULL;
}

static bool is_register(const struct semo_machine *m, uint16_t address)
{
    int n = window_of(m, address);
    return address < SEMO_DATA_START ||
           (n >= 0 && address - SEMO_WINDOW(n) >= SEMO_WINDOW_REGISTERS);
}

static bool is_memory(const struct semo_machine *m, uint16_t address)
{
    return is_data(address) || semo_bus_is_program(address) || window_of(m, address) >= 0;
}

void semo_word_put(struct semo_machine *m, uint16_t address, uint16_t value, unsigned mask)
{
    uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    unsigned first = mask & 1 ? 0 : 1, count = mask == 3 ? 2 : 1;
    semo_memory_put(m, (uint16_t)((address & 0xFFFE) + first), bytes + first, count);
}

void semo_violate(struct semo_machine *m, uint64_t when, uint16_t address, enum semo_rule rule)
{
    struct semo_core *c = &m->core;
    if (!c->violated)
        c->violations++;
    c->violated = true;
    c->violation_cycle = when;
    c->violation_pc = c->pc_now;
    c->violation_address = address;
    c->violation_module = semo_sancus_id(m, c->pc_now);
    c->violation_rule = (uint8_t)rule;
    c->violation_access = SEMO_NO_ACCESS;
    c->r[2] |= SEMO_SR_VIOLATION;
    c->read_masked = !c->access->hardened;
    m->stop_violation = true;
    semo_trace_violation(m, when);
}

void semo_violate_access(struct semo_machine *m, uint64_t when, uint16_t address,
                         enum semo_rule rule, bool write, bool byte)
{
    semo_violate(m, when, address, rule);
    m->core.violation_access = (uint8_t)(SEMO_WORD_READ + 2 * write + byte);
}

enum semo_rule semo_bus_check(const struct semo_machine *m, uint16_t address, bool write, bool byte)
{
    enum semo_access_kind kind = m->measuring            ? SEMO_MEASURE
                                 : !write                ? SEMO_READ
                                 : byte && (address & 1) ? SEMO_WRITE_ODD_BYTE
                                                         : SEMO_WRITE;
    return semo_access(m->core.access, m->core.pc_now, m->core.pc_before, address, kind);
}

static void check(struct semo_machine *m, uint64_t when, uint16_t address, bool write, bool byte)
{
    enum semo_rule rule = semo_bus_check(m, address, write, byte);
    if (rule == SEMO_ALLOWED) {
        if (m->watch && !m->masked)
            m->watch(m->watch_context, address, write, byte);
        return;
    }
    m->masked = true;
    semo_violate_access(m, when, address, rule, write, byte);
}

/* What an access changes shows from the next cycle on: an interrupt that is sampled in this one
 * still sees the lines as they were. */
static void before_access(struct semo_machine *m, uint64_t when)
{
    if (m->next_event <= when)
        semo_devices_run(m, when);
    m->lines_at = when;
    m->lines_then = m->lines;
}

static uint16_t device_read(struct semo_machine *m, uint64_t when, uint16_t address, bool byte)
{
    struct semo_device *d = device_at(m, address);
    if (!d || !d->class->read)
        return 0;
    before_access(m, when);
    unsigned mask = !byte ? 3 : address & 1 ? 2 : 1;
    uint16_t offset = (uint16_t)((address & 0xFFFE) - d->base);
    uint16_t value = d->class->read(d, offset, mask, when, m->core.id_now);
    semo_devices_refresh(m);
    return value;
}

/* What the processor reads is 0 from a violation on until data memory answers again, whatever else
 * it reads in between (reference 3.2). */
static void data_answers(struct semo_machine *m, uint16_t address)
{
    m->core.read_masked = false;
    if (!m->core.access->hardened) /* where nobody ever sees it */
        m->core.bus_word = semo_word(m, address);
}

static uint16_t memory_read(struct semo_machine *m, uint16_t address)
{
    if (!is_memory(m, address)) /* the last word anybody read or wrote */
        return m->core.access->hardened ? 0 : m->core.bus_word;
    if (is_data(address))
        data_answers(m, address);
    return semo_word(m, address);
}

uint16_t semo_bus_read(struct semo_machine *m, uint64_t when, uint16_t address, bool byte)
{
    struct semo_core *c = &m->core;
    if (!m->quiet)
        semo_trace_bus(m, when, address);
    if (c->dma_listens)
        semo_dma_wait(m, when, address);
    check(m, when, address, false, byte);
    uint16_t word = 0;
    if (is_register(m, address))
        word = device_read(m, when, address, byte);
    else if (!m->masked)
        word = memory_read(m, address);
    if (m->masked || c->read_masked)
        return 0;
    if (!byte)
        return word;
    return address & 1 ? word >> 8 : word & 0xFF;
}

bool semo_bus_write(struct semo_machine *m, uint64_t when, uint16_t address, uint16_t value,
                    bool byte)
{
    unsigned mask = !byte ? 3 : address & 1 ? 2 : 1;
    if (byte)
        value = (uint16_t)((value & 0xFF) * 0x101);
    if (!m->quiet)
        semo_trace_write(m, when, address, value, mask);
    if (m->core.dma_listens)
        semo_dma_wait(m, when, address);
    check(m, when, address, true, byte);
    if (is_register(m, address)) {
        struct semo_device *d = device_at(m, address);
        if (!d || !d->class->write)
            return false;
        before_access(m, when);
        uint16_t offset = (uint16_t)((address & 0xFFFE) - d->base);
        d->class->write(d, offset, value, mask, when, m->core.id_now);
        semo_devices_refresh(m);
        return false;
    }
    if (m->masked || !is_memory(m, address))
        return false;
    semo_word_put(m, address, value, mask);
    if (is_data(address))
        data_answers(m, address);
    return semo_bus_is_program(address);
}
