/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "tests/oracle/program.h"

enum { START = 0x5C00, BODY = 0x5E00, MODULES = 0x6400, TAGS = 0x3F00, SCRATCH = 0x2000 };
enum { MOV = 4, ADD, ADDC, SUBC, SUB, CMP, DADD, BIT, BIC, BIS, XOR, AND };

uint32_t program_random(struct program *p)
{
    uint64_t z = p->random += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return (uint32_t)(z >> 32);
}

uint32_t program_below(struct program *p, uint32_t n)
{
    return (uint32_t)((uint64_t)program_random(p) * n >> 32);
}

static bool chance(struct program *p, unsigned one_in)
{
    return program_below(p, one_in) == 0;
}

static uint16_t word_at(const struct program *p, uint16_t at)
{
    return (uint16_t)(p->memory[at] | p->memory[at + 1] << 8);
}

static void put_word(struct program *p, uint16_t at, uint32_t word)
{
    p->memory[at & 0xFFFE] = (uint8_t)word;
    p->memory[at | 1] = (uint8_t)(word >> 8);
}

static void emit(struct program *p, uint32_t word)
{
    if (p->at < 0x5C00)
        return; /* program memory is full */
    put_word(p, p->at, word);
    p->at += 2;
}

static void move(struct program *p, unsigned reg, uint32_t value)
{
    emit(p, 0x4030U | reg);
    emit(p, value);
}

static void move_to(struct program *p, uint16_t address, uint32_t value)
{
    emit(p, 0x40B2);
    emit(p, value);
    emit(p, address);
}

/* --- addresses --- */

static uint16_t code_address(struct program *p)
{
    return (uint16_t)(BODY + (program_below(p, 0xFFC0 - BODY) & ~1U));
}

/* Peripherals that the reference describes fully enough; their side effects are wanted. */
static uint16_t peripheral_address(struct program *p)
{
    static const uint16_t some[] = {0x00,  0x02,  0x04,  0x06,  0x10,  0x18,  0x1D,  0x20,  0x21,
                                    0x22,  0x23,  0x24,  0x25,  0x26,  0x28,  0x29,  0x2A,  0x2B,
                                    0x2D,  0x31,  0x35,  0x40,  0x81,  0x84,  0x90,  0x93,  0x97,
                                    0x12E, 0x12E, 0x130, 0x132, 0x134, 0x136, 0x138, 0x13A, 0x13C,
                                    0x13E, 0x164, 0x170, 0x172, 0x174, 0x180, 0x1F0, 0x40,  0xF0};
    return some[program_below(p, sizeof some / sizeof *some)];
}

static uint16_t address(struct program *p)
{
    switch (program_below(p, 16)) {
    case 0:
    case 1:
        return peripheral_address(p);
    case 2:
        return (uint16_t)(0x4200 + program_below(p, 0x1A00)); /* unmapped */
    case 3:
    case 4:
        return (uint16_t)(0xE000 + program_below(p, 0x1F00));
    case 5:
        return (uint16_t)program_random(p);
    case 6:
    case 7:
    case 8:
    case 9:
        if (p->place_count)
            return p->places[program_below(p, p->place_count)];
        return code_address(p);
    default:
        return (uint16_t)(0x0200 + program_below(p, 0x4000));
    }
}

static uint16_t value(struct program *p)
{
    static const uint16_t some[] = {0, 1, 2, 0x7FFF, 0x8000, 0xFFFF, 0x80, 0xFF, 0x99, 0x9999};
    if (chance(p, 3))
        return some[program_below(p, 10)];
    return chance(p, 2) ? address(p) : (uint16_t)program_random(p);
}

/* --- single instructions --- */

static unsigned any_register(struct program *p)
{
    return chance(p, 12) ? program_below(p, 16) : 4 + program_below(p, 12);
}

/* For x(Rn); as an instruction (after a jump) it is RRC of one of R4 to R15. */
static uint16_t offset(struct program *p)
{
    return (uint16_t)(4 + program_below(p, 12));
}

/* The field of a source operand and its extension word, if any. */
struct source {
    unsigned field, reg, words;
    uint16_t word;
};

