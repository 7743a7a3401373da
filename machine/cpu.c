/* SPDX-License-Identifier: Apache-2.0 */
/* One instruction, exactly: bus cycles, violations and their masking, the program-memory erratum.
 * fast.c runs the plain cases; this file is what it must agree with. Cycle numbers: reference 1.4
 * and section 8, "Bus lines". */
#include "machine/alu.h"
#include "machine/state.h"

enum where { VALUE, REGISTER, MEMORY };
enum { JUMP_TO_SELF = 0x3FFF };

struct operand {
    enum where where;
    uint16_t value; /* VALUE: itself; MEMORY: address */
    uint8_t reg;    /* REGISTER; or the one to increment */
    uint8_t step;   /* @Rn+: added to reg when done */
    uint8_t cycles; /* part S of the cost */
};

struct instruction {
    uint16_t word, next; /* next: address of the following instruction */
    uint8_t extensions;
    uint16_t extension; /* the first of them */
    bool delayed;       /* executed after a shift of PC, before its target */
    unsigned op;        /* opcode nibble, or which of the one-operand group */
    bool byte;
    struct operand src, dst;
};

/* ---- registers with a will of their own ---- */

void semo_cpu_set_sp(struct semo_machine *m, uint64_t when, uint16_t value)
{
    struct semo_core *c = &m->core;
    value &= 0xFFFE;
    if (value == 0)
        c->guard = 0;
    else if (value < c->guard) {
        m->masked = true;
        semo_violate(m, when, value, SEMO_RULE_STACK);
    }
    c->r[1] = value;
}

/* Bits that code without privilege cannot change, by profile (atomicity monitor only). */
static uint16_t protected_bits(const struct semo_machine *m)
{
    if (!m->config.atomicity || semo_sancus_privileged(m))
        return 0;
    return m->config.profile == SEMO_HARDENED ? SEMO_CPUOFF | SEMO_OSCOFF | SEMO_SCG1 : SEMO_CPUOFF;
}

void semo_cpu_set_sr(struct semo_machine *m, uint64_t when, uint16_t value)
{
    struct semo_core *c = &m->core;
    uint16_t keep = (uint16_t)(SEMO_SR_HARDWARE | protected_bits(m));
    if (m->config.atomicity) { /* the monitor decides about GIE */
        m->gie_written = (value & SEMO_GIE) != 0;
        keep |= SEMO_GIE;
    }
    uint16_t sr = (uint16_t)((c->r[2] & keep) | (value & SEMO_SR_WRITABLE & ~keep));
    if (protected_bits(m) & SEMO_CPUOFF & value)
        c->stall = 2; /* the refused write stops fetching for two cycles */
    c->r[2] = sr;
    semo_machine_clocks(m, when);
}

static void set_register(struct semo_machine *m, uint64_t when, unsigned n, uint16_t value)
{
    if (n == 1)
        semo_cpu_set_sp(m, when, value);
    else if (n == 2)
        semo_cpu_set_sr(m, when, value);
    else
        m->core.r[n] = value;
}

/* ---- decoding ---- */

/* Outside program memory the core executes the word that it fetched last; hardened: `jmp $`, since
 * that word may be of a module's text. */
static uint16_t fetch(struct semo_machine *m, uint16_t address)
{
    if (semo_bus_is_program(address))
        return semo_word(m, address);
    return m->config.profile == SEMO_HARDENED ? JUMP_TO_SELF : m->core.fetch_word;
}

/* The core does not fetch any word for a delayed instruction: what comes is the one that an earlier
 * instruction left. Hardened: the word in its place, since the other may be of a module's text. */
static uint16_t extension(struct semo_machine *m, struct instruction *i)
{
    struct semo_core *c = &m->core;
    uint16_t word = fetch(m, i->delayed ? (uint16_t)(c->r[0] + 2) : i->next);
    if (i->delayed && m->config.profile == SEMO_COMPAT)
        word = c->source_extension;
    bool second = i->next == (uint16_t)(c->r[0] + 2);
    if (c->spoiled_extension && second) {
        c->spoiled_extension = false;
        word = c->spoiled_word;
    }
    i->next += i->delayed ? 0 : 2;
    if (i->extensions++ == 0)
        i->extension = word;
    return word;
}

