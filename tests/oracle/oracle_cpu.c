/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions of section 1: one function each (the two-operand ones share operands). Cycle
 * numbers: 1.4 and "Bus lines" of section 8, t = first cycle of the instruction. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/oracle/oracle.h"

struct operand {
    bool in_memory;
    bool constant;
    unsigned reg;     /* of a register operand */
    uint16_t address; /* of a memory operand */
    uint16_t value;
    unsigned increment; /* to add to reg at the end of the instruction */
};

/* --- registers --- */

void oracle_set_register(struct oracle *o, unsigned n, uint16_t value)
{
    if (n == 1)
        value &= 0xFFFE;
    if (n == 2)
        o->stalled = oracle_write_status(o, value);
    else
        o->r[n] = value;
}

/* A register written at the end of the present cycle; the stack guard looks at it in the cycle. */
static void set_and_tick(struct oracle *o, unsigned n, uint16_t value)
{
    if (n == 1)
        oracle_new_stack(o, value & 0xFFFE);
    oracle_tick(o);
    oracle_set_register(o, n, value);
}

/* --- fetching --- */

static uint16_t fetch(struct oracle *o)
{
    if (o->in_slot)
        o->undetermined = "two words after an operation on PC (one recording only, errat8)";
    if (o->in_slot) /* errat8: the word after it has not been fetched, PC does not move */
        return o->last_extension;
    uint16_t word = o->fetch_port; /* stale outside program memory, the word after the last one */
    if (oracle_in_program(o->r[0])) {
        word = oracle_word(o, o->r[0]);
        o->fetch_port = oracle_word(o, (uint16_t)(o->r[0] + 2));
    } else {
        o->undetermined = "PC outside program memory (section 6)";
    }
    if (o->instruction_words == 0 && o->swap.opcode_valid) {
        word = o->swap.opcode;
        o->count[ORACLE_ERRATA]++;
    }
    if (o->instruction_words == 1 && o->swap.next_valid) {
        word = o->swap.next;
        o->swap.next_valid = false;
        o->count[ORACLE_ERRATA]++;
    }
    if (o->instruction_words++)
        o->last_extension = word;
    o->r[0] += 2;
    return word;
}

/* 1.5: an access to program memory in the last cycle replaces the word fetched in it. */
static void collide(struct oracle *o, uint16_t address)
{
    if (!oracle_in_program(address) || o->masked)
        return;
    o->swap.made = true;
    o->swap.word = oracle_word(o, address);
}

/* After the instruction. What replaced the word after a one-word instruction is its follower's
 * opcode if there was no cycle to fetch that again: the instruction took one cycle, or it took two
 * and read program memory in the first (then it is the word it read: errat6). What the instruction
 * displaced itself is for its follower. */
static void pass_swap(struct oracle *o, uint16_t start, uint64_t t)
{
    bool straight = o->r[0] == (uint16_t)(start + 2 * o->instruction_words);
    bool pending = straight && o->swap.next_valid && o->instruction_words == 1;
    bool busy = o->program_access == t && o->cycle == t + 2;
    o->swap.opcode_valid = pending && (o->cycle == t + 1 || busy);
    o->swap.opcode = busy ? o->program_word : o->swap.next;
    o->swap.next_valid = straight && o->swap.made;
    o->swap.next = o->swap.word;
    o->swap.made = false;
}

/* --- operands --- */

static int constant_of(unsigned reg, unsigned mode)
{
    static const int of_r3[4] = {0, 1, 2, 0xFFFF};
    if (reg == 3)
        return of_r3[mode];
    if (reg == 2 && mode >= 2)
        return mode == 2 ? 4 : 8;
    return -1;
}