static struct source random_source(struct program *p)
{
    unsigned mode = program_below(p, 4), reg = any_register(p);
    struct source s = {.reg = reg};
    if (chance(p, 8))
        reg = s.reg = 3; /* constants */
    if (chance(p, 12))
        reg = s.reg = 2;
    if (chance(p, 10)) { /* immediate */
        s.reg = 0;
        s.field = 3 << 4;
        s.word = value(p);
        s.words = 1;
        return s;
    }
    s.field = mode << 4;
    s.words = mode == 1 && reg != 3;
    s.word = reg == 2 || reg == 0 ? address(p)
             : chance(p, 3)       ? (uint16_t)program_random(p)
                                  : offset(p);
    if (reg == 0)
        s.word = (uint16_t)(s.word - p->at - 2);
    return s;
}

static void two_operands(struct program *p)
{
    unsigned opcode = 4 + program_below(p, 12), byte = chance(p, 3) << 6;
    unsigned dst = any_register(p);
    struct source s = random_source(p);
    bool memory = chance(p, 3);
    if (!memory && dst == 0 && !chance(p, 30)) /* wild jumps end programs */
        dst = 4;
    if (!memory && dst == 2 && chance(p, 4))
        dst = 5;
    emit(p, opcode << 12 | s.reg << 8 | (unsigned)memory << 7 | byte | s.field | dst);
    if (s.words)
        emit(p, s.word);
    if (!memory)
        return;
    uint16_t x = dst == 2 ? address(p) : offset(p);
    emit(p, dst == 0 ? (uint16_t)(address(p) - p->at) : x);
}

static void single_operand(struct program *p)
{
    static const unsigned which[] = {0, 0, 1, 2, 2, 3, 4, 4};
    struct source s = random_source(p);
    unsigned operation = which[program_below(p, 8)], byte = chance(p, 3) << 6;
    if (operation < 4 && s.reg < 4 && (s.field >> 4) != 1)
        s.reg = 4 + program_below(p, 12), s.words = 0;
    if (operation < 4 && s.reg == 3)
        s.reg = 6, s.words = 1;
    if (s.reg >= 4)
        s.words = s.field >> 4 == 1;
    emit(p, 0x1000U | operation << 7 | byte | s.field | s.reg);
    if (s.words)
        emit(p, s.word);
}

static void jump(struct program *p)
{
    unsigned distance = chance(p, 8) ? program_below(p, 1024) : program_below(p, 12);
    emit(p, 0x2000U | program_below(p, 8) << 10 | distance);
}

static void pointer(struct program *p)
{
    move(p, 4 + program_below(p, 12), address(p));
}

static void stack(struct program *p)
{
    switch (program_below(p, 6)) {
    case 0:
        move(p, 1, 0x0600 + (program_below(p, 0x800) & ~1U));
        break;
    case 1:
        move(p, 1, address(p));
        break;
    case 2:
        emit(p, 0x4130U | (chance(p, 20) ? 0 : any_register(p) | 4)); /* pop, seldom ret */
        break;
    default: /* push; call */
        if (chance(p, 3)) {
            emit(p, 0x12B0);
            emit(p, code_address(p));
        } else {
            emit(p, 0x1200U | any_register(p));
        }
    }
}

static void enter_module(struct program *p)
{
    if (!p->modules)
        return;
    unsigned i = program_below(p, p->modules);
    uint16_t to = p->module[i].ps;
    if (chance(p, 4))
        to = (uint16_t)(to + 2 * program_below(p, 12));
    emit(p, chance(p, 2) ? 0x4030 : 0x12B0); /* br, call */
    emit(p, to);
}

static void wild_jump(struct program *p)
{
    emit(p, chance(p, 2) ? 0x4030 : 0x12B0);
    emit(p, code_address(p));
}

/* Falls asleep with GIE set, or changes bits of SR. */
static void status(struct program *p)
{
    static const uint16_t words[] = {0xD232, 0xD232, 0xD232, 0xC232, 0xC312, 0xD312, 0xC322};
    if (chance(p, 10)) {
        emit(p, 0xD032); /* bis #x, sr */
        emit(p, chance(p, 2) ? 0x18 : program_random(p));
    } else {
        emit(p, words[program_below(p, 7)]);
    }
}

