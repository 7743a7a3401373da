/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <semo/map.h>
#include "tests/attack/attempts.h"

enum { INDEX = 0x0124, VALUE = 0xC3A5, STATUS = 0x0105, GIE = 8, STEPS = 16 };
enum { TIMER_CONTROL = 0x0162, TIMER_IRQ = 9, TIMER_NOW = 0x0011 };
enum { JUMP_TO_SELF = 0x3FFF };
enum mode { INDIRECT, INCREMENT, INDEXED, ABSOLUTE, SYMBOLIC, MODES };
enum { VENDOR = 0x1234 };

struct way {
    enum attempt_family family;
    uint8_t op, mode, byte;
};

static struct way ways[400];
static unsigned way_count;

static const char *const mode_names[MODES] = {"@Rn", "@Rn+", "x(Rn)", "&address", "symbolic"};
static const char *const two_names[] = {"mov",  "add", "addc", "subc", "sub", "cmp",
                                        "dadd", "bit", "bic",  "bis",  "xor", "and"};
static const char *const one_names[] = {"rrc", "swpb", "rra", "sxt", "push", "call"};

/* ---- pieces of a program ---- */

static void poke_words(const struct attempt_target *t, uint16_t at, const uint16_t *words,
                       unsigned n)
{
    uint8_t bytes[16];
    for (unsigned i = 0; i < n; i++) {
        bytes[2 * i] = (uint8_t)words[i];
        bytes[2 * i + 1] = (uint8_t)(words[i] >> 8);
    }
    semo_machine_poke(t->machine, at, bytes, 2 * n);
}

static void word(struct attempt *a, unsigned value)
{
    a->words[a->count++] = (uint16_t)value;
}

static void extension(struct attempt *a, unsigned mode, uint16_t address)
{
    if (mode == INDEXED)
        word(a, INDEX);
    else if (mode == ABSOLUTE)
        word(a, address);
    else if (mode == SYMBOLIC)
        word(a, address - (a->code + 2 * a->count));
}

/* Register and As field of an operand that is the address. */
static const struct {
    uint8_t reg, as;
} operand[MODES] = {{6, 2}, {6, 3}, {7, 1}, {2, 1}, {0, 1}};

static void make_source(const struct way *w, uint16_t address, struct attempt *a)
{
    snprintf(a->name, sizeof a->name, "%s%s %s, Rn", two_names[w->op], w->byte ? ".b" : "",
             mode_names[w->mode]);
    word(a, (4 + w->op) << 12 | operand[w->mode].reg << 8 | w->byte << 6 |
                operand[w->mode].as << 4 | 8);
    extension(a, w->mode, address);
}

static void make_destination(const struct way *w, uint16_t address, struct attempt *a)
{
    snprintf(a->name, sizeof a->name, "%s%s Rn, %s", two_names[w->op], w->byte ? ".b" : "",
             mode_names[w->mode]);
    word(a, (4 + w->op) << 12 | 5 << 8 | 1 << 7 | w->byte << 6 | operand[w->mode].reg);
    extension(a, w->mode, address);
}

static void make_copy(const struct way *w, uint16_t address, struct attempt *a)
{
    snprintf(a->name, sizeof a->name, "mov%s %s, &scratch", w->byte ? ".b" : "",
             mode_names[w->mode]);
    word(a, 0x4082 | operand[w->mode].reg << 8 | w->byte << 6 | operand[w->mode].as << 4);
    extension(a, w->mode, address);
    word(a, ATTEMPT_SCRATCH);
}

static void make_one(const struct way *w, uint16_t address, struct attempt *a)
{
    snprintf(a->name, sizeof a->name, "%s%s %s", one_names[w->op], w->byte ? ".b" : "",
             mode_names[w->mode]);
    word(a, 0x1000 | w->op << 7 | w->byte << 6 | operand[w->mode].as << 4 | operand[w->mode].reg);
    extension(a, w->mode, address);
}