static uint16_t opcode(struct semo_machine *m, struct instruction *i)
{
    struct semo_core *c = &m->core;
    uint16_t word = c->spoiled_opcode ? c->spoiled_opcode_word : fetch(m, i->next);
    c->spoiled_opcode = false;
    c->spoiled_opcode_word = 0;
    i->delayed = c->delayed;
    i->next = c->delayed ? c->delayed_pc : i->next + 2;
    c->delayed = false;
    c->delayed_pc = 0;
    return word;
}

/* x(Rn), symbolic, &abs */
static uint16_t indexed(struct semo_machine *m, struct instruction *i, unsigned reg)
{
    uint16_t base = reg == 2 ? 0 : reg == 0 ? i->next : m->core.r[reg];
    return (uint16_t)(base + extension(m, i));
}

static struct operand constant(uint16_t value)
{
    return (struct operand){.where = VALUE, .value = value};
}

static struct operand source(struct semo_machine *m, struct instruction *i, unsigned reg,
                             unsigned as, bool byte)
{
    static const uint16_t r3[4] = {0, 1, 2, 0xFFFF};
    if (reg == 3)
        return constant(byte ? r3[as] & 0xFF : r3[as]);
    if (reg == 2 && as >= 2)
        return constant(as == 2 ? 4 : 8);
    if (as == 0)
        return (struct operand){
            .where = REGISTER, .reg = (uint8_t)reg, .value = reg ? m->core.r[reg] : i->next};
    if (as == 1)
        return (struct operand){.where = MEMORY, .value = indexed(m, i, reg), .cycles = 2};
    if (reg == 0 && as == 3) {
        struct operand immediate = constant(extension(m, i));
        if (byte)
            immediate.value &= 0xFF;
        immediate.cycles = 1;
        return immediate;
    }
    struct operand o = {.where = MEMORY, .reg = (uint8_t)reg, .cycles = 1};
    o.value = reg ? m->core.r[reg] : i->next;
    o.step = as == 2 || reg == 0 ? 0 : byte && reg != 1 ? 1 : 2;
    return o;
}

static void decode_two(struct semo_machine *m, struct instruction *i)
{
    unsigned reg = i->word & 15;
    i->op = i->word >> 12;
    i->src = source(m, i, i->word >> 8 & 15, i->word >> 4 & 3, i->byte);
    if (i->word & 0x80)
        i->dst = (struct operand){.where = MEMORY, .value = indexed(m, i, reg)};
    else
        i->dst = (struct operand){.where = REGISTER, .reg = (uint8_t)reg};
}

enum { RRC, SWPB, RRA, SXT, PUSH, CALL, RETI, SANCUS };

static void decode_one(struct semo_machine *m, struct instruction *i)
{
    i->op = i->word >> 7 & 7;
    if (i->op == CALL)
        i->byte = false;
    if (i->op >= RETI)
        return;
    /* The stack pointer has moved before the operand of PUSH and CALL is looked at. */
    uint16_t sp = m->core.r[1];
    if (i->op == PUSH || i->op == CALL)
        m->core.r[1] = (uint16_t)(sp - 2);
    i->src = source(m, i, i->word & 15, i->word >> 4 & 3, i->byte);
    m->core.r[1] = sp;
}

static struct instruction decode(struct semo_machine *m)
{
    struct instruction i = {.next = m->core.r[0]};
    i.word = opcode(m, &i);
    i.byte = i.word & 0x40;
    if (i.word >= 0x4000)
        decode_two(m, &i);
    else if (i.word < 0x2000)
        decode_one(m, &i);
    if (m->config.profile == SEMO_COMPAT)
        m->core.source_extension =
            semo_source_extension(i.word, i.extension, m->core.source_extension);
    return i;
}

/* ---- executing ---- */

static uint16_t load(struct semo_machine *m, const struct instruction *i, const struct operand *o)
{
    if (o->where == MEMORY)
        return semo_bus_read(m, m->at + (o->cycles == 2), o->value, i->byte);
    return i->byte ? o->value & 0xFF : o->value;
}