/* --- peripherals --- */

static void timer(struct program *p)
{
    static const uint16_t control[] = {0x0214, 0x0216, 0x0224, 0x0226, 0x0254, 0x02D6};
    move_to(p, (uint16_t)(0x172 + 2 * program_below(p, 3)), 3 + program_below(p, 200));
    move_to(p, (uint16_t)(0x162 + 2 * program_below(p, 3)), chance(p, 4) ? 0 : 0x10);
    move_to(p, 0x172, 12 + program_below(p, 400));
    move_to(p, 0x160, control[program_below(p, 6)]);
}

static void watchdog(struct program *p)
{
    if (chance(p, 3)) {
        move_to(p, 0x120, 0x5A80);
    } else if (chance(p, 2)) { /* interval timer */
        move_to(p, 0x120, 0x5A18 | (2 + program_below(p, 2)));
        move_to(p, 0x00, program_below(p, 2));
    } else if (chance(p, 6)) {
        move_to(p, 0x120, 0x5A08 | (2 + program_below(p, 2)));
    } else if (chance(p, 10)) { /* wrong password */
        move_to(p, 0x120, program_random(p));
    }
}

static void multiplier(struct program *p)
{
    move_to(p, (uint16_t)(0x130 + 2 * program_below(p, 4)), value(p));
    move_to(p, 0x138, value(p));
    for (unsigned i = 0; i < 3; i++) {
        emit(p, 0x4210U | (4 + program_below(p, 12))); /* mov &x, Rn */
        emit(p, 0x13A + 2 * program_below(p, 3));
    }
}

static void other_peripheral(struct program *p)
{
    uint16_t at = peripheral_address(p);
    switch (program_below(p, 3)) {
    case 0:
        emit(p, 0x4210U | (4 + program_below(p, 12)) | chance(p, 3) << 6);
        emit(p, at);
        break;
    case 1:
        if (at < 0x130 && at > 0x100) /* not a wrong watchdog password */
            at = 0x25;
        emit(p, 0x4082U | (4 + program_below(p, 12)) << 8 | chance(p, 2) << 6);
        emit(p, at);
        break;
    default: /* ports: flags and enables */
        emit(p, 0x40F2);
        emit(p, program_below(p, 4));
        emit(p, (chance(p, 2) ? 0x20 : 0x28) + (chance(p, 2) ? 3U : 5U));
    }
}

/* SMCLK divided, stopped, and undivided again. */
static void clock(struct program *p)
{
    if (chance(p, 3)) {
        emit(p, chance(p, 2) ? 0xD032 : 0xC032); /* bis, bic #SCG1, sr */
        emit(p, 0x80);
    } else {
        emit(p, 0x40F2);
        emit(p, chance(p, 6) ? 8 : chance(p, 2) ? 0 : 2 * program_below(p, 4));
        emit(p, 0x58);
    }
}

static void peripherals(struct program *p)
{
    static void (*const idiom[])(struct program *) = {
        timer, timer, watchdog, multiplier, other_peripheral, other_peripheral, clock};
    idiom[program_below(p, 7)](p);
}

/* --- Sancus --- */

static void small_sancus(struct program *p)
{
    unsigned pick = program_below(p, p->config.atomicity ? 12 : 6);
    switch (pick < 6 ? pick : 3) {
    case 0: /* id of an address */
        move(p, 15, address(p));
        emit(p, 0x1386);
        break;
    case 1:
        emit(p, 0x1387);
        break;
    case 2: /* stack guard */
        move(p, 15, chance(p, 2) ? 0 : 0x0500 + program_below(p, 0x200));
        emit(p, 0x1388);
        break;
    case 3: /* clix */
        move(p, 15, chance(p, 4) ? program_random(p) : program_below(p, 60));
        emit(p, 0x1389);
        break;
    default:
        emit(p, 0x138A + program_below(p, 6));
    }
}

