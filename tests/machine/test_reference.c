/* SPDX-License-Identifier: Apache-2.0 */
/* What the reference says of the core and no recording shows; names begin with its sections. */
#include "tests/machine/rig.h"

enum { KEY = 0x2000, AD = 0x2100, BODY = 0x2200, OUT = 0x2400, TAG = 0x2600 };
enum { TEXT = 0x7000, END = 0x7040, PRIVATE = 0x3000, PRIVATE_END = 0x3010 };
static const struct rig_module module = {TEXT, END, PRIVATE, PRIVATE_END};

/* ---- what a trace tells, relative to the first cycle of an instruction ---- */

struct lines {
    uint64_t start;
    char text[8192];
    char kind, before; /* R or W line being held, and its cycles and address */
    unsigned from, to, address;
};

static void put(struct lines *l)
{
    char *end = l->text + strlen(l->text);
    if (l->kind && l->from != l->to)
        sprintf(end, "%c%u-%u:%x ", l->kind, l->from, l->to, l->address);
    else if (l->kind)
        sprintf(end, "%c%u:%x ", l->kind, l->from, l->address);
    l->kind = 0;
}

/* Reads of one address in cycles that follow each other are one entry. */
static void collect(void *context, const char *line)
{
    struct lines *l = context;
    unsigned long long when;
    unsigned address = 0;
    sscanf(line + 2, "%llu %x", &when, &address);
    if (*line == 'D' || *line == 'I' || when < l->start)
        return;
    unsigned at = (unsigned)(when - l->start);
    if (l->kind == *line && l->address == address && l->to + 1 == at) {
        l->to = at;
        return;
    }
    put(l);
    l->kind = *line;
    l->from = l->to = at;
    l->address = *line == 'V' ? 0 : address;
}

static struct semo_machine *machine(enum semo_profile profile, bool atomicity)
{
    struct semo_machine_config config = {
        .profile = profile, .security = 64, .atomicity = atomicity};
    struct semo_machine *m = rig_configured(&config);
    rig_put(m, RIG_HANDLER, 0x3FFF);
    return m;
}

/* Executes the instruction at pc and returns its lines. */
static const char *traced(struct semo_machine *m, uint16_t pc, unsigned *cycles)
{
    static struct lines l;
    l = (struct lines){.start = semo_machine_cycle(m)};
    semo_machine_trace(m, collect, &l, true);
    semo_machine_set_register(m, 0, pc);
    semo_machine_step(m);
    *cycles = (unsigned)(semo_machine_cycle(m) - l.start);
    put(&l);
    semo_machine_trace(m, NULL, NULL, false);
    return l.text;
}

static void expect_lines(struct semo_machine *m, uint16_t word, unsigned cycles, const char *lines)
{
    unsigned took;
    rig_put(m, RIG_CODE, word);
    const char *told = traced(m, RIG_CODE, &took);
    if (strcmp(told, lines) || took != cycles)
        fail_msg("%04x: %u cycles, %s\nnot %u, %s", word, took, told, cycles, lines);
}

/* ---- 8, bus lines of operands of every shape; 4.1, their costs ---- */