/* In the last cycle of the instruction. */
static void increment(struct semo_machine *m, const struct operand *o, uint64_t last)
{
    if (o->step)
        set_register(m, last, o->reg, (uint16_t)(m->core.r[o->reg] + o->step));
}

/* Reference 1.5: a program memory operand used in the last cycle takes the place of the word behind
 * the next opcode, for one fetch. */
static void collide(struct semo_machine *m, uint16_t operand)
{
    struct semo_core *c = &m->core;
    if (m->config.profile != SEMO_COMPAT || !semo_bus_is_program(operand) || m->masked)
        return;
    c->spoiled_extension = true;
    c->spoiled_word = semo_word(m, operand);
}

static unsigned two_to_memory(struct semo_machine *m, struct instruction *i, uint16_t src)
{
    struct semo_core *c = &m->core;
    uint64_t last = m->at + i->src.cycles + 3u;
    uint16_t dst = 0, flags = c->r[2];
    if (i->op != SEMO_OP_MOV)
        dst = semo_bus_read(m, m->at + i->src.cycles + 1u, i->dst.value, i->byte);
    uint16_t result = semo_alu(i->op, src, dst, i->byte, &flags);
    unsigned cost = i->src.cycles + 4u;
    bool program = semo_op_writes(i->op) && semo_bus_is_program(i->dst.value);
    if (!program) /* a stack pointer below the guard masks what the same cycle writes */
        increment(m, &i->src, last);
    if (semo_op_writes(i->op)) {
        cost += semo_bus_write(m, last, i->dst.value, result, i->byte);
    } else {
        semo_bus_read(m, last, i->dst.value, i->byte);
        collide(m, i->dst.value);
    }
    if (program)
        increment(m, &i->src, m->at + cost - 1);
    if (semo_op_sets_flags(i->op))
        c->r[2] = (uint16_t)((c->r[2] & ~SEMO_FLAGS) | (flags & SEMO_FLAGS));
    return cost;
}

static unsigned two_to_register(struct semo_machine *m, struct instruction *i, uint16_t src)
{
    struct semo_core *c = &m->core;
    unsigned reg = i->dst.reg, cost = i->src.cycles + (reg == 0 ? 2u : 1u);
    if (reg == 2 && m->config.atomicity) /* SR as it is in the last cycle (reference 3.4) */
        semo_monitor_run(m, m->at + cost - 1);
    uint16_t dst = reg ? c->r[reg] : i->next, flags = c->r[2];
    if (i->byte)
        dst &= 0xFF;
    uint16_t result = semo_alu(i->op, src, dst, i->byte, &flags);
    if (semo_op_writes(i->op)) {
        if (i->src.step && i->src.reg == reg)
            i->src.step = 0; /* the result wins over the increment */
        set_register(m, m->at + cost - 1, reg, result);
        if (reg == 0) {
            i->next = result;
            m->jumped = true;
        }
    }
    if (semo_op_sets_flags(i->op))
        c->r[2] = (uint16_t)((c->r[2] & ~SEMO_FLAGS) | (flags & SEMO_FLAGS));
    increment(m, &i->src, m->at + cost - 1);
    return cost;
}

static unsigned execute_two(struct semo_machine *m, struct instruction *i)
{
    uint16_t src = load(m, i, &i->src);
    return i->dst.where == MEMORY ? two_to_memory(m, i, src) : two_to_register(m, i, src);
}

static unsigned execute_shift(struct semo_machine *m, struct instruction *i)
{
    struct semo_core *c = &m->core;
    bool whole = i->op == SWPB && i->src.where != MEMORY; /* SWPB.B takes all of its register */
    uint16_t value = whole ? i->src.value : load(m, i, &i->src), flags = c->r[2];
    uint16_t result = semo_alu_one(i->op, value, i->byte, &flags);
    if (i->byte)
        result &= 0xFF;
    unsigned cost = i->src.where == MEMORY ? i->src.cycles + 2u : 1;
    if (i->src.where == MEMORY) {
        increment(m, &i->src, m->at + cost - 1);
        semo_bus_write(m, m->at + cost - 1, i->src.value, result, i->byte);
        collide(m, i->src.value);
    } else {
        unsigned reg = i->word & 15;
        if (i->src.where == REGISTER && reg)
            set_register(m, m->at, reg, result);
        c->delayed =
            i->src.where == REGISTER && reg == 0; /* the word already fetched comes first */
        c->delayed_pc = c->delayed ? result : 0;
    }
    if (i->op != SWPB) /* they win over what is written to SR */
        c->r[2] = (uint16_t)((c->r[2] & ~SEMO_FLAGS) | (flags & SEMO_FLAGS));
    return cost;
}

