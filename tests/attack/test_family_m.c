/* SPDX-License-Identifier: Apache-2.0 */
/* The families M01 to M12, M17 and M23 to M25 of docs/attacks.md: what instructions reach.
 * Upstream's core (`compat`) is
 *   closed: M01-M04 accesses from outside, M05 first, last, one past, M06 every opcode word, M11
 *     stacks in the victim, M12 index arithmetic, M23 DMA, M24 debug unit, M25 crypto operands;
 *   open: M07 own text written (F3), M08 entries (devices are reached), M09 instructions across a
 *     border (S4), M10 private data as instructions, M12 limits of enable, M17 jump to every opcode
 *     (F2, and by cycles), M23 contention.
 * Where it is closed the attack succeeds without the module, or the test shows its detector what it
 * must notice. SOAK=1: every opcode word at more addresses. SEMO_SEED. */
#include <semo/map.h>
#include <semo/device.h>
#include "tests/attack/lab.h"

enum { PRINT = 0x0084, NOP = 0x4303, STAY = 0x3FFF, BR = 0x4030 };
enum { PRINT_BY_R11 = 0x106B /* rrc.b @r11: one word, one byte on the port */ };

/* ---- accesses from outside: M01 to M05 ---- */

static void access_section(struct lab *l, uint16_t start, uint16_t end, bool write)
{
    struct attempt_target t = {l->m[0], l->victim.ps, l->victim.ss, 0};
    struct attempt a;
    unsigned ways = attempts_prepare();
    l->judged = LAB_ALLOWED | (write ? LAB_CHANGED : LAB_LEARNT | LAB_TIMED);
    for (unsigned at = start; at < end; at++) {
        for (unsigned n = 0; n < ways; n++) {
            if (!attempt_make(&t, n, (uint16_t)at, at, &a) || a.jump ||
                a.expected == EXPECT_REFUSAL)
                continue;
            if (write ? a.family == ATTEMPT_SOURCE || a.family == ATTEMPT_COPY
                      : a.family == ATTEMPT_DESTINATION)
                continue;
            lab_judge(l, lab_attempt(l, &a), "%s at %04x", a.name, at);
        }
        if (l->kind == LAB_HARDENED)
            lab_judge(l, lab_compare(l, true), "memory after all attempts at %04x", at);
    }
}

LAB_ROW(m01_outside_read_data, true, false)
{
    access_section(l, l->victim.ss, l->victim.se, false);
}

LAB_ROW(m02_outside_write_data, true, false)
{
    access_section(l, l->victim.ss, l->victim.se, true);
}

static const struct lab_options in_program = {.victim = {LAB_TEXT, LAB_END, 0x7200, 0x7240}};

LAB_ROW_WITH(m01_data_in_program_memory, &in_program, true, false)
{
    access_section(l, l->victim.ss, l->victim.se, false);
}

LAB_ROW_WITH(m02_data_in_program_memory, &in_program, true, false)
{
    access_section(l, l->victim.ss, l->victim.se, true);
}

LAB_ROW(m03_outside_read_text, true, false)
{
    access_section(l, l->victim.ps, l->victim.pe, false);
}

LAB_ROW(m04_outside_write_text, true, false)
{
    access_section(l, l->victim.ps, l->victim.pe, true);
}

/* Where protection begins and ends, to the byte: a violation on this side, and on that side exactly
 * what a machine without the module does. */
static unsigned border(struct lab *l, struct lab *bare, uint16_t at, unsigned way)
{
    struct attempt_target t = {l->m[0], l->victim.ps, l->victim.ss, 0};
    struct attempt_target of_bare = {bare->m[0], l->victim.ps, l->victim.ss, 0};
    struct attempt a;
    if (!attempt_make(&t, way, at, way, &a) || a.family > ATTEMPT_OPERAND_LAST)
        return LAB_NOTHING;
    struct outcome o = attempt_run(&t, &a), free = attempt_run(&of_bare, &a);
    bool same = memcmp(&o, &free, sizeof o) == 0;
    bool inside = lab_inside(l, at);
    unsigned wrong = inside ? o.violations != 1 : !same || o.violations;
    if (wrong)
        lab_judge(l, LAB_ALLOWED, "%s at %04x", a.name, at);
    lab_restore(l);
    lab_restore(bare);
    l->tried++;
    return wrong;
}