static void s8_operands(void **state)
{
    (void)state;
    static const struct {
        uint16_t word, ad_words, body_start, body_end;
        unsigned cycles;
        const char *lines;
    } cases[] = {
        {RIG_WRAP, 1, BODY, BODY, 929,
         "R2:2100 R4-459:2102 W556:2600 W649:2602 W742:2604 W835:2606 "},
        {RIG_WRAP, 1, BODY, BODY + 2, 931,
         "R2:2100 R4-459:2102 R461:2200 W463:2400 R464-554:2202 "
         "W558:2600 W651:2602 W744:2604 W837:2606 "},
        {RIG_WRAP, 0, BODY, BODY + 4, 931,
         "R2:2100 R4:2200 R6-461:2202 R463-554:2204 W558:2600 W651:2602 W744:2604 W837:2606 "},
        {RIG_WRAP, 0, BODY, BODY, 836, "R2:2100 W463:2600 W556:2602 W649:2604 W742:2606 "},
        {RIG_WRAP, 1, BODY + 2, BODY, 838,
         "R2:2100 R4-459:2102 R461:2202 W465:2600 W558:2602 W651:2604 W744:2606 "},
        {RIG_UNWRAP, 1, BODY, BODY, 747,
         "R2:2100 R4-459:2102 R461:2200 "
         "R463-465:2600 R466-558:2602 R559-651:2604 R652-744:2606 "},
        {RIG_UNWRAP, 0, BODY, BODY + 4, 840,
         "R2:2100 R4:2200 R6-461:2202 R463-554:2204 "
         "R556-558:2600 R559-651:2602 R652-744:2604 R745-837:2606 "},
    };
    struct semo_machine *m = machine(SEMO_COMPAT, false);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        char lines[512];
        rig_set(m, 9, KEY);
        rig_set(m, 10, AD);
        rig_set(m, 11, (uint16_t)(AD + 2 * cases[i].ad_words));
        rig_set(m, 12, cases[i].body_start);
        rig_set(m, 13, cases[i].body_end);
        rig_set(m, 14, OUT);
        rig_set(m, 15, TAG);
        /* a key from memory is read first, and puts all the others off by 8 cycles */
        char *out = lines + sprintf(lines, "R1:2000 R3:2002 R5:2004 R7:2006 ");
        for (const char *at = cases[i].lines; *at;) {
            unsigned from = 0, to = 0;
            int n = 0;
            if (sscanf(at + 1, "%u-%u%n", &from, &to, &n) == 2)
                out += sprintf(out, "%c%u-%u", *at, from + 8, to + 8);
            else if (sscanf(at + 1, "%u%n", &from, &n) == 1)
                out += sprintf(out, "%c%u", *at, from + 8);
            at += 1 + n;
            while (*at && *at != ' ')
                *out++ = *at++;
            *out++ = *at++;
            *out = 0;
        }
        expect_lines(m, cases[i].word, cases[i].cycles + 8, lines);
    }
    semo_machine_free(m);
}

static void ask_enable(struct semo_machine *m, uint16_t ps, uint16_t pe, uint16_t ss, uint16_t se)
{
    rig_set(m, 9, TAG);
    rig_set(m, 10, 0);
    rig_set(m, 11, 0x1234);
    rig_set(m, 12, ps);
    rig_set(m, 13, pe);
    rig_set(m, 14, ss);
    rig_set(m, 15, se);
}

static void s8_loading(void **state)
{
    (void)state;
    struct semo_machine *m = machine(SEMO_COMPAT, false);
    ask_enable(m, TEXT, TEXT + 4, PRIVATE, PRIVATE);
    expect_lines(m, RIG_ENABLE, 2136, "R837:7000 R839-1294:7002 R1296-1387:7004 ");
    assert_int_equal(rig_reg(m, 15), 1);
    ask_enable(m, 0x7100, 0x7104, PRIVATE, PRIVATE);
    rig_set(m, 10, 7); /* the tag is wrong: the second pass, from 1581 + 93 words on, is missing */
    expect_lines(m, RIG_ENABLE, 1767,
                 "R1295:7100 W1297:7100 R1298-1388:7102 W1390:7102 R1391-1481:7104 "
                 "R1484:2600 R1577:2602 R1670:2604 R1763:2606 ");
    assert_int_equal(rig_reg(m, 15), 0);
    semo_machine_free(m);
}

/* ---- 3.2, masking ---- */