static void count_mode(struct oracle *o, enum oracle_kind kind, unsigned reg, unsigned mode)
{
    static const uint8_t modes[4] = {ORACLE_REGISTER, ORACLE_INDEXED, ORACLE_INDIRECT,
                                     ORACLE_AUTOINCREMENT};
    unsigned which = modes[mode];
    if (mode == 0 && reg == 2 && o->masked)
        o->undetermined = "SR as an operand of an illegal entry: bit 14 in its first cycle (3.2)";
    if (kind == ORACLE_SOURCES && constant_of(reg, mode) >= 0)
        which = ORACLE_CONSTANT;
    else if (mode == 1 && reg == 0)
        which = ORACLE_SYMBOLIC;
    else if (mode == 1 && reg == 2)
        which = ORACLE_ABSOLUTE;
    else if (mode == 3 && reg == 0)
        which = ORACLE_IMMEDIATE;
    o->count[kind + which]++;
}

/* x(Rn), &abs, symbolic: takes the extension word. */
static uint16_t indexed_address(struct oracle *o, unsigned reg, uint16_t base)
{
    uint16_t at = o->r[0], x = fetch(o);
    if (reg == 0)
        return (uint16_t)(at + x);
    return reg == 2 ? x : (uint16_t)(base + x);
}

/* The source operand; spends the S cycles of 1.4. `sp` is what R1 counts as (PUSH, CALL). */
static struct operand source(struct oracle *o, unsigned reg, unsigned mode, bool byte, uint16_t sp)
{
    struct operand s = {.reg = reg};
    uint16_t base = reg == 1 ? sp : o->r[reg];
    int constant = constant_of(reg, mode);
    count_mode(o, ORACLE_SOURCES, reg, mode);
    o->count[ORACLE_BYTES] += byte;
    if (constant >= 0) {
        s.constant = true;
        s.value = (uint16_t)constant;
    } else if (mode == 0) {
        s.value = base;
    } else if (mode == 3 && reg == 0) {
        s.constant = true;
        s.address = o->r[0];
        s.value = fetch(o);
        oracle_tick(o);
    } else {
        s.in_memory = true;
        s.address = base;
        if (mode == 1) {
            s.address = indexed_address(o, reg, base);
            oracle_tick(o);
        }
        s.value = oracle_read(o, s.address, byte);
        oracle_tick(o);
        if (mode == 3)
            s.increment = byte && reg != 1 ? 1 : 2;
    }
    return s;
}

/* --- arithmetic --- */

struct result {
    uint16_t value;
    bool write, flags;
    bool n, z, c, v;
};

static struct result nothing_but(uint16_t value)
{
    return (struct result){.value = value, .write = true};
}

static uint16_t top(bool byte)
{
    return byte ? 0x80 : 0x8000;
}

static uint16_t ones(bool byte)
{
    return byte ? 0xFF : 0xFFFF;
}

static struct result flagged(uint16_t value, bool byte, bool c, bool v)
{
    value &= ones(byte);
    return (struct result){value, true, true, (value & top(byte)) != 0, value == 0, c, v};
}

static struct result add(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    uint32_t sum = (uint32_t)(src & ones(byte)) + (dst & ones(byte)) + carry;
    bool v = (~(src ^ dst) & (src ^ sum)) & top(byte);
    return flagged((uint16_t)sum, byte, sum > ones(byte), v);
}

static struct result op_mov(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    (void)dst, (void)carry, (void)byte;
    return nothing_but(src);
}

static struct result op_add(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    (void)carry;
    return add(src, dst, 0, byte);
}

static struct result op_addc(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    return add(src, dst, carry, byte);
}

static struct result op_subc(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    return add((uint16_t)~src & ones(byte), dst, carry, byte);
}

static struct result op_sub(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    (void)carry;
    return add((uint16_t)~src & ones(byte), dst, 1, byte);
}

static struct result op_cmp(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    struct result r = op_sub(src, dst, carry, byte);
    r.write = false;
    return r;
}

static struct result op_dadd(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    unsigned value = 0;
    for (unsigned shift = 0; shift < (byte ? 8U : 16U); shift += 4) {
        unsigned s = (src >> shift & 15U) + (dst >> shift & 15U) + carry;
        if (s >= 10)
            s = (s + 6) & 31;
        carry = s >> 4;
        value |= (s & 15) << shift;
    }
    bool v = (~(src ^ dst) & (src ^ value)) & top(byte);
    return flagged((uint16_t)value, byte, carry, v);
}