/* The stack pointer at the address (or beside it). */
static const struct {
    const char *name;
    uint16_t words[2];
    uint8_t count;
    int8_t offset;
} stacks[] = {
    {"pop Rn", {0x4138}, 1, 0},
    {"mov.b @SP+, Rn", {0x4178}, 1, 0},
    {"add x(SP), Rn", {0x5118, 4}, 2, -4},
    {"push Rn", {0x1205}, 1, 2},
    {"push.b Rn", {0x1245}, 1, 2},
    {"call #x", {0x12B0, ATTEMPT_HANDLER}, 2, 2},
    {"mov Rn, x(SP)", {0x4581, 6}, 2, -6},
    {"ret from there", {0x4130}, 1, 0},
    {"reti from there", {0x1300}, 1, 0},
    {"reti, pc from there", {0x1300}, 1, -2},
};

static bool make_stack(const struct way *w, uint16_t address, struct attempt *a)
{
    snprintf(a->name, sizeof a->name, "SP there: %s", stacks[w->op].name);
    a->count = stacks[w->op].count;
    memcpy(a->words, stacks[w->op].words, sizeof stacks[w->op].words);
    a->registers[1] = (uint16_t)(address + stacks[w->op].offset);
    return !(address & 1);
}

static const struct {
    const char *name;
    uint16_t words[2];
    uint8_t count;
    bool indirect; /* the operand is a pointer to the address */
} jumps[] = {
    {"br #", {0x4030}, 1, false},        {"br Rn", {0x4600}, 1, false},
    {"br @Rn", {0x4A20}, 1, false},      {"br @Rn+", {0x4A30}, 1, false},
    {"br x(Rn)", {0x4A10, 0}, 2, false}, {"br &", {0x4210, ATTEMPT_SCRATCH}, 2, false},
    {"call #", {0x12B0}, 1, false},      {"call Rn", {0x1286}, 1, false},
    {"call @Rn", {0x12AA}, 1, false},    {"ret", {0x4130}, 1, false},
    {"reti", {0x1300}, 1, false},        {"add Rn, pc", {0x5400}, 1, false},
};

static void make_jump(const struct way *w, uint16_t address, struct attempt *a)
{
    snprintf(a->name, sizeof a->name, "jump: %s", jumps[w->op].name);
    a->count = jumps[w->op].count;
    memcpy(a->words, jumps[w->op].words, sizeof jumps[w->op].words);
    if (a->words[0] == 0x4030 || a->words[0] == 0x12B0)
        word(a, address);
    a->registers[4] = (uint16_t)(address - a->code - 2); /* what is added to pc */
    a->stack[0] = a->words[0] == 0x1300 ? STATUS : address;
    a->stack[1] = address;
    a->jump = true;
}

/* The hardware's own accesses and jumps, for the attacker. */
static bool make_interrupt(const struct attempt_target *t, const struct way *w, uint16_t address,
                           struct attempt *a)
{
    static const char *const names[] = {"pc stacked there", "sr stacked there", "handler there",
                                        "handler of a violation there"};
    snprintf(a->name, sizeof a->name, "interrupt: %s", names[w->op]);
    if (address & 1)
        return false;
    if (w->op == 3) {
        word(a, 0x4216); /* mov &private data, r6 */
        word(a, t->data);
    } else {
        word(a, 0x40B2);
        word(a, TIMER_NOW);
        word(a, TIMER_CONTROL);
        a->registers[2] |= GIE;
    }
    if (w->op < 2)
        a->registers[1] = (uint16_t)(address + 2 + 2 * w->op);
    a->vector = w->op < 2 ? 0 : address;
    a->jump = w->op >= 2;
    return true;
}

