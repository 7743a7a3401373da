/* SPDX-License-Identifier: Apache-2.0 */
/* Plain instructions, fast: decoded once for each word of program memory, with one class for each
 * word of memory that restates what semo_access() would answer (tests/machine/test_machine.c
 * compares this path with the exact one). Whatever is unusual (devices, program memory writes, SR,
 * entering or leaving a module, anything refused) is left to semo_cpu_step(), before it has had any
 * effect here. */
#include <stdlib.h>
#include <string.h>
#include "machine/alu.h"

enum source { SRC_REGISTER, SRC_IMMEDIATE, SRC_INDEXED, SRC_INDIRECT, SRC_INCREMENT, SOURCES };
enum destination { DST_REGISTER, DST_INDEXED, DESTINATIONS };

#define TWO(op, byte, src, dst)                                                                    \
    (((((op)-SEMO_OP_MOV) * 2 + (byte)) * SOURCES + (src)) * DESTINATIONS + (dst))
enum handler {
    TWO_COUNT = 12 * 2 * SOURCES * DESTINATIONS,
    BRANCH = TWO_COUNT,         /* MOV to PC, + source */
    PUSH = BRANCH + SOURCES,    /* + source */
    PUSH_BYTE = PUSH + SOURCES, /* + source */
    CALL = PUSH_BYTE + SOURCES, /* + source */
    SHIFT = CALL + SOURCES,     /* + 2 * which + byte: of a register */
    JUMP = SHIFT + 8,           /* + condition */
    SLOW = JUMP + 8,
};

enum { ZERO = 16, REGISTERS }; /* a register that is always 0 makes &abs an index */
enum { NOT_DECODED = 0xFF };

struct semo_decoded {
    uint16_t handler;
    uint16_t src_word; /* immediate, index, or what @Rn+ adds */
    uint16_t dst_word; /* index; DST_REGISTER: mask of the result; jump: target */
    uint16_t next;
    uint8_t src, dst, cycles;
    uint8_t slot; /* 1 + the slot of the module it belongs to, 0 = unprotected */
};

/* Classes of words of memory. */
enum { CLASS_SLOW, CLASS_DATA, CLASS_PROGRAM, CLASS_PRIVATE = 16, CLASS_TEXT = 128 };
enum { MAY_READ = 1, MAY_WRITE = 2 };

struct semo_fast {
    struct semo_decoded decoded[0x8000];
    uint8_t class[0x8000];
    uint8_t may[256]; /* by class, for the code of `slot` */
    uint8_t slot;
    bool stale; /* modules changed: classes and slots are to be found again */
};

bool semo_fast_new(struct semo_machine *m)
{
    m->fast = calloc(1, sizeof *m->fast);
    if (m->fast)
        m->fast->stale = true;
    return m->fast != NULL;
}

void semo_fast_forget(struct semo_machine *m, uint16_t address)
{
    for (unsigned n = 0; n < 3; n++)
        m->fast->decoded[(uint16_t)(address - 2 * n) / 2].slot = NOT_DECODED;
}

void semo_fast_forget_all(struct semo_machine *m)
{
    if (m->fast)
        m->fast->stale = true;
}

/* ---- classes ---- */

static void mark(struct semo_fast *f, uint32_t start, uint32_t end, unsigned class)
{
    if (start >= end)
        return;
    memset(f->class + start / 2, (int)class, (end + 1) / 2 - start / 2);
    if (start & 1)
        f->class[start / 2] = CLASS_SLOW;
    if (end & 1)
        f->class[end / 2] = CLASS_SLOW;
}

/* Words that two ranges claim, or that are no data memory, are slow. */
static void claim(struct semo_fast *f, uint16_t start, uint16_t end, unsigned class, unsigned from)
{
    for (uint32_t a = start & 0xFFFE; a < end; a += 2) {
        bool whole = a >= start && a + 1 < end;
        f->class[a / 2] = (uint8_t)(whole && f->class[a / 2] == from ? class : CLASS_SLOW);
    }
}