static struct result op_and(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    (void)carry;
    return flagged(src & dst, byte, (src & dst & ones(byte)) != 0, false);
}

static struct result op_bit(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    struct result r = op_and(src, dst, carry, byte);
    r.write = false;
    return r;
}

static struct result op_bic(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    (void)carry, (void)byte;
    return nothing_but(dst & (uint16_t)~src);
}

static struct result op_bis(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    (void)carry, (void)byte;
    return nothing_but(dst | src);
}

static struct result op_xor(uint16_t src, uint16_t dst, unsigned carry, bool byte)
{
    (void)carry;
    return flagged(src ^ dst, byte, ((src ^ dst) & ones(byte)) != 0, src & dst & top(byte));
}

static uint16_t with_flags(uint16_t status, const struct result *r)
{
    if (!r->flags)
        return status;
    status &= (uint16_t) ~(SR_C | SR_Z | SR_N | SR_V);
    return (uint16_t)(status | r->c * SR_C | r->z * SR_Z | r->n * SR_N | r->v * SR_V);
}

/* --- two operands --- */

typedef struct result two_operand_fn(uint16_t src, uint16_t dst, unsigned carry, bool byte);
static two_operand_fn *const two_operand[16] = {
    [4] = op_mov,   [5] = op_add,  [6] = op_addc, [7] = op_subc, [8] = op_sub,  [9] = op_cmp,
    [10] = op_dadd, [11] = op_bit, [12] = op_bic, [13] = op_bis, [14] = op_xor, [15] = op_and};

static void set_flags(struct oracle *o, const struct result *r)
{
    if (r->flags)
        o->r[2] = with_flags(o->r[2], r);
}

/* In the last cycle, whose write a guard violation suppresses (3.2: from the violating cycle). */
static void note_increment(struct oracle *o, const struct operand *s)
{
    if (s->increment && s->reg == 1)
        oracle_new_stack(o, (uint16_t)(o->r[1] + s->increment));
}

/* Register destination: all in one cycle, PC needs another. */
static void finish_register(struct oracle *o, const struct operand *s, unsigned dst,
                            struct result r, bool byte)
{
    uint16_t value = byte ? r.value & 0xFF : r.value;
    if (dst == 0)
        oracle_tick(o);
    if (!(r.write && dst == s->reg))
        note_increment(o, s);
    if (r.write && dst == 1)
        oracle_new_stack(o, value & 0xFFFE);
    oracle_tick(o);
    if (s->increment)
        o->r[s->reg] = (uint16_t)(o->r[s->reg] + s->increment);
    if (r.write && dst == 2)
        oracle_set_register(o, 2, with_flags(value, &r));
    else if (r.write)
        oracle_set_register(o, dst, value);
    set_flags(o, &r);
}

static void finish_increment(struct oracle *o, const struct operand *s)
{
    oracle_tick(o);
    if (s->increment)
        o->r[s->reg] = (uint16_t)(o->r[s->reg] + s->increment);
}

/* Memory destination: read in the third-last cycle (not MOV), write in the last, program memory
 * one more; CMP and BIT read a second time instead. */
static void memory_destination(struct oracle *o, unsigned opcode, const struct operand *s,
                               unsigned reg, bool byte)
{
    bool compares = opcode == 9 || opcode == 11;
    uint16_t dst = 0, address = indexed_address(o, reg, o->r[reg]);
    oracle_tick(o);
    if (opcode != 4)
        dst = oracle_read(o, address, byte);
    oracle_tick(o);
    oracle_tick(o);
    struct result r = two_operand[opcode](s->value, dst, o->r[2] & SR_C, byte);
    bool later = !compares && oracle_in_program(address) && !o->masked;
    if (!later)
        note_increment(o, s);
    if (compares)
        oracle_read(o, address, byte);
    else
        oracle_write(o, address, r.value, byte);
    if (compares)
        collide(o, address);
    else if (later && !o->masked)
        oracle_tick(o);
    if (later)
        note_increment(o, s);
    finish_increment(o, s);
    set_flags(o, &r);
}