static void borders(struct lab *l)
{
    const uint16_t limits[] = {l->victim.ps, l->victim.pe, l->victim.ss, l->victim.se};
    unsigned ways = attempts_prepare();
    struct lab bare;
    lab_new(&bare, LAB_BARE, NULL);
    for (unsigned n = 0; n < 4; n++)
        for (int offset = -3; offset < 3; offset++)
            for (unsigned way = 0; way < ways; way++)
                border(l, &bare, (uint16_t)(limits[n] + offset), way);
    lab_free(&bare);
}

LAB_ROW(m05_first_last_one_past, true, false)
{
    borders(l);
}

/* ---- every opcode word: M06, M17 ---- */

/* Two more words that make the operands with an extension word the address as well. */
static void opcode_prepare(struct lab *l, uint16_t code, unsigned form, uint16_t at)
{
    const uint16_t extensions[3][2] = {
        {0, 0}, {at, at}, {(uint16_t)(at - code - 2), (uint16_t)(at - code - 4)}};
    uint16_t value = form == 1 ? 0 : at;
    LAB_WORDS(l, code + 2, extensions[form][0], extensions[form][1], STAY);
    lab_set(l, 2, 0);
    lab_set(l, 3, value);
    lab_set(l, 1, (uint16_t)(at + (form == 1 ? 4 : 0)));
    for (unsigned n = 4; n < 16; n++)
        lab_set(l, n, value);
}

/* The instruction and the one that it leads to. True: it led to the entry, where all may go (some
 * address & PC is just that): what follows is the module's own doing. */
static bool opcode_run(struct lab *l, uint16_t code, uint16_t word)
{
    LAB_WORDS(l, code, word);
    lab_step(l, code);
    bool entered = rig_reg(l->m[0], 0) == l->victim.ps && rig_reg(l->m[1], 0) == l->victim.ps;
    for (unsigned i = 0; i < 2; i++)
        semo_machine_run(l->m[i], semo_machine_cycle(l->m[i]) + 1);
    return entered;
}

/* Nothing of it is left but in memory. */
static bool is_settled(const struct lab *l, uint16_t code, unsigned word)
{
    uint16_t pc = rig_reg(l->m[0], 0);
    bool plain = (word & 0xFF80) != 0x1380 && word % 64 != 0;
    return plain && rig_reg(l->m[0], 2) < 0x10 && (pc == ATTEMPT_HANDLER || (pc ^ code) < 16);
}

static bool has_reset(const struct lab *l)
{
    enum { START = 0x5C00, START_END = 0x5C10 }; /* of tests/machine/rig.c */
    uint16_t pc = rig_reg(l->m[0], 0);
    return START <= pc && pc < START_END;
}

/* Enable, in all its encodings: on `compat` a second one destroys the victim (M13, F4). */
static bool enables(unsigned word)
{
    return (word & 0xE38F) == 0x0381;
}

static void every_opcode(struct lab *l, uint16_t at, unsigned stride)
{
    for (unsigned form = 0; form < 3; form++) {
        unsigned first = stride > 1 ? (unsigned)lab_random(l) % stride : 0;
        for (unsigned word = first; word < 0x10000; word += stride) {
            if (l->kind == LAB_COMPAT && enables(word))
                continue;
            opcode_prepare(l, ATTEMPT_CODE, form, at);
            bool entered = opcode_run(l, ATTEMPT_CODE, (uint16_t)word);
            bool settled = is_settled(l, ATTEMPT_CODE, word);
            unsigned findings = lab_compare(l, !settled);
            if (has_reset(l) || entered)
                findings = LAB_NOTHING; /* his to do: M19, M08 */
            lab_judge(l, findings, "opcode %04x form %u at %04x", word, form, at);
            if (!settled)
                lab_restore(l);
        }
    }
}

LAB_ROW(m06_every_opcode, true, false)
{
    bool hardened = l->kind == LAB_HARDENED;
    unsigned addresses = lab_soak() && hardened ? 64 : 2, stride = hardened ? 1 : 61;
    l->judged = LAB_ANY & ~(l->kind == LAB_COMPAT ? LAB_TIMED : 0u); /* m17_refused_entry_timing */
    for (unsigned n = 0; n < addresses && (n == 0 || !lab_over()); n++) {
        every_opcode(l, (uint16_t)(l->victim.ss + lab_random(l) % 64), stride);
        every_opcode(l, (uint16_t)(l->victim.ps + 1 + lab_random(l) % 63), stride);
    }
}

/* ---- the module itself: M07 ---- */

enum { OWN_CODE = LAB_TEXT + 8, OWN_CODE_LEN = 12 };