/* Reads give 0 from a violation until data memory answers, whatever is read. */
static void s32_masked_until_data_memory_answers(void **state)
{
    (void)state;
    struct semo_machine *m = machine(SEMO_COMPAT, false);
    assert_int_equal(rig_enable(m, &module), 1);
    rig_put(m, 0x6400, 0x1357);
    rig_put(m, 0x2800, 0x2468);
    RIG_WORDS(m, RIG_CODE, 0x4216, 0x6400, 0x4217, 0x2800, 0x4218, 0x6400);
    rig_step(m, TEXT + 4); /* an illegal entry stores nothing */
    assert_int_equal(rig_reg(m, 0), RIG_HANDLER);
    rig_step(m, RIG_CODE);
    rig_step(m, RIG_CODE + 4);
    rig_step(m, RIG_CODE + 8);
    assert_int_equal(rig_reg(m, 6), 0);
    assert_int_equal(rig_reg(m, 7), 0x2468);
    assert_int_equal(rig_reg(m, 8), 0x1357);
    semo_machine_free(m);
}

struct seal {
    uint8_t key[16];
};

static void keep_key(void *context, uint16_t id, const uint8_t *key, const uint8_t *ad, unsigned n)
{
    (void)id, (void)ad, (void)n;
    memcpy(((struct seal *)context)->key, key, 8);
}

static struct seal key_at(struct semo_machine *m, uint16_t pc)
{
    struct seal seal = {{0}};
    semo_machine_on_seal(m, keep_key, &seal);
    rig_put(m, pc, RIG_WRAP);
    rig_set(m, 9, 0);
    rig_set(m, 10, AD);
    rig_set(m, 11, AD + 2);
    rig_set(m, 12, BODY);
    rig_set(m, 13, BODY);
    rig_set(m, 15, TAG);
    rig_step(m, pc);
    semo_machine_on_seal(m, NULL, NULL);
    return seal;
}

/* An overlapping enable reads its text as zeros and gives its key to every module around R12. */
static void s31_keys_of_overlapping_modules(void **state)
{
    (void)state;
    struct semo_machine *m = machine(SEMO_COMPAT, false), *other = machine(SEMO_COMPAT, false);
    for (unsigned a = TEXT; a < END; a += 2)
        rig_put(m, (uint16_t)a, 0x4303);
    const struct rig_module inner = {TEXT, TEXT + 0x20, PRIVATE, PRIVATE};
    assert_int_equal(rig_enable(m, &module), 1);
    assert_int_equal(semo_machine_violations(m), 0);
    ask_enable(m, inner.ps, inner.pe, inner.ss, inner.se);
    rig_instruction(m, RIG_ENABLE); /* interrupt 13 is taken behind it */
    assert_int_equal(semo_machine_violations(m), 1);
    assert_int_equal(rig_enable(other, &inner), 1); /* where the text is zeros */
    rig_set(m, 1, RIG_STACK);
    rig_step(m, TEXT);
    struct seal expected = key_at(other, TEXT), old = key_at(m, TEXT + 0x30);
    rig_step(m, RIG_CODE);
    assert_memory_equal(old.key, expected.key, 8);
    semo_machine_free(m);
    semo_machine_free(other);
}

/* ---- 3.1, stack guard ---- */

static void s31_stack_guard(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint16_t word, sp;
        unsigned cycles; /* with 5 of an interrupt whose stack is refused, or 7 */
        const char *lines;
    } cases[] = {
        {"mov sp, sp", 0x4101, 0x0500, 6, "V0:0 V2:0 W3:4fe "},
        {"ret, to above the guard", 0x4130, 0x05FE, 3, "R0:5fe "},
        {"ret below it", 0x4130, 0x0500, 8, "R0:500 V2:0 V4:0 W5:500 "},
        {"reti", 0x1300, 0x0500, 10, "R0:500 V0:0 R2:502 V2:0 V6:0 W7:502 "},
        {"push r5", 0x1205, 0x0600, 8, "V0:0 W2:5fe V4:0 W5:5fc "},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct semo_machine *m = machine(SEMO_COMPAT, false);
        unsigned took;
        rig_set(m, 15, 0x0600);
        rig_set(m, 1, 0x0600);
        rig_instruction(m, RIG_GUARD);
        rig_set(m, 1, cases[i].sp);
        rig_put(m, RIG_CODE, cases[i].word);
        const char *told = traced(m, RIG_CODE, &took);
        if (strcmp(told, cases[i].lines) || took != cases[i].cycles)
            fail_msg("%s: %u cycles, %s", cases[i].what, took, told);
        semo_machine_free(m);
    }
}