static void classify(struct semo_machine *m)
{
    struct semo_fast *f = m->fast;
    memset(f->class, CLASS_SLOW, sizeof f->class);
    mark(f, SEMO_DATA_START, SEMO_DATA_END, CLASS_DATA);
    mark(f, SEMO_PROGRAM_START, 0x10000, CLASS_PROGRAM);
    for (unsigned n = 0; n < SEMO_WINDOW_COUNT; n++)
        if (m->window[n])
            mark(f, SEMO_WINDOW(n), SEMO_WINDOW_REG(n, 0), CLASS_DATA);
    for (unsigned i = 0; i < m->core.access.count; i++) {
        const struct semo_slot *s = &m->core.access.slots[i];
        if (!s->enabled)
            continue;
        claim(f, s->ps, s->pe, CLASS_TEXT + i, CLASS_PROGRAM);
        claim(f, s->ss, s->se, CLASS_PRIVATE + i, CLASS_DATA);
    }
    for (unsigned i = 0; i < 0x8000; i++)
        f->decoded[i].slot = NOT_DECODED;
    f->stale = false;
    f->slot = NOT_DECODED;
}

static void choose_slot(struct semo_fast *f, uint8_t slot)
{
    if (f->slot == slot)
        return;
    f->slot = slot;
    memset(f->may, 0, sizeof f->may);
    f->may[CLASS_DATA] = MAY_READ | MAY_WRITE;
    f->may[CLASS_PROGRAM] = MAY_READ;
    if (slot) {
        f->may[CLASS_PRIVATE + slot - 1] = MAY_READ | MAY_WRITE;
        f->may[CLASS_TEXT + slot - 1] = MAY_READ;
    }
}

/* ---- decoding ---- */

static uint16_t extension(const struct semo_machine *m, struct semo_decoded *d)
{
    uint16_t word = semo_word(m, d->next);
    d->next += 2;
    return word;
}

static uint8_t indexed(const struct semo_machine *m, struct semo_decoded *d, unsigned reg,
                       uint16_t *index)
{
    uint16_t base = reg == 0 ? d->next : 0;
    *index = (uint16_t)(base + extension(m, d));
    return reg == 0 || reg == 2 ? ZERO : (uint8_t)reg;
}

/* The kind of a source; its cycles are added. SOURCES = leave it to semo_cpu_step. */
static enum source source(const struct semo_machine *m, struct semo_decoded *d, unsigned reg,
                          unsigned as, bool byte)
{
    static const uint16_t r3[4] = {0, 1, 2, 0xFFFF};
    if (reg == 3 || (reg == 2 && as >= 2)) {
        d->src_word = reg == 3 ? r3[as] : as == 2 ? 4 : 8;
        if (byte)
            d->src_word &= 0xFF;
        return SRC_IMMEDIATE;
    }
    if (as == 0) {
        d->src = (uint8_t)reg;
        return reg ? SRC_REGISTER : SOURCES;
    }
    if (as == 1) {
        d->cycles += 2;
        d->src = indexed(m, d, reg, &d->src_word);
        return SRC_INDEXED;
    }
    d->cycles += 1;
    if (reg == 0 && as == 3) {
        d->src_word = extension(m, d);
        if (byte)
            d->src_word &= 0xFF;
        return SRC_IMMEDIATE;
    }
    d->src = (uint8_t)reg;
    d->src_word = byte && reg != 1 ? 1 : 2;
    return reg == 0 ? SOURCES : as == 2 ? SRC_INDIRECT : SRC_INCREMENT;
}

static unsigned decode_two(const struct semo_machine *m, struct semo_decoded *d, uint16_t word)
{
    unsigned op = word >> 12, byte = word >> 6 & 1, reg = word & 15;
    enum source src = source(m, d, word >> 8 & 15, word >> 4 & 3, byte);
    if (src == SOURCES)
        return SLOW;
    if (word & 0x80) {
        d->cycles += 4;
        d->dst = indexed(m, d, reg, &d->dst_word);
        return TWO(op, byte, src, DST_INDEXED);
    }
    d->dst = (uint8_t)reg;
    d->dst_word = reg == 1 ? 0xFFFE : 0xFFFF;
    d->cycles += reg ? 1 : 2;
    if (reg == 0)
        return op == SEMO_OP_MOV && !byte ? BRANCH + src : SLOW;
    return reg == 2 ? SLOW : TWO(op, byte, src, DST_REGISTER);
}