/* The text is neither as it was nor, after the module's end, zero. */
static bool text_written(struct lab *l, const struct attempt *a)
{
    uint8_t now[LAB_END - LAB_TEXT];
    bool gone = semo_machine_module_at(l->m[0], LAB_TEXT) == 0, wrong = false;
    semo_machine_peek(l->m[0], LAB_TEXT, now, sizeof now);
    for (unsigned i = 0; i < sizeof now; i++)
        if (i < OWN_CODE - LAB_TEXT || i >= OWN_CODE + OWN_CODE_LEN - LAB_TEXT)
            wrong |= now[i] != (gone && l->kind == LAB_HARDENED ? 0 : l->before[0][LAB_TEXT + i]);
    return wrong && a->code;
}

LAB_ROW(m07_own_text_written, true, true)
{
    struct attempt_target t = {l->m[0], LAB_TEXT, LAB_DATA, OWN_CODE};
    unsigned ways = attempts_prepare();
    LAB_WORDS(l, LAB_TEXT, NOP);
    lab_keep(l);
    for (unsigned at = LAB_TEXT; at < LAB_END; at++) {
        if (at >= OWN_CODE && at < OWN_CODE + OWN_CODE_LEN)
            continue;
        for (unsigned n = 0; n < ways; n++) {
            struct attempt a;
            if (!attempt_make(&t, n, (uint16_t)at, at, &a) || a.jump ||
                a.family == ATTEMPT_INTERRUPT || a.family == ATTEMPT_SOURCE)
                continue;
            lab_step(l, LAB_TEXT); /* its entry */
            attempt_run(&t, &a);
            lab_judge(l, text_written(l, &a) ? LAB_CHANGED : LAB_NOTHING, "%s at %04x", a.name, at);
            lab_restore(l);
        }
    }
}

/* ---- entries: M08 ---- */

/* Every word of the text prints, so that whatever is executed shows. */
static void fill_with_prints(struct lab *l, uint16_t start, uint16_t end)
{
    for (unsigned at = start; at < end; at += 2)
        LAB_WORDS(l, at, PRINT_BY_R11);
    LAB_WORDS(l, l->victim.ps - 2, NOP);
    lab_keep(l);
}

static void judge_entry(struct lab *l, unsigned findings, const char *how, uint16_t at)
{
    bool printed = l->printed[0] || l->printed[1];
    lab_judge(l, findings | (printed ? LAB_ALLOWED : LAB_NOTHING), "%s to %04x", how, at);
    for (unsigned i = 0; i < 2; i++)
        l->printed[i] = 0;
}

static void conditional_jumps(struct lab *l, uint16_t at)
{
    static const uint16_t taken[8] = {0, 2, 0, 1, 4, 0, 4, 0};
    enum { NEAR = LAB_TEXT - 0x80 };
    for (unsigned n = 0; n < 8 && at % 2 == 0; n++) {
        struct attempt a = {.name = "conditional jump", .code = NEAR, .count = 1, .jump = true};
        a.words[0] = (uint16_t)(0x2000 | n << 10 | ((at - NEAR - 2) / 2 & 0x3FF));
        a.registers[1] = ATTEMPT_STACK;
        a.registers[2] = taken[n];
        a.registers[11] = PRINT;
        judge_entry(l, lab_attempt(l, &a), a.name, at);
    }
}

LAB_ROW(m08_entries, true, true)
{
    struct attempt_target t = {l->m[0], l->victim.ps, l->victim.ss, 0};
    unsigned ways = attempts_prepare();
    fill_with_prints(l, l->victim.ps, l->victim.pe);
    for (unsigned at = l->victim.ps - 1u; at < l->victim.pe; at++) {
        for (unsigned n = 0; n < ways && at != l->victim.ps; n++) {
            struct attempt a;
            if (!attempt_make(&t, n, (uint16_t)at, at, &a) || !a.jump)
                continue;
            a.registers[11] = PRINT;
            judge_entry(l, lab_attempt(l, &a), a.name, (uint16_t)at);
        }
        if (at > l->victim.ps)
            conditional_jumps(l, (uint16_t)at);
    }
}

/* ---- across a border: M09 ---- */