static unsigned execute_push(struct semo_machine *m, struct instruction *i)
{
    struct semo_core *c = &m->core;
    unsigned cost = 3u + i->src.cycles;
    uint16_t sp = (uint16_t)(c->r[1] - 2);
    if (i->src.where == REGISTER && i->src.reg == 1)
        i->src.value = sp;
    uint16_t value = load(m, i, &i->src);
    semo_cpu_set_sp(m, m->at + cost - 3, sp);
    uint16_t pushed = i->op == CALL ? i->next : value;
    cost += semo_bus_write(m, m->at + cost - 1, sp, pushed, i->byte);
    increment(m, &i->src, m->at + cost - 1);
    if (i->op == CALL) {
        i->next = value;
        m->jumped = true;
    }
    return cost;
}

static unsigned execute_reti(struct semo_machine *m, struct instruction *i)
{
    struct semo_core *c = &m->core;
    uint16_t sp = c->r[1];
    semo_cpu_set_sp(m, m->at, (uint16_t)(sp + 2));
    uint16_t sr = semo_bus_read(m, m->at, sp, false);
    semo_cpu_set_sr(m, m->at + 1, sr);
    if (m->config.atomicity) { /* SR changes in the second cycle, long before the last */
        semo_monitor_run(m, m->at + 2);
        m->gie_written = -1;
        c->stall = 0;
    }
    semo_cpu_set_sp(m, m->at + 2, (uint16_t)(sp + 4));
    i->next = semo_bus_read(m, m->at + 2, (uint16_t)(sp + 2), false);
    m->jumped = true;
    return 5;
}

static unsigned execute_jump(struct semo_machine *m, struct instruction *i)
{
    if (semo_jump_taken(i->word >> 10 & 7, m->core.r[2])) {
        int16_t offset = (int16_t)(uint16_t)(i->word << 6) >> 5;
        i->next = (uint16_t)(i->next + (offset & ~1));
        m->jumped = true;
    }
    return 2;
}

static unsigned execute(struct semo_machine *m, struct instruction *i)
{
    if (i->word >= 0x4000)
        return execute_two(m, i);
    if (i->word >= 0x2000)
        return execute_jump(m, i);
    switch (i->op) {
    case PUSH:
    case CALL:
        return execute_push(m, i);
    case RETI:
        return execute_reti(m, i);
    case SANCUS:
        m->core.r[0] = i->next; /* disable replaces it */
        unsigned cost = semo_sancus_execute(m, i->word & 0x7F);
        i->next = m->core.r[0];
        return cost;
    default:
        return execute_shift(m, i);
    }
}

/* ---- hardened: nothing at all happens in an instruction that violates ---- */

static unsigned plain_cost(const struct instruction *i)
{
    if (i->word >= 0x4000)
        return i->src.cycles + (i->dst.where == MEMORY ? 4u : i->dst.reg == 0 ? 2u : 1u);
    if (i->word >= 0x2000)
        return 2;
    if (i->op == RETI)
        return 5;
    if (i->op == PUSH || i->op == CALL)
        return 3u + i->src.cycles;
    return i->src.where == MEMORY ? i->src.cycles + 2u : i->op == SANCUS ? 3 : 1;
}

/* Judges one access beforehand. */
static bool refused(struct semo_machine *m, uint16_t address, bool write, bool byte)
{
    enum semo_rule rule = semo_bus_check(m, address, write, byte);
    if (rule == SEMO_ALLOWED)
        return false;
    semo_violate_access(m, m->at, address, rule, write, byte);
    return true;
}

static bool refused_sp(struct semo_machine *m, uint16_t sp)
{
    sp &= 0xFFFE;
    if (sp == 0 || sp >= m->core.guard)
        return false;
    semo_violate(m, m->at, sp, SEMO_RULE_STACK);
    return true;
}