static void s31_guard_needs_a_stack(void **state)
{
    (void)state;
    struct semo_machine *m = machine(SEMO_COMPAT, false);
    rig_set(m, 15, 0x0600);
    rig_set(m, 1, 0);
    rig_instruction(m, RIG_GUARD);
    rig_set(m, 5, 0x0400);
    rig_instruction(m, 0x4501); /* mov r5, sp */
    assert_int_equal(semo_machine_violations(m), 0);
    semo_machine_free(m);
}

/* ---- 4, enable and disable ---- */

static void s4_enable_at_a_module(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        struct rig_module ask;
        unsigned cycles, violations;
        uint16_t id;
    } cases[] = {
        {"limits reversed, nobody there", {0x7200, 0x7100, PRIVATE, PRIVATE}, 4, 0, 0},
        {"limits reversed, at a module", {TEXT + 8, TEXT, PRIVATE, PRIVATE}, 1950 + 93 * 32, 0, 1},
        {"private limits reversed, at its text", {TEXT, END, 0x20, 0x10}, 1950 + 93 * 32, 1, 1},
        {"an empty text", {END, END, PRIVATE, PRIVATE}, 4, 0, 0},
        {"overlap from below", {TEXT - 8, TEXT + 2, 0x20, 0x10}, 4, 1, 0},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct semo_machine *m = machine(SEMO_COMPAT, false);
        assert_int_equal(rig_enable(m, &module), 1);
        const struct rig_module *ask = &cases[i].ask;
        ask_enable(m, ask->ps, ask->pe, ask->ss, ask->se);
        unsigned took = rig_instruction(m, RIG_ENABLE) - 7 * cases[i].violations;
        if (took != cases[i].cycles || rig_reg(m, 15) != cases[i].id ||
            semo_machine_violations(m) != cases[i].violations)
            fail_msg("%s: %u cycles, r15 = %u, %u violations", cases[i].what, took, rig_reg(m, 15),
                     semo_machine_violations(m));
        /* an id is spent whenever a module was worked on */
        const struct rig_module next = {0x7300, 0x7302, PRIVATE, PRIVATE};
        rig_set(m, 1, RIG_STACK);
        assert_int_equal(rig_enable(m, &next), cases[i].id ? 3 : 2);
        semo_machine_free(m);
    }
}

static void s4_disable(void **state)
{
    (void)state;
    struct semo_machine *m = machine(SEMO_COMPAT, false);
    const struct rig_module small = {TEXT, TEXT + 4, PRIVATE, PRIVATE};
    unsigned took;
    rig_put(m, TEXT, RIG_DISABLE);
    rig_put(m, PRIVATE, 0x5555);
    assert_int_equal(rig_enable(m, &small), 1);
    rig_set(m, 15, RIG_CODE);
    /* one word goes, although the private section has none */
    assert_string_equal(traced(m, TEXT, &took), "W3:7000 W4:7002 W7:3000 ");
    assert_int_equal(took, 8 + 2 + 1);
    assert_int_equal(rig_get(m, PRIVATE), 0);
    assert_int_equal(rig_reg(m, 0), RIG_CODE);
    semo_machine_free(m);
}

/* ---- 3.4, what the monitor cuts short ---- */

/* A module that comes to be around the code that creates it has not been entered, unless the
 * instruction before was in its text as well. */