/* All that has one or two more words, the last of which (or both) would be the victim's. */
static void straddle(struct lab *l, uint16_t word, unsigned outside)
{
    uint16_t at = (uint16_t)(LAB_TEXT - 2 * outside);
    struct attempt a = {.name = "operand in the text", .words = {BR, at}, .count = 2};
    a.registers[1] = ATTEMPT_STACK;
    for (unsigned n = 4; n < 16; n++)
        a.registers[n] = (uint16_t)(ATTEMPT_SCRATCH + 2 * n);
    LAB_WORDS(l, at, word);
    if (outside == 2)
        LAB_WORDS(l, at + 2, ATTEMPT_SCRATCH);
    unsigned findings = lab_attempt(l, &a);
    lab_judge(l, findings, "%04x with %u of its words outside", word, outside);
    lab_restore(l);
}

static unsigned words_of(uint16_t word)
{
    unsigned as = word >> 4 & 3, ad = word >> 7 & 1, source = word >> 8 & 15;
    if (word < 0x4000) { /* one operand */
        source = word & 15;
        ad = 0;
    }
    bool extended = (as == 1 && source != 3) || (as == 3 && source == 0);
    return 1 + extended + ad;
}

LAB_ROW(m09_straddles_the_start, true, true)
{
    unsigned stride = l->kind == LAB_HARDENED ? 1 : 7;
    for (unsigned word = 0x1000; word < 0x10000; word += stride) {
        if ((word >= 0x1300 && word < 0x4000) || words_of((uint16_t)word) == 1)
            continue;
        straddle(l, (uint16_t)word, 1);
        if (words_of((uint16_t)word) == 3)
            straddle(l, (uint16_t)word, 2);
    }
}

/* Starts inside, ends outside: it is the module's instruction, with words of whoever owns them. */
static void m09_straddles_the_end(void **state)
{
    (void)state;
    for (enum lab_kind kind = LAB_COMPAT; kind <= LAB_HARDENED; kind++) {
        struct lab l;
        lab_new(&l, kind, NULL);
        LAB_WORDS(&l, LAB_TEXT, NOP);
        LAB_WORDS(&l, LAB_END - 2, 0x4216, LAB_DATA); /* mov &data, r6 */
        lab_step(&l, LAB_TEXT);
        assert_int_equal(lab_step(&l, LAB_END - 2), 0);
        assert_int_equal(rig_reg(l.m[0], 6), rig_get(l.m[0], LAB_DATA));
        assert_int_equal(lab_step(&l, LAB_END + 2), 0); /* out, as anywhere */
        assert_int_equal(lab_step(&l, LAB_END - 2), 1); /* and not in again */
        lab_free(&l);
    }
}

/* ---- private data as instructions: M10 ---- */

static void fetch_data(struct lab *l)
{
    fill_with_prints(l, l->victim.ss, l->victim.se);
    for (unsigned at = l->victim.ss; at < l->victim.se; at++) {
        struct attempt a = {.name = "br", .words = {BR, (uint16_t)at}, .count = 2};
        a.registers[1] = ATTEMPT_STACK;
        a.registers[11] = PRINT;
        a.jump = true;
        judge_entry(l, lab_attempt(l, &a), a.name, (uint16_t)at);
    }
}

LAB_ROW_WITH(m10_private_data_fetched, &in_program, true, true)
{
    fetch_data(l);
}

/* The core fetches nothing from data memory, whosever it is. */
LAB_ROW(m10_data_memory_fetched, false, false)
{
    fetch_data(l);
    for (unsigned at = 0x2800; at < 0x2810; at += 2)
        LAB_WORDS(l, at, PRINT_BY_R11);
    lab_set(l, 11, PRINT);
    lab_step(l, 0x2800);
    assert_int_equal(l->printed[0], 0);
    lab_restore(l);
    lab_set(l, 11, PRINT);
    LAB_WORDS(l, RIG_CODE, PRINT_BY_R11); /* from program memory it does */
    lab_step(l, RIG_CODE);
    assert_int_equal(l->printed[0], 1);
}

/* ---- stacks: M11 ---- */

/* A violation and an interrupt of the timer stack two words, PUSH and CALL one. */
LAB_ROW(m11_stack_in_victim, true, false)
{
    struct attempt_target t = {l->m[0], l->victim.ps, l->victim.ss, 0};
    const uint16_t limits[2][2] = {{l->victim.ss, l->victim.se}, {l->victim.ps, l->victim.pe}};
    unsigned ways = attempts_prepare();
    l->judged = LAB_ANY & ~LAB_ALLOWED; /* some of them only just miss it */
    for (unsigned s = 0; s < 2; s++) {
        for (unsigned at = limits[s][0] - 6u; at < limits[s][1] + 6u; at += 2) {
            struct attempt a;
            for (unsigned n = 0; n < ways; n++)
                if (attempt_make(&t, n, (uint16_t)at, at, &a) && !a.jump &&
                    (a.family == ATTEMPT_STACKED || a.family == ATTEMPT_INTERRUPT))
                    lab_judge(l, lab_attempt(l, &a), "%s at %04x", a.name, at);
            a = (struct attempt){.name = "violation", .words = {0x4216, l->victim.ss}, .count = 2};
            a.registers[1] = (uint16_t)at;
            lab_judge(l, lab_attempt(l, &a), "%s with the stack at %04x", a.name, at);
        }
    }
}