static uint16_t scratch(struct program *p)
{
    return chance(p, 12) ? address(p) : (uint16_t)(SCRATCH + program_below(p, 0x1800));
}

/* Wrap, then mostly unwrap what came out. */
static void sealing(struct program *p)
{
    unsigned ad = chance(p, 10) ? 0 : 1 + program_below(p, 7);
    unsigned body = chance(p, 6) ? 0 : 1 + program_below(p, 10);
    uint16_t from = scratch(p), out = scratch(p), tag = scratch(p), text = scratch(p);
    if (!ad && !body)
        body = 2;
    move(p, 9, chance(p, 2) ? 0 : scratch(p));
    move(p, 10, from);
    move(p, 11, from + ad);
    move(p, 12, text);
    move(p, 13, text + body);
    move(p, 14, out);
    move(p, 15, tag);
    emit(p, chance(p, 5) ? 0x1385 : 0x1384);
    if (chance(p, 3))
        return;
    move(p, 12, out);
    move(p, 13, out + body);
    move(p, 14, chance(p, 4) ? out : scratch(p));
    move(p, 15, tag + chance(p, 6));
    emit(p, 0x1385);
}

static void verifying(struct program *p)
{
    if (!p->modules)
        return;
    unsigned i = program_below(p, p->modules);
    move(p, 14, p->module[i].ps + program_below(p, 4));
    move(p, 15, chance(p, 4) ? scratch(p) : TAGS + 32 * i);
    emit(p, 0x1382U + chance(p, 3));
}

static void enabling(struct program *p, unsigned i)
{
    move(p, 9, TAGS + 32 * i + 16);
    move(p, 10, p->module[i].nonce);
    move(p, 11, p->module[i].vendor);
    move(p, 12, p->module[i].ps);
    move(p, 13, p->module[i].pe);
    move(p, 14, p->module[i].ss);
    move(p, 15, p->module[i].se);
    emit(p, 0x1381);
}

static void disabling(struct program *p)
{
    move(p, 15, code_address(p));
    emit(p, 0x1380);
}

static void crypto(struct program *p)
{
    switch (program_below(p, 6)) {
    case 0:
        verifying(p);
        break;
    case 1:
        if (p->modules)
            enabling(p, program_below(p, p->modules));
        break;
    case 2:
        disabling(p);
        break;
    default:
        sealing(p);
    }
}

/* --- streams --- */

static void random_word(struct program *p)
{
    emit(p, program_random(p));
}

static void again_in_program_memory(struct program *p) /* operands there: erratum 1.5 */
{
    unsigned reg = 4 + program_below(p, 12);
    move(p, reg, 0xE000 + program_below(p, 0x1F00));
    switch (program_below(p, 3)) {
    case 0:
        emit(p, 0x9080U | (4 + program_below(p, 12)) << 8 | reg | chance(p, 2) << 6); /* cmp */
        emit(p, offset(p));
        break;
    case 1:
        emit(p, 0x1020U | program_below(p, 4) << 7 | chance(p, 3) << 6 | reg);
        break;
    default:
        emit(p, 0xB0B0U | reg);
        emit(p, value(p));
        emit(p, offset(p));
    }
}

static void instruction(struct program *p)
{
    static const struct {
        unsigned weight;
        void (*make)(struct program *);
    } kinds[] = {{600, two_operands}, {110, single_operand}, {110, jump},
                 {110, pointer},      {40, stack},           {50, enter_module},
                 {16, wild_jump},     {20, status},          {14, peripherals},
                 {16, small_sancus},  {2, crypto},           {12, again_in_program_memory},
                 {4, random_word}};
    unsigned total = 0, pick;
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        total += kinds[i].weight;
    pick = program_below(p, total);
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (pick < kinds[i].weight) {
            kinds[i].make(p);
            return;
        }
        pick -= kinds[i].weight;
    }
}

static void fill(struct program *p, uint16_t from, uint16_t end)
{
    for (p->at = from; p->at >= from && p->at < end;) {
        if (p->wildness == 2 && chance(p, 3))
            random_word(p);
        else
            instruction(p);
    }
}