static void s31_enable_around_itself(void **state)
{
    (void)state;
    for (int inside = 0; inside <= 1; inside++) {
        struct semo_machine *m = machine(SEMO_COMPAT, false);
        unsigned cost = 1950 + 93 * (END - TEXT) / 2;
        rig_enable(m, &(struct rig_module){TEXT, TEXT, 0, 0}); /* fails, sets registers */
        rig_set(m, 13, END);
        rig_set(m, 14, PRIVATE);
        rig_set(m, 15, PRIVATE_END);
        RIG_WORDS(m, TEXT + 6, 0x4303, RIG_ENABLE, 0x1387); /* nop; enable; get the caller's id */
        if (inside)
            rig_step(m, TEXT + 6);
        assert_int_equal(rig_step(m, TEXT + 8), inside ? cost : cost + 3);
        assert_int_equal(semo_machine_module_at(m, TEXT), 1);
        assert_int_equal(semo_machine_violations(m), inside ? 0 : 1);
        assert_int_equal(rig_reg(m, 15), inside ? 1 : TEXT);
        rig_step(m, TEXT + 10);
        assert_int_equal(rig_reg(m, 15), inside ? 0 : 0xFFFD);
        semo_machine_free(m);
    }
}

/* With the monitor a violation of the crypto unit ends its instruction in the cycle behind. */
static void s34_violation_cuts_wrap(void **state)
{
    (void)state;
    struct semo_machine *m = machine(SEMO_COMPAT, true);
    assert_int_equal(rig_enable(m, &module), 1);
    rig_set(m, 1, RIG_STACK);
    rig_set(m, 9, KEY);
    rig_set(m, 10, AD);
    rig_set(m, 11, AD + 2);
    rig_set(m, 12, BODY);
    rig_set(m, 13, BODY + 4);
    rig_set(m, 14, PRIVATE - 2); /* its second word is refused, at 564 */
    rig_set(m, 15, TAG);
    rig_set(m, 2, 0);
    rig_put(m, RIG_CODE, RIG_WRAP);
    unsigned took;
    const char *told = traced(m, RIG_CODE, &took);
    assert_int_equal(took, 564 + 3 + 7);
    assert_non_null(strstr(told, "W471:2ffe R472-562:2202 W564:3000 V564:0 "));
    assert_int_equal(rig_reg(m, 15), 0);
    assert_int_equal(rig_get(m, RIG_STACK - 4) & 0x4002, 0x4002); /* SR: violation, Z */
    assert_int_not_equal(rig_get(m, PRIVATE - 2), 0);
    semo_machine_free(m);
}

/* Without privilege GIE is 0 from the CLIX instruction on, also when it violates. */
static void s34_clix_without_privilege(void **state)
{
    (void)state;
    static const struct {
        uint16_t cycles, pushed;
    } cases[] = {{10001, 0x4000}, {0x7FFF, 0x4000}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct semo_machine *m = machine(SEMO_COMPAT, true);
        assert_int_equal(rig_enable(m, &module), 1);
        rig_set(m, 1, RIG_STACK);
        rig_set(m, 2, 8);
        rig_set(m, 15, cases[i].cycles);
        assert_int_equal(rig_instruction(m, RIG_CLIX), 2 + 7);
        assert_int_equal(rig_get(m, RIG_STACK - 4), cases[i].pushed);
        semo_machine_free(m);
    }
}

/* What is requested in the first cycle asleep counts in it: CCR0 comes then for 2, too late for 3.
 */
static void s16_first_cycle_asleep(void **state)
{
    (void)state;
    for (uint16_t top = 1; top <= 3; top++) {
        struct semo_machine *m = machine(SEMO_COMPAT, false);
        rig_put(m, 0xFFF2, RIG_HANDLER + 2);
        rig_put(m, RIG_HANDLER + 2, 0x3FFF);
        RIG_WORDS(m, RIG_CODE, 0x40B2, top, 0x0172, 0x40B2, 0x0010, 0x0162); /* CCR0, CCIE */
        RIG_WORDS(m, RIG_CODE + 12, 0x40B2, 0x0217, 0x0160); /* up, cleared, TAIE, TAIFG */
        RIG_WORDS(m, RIG_CODE + 18, 0xD032, 0x0018);         /* bis #CPUOFF|GIE, sr */
        semo_machine_set_register(m, 0, RIG_CODE);
        semo_machine_run(m, semo_machine_cycle(m) + 30);
        assert_int_equal(rig_reg(m, 0), top <= 2 ? RIG_HANDLER + 2 : RIG_HANDLER);
        semo_machine_free(m);
    }
}