/* ---- limits: M12 ---- */

static bool between(const struct rig_module *n, unsigned low, unsigned high)
{
    return n->ss >= low && n->se <= high;
}

static bool apart(unsigned a, unsigned a_end, unsigned b, unsigned b_end)
{
    return a_end <= b || b_end <= a || a == a_end || b == b_end;
}

/* What docs/machine.md promises, restated. */
static bool is_sound(const struct rig_module *n)
{
    const struct rig_module *v = &lab_victim;
    bool even = ((n->ps | n->pe | n->ss | n->se) & 1) == 0;
    bool places = n->ps >= SEMO_PROGRAM_START && n->pe <= SEMO_VECTORS &&
                  (between(n, SEMO_DATA_START, SEMO_DATA_END) ||
                   between(n, SEMO_WINDOW_START, SEMO_WINDOW(SEMO_WINDOW_COUNT)) ||
                   between(n, SEMO_PROGRAM_START, SEMO_VECTORS));
    return n->ps < n->pe && n->ss <= n->se && even && places && apart(n->ps, n->pe, n->ss, n->se) &&
           apart(n->ps, n->pe, v->ps, v->pe) && apart(n->ss, n->se, v->ss, v->se) &&
           apart(n->ps, n->pe, v->ss, v->se) && apart(n->ss, n->se, v->ps, v->pe);
}

static void try_limits(struct lab *l, const struct rig_module *n)
{
    enum { SMALL = 0x80 };
    if (n->pe > n->ps && n->pe - n->ps > SMALL && (l->kind == LAB_COMPAT || is_sound(n)))
        return; /* takes its time, shows no more */
    if (l->kind == LAB_COMPAT && n->ss < n->se && n->se - n->ss > SMALL)
        return;
    bool enabled = rig_enable(l->m[0], n) != 0;
    rig_enable(l->m[1], n);
    unsigned wrong = enabled && !is_sound(n) ? LAB_ALLOWED : LAB_NOTHING;
    if (l->kind == LAB_HARDENED && !enabled && is_sound(n))
        wrong = LAB_ALLOWED;
    if (!enabled)
        wrong |= lab_compare(l, false);
    lab_judge(l, wrong, "%04x-%04x %04x-%04x", n->ps, n->pe, n->ss, n->se);
    if (enabled)
        lab_restore(l);
}

LAB_ROW(m12_limits_of_enable, false, true)
{
    static const uint16_t text[] = {0,      1,      2,      0x5BFE, 0x5C00, 0x5C02, 0x6FFE, 0x7000,
                                    0x7002, 0x7040, 0x7041, 0x7042, 0xFFDE, 0xFFE0, 0xFFE2, 0xFFFF};
    static const uint16_t data[] = {0,      1,      0x01FE, 0x0200, 0x1FFE, 0x2000, 0x2040, 0x2042,
                                    0x41FE, 0x4200, 0x59FE, 0x5A00, 0x5C00, 0x5C02, 0xFFDE, 0xFFE2};
    l->judged = LAB_ANY & ~LAB_TIMED;
    for (unsigned n = 0; n < 0x10000; n++) {
        struct rig_module limits = {text[n & 15], text[n >> 4 & 15], data[n >> 8 & 15],
                                    data[n >> 12]};
        try_limits(l, &limits);
    }
}