static void two_operands(struct oracle *o, uint16_t word)
{
    unsigned opcode = word >> 12, reg = word >> 8 & 15, dst = word & 15;
    bool byte = word & 0x40;
    o->count[ORACLE_TWO_OPERAND + opcode]++;
    struct operand s = source(o, reg, word >> 4 & 3, byte, o->r[1]);
    count_mode(o, ORACLE_DESTINATIONS, dst, word >> 7 & 1);
    if (byte)
        s.value &= 0xFF;
    if (word & 0x80) {
        memory_destination(o, opcode, &s, dst, byte);
        return;
    }
    uint16_t old = byte ? o->r[dst] & 0xFF : o->r[dst];
    finish_register(o, &s, dst, two_operand[opcode](s.value, old, o->r[2] & SR_C, byte), byte);
}

/* --- one operand --- */

static struct result op_rrc(uint16_t v, bool carry, bool byte)
{
    return flagged((uint16_t)((v & ones(byte)) >> 1 | (carry ? top(byte) : 0)), byte, v & 1, false);
}

static struct result op_rra(uint16_t v, bool carry, bool byte)
{
    (void)carry;
    return flagged((uint16_t)((v & ones(byte)) >> 1 | (v & top(byte))), byte, v & 1, false);
}

static struct result op_swpb(uint16_t v, bool carry, bool byte)
{
    (void)carry, (void)byte;
    return nothing_but((uint16_t)(v << 8 | v >> 8));
}

static struct result op_sxt(uint16_t v, bool carry, bool byte)
{
    uint16_t value = v & 0x80 ? v | 0xFF00 : v & 0xFF;
    (void)carry, (void)byte;
    return flagged(value, false, value != 0, false);
}

/* RRC PC and its like take one cycle; the word after them has been fetched already and is executed
 * before the new PC counts (errat4 to errat8). */
static void shift_pc(struct oracle *o, const struct result *r, bool byte)
{
    o->slot_valid = true;
    o->slot_address = o->r[0];
    o->slot_opcode = oracle_word(o, o->r[0]);
    if (!oracle_in_program(o->r[0]))
        o->undetermined = "PC outside program memory (section 6)";
    o->fetch_port = o->slot_opcode;
    if (o->swap.next_valid)
        o->slot_opcode = o->swap.next;
    oracle_tick(o);
    o->r[0] = byte ? r->value & 0xFF : r->value;
    set_flags(o, r);
}

/* RRC, SWPB, RRA, SXT */
static void shift(struct oracle *o, uint16_t word)
{
    static struct result (*const operation[4])(uint16_t, bool, bool) = {op_rrc, op_swpb, op_rra,
                                                                        op_sxt};
    bool byte = word & 0x40;
    struct operand s = source(o, word & 15, word >> 4 & 3, byte, o->r[1]);
    if (s.constant && s.address)
        o->undetermined =
            "RRC, SWPB, RRA, SXT of an immediate (the reference names no such operand)";
    struct result r = operation[word >> 7 & 3](s.value, o->r[2] & SR_C, byte);
    if (!s.in_memory && s.reg == 0 && !s.constant) {
        shift_pc(o, &r, byte);
        return;
    }
    r.write = !s.constant; /* there is nothing to write to: the flags are all */
    if (!s.in_memory) {
        finish_register(o, &s, s.reg, r, byte);
        return;
    }
    oracle_tick(o);
    note_increment(o, &s);
    oracle_write(o, s.address, r.value, byte);
    collide(o, s.address);
    finish_increment(o, &s);
    set_flags(o, &r);
}