/* In the cycle in which it ends an interrupt is possible even with GIE 0, also asleep. */
static void s34_clix_ends_asleep(void **state)
{
    (void)state;
    struct semo_machine *m = machine(SEMO_COMPAT, true);
    RIG_WORDS(m, RIG_CODE, 0x40B2, 0x5A90, 0x0120, 0x43D2, 0x0000, 0x43D2, 0x0002); /* watchdog */
    for (unsigned at = RIG_CODE; at < RIG_CODE + 14; at = rig_reg(m, 0))
        rig_step(m, (uint16_t)at);
    rig_set(m, 15, 50);
    RIG_WORDS(m, RIG_CODE, RIG_CLIX, 0xD032, 0x0010); /* bis #CPUOFF, sr */
    rig_step(m, RIG_CODE);
    uint64_t end = semo_machine_cycle(m) + 50;
    assert_int_equal(semo_machine_run(m, end - 9), SEMO_STOP_ASLEEP);
    assert_int_equal(semo_machine_next_event(m), end);
    assert_int_equal(semo_machine_run(m, end), SEMO_STOP_ASLEEP);
    semo_machine_run(m, end + 2);
    assert_int_equal(semo_machine_cycle(m), end + 1 + 7);
    assert_int_equal(rig_reg(m, 0), RIG_HANDLER);
    semo_machine_free(m);
}

/* It counts to its end although GIE was set; GIE comes back then. */
static void s34_clix_counts(void **state)
{
    (void)state;
    struct semo_machine *m = machine(SEMO_COMPAT, true);
    assert_int_equal(rig_enable(m, &module), 1);
    rig_set(m, 2, 8);
    rig_set(m, 15, 5);
    rig_instruction(m, RIG_CLIX); /* the period: five cycles, and one more that shows */
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(rig_reg(m, 2), 0);
        assert_int_equal(rig_instruction(m, 0x4303), 1);
    }
    assert_int_equal(rig_reg(m, 2), 8);
    semo_machine_free(m);
}

/* An instruction that reads SR in its last cycle sees GIE as it is there. */
static void s34_status_is_read_late(void **state)
{
    (void)state;
    struct semo_machine *m = machine(SEMO_COMPAT, true);
    const struct rig_module first = {0x7100, 0x7140, 0x3100, 0x3110};
    assert_int_equal(rig_enable(m, &first), 1); /* is privileged, the next is not */
    assert_int_equal(rig_enable(m, &module), 2);
    RIG_WORDS(m, TEXT, 0x5032, 0x0004); /* add #4, sr */
    rig_set(m, 2, 8 | 4);
    rig_step(m, TEXT);
    assert_int_equal(rig_reg(m, 2), 8); /* 4 + 4, not 12 + 4 */
    semo_machine_free(m);
}

/* ---- 3.3, a save that is refused ---- */

/* Offsets of an interrupt behind one cycle of the module: pointer read at 1 and 2, writes from 3.
 */