/* Addresses that come about beyond FFFF. */
LAB_ROW(m12_index_wraps, true, false)
{
    static const uint16_t indices[] = {0xFFFF, 0x8000, 0x7FFF, 0xFFFE, 0xDFFF, 0x9000, 1};
    for (unsigned n = 0; n < 7 * 128; n++) {
        uint16_t index = indices[n % 7];
        uint16_t at = (uint16_t)((n / 7 < 64 ? l->victim.ss : l->victim.ps - 64) + n / 7);
        struct attempt read = {.name = "mov.b x(r7), r8", .words = {0x4758, index}, .count = 2};
        struct attempt write = {.name = "mov.b r8, x(r7)", .words = {0x48C7, index}, .count = 2};
        read.registers[7] = write.registers[7] = (uint16_t)(at - index);
        read.registers[1] = write.registers[1] = ATTEMPT_STACK;
        write.registers[8] = (uint16_t)~l->before[0][at];
        lab_judge(l, lab_attempt(l, &read), "%s, x = %04x at %04x", read.name, index, at);
        lab_judge(l, lab_attempt(l, &write), "%s, x = %04x at %04x", write.name, index, at);
    }
}

/* ---- M17 ---- */

/* Each word as an instruction in the middle of the victim, with the attacker's registers: the
 * victim's data, each other's text and the operands are what the words name. */
LAB_ROW(m17_jump_to_every_opcode, true, true)
{
    enum { MIDDLE = LAB_TEXT + 0x10 };
    l->judged = LAB_ANY & ~(l->kind == LAB_COMPAT ? LAB_TIMED : 0u);
    for (unsigned word = 0; word < 0x10000; word++) {
        uint16_t at = (uint16_t)(word & 1 ? l->victim.ss : PRINT);
        LAB_WORDS(l, MIDDLE, word, LAB_DATA + 4, PRINT);
        for (unsigned i = 0; i < 2; i++)
            semo_machine_peek(l->m[i], MIDDLE, l->before[i] + MIDDLE, 6);
        lab_set(l, 1, ATTEMPT_STACK);
        lab_set(l, 2, 0);
        for (unsigned n = 4; n < 16; n++)
            lab_set(l, n, at);
        lab_step(l, MIDDLE);
        judge_entry(l, lab_compare(l, word % 8 == 0), "opcode", (uint16_t)word);
        if (l->kind != LAB_HARDENED || word % 8 == 0)
            lab_restore(l);
    }
}

/* Nor do the cycles of the refused instruction tell which one it is. */
LAB_ROW(m17_refused_entry_timing, true, true)
{
    enum { MIDDLE = LAB_TEXT + 0x10 };
    static const uint16_t costly[] = {0x4292, 0x5035, 0x1300, 0x12B0, RIG_WRAP, 0x4030};
    for (unsigned n = 0; n < sizeof costly / 2; n++) {
        for (unsigned i = 0; i < 2; i++)
            RIG_WORDS(l->m[i], MIDDLE, i ? costly[n] : NOP, LAB_DATA + 4, LAB_DATA + 4);
        for (unsigned i = 0; i < 2; i++)
            semo_machine_peek(l->m[i], MIDDLE, l->before[i] + MIDDLE, 6);
        lab_set(l, 1, ATTEMPT_STACK);
        lab_step(l, MIDDLE);
        lab_judge(l, lab_compare(l, true), "nop or %04x", costly[n]);
        lab_restore(l);
    }
}

/* ---- M23: no instruction at all ---- */

/* Each word of memory is asked for through the DMA port, and written; what is refused reads 0. */
LAB_ROW(m23_dma_port, true, false)
{
    for (unsigned at = 0; at < 0x10000; at++) {
        uint16_t words[2] = {0x5A5A, 0x5A5A}, ones = 0xFFFF;
        bool inside = lab_inside(l, (uint16_t)at), done = false;
        for (unsigned i = 0; i < 2; i++)
            done |= semo_machine_dma(l->m[i], (uint16_t)at, false, &words[i]);
        unsigned found = words[0] != words[1] ? LAB_LEARNT : LAB_NOTHING;
        if (l->kind != LAB_BARE && inside && (done || words[0]))
            found |= LAB_ALLOWED;
        for (unsigned i = 0; i < 2 && at >= SEMO_DATA_START; i++)
            semo_machine_dma(l->m[i], (uint16_t)at, true, &ones);
        lab_judge(l, found | lab_compare(l, false), "dma at %04x", at);
    }
    if (l->kind == LAB_BARE)
        return;
    lab_restore(l);
    LAB_WORDS(l, LAB_TEXT, RIG_DISABLE); /* what is left of it afterwards */
    lab_set(l, 15, RIG_CODE);
    lab_step(l, LAB_TEXT);
    assert_int_equal(semo_machine_module_at(l->m[0], LAB_TEXT), 0);
    for (unsigned at = LAB_DATA; at < LAB_DATA_END; at += 2) {
        uint16_t word = 1;
        assert_true(semo_machine_dma(l->m[1], (uint16_t)at, false, &word));
        lab_judge(l, word ? LAB_LEARNT : LAB_NOTHING, "dma at %04x after disable", at);
    }
}