/* PUSH and CALL: SP goes down in the third-last cycle, the write is in the last. */
static void push(struct oracle *o, uint16_t word, bool call)
{
    bool byte = word & 0x40;
    if (call && byte)
        o->undetermined = "CALL with the byte bit (the reference names no such instruction)";
    uint16_t sp = (uint16_t)(o->r[1] - 2);
    struct operand s = source(o, word & 15, word >> 4 & 3, byte, sp);
    set_and_tick(o, 1, sp);
    oracle_tick(o);
    oracle_write(o, sp, call ? o->r[0] : s.value, byte && !call);
    if (oracle_in_program(sp) && !o->masked)
        oracle_tick(o);
    note_increment(o, &s);
    finish_increment(o, &s);
    if (call)
        o->r[0] = s.value;
}

/* The guard sees each new SP in the cycle of the read, which it suppresses. */
static uint16_t pop(struct oracle *o)
{
    uint16_t sp = (uint16_t)(o->r[1] + 2), word;
    oracle_new_stack(o, sp);
    word = oracle_read(o, o->r[1], false);
    oracle_tick(o);
    o->r[1] = sp;
    return word;
}

static void reti(struct oracle *o)
{
    uint16_t status = pop(o), pc;
    oracle_tick(o);
    oracle_write_status(o, status); /* section 8 item 10 is about BIS: no stall here */
    pc = pop(o);
    oracle_tick(o);
    oracle_tick(o);
    o->r[0] = pc;
}

static void single_operand(struct oracle *o, uint16_t word)
{
    unsigned which = word >> 7 & 7;
    o->count[ORACLE_SINGLE + which]++;
    if (which < 4)
        shift(o, word);
    else if (which < 6)
        push(o, word, which == 5);
    else if (which == 6)
        reti(o);
    else if (word >= 0x138A && word <= 0x138F)
        o->count[ORACLE_NO_OPERATION]++, oracle_tick(o);
    else if (word >= 0x1380 && word <= 0x1389)
        oracle_sancus(o, word & 15);
    else
        o->undetermined = "Sancus encodings other than 0x1380-0x138F (section 6)";
}

/* --- jumps --- */

static bool condition(uint16_t status, unsigned which)
{
    bool c = status & SR_C, z = status & SR_Z, n = status & SR_N, v = status & SR_V;
    const bool holds[8] = {!z, z, !c, c, n, n == v, n != v, true};
    return holds[which];
}

static void jump(struct oracle *o, uint16_t word)
{
    int offset = word & 0x3FF;
    o->count[ORACLE_JUMP + (word >> 10 & 7)]++;
    if (offset & 0x200)
        offset -= 0x400;
    if (condition(o->r[2], word >> 10 & 7))
        o->r[0] = (uint16_t)(o->r[0] + 2 * offset);
    oracle_tick(o);
    oracle_tick(o);
}

/* --- one step --- */

uint16_t oracle_next_address(const struct oracle *o)
{
    return o->slot_valid ? o->slot_address : o->r[0];
}

static void trace_decode(struct oracle *o)
{
    char head[40];
    snprintf(head, sizeof head, "D %llu pc=%04x", (unsigned long long)o->cycle,
             oracle_next_address(o));
    oracle_trace_registers(o, head);
}

static void begin(struct oracle *o)
{
    o->pc_before = o->pc_now;
    o->pc_now = oracle_next_address(o);
    o->masked = false;
    o->bus_lines_known = true;
    o->instruction_words = 0;
    trace_decode(o);
    if (!o->irq_id && oracle_module_at(o, o->pc_now) != 0 &&
        oracle_module_at(o, o->pc_now) != oracle_module_at(o, o->pc_before) && !oracle_bad_entry(o))
        o->count[ORACLE_ENTRIES]++;
    if (oracle_bad_entry(o) || oracle_nested_entry(o))
        o->masked = true;
    if (oracle_bad_entry(o) && oracle_id_now(o) == o->id_last)
        o->undetermined = "illegal entry without a change of id: is GIE masked? (3.2, 3.3)";
}