static bool accesses_refused(struct semo_machine *m, const struct instruction *i)
{
    uint16_t sp = m->core.r[1];
    for (unsigned n = 1; n <= i->extensions; n++) /* one that reaches into a module's text */
        if (refused(m, (uint16_t)(m->core.pc_now + 2 * n), false, false))
            return true;
    bool two = i->word >= 0x4000, jump = !two && i->word >= 0x2000;
    if (jump || (!two && i->op == SANCUS))
        return false; /* semo_sancus_execute judges its own */
    if (!two && i->op == RETI)
        return refused(m, sp, false, false) || refused(m, (uint16_t)(sp + 2), false, false) ||
               refused_sp(m, (uint16_t)(sp + 4));
    bool stack = !two && (i->op == PUSH || i->op == CALL);
    if (stack &&
        (refused_sp(m, (uint16_t)(sp - 2)) || refused(m, (uint16_t)(sp - 2), true, i->byte)))
        return true;
    bool replaced = two && i->dst.where == REGISTER && i->dst.reg == 1;
    if (i->src.step && i->src.reg == 1 && !stack && !replaced &&
        refused_sp(m, (uint16_t)(sp + i->src.step)))
        return true;
    if (i->src.where == MEMORY && refused(m, i->src.value, false, i->byte))
        return true;
    if (!two)
        return !stack && i->src.where == MEMORY && refused(m, i->src.value, true, i->byte);
    if (i->dst.where != MEMORY)
        return false;
    return (i->op != SEMO_OP_MOV && refused(m, i->dst.value, false, i->byte)) ||
           (semo_op_writes(i->op) && refused(m, i->dst.value, true, i->byte));
}

static unsigned execute_hardened(struct semo_machine *m, struct instruction *i, bool illegal)
{
    struct semo_core *c = &m->core;
    uint16_t before[16];
    if (illegal) { /* what it would have cost is the victim's to know */
        c->r[0] = i->next;
        return 1;
    }
    if (accesses_refused(m, i)) {
        c->r[0] = i->next;
        return plain_cost(i);
    }
    for (unsigned n = 0; n < 16; n++)
        before[n] = c->r[n];
    uint16_t follower = i->next;
    unsigned cost = execute(m, i);
    if (c->violated && c->violation_rule == SEMO_RULE_STACK) { /* a computed stack pointer */
        for (unsigned n = 1; n < 16; n++)
            c->r[n] = before[n];
        c->r[2] |= SEMO_SR_VIOLATION;
        semo_machine_clocks(m, m->at + cost - 1);
        i->next = follower;
    }
    c->r[0] = i->next;
    return cost;
}

void semo_cpu_drop_fetched(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    c->spoiled_extension = c->spoiled_opcode = c->delayed = false;
    c->spoiled_word = c->spoiled_opcode_word = c->delayed_pc = 0;
}

/* ---- one step ---- */

/* First cycle: who is executing, and who was before (the latter shows one cycle later). */
static bool observe(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    uint16_t id = semo_sancus_id(m, c->r[0]);
    bool entered = id != c->id_now && id != 0;
    uint16_t old = c->id_now;
    c->id_now = id;
    semo_trace_decode(m);
    if (id != old)
        c->id_before = old;
    return entered;
}

void semo_cpu_doze(struct semo_machine *m)
{
    observe(m);
}

static void illegal_entry(struct semo_machine *m, unsigned cost)
{
    for (unsigned n = 1; n < cost; n++)
        semo_trace_violation(m, m->at + n);
}

static enum semo_rule refused_execution(const struct semo_machine *m)
{
    const struct semo_core *c = &m->core;
    return semo_access(c->access, c->pc_now, c->pc_before, c->pc_now, SEMO_EXECUTE);
}

/* May the instruction at PC be executed where it is, coming from where it comes from? */
static bool refused_here(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    bool hardened = m->config.profile == SEMO_HARDENED;
    if (hardened && m->masked) /* the monitor has refused it */
        return true;
    enum semo_rule rule = refused_execution(m);
    bool endless = !hardened && c->next_id == SEMO_ID_IRQ; /* no more ids: until a reset */
    if (rule == SEMO_ALLOWED && !endless)
        return false;
    m->masked = true;
    semo_violate(m, m->at, c->pc_now, rule != SEMO_ALLOWED ? rule : SEMO_RULE_CREATE);
    return true;
}