enum { DMA_ADDRESS = 0x70, DMA_COUNT = 0x72, DMA_BITS = 0x74, DMA_OFFSET = 0x76 };

/* The victim touches data memory, or not, as its secret says; meanwhile the attacker's device asks
 * for `at`. True: its recordings differ. */
static bool contention_tells(struct lab *l, uint16_t at)
{
    bool differs = false;
    LAB_WORDS(l, LAB_TEXT, 0xB392, LAB_DATA, 0x2402, 0x4216, LAB_DATA, STAY); /* bit; jz; mov */
    for (unsigned i = 0; i < 2; i++)
        rig_put(l->m[i], LAB_DATA, (uint16_t)i);
    LAB_WORDS(l, RIG_CODE, 0x40B2, at, DMA_ADDRESS, 0x40B2, 2, DMA_COUNT, 0x4030, LAB_TEXT);
    lab_set(l, 2, 0);
    lab_set(l, 0, RIG_CODE);
    for (unsigned i = 0; i < 2; i++)
        semo_machine_run(l->m[i], semo_machine_cycle(l->m[i]) + 60);
    for (unsigned n = 0; n < 64; n += 16) {
        LAB_WORDS(l, RIG_CODE, 0x40B2, n, DMA_OFFSET, 0x4216, DMA_BITS); /* mov &bits, r6 */
        lab_step(l, RIG_CODE);
        lab_step(l, RIG_CODE + 6);
        differs |= rig_reg(l->m[0], 6) != rig_reg(l->m[1], 6);
    }
    lab_restore(l);
    return differs;
}

/* Asked for the victim's addresses, the device sees nothing; asked for others in the same memory it
 * sees when the victim is there. `hardened` has no such device. */
LAB_ROW(m23_dma_contention, false, true)
{
    for (unsigned at = LAB_DATA - 4; at < LAB_DATA_END + 4; at += 2) {
        bool tells = contention_tells(l, (uint16_t)at);
        assert_false(tells && lab_inside(l, (uint16_t)at));
        lab_judge(l, tells ? LAB_LEARNT : LAB_NOTHING, "dma asks for %04x", at);
    }
}

/* ---- M24 ---- */

enum { UNIT_AT = 0x01F0 };

/* What a debug unit would be: a register that shows memory. */
static uint16_t unit_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                          uint16_t who)
{
    (void)offset, (void)mask, (void)now, (void)who;
    return rig_get(d->machine, LAB_DATA);
}

static void plant_unit(struct semo_machine *m)
{
    static const struct semo_device_class class = {.name = "debug", .read = unit_read};
    static struct semo_device devices[2];
    static unsigned n;
    n ^= 1;
    devices[n] = (struct semo_device){.class = &class, .base = UNIT_AT, .size = 2, .window = -1};
    semo_machine_attach(m, &devices[n]);
}

static const struct lab_options with_unit = {.plant = plant_unit};

/* No register below 0x200 is one: whatever is written to them, none shows the victim. */
LAB_ROW_WITH(m24_debug_unit, &with_unit, true, false)
{
    const uint16_t values[] = {0xFFFF, 0, 1, l->victim.ss, l->victim.ps + 2};
    for (unsigned at = 0; at < SEMO_DATA_START; at++) {
        for (unsigned n = 0; n < 5; n++) {
            lab_set(l, 5, values[n]);
            LAB_WORDS(l, ATTEMPT_CODE, at & 1 ? 0x45C2 : 0x4582, at, STAY); /* mov r5, &at */
            lab_step(l, ATTEMPT_CODE);
            LAB_WORDS(l, ATTEMPT_CODE, at & 1 ? 0x4256 : 0x4216, at, STAY); /* mov &at, r6 */
            lab_step(l, ATTEMPT_CODE);
            lab_judge(l, lab_compare(l, n == 4) & LAB_LEARNT, "%04x to %04x", values[n], at);
            lab_restore(l); /* some of them reset the machine */
        }
    }
}

/* ---- M25 ---- */

enum {
    UNIT_KEY,
    UNIT_AD,
    UNIT_AD_END,
    UNIT_BODY,
    UNIT_BODY_END,
    UNIT_OUT,
    UNIT_TAG,
    UNIT_OPERANDS
};