/* An interrupt handler: with no stack (a module was interrupted) it makes one and goes elsewhere.
 */
static void handler(struct program *p)
{
    emit(p, 0x9301); /* cmp #0, sp */
    emit(p, 0x2004); /* jne over the next two */
    move(p, 1, 0x0600 + (program_below(p, 0x800) & ~1U));
    emit(p, 0x4030);
    emit(p, code_address(p));
    for (unsigned n = program_below(p, 3); n; n--) {
        emit(p, 0x4210U | (4 + program_below(p, 12))); /* taiv, now and then */
        emit(p, chance(p, 2) ? 0x12E : 0x170);
    }
    emit(p, 0x4214); /* mov &TAIV, R4 */
    emit(p, 0x12E);
    move_to(p, 0x23, 0);
    move_to(p, 0x2B, 0);
    emit(p, 0x1300);
}

/* --- modules --- */

static void place(struct program *p, uint32_t at)
{
    if (p->place_count < sizeof p->places / sizeof *p->places)
        p->places[p->place_count++] = (uint16_t)at;
}

static void choose_module(struct program *p, unsigned i)
{
    uint16_t ps = (uint16_t)(MODULES + 0x200 * i + 2 * program_below(p, 64));
    uint16_t ss = (uint16_t)(0x1000 + 0x100 * i + program_below(p, 64));
    if (chance(p, 12)) /* may overlap another, or does */
        ps = (uint16_t)(MODULES + 2 * program_below(p, 0x200));
    else if (i && chance(p, 6))
        ps = (uint16_t)(p->module[i - 1].ps + 2 * program_below(p, 4));
    if (chance(p, 10))
        ss = address(p);
    p->module[i].ps = ps;
    p->module[i].pe = (uint16_t)(ps + 2 + 2 * program_below(p, chance(p, 8) ? 40 : 14));
    p->module[i].ss = ss;
    p->module[i].se = (uint16_t)(ss + (chance(p, 8) ? program_below(p, 8) : 64));
    if (chance(p, 20))
        p->module[i].pe = ps;
    if (chance(p, 20))
        p->module[i].se = (uint16_t)(ss - 2);
    if (chance(p, 16)) /* odd ends */
        p->module[i].pe++;
    p->module[i].vendor = (uint16_t)program_random(p);
    if (chance(p, 8) && !p->config.atomicity) /* text comes encrypted */
        p->module[i].nonce = (uint16_t)(1 + program_below(p, 0xFFFF));
    for (int d = -3; d <= 3; d++) {
        place(p, (uint32_t)(p->module[i].ps + d));
        place(p, (uint32_t)(p->module[i].pe + d));
        place(p, (uint32_t)(ss + d));
        place(p, (uint32_t)(p->module[i].se + d));
    }
}

/* At the entry of a module: what only a module can do. */
static void fill_entry(struct program *p, unsigned i)
{
    p->at = p->module[i].ps & 0xFFFE;
    switch (program_below(p, 6)) {
    case 0:
        disabling(p);
        break;
    case 1:
        emit(p, 0x1387);
        verifying(p);
        break;
    case 2:
        sealing(p);
        break;
    case 3: /* can be interrupted */
        emit(p, 0xD232);
        move(p, 1, p->module[i].se - 16U);
        break;
    }
}

static unsigned text_words(const struct program *p, unsigned i)
{
    return p->module[i].pe > p->module[i].ps ? (p->module[i].pe - p->module[i].ps + 1U) / 2 : 0;
}

static void put_tag(struct program *p, unsigned i)
{
    uint16_t words[64];
    static const uint8_t no_key[16];
    unsigned n = text_words(p, i);
    for (unsigned k = 0; k < n; k++)
        words[k] = word_at(p, (uint16_t)((p->module[i].ps & ~1U) + 2 * k));
    words[n++] = p->module[i].ps;
    words[n++] = p->module[i].pe;
    words[n++] = p->module[i].ss;
    words[n++] = p->module[i].se;
    oracle_mac(p->config.security, no_key, words, n, p->memory + TAGS + 32 * i);
}