/* spoiled: the word that takes the place of the one behind the opcode, if it has not been used as
 * an extension word. */
static unsigned execute_upstream(struct semo_machine *m, struct instruction *i,
                                 const uint16_t *spoiled)
{
    struct semo_core *c = &m->core;
    unsigned cost = execute(m, i);
    c->r[0] = i->next;
    bool again = cost == 2 && i->src.where == MEMORY && semo_bus_is_program(i->src.value);
    c->spoiled_opcode = spoiled && !m->jumped && (cost == 1 || again);
    if (c->spoiled_opcode)
        c->spoiled_opcode_word = again ? semo_word(m, i->src.value) : *spoiled;
    return cost;
}

/* The cycles in which the front end uses program memory, for the DMA port: the first ones for the
 * words of the instruction, the last one, and the one before of what writes PC. */
static void show_fetches(struct semo_machine *m, const struct instruction *i, unsigned cost)
{
    uint16_t pc = m->core.pc_now;
    for (unsigned n = 0; n < i->extensions && n + 1 < cost; n++)
        semo_dma_wait(m, m->at + n, pc);
    if (cost > 1 && m->jumped)
        semo_dma_wait(m, m->at + cost - 2, pc);
    semo_dma_wait(m, m->at + cost - 1, pc);
}

/* The cycles behind a refused CPUOFF. Hardened: an entry that the monitor refuses in them ends
 * there and executes nothing. */
static void stall(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    unsigned cycles = c->stall;
    c->cycle += cycles;
    c->stall = 0;
    bool gie = semo_monitor_run(m, c->cycle);
    if (m->config.profile == SEMO_HARDENED && m->masked)
        semo_interrupt_sample(m, cycles, gie, true);
    else
        c->pc_now = c->pc_before; /* it is judged when it is executed */
}

void semo_cpu_step(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    bool hardened = m->config.profile == SEMO_HARDENED;
    m->at = c->cycle;
    m->masked = m->measuring = m->jumped = false;
    bool entered = observe(m);
    if (hardened && entered) { /* nobody chooses a module's second instruction by a delayed jump, */
        semo_cpu_drop_fetched(m);
        c->guard = 0; /* nor wedges it with a stack guard above its stack */
    }
    c->pc_before = c->pc_now;
    c->pc_now = c->r[0];
    if (m->config.atomicity)
        semo_monitor_start(m, entered);
    if (c->stall) {
        stall(m);
        return;
    }
    bool illegal = refused_here(m), gie = c->r[2] & SEMO_GIE;
    struct instruction i = decode(m);
    if (semo_bus_is_program(i.next))
        c->fetch_word = semo_word(m, i.next);
    bool spoiled =
        c->spoiled_extension; /* not used by a one-word instruction: the next opcode is */
    uint16_t spoiled_word = c->spoiled_word;
    c->spoiled_extension = false;
    c->spoiled_word = 0;
    bool immediate = i.src.where == VALUE && i.src.cycles;
    if (i.delayed && i.extensions > immediate && !(hardened && illegal)) {
        c->hung = true; /* as the core does: only a reset helps */
        return;
    }
    unsigned cost = hardened ? execute_hardened(m, &i, illegal)
                             : execute_upstream(m, &i, spoiled ? &spoiled_word : NULL);
    if (!illegal && c->violated && !hardened) /* an enable may have put a module around it */
        illegal = refused_execution(m) != SEMO_ALLOWED;
    if (illegal)
        illegal_entry(m, cost);
    if (c->dma_listens)
        show_fetches(m, &i, cost);
    c->cycle += cost;
    if (i.word < 0x2000 && i.op == RETI)
        gie = c->r[2] & SEMO_GIE;
    if (entered && cost == 1)
        gie = false;
    if (m->config.atomicity)
        gie = semo_monitor_run(m, c->cycle);
    semo_interrupt_sample(m, cost, gie, illegal);
}