/* Operand `which` is somewhere else; an end that is not given follows its start. */
static void unit_operands(struct lab *l, unsigned which, uint16_t start, uint16_t end)
{
    uint16_t operands[UNIT_OPERANDS] = {0x2800, 0x2810, 0x2812, 0x2820, 0x2822, 0x2830, 0x2840};
    operands[which] = start;
    if (which == UNIT_AD || which == UNIT_BODY)
        operands[which + 1] = end;
    for (unsigned n = 0; n < UNIT_OPERANDS; n++)
        lab_set(l, 9 + n, operands[n]);
    lab_set(l, 1, ATTEMPT_STACK);
    lab_set(l, 2, 0);
}

static void unit_attack(struct lab *l, uint16_t word, unsigned which, uint16_t start, uint16_t end)
{
    unit_operands(l, which, start, end);
    LAB_WORDS(l, ATTEMPT_CODE, word, STAY);
    lab_step(l, ATTEMPT_CODE);
    unsigned findings = lab_compare(l, true);
    if (start < SEMO_DATA_START)
        findings &= LAB_LEARNT; /* that is his to do: to reset the machine, too */
    lab_judge(l, findings, "%04x operand %u %04x-%04x", word, which, start, end);
    lab_restore(l);
}

static void unit_everywhere(struct lab *l, uint16_t word, unsigned which)
{
    const struct rig_module *v = &l->victim;
    const uint16_t sections[2][2] = {{v->ps, v->pe}, {v->ss, v->se}};
    for (unsigned s = 0; s < 2; s++) {
        for (unsigned at = sections[s][0] - 3u; at < sections[s][1] + 3u; at++)
            unit_attack(l, word, which, (uint16_t)at, (uint16_t)(at + 2 + (at & 1)));
        if (which == UNIT_AD || which == UNIT_BODY) {
            unit_attack(l, word, which, sections[s][0] - 2, sections[s][1] + 2); /* across it */
            unit_attack(l, word, which, sections[s][0] - 1, sections[s][0] + 1);
            unit_attack(l, word, which, sections[s][1] - 1, sections[s][1]);
            unit_attack(l, word, which, sections[s][1], sections[s][0]); /* end before start */
        }
    }
    for (unsigned at = 0; at < SEMO_DATA_START; at += 2)
        unit_attack(l, word, which, (uint16_t)at, (uint16_t)(at + 2));
    for (unsigned at = 0xFFF1; at < 0x10000; at += 3)
        unit_attack(l, word, which, (uint16_t)at, (uint16_t)(at + 20)); /* beyond FFFF */
}

static const struct lab_options at_64 = {.security = 64};

LAB_ROW_WITH(m25_operands_of_the_unit, &at_64, true, false)
{
    static const uint8_t operands[] = {UNIT_KEY, UNIT_AD, UNIT_BODY, UNIT_OUT, UNIT_TAG};
    for (unsigned n = 0; n < sizeof operands; n++)
        for (unsigned word = RIG_WRAP; word <= RIG_UNWRAP; word++)
            unit_everywhere(l, (uint16_t)word, operands[n]);
    unit_everywhere(l, RIG_VERIFY, UNIT_TAG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(m01_outside_read_data),
        cmocka_unit_test(m02_outside_write_data),
        cmocka_unit_test(m01_data_in_program_memory),
        cmocka_unit_test(m02_data_in_program_memory),
        cmocka_unit_test(m03_outside_read_text),
        cmocka_unit_test(m04_outside_write_text),
        cmocka_unit_test(m05_first_last_one_past),
        cmocka_unit_test(m06_every_opcode),
        cmocka_unit_test(m07_own_text_written),
        cmocka_unit_test(m08_entries),
        cmocka_unit_test(m09_straddles_the_start),
        cmocka_unit_test(m09_straddles_the_end),
        cmocka_unit_test(m10_private_data_fetched),
        cmocka_unit_test(m10_data_memory_fetched),
        cmocka_unit_test(m11_stack_in_victim),
        cmocka_unit_test(m12_limits_of_enable),
        cmocka_unit_test(m12_index_wraps),
        cmocka_unit_test(m17_jump_to_every_opcode),
        cmocka_unit_test(m17_refused_entry_timing),
        cmocka_unit_test(m23_dma_port),
        cmocka_unit_test(m23_dma_contention),
        cmocka_unit_test(m24_debug_unit),
        cmocka_unit_test(m25_operands_of_the_unit),
    };
    return cmocka_run_group_tests(tests, lab_also_monitored, NULL);
}