static unsigned decode_one(const struct semo_machine *m, struct semo_decoded *d, uint16_t word)
{
    unsigned which = word >> 7 & 7, byte = word >> 6 & 1, reg = word & 15;
    if (which < 4) {
        d->cycles = 1;
        d->dst = (uint8_t)reg;
        bool plain = (word & 0x30) == 0 && reg >= 4 && !(byte && (which & 1));
        return plain ? SHIFT + 2 * which + byte : SLOW;
    }
    if (which > 5 || (reg == 1 && which < 6)) /* operands relative to the moving stack pointer */
        return SLOW;
    d->cycles = 3;
    enum source src = source(m, d, reg, word >> 4 & 3, which == 4 && byte);
    if (src == SOURCES)
        return SLOW;
    return (which == 5 ? CALL : byte ? PUSH_BYTE : PUSH) + src;
}

/* All words of an instruction are of one kind: none reaches into the text of a module. */
static bool uniform(const struct semo_fast *f, uint16_t pc, uint16_t next)
{
    for (uint16_t a = pc; a != next; a += 2)
        if (f->class[a / 2] != f->class[pc / 2])
            return false;
    return true;
}

static void decode(struct semo_machine *m, uint16_t pc)
{
    struct semo_decoded *d = &m->fast->decoded[pc / 2];
    uint16_t word = semo_word(m, pc);
    *d = (struct semo_decoded){.handler = SLOW, .next = (uint16_t)(pc + 2)};
    d->slot = (uint8_t)(semo_access_slot(&m->core.access, pc) + 1);
    /* Words that belong to two modules are slow: there each of them has a say about entering. */
    if (!semo_bus_is_program(pc) || pc >= 0xFFFA || m->fast->class[pc / 2] == CLASS_SLOW)
        return;
    if (word >= 0x4000) {
        d->handler = (uint16_t)decode_two(m, d, word);
    } else if (word >= 0x2000) {
        int16_t offset = (int16_t)(uint16_t)(word << 6) >> 5;
        d->dst_word = (uint16_t)(d->next + (offset & ~1));
        d->cycles = 2;
        d->handler = (uint16_t)(JUMP + (word >> 10 & 7));
    } else {
        d->handler = (uint16_t)decode_one(m, d, word);
    }
    if (!uniform(m->fast, pc, d->next))
        d->handler = SLOW;
}

/* ---- executing ---- */

struct run {
    uint8_t *memory;
    const uint8_t *class, *may;
    uint16_t bus;
    const struct semo_decoded *extended; /* the last that changed source_extension */
    uint16_t r[REGISTERS];
};

#define INLINE static inline __attribute__((always_inline))

INLINE bool may(const struct run *x, uint16_t address, unsigned what, bool byte)
{
    return (x->may[x->class[address / 2]] & what) && (byte || !(address & 1));
}

INLINE uint16_t load(struct run *x, uint16_t address, bool byte)
{
    const uint8_t *p = x->memory + (address & 0xFFFE);
    uint16_t word = (uint16_t)(p[0] | p[1] << 8);
    if (address < SEMO_DATA_END)
        x->bus = word;
    return !byte ? word : x->memory[address];
}

INLINE void store(struct run *x, uint16_t address, uint16_t value, bool byte)
{
    x->memory[address] = (uint8_t)value;
    if (!byte)
        x->memory[address + 1] = (uint8_t)(value >> 8);
    if (address < SEMO_DATA_END)
        x->bus = (uint16_t)(x->memory[address & 0xFFFE] | x->memory[address | 1] << 8);
}

/* The value of a source; false: not here. */
INLINE bool get(struct run *x, const struct semo_decoded *d, enum source kind, bool byte,
                uint16_t *value)
{
    if (kind == SRC_IMMEDIATE)
        x->extended = d;
    if (kind == SRC_REGISTER || kind == SRC_IMMEDIATE) {
        *value = kind == SRC_IMMEDIATE ? d->src_word : x->r[d->src];
        if (byte)
            *value &= 0xFF;
        return true;
    }
    uint16_t address = x->r[d->src];
    if (kind == SRC_INDEXED)
        address += d->src_word;
    if (!may(x, address, MAY_READ, byte))
        return false;
    if (kind == SRC_INDEXED)
        x->extended = d;
    *value = load(x, address, byte);
    return true;
}