static void s33_refused_save(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint16_t se, pointer;
        unsigned cycles;
        const char *lines;
    } cases[] = {
        {"allowed", PRIVATE_END, PRIVATE_END - 4, 1 + 35, "R2-3:300e W4:300c W6:300a W8:3008 "},
        {"pointer in another text", 0x7110, 0, 1 + 4, "R2:710e V2:0 "},
        {"frame in another text", PRIVATE_END, 0x7110, 1 + 7, "R2-3:300e W4:7110 V4:0 "},
        {"frame half in it", PRIVATE_END, 0x7140, 1 + 9, "R2-3:300e W4:7140 W6:713e V6:0 "},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct semo_machine *m = machine(SEMO_COMPAT, false);
        const struct rig_module other = {0x7100, 0x7140, 0x3100, 0x3110};
        const struct rig_module victim = {TEXT, END, cases[i].se == PRIVATE_END ? PRIVATE : 0x7110,
                                          cases[i].se};
        unsigned took;
        RIG_WORDS(m, TEXT, 0x4303, 0x4303);
        RIG_WORDS(m, 0x6100, 0x40F2, 0x0001, 0x0025); /* mov.b #1, &P1IE */
        assert_int_equal(rig_enable(m, &victim), 1);
        assert_int_equal(rig_enable(m, &other), 2);
        if (cases[i].pointer)
            rig_put(m, PRIVATE_END - 2, cases[i].pointer);
        semo_machine_set_pins(m, 1, 1);
        rig_step(m, 0x6100);
        rig_step(m, TEXT);
        rig_set(m, 2, 8);
        const char *told = traced(m, TEXT + 2, &took);
        if (strncmp(told, cases[i].lines, strlen(cases[i].lines)) || took != cases[i].cycles)
            fail_msg("%s: %u cycles, %s", cases[i].what, took, told);
        assert_int_equal(rig_reg(m, 0), RIG_HANDLER);
        assert_int_equal(rig_reg(m, 15), TEXT);
        assert_int_equal(rig_reg(m, 2), 0x8000);
        semo_machine_free(m);
    }
}

/* ---- 1.1, PC behind a shift of it ---- */

static void s11_interrupt_behind_shift_of_pc(void **state)
{
    (void)state;
    struct semo_machine *m = machine(SEMO_COMPAT, false);
    rig_put(m, 0x5C80, 0x4303);
    rig_set(m, 2, 8);
    rig_put(m, RIG_CODE, 0x1080); /* swpb pc: 6002 -> 0260 */
    semo_machine_set_pins(m, 1, 1);
    RIG_WORDS(m, 0x6100, 0x40F2, 0x0001, 0x0025); /* mov.b #1, &P1IE */
    rig_step(m, 0x6100);
    rig_step(m, RIG_CODE);
    assert_int_equal(rig_reg(m, 0), RIG_HANDLER);
    assert_int_equal(rig_get(m, RIG_STACK - 2), 0x0260 - 2);
    semo_machine_free(m);
}

static void s11_destination_word_behind_shift_of_pc(void **state)
{
    (void)state;
    struct semo_machine *m = machine(SEMO_COMPAT, false);
    RIG_WORDS(m, RIG_CODE, 0x1080, 0x4395, 0x0002); /* swpb pc; mov #1, 2(r5) */
    rig_set(m, 5, 0x2800);
    rig_step(m, RIG_CODE);
    assert_int_equal(semo_machine_run(m, semo_machine_cycle(m) + 100), SEMO_STOP_ASLEEP);
    assert_int_equal(rig_get(m, 0x2802), 0);
    semo_machine_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s8_operands),
        cmocka_unit_test(s8_loading),
        cmocka_unit_test(s32_masked_until_data_memory_answers),
        cmocka_unit_test(s31_keys_of_overlapping_modules),
        cmocka_unit_test(s31_stack_guard),
        cmocka_unit_test(s31_guard_needs_a_stack),
        cmocka_unit_test(s4_enable_at_a_module),
        cmocka_unit_test(s4_disable),
        cmocka_unit_test(s33_refused_save),
        cmocka_unit_test(s31_enable_around_itself),
        cmocka_unit_test(s34_violation_cuts_wrap),
        cmocka_unit_test(s34_clix_without_privilege),
        cmocka_unit_test(s16_first_cycle_asleep),
        cmocka_unit_test(s34_clix_ends_asleep),
        cmocka_unit_test(s34_clix_counts),
        cmocka_unit_test(s34_status_is_read_late),
        cmocka_unit_test(s11_interrupt_behind_shift_of_pc),
        cmocka_unit_test(s11_destination_word_behind_shift_of_pc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
