/* SPDX-License-Identifier: Apache-2.0 */
/* Cycles, memories, the access rules (section 3.1) and the trace lines. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/oracle/oracle.h"

bool oracle_in_data(uint16_t address)
{
    return address >= 0x0200 && address < 0x4200;
}

bool oracle_in_program(uint16_t address)
{
    return address >= 0x5C00;
}

uint16_t oracle_word(const struct oracle *o, uint16_t address)
{
    address &= 0xFFFE;
    return (uint16_t)(o->memory[address] | o->memory[address + 1] << 8);
}

void oracle_set_word(struct oracle *o, uint16_t address, uint16_t word)
{
    address &= 0xFFFE;
    o->memory[address] = (uint8_t)word;
    o->memory[address + 1] = (uint8_t)(word >> 8);
}

void oracle_put(struct oracle *o, uint16_t address, const void *bytes, size_t len)
{
    memcpy(o->memory + address, bytes, len);
}

/* --- trace --- */

void oracle_trace(struct oracle *o, const char *format, ...)
{
    char text[400];
    va_list arguments;
    if (!o->line)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    o->line(o->context, text);
}

void oracle_trace_registers(struct oracle *o, const char *head)
{
    char registers[200];
    int n = 0;
    if (!o->line)
        return;
    for (unsigned i = 1; i < 16; i++)
        n += snprintf(registers + n, sizeof registers - (size_t)n, " r%u=%04x", i, o->r[i]);
    oracle_trace(o, "%s%s sm=%04x prev=%04x", head, registers, oracle_id_now(o), o->id_previous);
}

/* --- modules and rules --- */

static bool inside(uint16_t address, uint16_t first, uint16_t end)
{
    return address >= first && address < end;
}

const struct oracle_slot *oracle_slot_at(const struct oracle *o, uint16_t address)
{
    const struct oracle_slot *found = NULL;
    for (unsigned i = 0; i < ORACLE_SLOTS; i++) /* the highest wins */
        if (o->slot[i].enabled && inside(address, o->slot[i].ps, o->slot[i].pe))
            found = &o->slot[i];
    return found;
}

uint16_t oracle_module_at(const struct oracle *o, uint16_t address)
{
    const struct oracle_slot *s = oracle_slot_at(o, address);
    return s ? s->id : 0;
}

uint16_t oracle_id_now(const struct oracle *o)
{
    return o->irq_id ? o->irq_id : oracle_module_at(o, o->pc_now);
}

static bool slot_allows(const struct oracle *o, const struct oracle_slot *m, uint16_t address,
                        bool write, bool byte)
{
    bool own = inside(o->pc_now, m->ps, m->pe);
    bool counts_as_write = write && !(byte && (address & 1)); /* the hole of 3.1 */
    if (inside(address, m->ps, m->pe) && !o->open && (counts_as_write || !own))
        return false;
    if (inside(address, m->ss, m->se) && !own)
        return false;
    return true;
}

bool oracle_allowed(const struct oracle *o, uint16_t address, bool write, bool byte)
{
    for (unsigned i = 0; i < ORACLE_SLOTS; i++)
        if (o->slot[i].enabled && !slot_allows(o, &o->slot[i], address, write, byte))
            return false;
    return true;
}

bool oracle_bad_entry(const struct oracle *o)
{
    for (unsigned i = 0; i < ORACLE_SLOTS; i++) {
        const struct oracle_slot *m = &o->slot[i];
        if (m->enabled && inside(o->pc_now, m->ps, m->pe) && !inside(o->pc_before, m->ps, m->pe) &&
            o->pc_now != m->ps)
            return true;
    }
    return false;
}

void oracle_violation(struct oracle *o, enum oracle_kind kind, bool mask)
{
    o->count[kind]++;
    if (!o->violated && !o->violation_now && !(kind == ORACLE_BAD_ENTRIES && o->irq_id))
        o->violation = (struct oracle_violation){.first = o->cycle,
                                                 .pc = o->pc_now,
                                                 .module = oracle_module_at(o, o->pc_now),
                                                 .woken = o->irq_id && o->woken};
    else if (!o->irq_id) /* an enable may have put another one around the code meanwhile */
        o->violation.module = oracle_module_at(o, o->pc_now);
    o->violation.last = o->cycle;
    o->violation_now = true;
    if (mask)
        o->masked = true;
}