INLINE bool two(struct run *x, const struct semo_decoded *d, unsigned op, bool byte,
                enum source src_kind, enum destination dst_kind)
{
    uint16_t src, dst = 0, flags = x->r[2];
    uint16_t address = dst_kind == DST_INDEXED ? (uint16_t)(x->r[d->dst] + d->dst_word) : 0;
    /* Also CMP and BIT: with program memory they collide (reference 1.5). */
    if (dst_kind == DST_INDEXED && !may(x, address, MAY_WRITE, byte))
        return false;
    if (!get(x, d, src_kind, byte, &src))
        return false;
    if (dst_kind == DST_REGISTER)
        dst = byte ? x->r[d->dst] & 0xFF : x->r[d->dst];
    else if (op != SEMO_OP_MOV)
        dst = load(x, address, byte);
    uint16_t result = semo_alu(op, src, dst, byte, &flags);
    if (src_kind == SRC_INCREMENT)
        x->r[d->src] = (uint16_t)(x->r[d->src] + d->src_word);
    if (semo_op_writes(op) && dst_kind == DST_REGISTER)
        x->r[d->dst] = result & d->dst_word;
    else if (semo_op_writes(op))
        store(x, address, result, byte);
    if (semo_op_sets_flags(op))
        x->r[2] = (uint16_t)((x->r[2] & ~SEMO_FLAGS) | (flags & SEMO_FLAGS));
    return true;
}

/* PUSH and CALL; the operand is never relative to SP. */
INLINE bool push(struct run *x, const struct semo_decoded *d, enum source kind, bool byte,
                 uint16_t *target)
{
    uint16_t value, sp = (uint16_t)(x->r[1] - 2);
    if (!may(x, sp, MAY_WRITE, false) || !get(x, d, kind, byte, &value))
        return false;
    if (kind == SRC_INCREMENT)
        x->r[d->src] = (uint16_t)(x->r[d->src] + d->src_word);
    x->r[1] = sp;
    store(x, sp, target ? d->next : value, byte);
    if (target)
        *target = value;
    return true;
}

INLINE bool branch(struct run *x, const struct semo_decoded *d, enum source kind, uint16_t *target)
{
    if (!get(x, d, kind, false, target))
        return false;
    if (kind == SRC_INCREMENT)
        x->r[d->src] = (uint16_t)(x->r[d->src] + d->src_word);
    return true;
}

INLINE void shift(struct run *x, const struct semo_decoded *d, unsigned which, bool byte)
{
    uint16_t flags = x->r[2], value = byte ? x->r[d->dst] & 0xFF : x->r[d->dst];
    x->r[d->dst] = semo_alu_one(which, value, byte, &flags);
    if (which != 1)
        x->r[2] = (uint16_t)((x->r[2] & ~SEMO_FLAGS) | (flags & SEMO_FLAGS));
}

#define CASE_TWO(op, byte, src, dst)                                                               \
    case TWO(op, byte, src, dst):                                                                  \
        if (!two(&x, d, op, byte, src, dst))                                                       \
            goto leave;                                                                            \
        break;
#define CASE_DESTINATIONS(op, byte, src)                                                           \
    CASE_TWO(op, byte, src, DST_REGISTER) CASE_TWO(op, byte, src, DST_INDEXED)
#define CASE_SOURCES(op, byte)                                                                     \
    CASE_DESTINATIONS(op, byte, SRC_REGISTER)                                                      \
    CASE_DESTINATIONS(op, byte, SRC_IMMEDIATE)                                                     \
    CASE_DESTINATIONS(op, byte, SRC_INDEXED)                                                       \
    CASE_DESTINATIONS(op, byte, SRC_INDIRECT)                                                      \
    CASE_DESTINATIONS(op, byte, SRC_INCREMENT)
#define CASE_OP(op) CASE_SOURCES(op, 0) CASE_SOURCES(op, 1)
#define CASE_STACK(src)                                                                            \
    case PUSH + src:                                                                               \
        if (!push(&x, d, src, false, NULL))                                                        \
            goto leave;                                                                            \
        break;                                                                                     \
    case PUSH_BYTE + src:                                                                          \
        if (!push(&x, d, src, true, NULL))                                                         \
            goto leave;                                                                            \
        break;                                                                                     \
    case CALL + src:                                                                               \
        if (!push(&x, d, src, false, &next))                                                       \
            goto leave;                                                                            \
        break;                                                                                     \
    case BRANCH + src:                                                                             \
        if (!branch(&x, d, src, &next))                                                            \
            goto leave;                                                                            \
        break;