static void execute(struct oracle *o)
{
    uint16_t start = o->r[0];
    uint64_t t = o->cycle;
    begin(o);
    uint16_t word;
    if (o->slot_valid) {
        word = o->slot_opcode;
        o->slot_valid = false;
        o->in_slot = true;
    } else {
        word = fetch(o);
    }
    if (word < 0x2000)
        single_operand(o, word);
    else if (word < 0x4000)
        jump(o, word);
    else
        two_operands(o, word);
    o->in_slot = false;
    pass_swap(o, start, t);
}

static void decide(struct oracle *o)
{
    if (o->violated) {
        o->interrupt = ORACLE_IRQ_VIOLATION;
        o->violators++;
        o->violated = false;
    } else if (o->sampled_gie && o->sampled_lines) {
        o->interrupt = 31 - __builtin_clz(o->sampled_lines);
    }
}

/* CPUOFF: the follower is decoded, not executed. */
static void fall_asleep(struct oracle *o)
{
    uint16_t id = oracle_module_at(o, o->r[0]);
    if (id != oracle_module_at(o, o->pc_now) || id != oracle_module_at(o, (uint16_t)(o->r[0] - 2)))
        o->undetermined = "asleep at the border of a module (which one is interrupted?)";
    o->asleep = true;
    o->count[ORACLE_SLEEPS]++;
    o->pc_before = o->pc_now;
    o->pc_now = o->r[0];
    trace_decode(o);
}

/* Section 8 item 10. The D line says that the current instruction is the follower already. */
static void stall(struct oracle *o)
{
    o->stalled = false;
    o->pc_before = o->pc_now;
    o->pc_now = o->r[0];
    if (oracle_bad_entry(o))
        o->undetermined = "illegal entry behind a refused CPUOFF (section 8 item 10)";
    trace_decode(o);
    oracle_tick(o);
    oracle_tick(o);
}

/* PUC. Section 2 does not say what becomes of WDTIFG: it stays set, as the core has it. */
static void take_reset(struct oracle *o)
{
    o->count[ORACLE_RESETS]++;
    if (o->p.expired)
        o->undetermined = "instruction after which an expired watchdog resets (not in section 2)";
    oracle_reset(o);
    o->p.ifg1 = 1;
    o->flag_after_reset = true;
    o->port_unknown = true;
}

void oracle_step(struct oracle *o)
{
    if (o->p.reset)
        take_reset(o);
    if (o->interrupt >= 0) {
        oracle_interrupt(o);
    } else if (o->asleep) {
        oracle_tick(o);
        decide(o);
    } else if (o->stalled) {
        stall(o);
    } else {
        execute(o);
        decide(o);
    }
    if (!o->p.reset && !o->asleep && o->interrupt < 0 && !o->stalled && (o->r[2] & SR_CPUOFF))
        fall_asleep(o);
}

/* --- life --- */

void oracle_reset(struct oracle *o)
{
    memset(o->r, 0, sizeof o->r);
    memset(o->slot, 0, sizeof o->slot);
    memset(&o->swap, 0, sizeof o->swap);
    o->slot_valid = false;
    oracle_periph_reset(o);
    o->zero_reads = false;
    o->next_id = 1;
    o->stack_guard = 0;
    o->pc_now = o->pc_before = 0;
    o->id_last = 0xFFFF;
    o->id_previous = 0;
    o->irq_id = 0;
    o->open = 0;
    o->interrupt = -1;
    o->asleep = o->stalled = o->masked = o->violated = o->violation_now = false;
    o->entry_left = o->clix_left = 0;
    o->period_ending = o->in_clix_instruction = false;
    o->r[0] = oracle_word(o, 0xFFFE);
}

struct oracle *oracle_new(const struct oracle_config *config)
{
    struct oracle *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->config = *config;
    oracle_reset(o);
    return o;
}

void oracle_free(struct oracle *o)
{
    free(o);
}