void oracle_new_stack(struct oracle *o, uint16_t sp)
{
    if (sp == 0)
        o->stack_guard = 0;
    else if (sp < o->stack_guard)
        oracle_violation(o, ORACLE_BAD_STACK, true);
}

/* --- cycles --- */

void oracle_tick(struct oracle *o)
{
    uint16_t id = oracle_id_now(o);
    if ((o->r[2] & SR_GIE) && !o->in_clix_instruction) /* 3.4: ended early */
        o->clix_left = 0;
    o->sampled_gie = oracle_gie(o);
    o->sampled_lines = oracle_periph_lines(o);
    if (oracle_bad_entry(o))
        oracle_violation(o, ORACLE_BAD_ENTRIES, true);
    oracle_monitor_tick(o);
    if (o->violation_now) {
        oracle_trace(o, "V %llu", (unsigned long long)o->cycle);
        o->violations++;
        o->violated = true;
        o->r[2] |= SR_VIOLATED;
        o->zero_reads = true;
        o->violation_now = false;
    }
    oracle_periph_tick(o);
    if (id != o->id_last) {
        o->id_previous = o->id_last;
        o->id_last = id;
    }
    o->cycle++;
}

void oracle_until(struct oracle *o, uint64_t cycle)
{
    while (o->cycle < cycle)
        oracle_tick(o);
}

/* --- accesses --- */

static void check(struct oracle *o, uint16_t address, bool write, bool byte)
{
    if (oracle_bad_entry(o))
        o->masked = true;
    if (!oracle_allowed(o, address, write, byte))
        oracle_violation(o, ORACLE_BAD_ACCESSES, true);
}

/* The port of program memory is busy in this cycle: no fetch (1.5). */
static void note_program_access(struct oracle *o, uint16_t address)
{
    if (!oracle_in_program(address) || o->masked)
        return;
    o->program_access = o->cycle;
    o->program_word = oracle_word(o, address);
}

/* Its port shows what it last read or wrote. */
static uint16_t read_data_memory(struct oracle *o, uint16_t address)
{
    o->zero_reads = false;
    o->port_unknown = false;
    o->read_port = oracle_word(o, address);
    return o->read_port;
}

/* 3.2: suppressed reads give 0, and so does everything until data memory is accessed again.
 * Peripherals are read all the same. */
static uint16_t read_word(struct oracle *o, uint16_t address)
{
    uint16_t word = o->read_port;
    bool zero = o->zero_reads || o->masked;
    if (oracle_in_data(address) && !o->masked)
        return read_data_memory(o, address);
    if (oracle_in_program(address))
        word = oracle_word(o, address);
    else if (address < 0x0200)
        word = oracle_periph_read(o, address);
    else if (o->port_unknown && !zero)
        o->undetermined = "unmapped read after a reset or an undocumented crypto operation";
    o->zero_reads = zero;
    return zero ? 0 : word;
}

uint16_t oracle_read(struct oracle *o, uint16_t address, bool byte)
{
    oracle_trace(o, "R %llu %04x", (unsigned long long)o->cycle, address);
    check(o, address, false, byte);
    uint16_t word = read_word(o, address);
    note_program_access(o, address);
    if (!byte)
        return word;
    return address & 1 ? word >> 8 : word & 0xFF;
}

static void write_memory(struct oracle *o, uint16_t address, uint16_t data, unsigned mask)
{
    uint16_t even = address & 0xFFFE;
    if (o->masked) {
        o->zero_reads = true;
        return;
    }
    if (mask & 1)
        o->memory[even] = (uint8_t)data;
    if (mask & 2)
        o->memory[even + 1] = (uint8_t)(data >> 8);
    if (oracle_in_data(address)) { /* write-first: its port shows the word written */
        read_data_memory(o, address);
    } else {
        o->count[ORACLE_PROGRAM_WRITES]++;
    }
}

void oracle_write(struct oracle *o, uint16_t address, uint16_t data, bool byte)
{
    unsigned mask = byte ? (address & 1 ? 2 : 1) : 3;
    if (byte)
        data = (uint16_t)((data & 0xFF) * 0x0101);
    oracle_trace(o, "W %llu %04x %04x %u", (unsigned long long)o->cycle, address, data, mask);
    check(o, address, true, byte);
    if (address < 0x0200)
        oracle_periph_write(o, address, data, mask);
    else if (oracle_in_data(address) || oracle_in_program(address))
        write_memory(o, address, data, mask);
    note_program_access(o, address);
}