/* Encrypts the text for confidential loading (5.3). */
static void encrypt(struct program *p, unsigned i)
{
    struct oracle_sponge s;
    uint8_t vendor_key[16], *tag = p->memory + TAGS + 32 * i + 16;
    unsigned n = text_words(p, i);
    oracle_mac(p->config.security, p->config.master_key, &p->module[i].vendor, 1, vendor_key);
    oracle_sponge_start(&s, p->config.security);
    oracle_sponge_key(&s, vendor_key);
    oracle_sponge_absorb(&s, p->module[i].nonce, true);
    for (unsigned k = 0; k < n; k++) {
        uint16_t at = (uint16_t)((p->module[i].ps & ~1U) + 2 * k), word = word_at(p, at);
        put_word(p, at, word ^ oracle_sponge_out(&s));
        oracle_sponge_absorb(&s, word, k < n - 1);
    }
    for (unsigned k = 0; k < p->config.security / 8; k += 2) {
        tag[k] = (uint8_t)oracle_sponge_out(&s);
        tag[k + 1] = (uint8_t)(oracle_sponge_out(&s) >> 8);
        oracle_sponge_duplex(&s, 1);
    }
    tag[0] ^= chance(p, 4);
}

/* --- all --- */

static void fill_data(struct program *p)
{
    for (unsigned at = 0x0200; at < 0x4200; at += 2)
        put_word(p, (uint16_t)at, chance(p, 3) ? program_random(p) : code_address(p));
    for (unsigned i = 0; i < p->modules; i++) /* save areas */
        if (p->module[i].se >= 0x0202 && p->module[i].se < 0x4200)
            put_word(p, (uint16_t)(p->module[i].se - 2),
                     chance(p, 8) ? program_random(p) : p->module[i].se - 4U);
}

static void begin(struct program *p)
{
    p->at = START;
    if (!chance(p, 12))
        move_to(p, 0x120, 0x5A80);
    move(p, 1, 0x0800);
    for (unsigned i = 0; i < p->modules; i++)
        if (!chance(p, 8))
            enabling(p, i);
    if (p->modules && chance(p, 4))
        verifying(p);
    if (!chance(p, 4))
        timer(p);
    if (!chance(p, 4))
        emit(p, 0xD232);
    emit(p, 0x4030);
    emit(p, BODY);
}

static void choose_configuration(struct program *p)
{
    memset(&p->config, 0, sizeof p->config);
    p->config.security = chance(p, 10) ? 128 : 64;
    p->config.atomicity = chance(p, 3);
    p->config.max_words = 64;
    for (unsigned i = 0; i < 16; i++)
        p->config.master_key[i] = (uint8_t)(17 * i + 3);
}

/* Neighbouring seeds and numbers must not give the same stream, shifted. */
static uint64_t start_of_stream(uint64_t seed, uint64_t number)
{
    static struct program mixer;
    mixer.random = seed;
    uint64_t high = program_random(&mixer);
    mixer.random = (high << 32 | program_random(&mixer)) + number * 0xD1342543DE82EF95U;
    high = program_random(&mixer);
    return high << 32 | program_random(&mixer);
}

void program_make(struct program *p, uint64_t seed, uint64_t number)
{
    memset(p, 0, sizeof *p);
    p->random = start_of_stream(seed, number);
    choose_configuration(p);
    p->wildness = program_below(p, 3);
    p->modules = chance(p, 3) ? 0 : 1 + program_below(p, chance(p, 8) ? 6 : 3);
    for (unsigned i = 0; i < p->modules; i++)
        choose_module(p, i);
    fill_data(p);
    fill(p, START, 0xFFE0);
    for (unsigned i = 0; i < p->modules; i++)
        fill_entry(p, i);
    begin(p);
    for (unsigned n = 0; n < 15; n++) {
        put_word(p, (uint16_t)(0xFFE0 + 2 * n), p->at = (uint16_t)(0xF000 + 64 * n));
        handler(p);
    }
    put_word(p, 0xFFFE, START);
    for (unsigned i = 0; i < p->modules; i++) {
        put_tag(p, i);
        if (p->module[i].nonce)
            encrypt(p, i);
    }
}