#define CASE_JUMP(condition)                                                                       \
    case JUMP + condition:                                                                         \
        x.extended = d;                                                                            \
        if (semo_jump_taken(condition, x.r[2]))                                                    \
            next = d->dst_word;                                                                    \
        break;
#define CASE_SHIFT(which, byte)                                                                    \
    case SHIFT + 2 * which + byte:                                                                 \
        shift(&x, d, which, byte);                                                                 \
        break;

static void keep_extension(struct semo_machine *m, const struct semo_decoded *last)
{
    uint16_t at = (uint16_t)(2 * (last - m->fast->decoded));
    m->core.source_extension = semo_source_extension(
        semo_word(m, at), semo_word(m, (uint16_t)(at + 2)), m->core.source_extension);
}

/* From the present state until cycle `limit` is reached or something is not for here. */
static bool run(struct semo_machine *m, uint64_t limit)
{
    struct semo_core *c = &m->core;
    struct semo_fast *f = m->fast;
    struct run x = {.memory = c->memory, .class = f->class, .may = f->may, .bus = c->bus_word};
    memcpy(x.r, c->r, sizeof c->r);
    x.r[ZERO] = 0;
    uint16_t pc = c->r[0], next, now = c->pc_now, before = c->pc_before, behind = 0;
    uint64_t cycle = c->cycle, start = cycle;
    const uint8_t slot = f->slot;
    while (cycle < limit && !(pc & 1)) {
        const struct semo_decoded *d = &f->decoded[pc / 2];
        if (d->slot != slot) {
            if (d->slot != NOT_DECODED)
                break;
            decode(m, pc);
            continue;
        }
        next = d->next;
        switch (d->handler) {
            CASE_OP(4)
            CASE_OP(5)
            CASE_OP(6)
            CASE_OP(7)
            CASE_OP(8)
            CASE_OP(9)
            CASE_OP(10)
            CASE_OP(11)
            CASE_OP(12)
            CASE_OP(13)
            CASE_OP(14)
            CASE_OP(15)
            CASE_STACK(SRC_REGISTER)
            CASE_STACK(SRC_IMMEDIATE)
            CASE_STACK(SRC_INDEXED)
            CASE_STACK(SRC_INDIRECT)
            CASE_STACK(SRC_INCREMENT)
            CASE_SHIFT(0, 0)
            CASE_SHIFT(0, 1)
            CASE_SHIFT(1, 0)
            CASE_SHIFT(2, 0)
            CASE_SHIFT(2, 1)
            CASE_SHIFT(3, 0)
            CASE_JUMP(0)
            CASE_JUMP(1)
            CASE_JUMP(2)
            CASE_JUMP(3)
            CASE_JUMP(4)
            CASE_JUMP(5)
            CASE_JUMP(6)
            CASE_JUMP(7)
        default:
            goto leave;
        }
        cycle += d->cycles;
        before = now;
        now = pc;
        behind = d->next;
        pc = next;
    }
leave:
    if (cycle == start)
        return false;
    memcpy(c->r, x.r, sizeof c->r);
    c->r[0] = pc;
    c->bus_word = x.bus;
    c->pc_now = now;
    c->pc_before = before;
    c->fetch_word = semo_word(m, behind);
    if (x.extended && m->config.profile == SEMO_COMPAT)
        keep_extension(m, x.extended);
    c->cycle = cycle;
    return true;
}

bool semo_fast_run(struct semo_machine *m, uint64_t until)
{
    struct semo_core *c = &m->core;
    bool unusual = c->guard || c->read_masked || c->spoiled_extension || c->spoiled_opcode ||
                   c->delayed || (m->lines && (c->r[2] & SEMO_GIE));
    if (unusual)
        return false;
    if (m->fast->stale)
        classify(m);
    int slot = semo_access_slot(&c->access, c->pc_now);
    if (c->id_now != (slot < 0 ? 0 : c->access.slots[slot].id))
        return false;
    choose_slot(m->fast, (uint8_t)(slot + 1));
    uint64_t limit = m->next_event < until ? m->next_event + 1 : until;
    if (!run(m, limit))
        return false;
    if (m->next_event < c->cycle)
        semo_interrupt_sample(m, 1, c->r[2] & SEMO_GIE, false);
    return true;
}