/* The crypto unit and enable with an operand there: register, instruction. */
static const struct {
    const char *name;
    uint16_t word;
    uint8_t first, last; /* the range of registers that gets the address and what follows */
    bool nothing;        /* without associated data the unit writes no output */
} units[] = {
    {"verify, tag", 0x1382, 15, 15, false},
    {"wrap, key", 0x1384, 9, 9, false},
    {"wrap, associated data", 0x1384, 10, 11, false},
    {"wrap, body", 0x1384, 12, 13, false},
    {"wrap, cipher", 0x1384, 14, 14, false},
    {"wrap, tag", 0x1384, 15, 15, false},
    {"unwrap, key", 0x1385, 9, 9, false},
    {"unwrap, associated data", 0x1385, 10, 11, false},
    {"unwrap, cipher", 0x1385, 12, 13, false},
    {"unwrap, body", 0x1385, 14, 14, false},
    {"unwrap, tag", 0x1385, 15, 15, false},
    {"enable, text", 0x1381, 12, 13, false},
    {"enable, data", 0x1381, 14, 15, false},
    {"enable, tag of a cipher", 0x1381, 9, 9, false},
    {"wrap, cipher, nothing else", 0x1384, 14, 14, true},
    {"unwrap, body, nothing else", 0x1385, 14, 14, true},
};

static bool make_unit(const struct attempt_target *t, unsigned op, uint16_t address,
                      struct attempt *a)
{
    enum { FREE_TEXT = 0xF800, FREE_DATA = 0x3400 };
    static const uint16_t crypt[7] = {
        ATTEMPT_SCRATCH + 32, ATTEMPT_SCRATCH + 64, ATTEMPT_SCRATCH + 66, ATTEMPT_SCRATCH + 80,
        ATTEMPT_SCRATCH + 82, ATTEMPT_SCRATCH + 96, ATTEMPT_SCRATCH + 112};
    static const uint16_t enable[7] = {ATTEMPT_SCRATCH, 0,         VENDOR,        FREE_TEXT,
                                       FREE_TEXT + 16,  FREE_DATA, FREE_DATA + 16};
    bool is_enable = units[op].word == 0x1381;
    snprintf(a->name, sizeof a->name, "unit: %s", units[op].name);
    word(a, units[op].word);
    memcpy(a->registers + 9, is_enable ? enable : crypt, sizeof enable);
    a->registers[units[op].first] = address;
    if (units[op].last != units[op].first)
        a->registers[units[op].last] = (uint16_t)(address + 2);
    if (units[op].word == 0x1382)
        a->registers[14] = t->text;
    if (is_enable && units[op].first == 9)
        a->registers[10] = 1;
    if (units[op].nothing)
        a->registers[11] = a->registers[10];
    if (units[op].nothing)
        a->expected = EXPECT_NOTHING;
    else if (is_enable && units[op].first != 9)
        a->expected = EXPECT_REFUSAL;
    return !(address & 1);
}

/* ---- all ways ---- */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void add(enum attempt_family family, unsigned op, unsigned mode, unsigned byte)
{
    ways[way_count++] = (struct way){family, (uint8_t)op, (uint8_t)mode, (uint8_t)byte};
}

static void add_operands(unsigned mode, unsigned byte)
{
    for (unsigned op = 0; op < COUNT(two_names); op++) {
        add(ATTEMPT_SOURCE, op, mode, byte);
        if (mode >= INDEXED)
            add(ATTEMPT_DESTINATION, op, mode, byte);
    }
    add(ATTEMPT_COPY, 0, mode, byte);
    for (unsigned op = 0; op < COUNT(one_names); op++)
        if (!byte || op == 0 || op == 2 || op == 4)
            add(ATTEMPT_ONE, op, mode, byte);
}

static void add_each(enum attempt_family family, unsigned count)
{
    for (unsigned op = 0; op < count; op++)
        add(family, op, 0, 0);
}

unsigned attempts_prepare(void)
{
    way_count = 0;
    for (unsigned mode = 0; mode < MODES; mode++)
        for (unsigned byte = 0; byte < 2; byte++)
            add_operands(mode, byte);
    add_each(ATTEMPT_STACKED, COUNT(stacks));
    add_each(ATTEMPT_JUMP, COUNT(jumps));
    add_each(ATTEMPT_INTERRUPT, 4);
    add_each(ATTEMPT_UNIT, COUNT(units));
    return way_count;
}

static bool make(const struct attempt_target *t, const struct way *w, uint16_t address,
                 struct attempt *a)
{
    switch (w->family) {
    case ATTEMPT_SOURCE:
        make_source(w, address, a);
        return true;
    case ATTEMPT_DESTINATION:
        make_destination(w, address, a);
        return true;
    case ATTEMPT_COPY:
        make_copy(w, address, a);
        return true;
    case ATTEMPT_ONE:
        make_one(w, address, a);
        return true;
    case ATTEMPT_STACKED:
        return make_stack(w, address, a);
    case ATTEMPT_JUMP:
        make_jump(w, address, a);
        return true;
    case ATTEMPT_INTERRUPT:
        return make_interrupt(t, w, address, a);
    case ATTEMPT_UNIT:
        return make_unit(t, w->op, address, a);
    }
    return false;
}

bool attempt_make(const struct attempt_target *t, unsigned n, uint16_t address, unsigned round,
                  struct attempt *a)
{
    static const uint16_t flags[] = {0x0000, 0x0007, 0x0100, 0x0008, 0x010F, 0x0002};
    memset(a, 0, sizeof *a);
    a->family = ways[n].family;
    a->code = t->code ? t->code : ATTEMPT_CODE;
    for (unsigned r = 4; r < 16; r++)
        a->registers[r] = (uint16_t)(0x1100 * r + round);
    a->registers[1] = ATTEMPT_STACK;
    a->registers[2] = flags[(round + n) % COUNT(flags)];
    a->registers[5] = (uint16_t)(VALUE + round);
    a->registers[6] = address;
    a->registers[7] = (uint16_t)(address - INDEX);
    a->registers[10] = ATTEMPT_SCRATCH;
    return make(t, &ways[n], address, a);
}

/* ---- running ---- */

static void put_vectors(const struct attempt_target *t, uint16_t target)
{
    poke_words(t, SEMO_VECTORS + 2 * TIMER_IRQ, &target, 1);
    poke_words(t, SEMO_VECTORS + 2 * SEMO_IRQ_VIOLATION, &target, 1);
}

static void prepare(const struct attempt_target *t, const struct attempt *a)
{
    uint16_t code[6], at = a->code ? a->code : ATTEMPT_CODE;
    memcpy(code, a->words, sizeof a->words);
    code[a->count] = JUMP_TO_SELF;
    poke_words(t, at, code, a->count + 1);
    poke_words(t, ATTEMPT_STACK, a->stack, 2);
    poke_words(t, ATTEMPT_SCRATCH, &a->registers[6], 1); /* the address, for indirect jumps */
    if (a->vector)
        put_vectors(t, a->vector);
    for (unsigned n = 1; n < 16; n++)
        semo_machine_set_register(t->machine, n, a->registers[n]);
    semo_machine_set_register(t->machine, 0, at);
}

/* Until it stands still (and not because it is sent back by a violation): in the handler, behind
 * the attempt or wherever it went. */
static void go(const struct attempt_target *t)
{
    for (unsigned n = 0; n < STEPS; n++) {
        uint16_t pc = semo_machine_register(t->machine, 0);
        unsigned violations = semo_machine_violations(t->machine);
        semo_machine_run(t->machine, semo_machine_cycle(t->machine) + 1);
        if (semo_machine_register(t->machine, 0) == pc &&
            semo_machine_violations(t->machine) == violations)
            return;
    }
}

struct outcome attempt_run(const struct attempt_target *t, const struct attempt *a)
{
    struct outcome o = {.cycles = (uint32_t)-semo_machine_cycle(t->machine),
                        .violations = -semo_machine_violations(t->machine)};
    prepare(t, a);
    go(t);
    o.cycles += (uint32_t)semo_machine_cycle(t->machine);
    o.violations += semo_machine_violations(t->machine);
    for (unsigned n = 0; n < 16; n++)
        o.registers[n] = semo_machine_register(t->machine, n);
    semo_machine_peek(t->machine, ATTEMPT_STACK - 8, o.stack, sizeof o.stack);
    semo_machine_peek(t->machine, ATTEMPT_SCRATCH, o.scratch, sizeof o.scratch);
    if (a->vector)
        put_vectors(t, ATTEMPT_HANDLER);
    return o;
}
