/* SPDX-License-Identifier: Apache-2.0 */
/* The library's own promises: run until a cycle, poke, snapshots, sleep, stops, peripherals; and
 * the fast path against the exact one on random programs. */
#include "tests/machine/rig.h"

static void nothing(void *context, const char *line)
{
    (void)context;
    (void)line;
}

static void poke_is_executed(void **state)
{
    (void)state;
    struct semo_machine *m = rig_machine(SEMO_COMPAT, 64);
    RIG_WORDS(m, RIG_CODE, 0x5316, 0x3FFE); /* inc r6; jmp back */
    rig_set(m, 0, RIG_CODE);
    semo_machine_run(m, semo_machine_cycle(m) + 3000);
    assert_int_equal(rig_reg(m, 6), 1000);
    rig_put(m, RIG_CODE, 0x8316); /* dec r6 */
    semo_machine_run(m, semo_machine_cycle(m) + 3000);
    assert_int_equal(rig_reg(m, 6), 0);
    semo_machine_free(m);
}

/* Also a program that changes itself: an opcode and an extension word. */
static void program_writes_program(void **state)
{
    (void)state;
    struct semo_machine *m = rig_machine(SEMO_COMPAT, 64);
    RIG_WORDS(m, RIG_CODE, 0x5036, 1, 0x5392, RIG_CODE + 2, 0x3FFB); /* add #1, r6; inc &(#1) */
    rig_set(m, 0, RIG_CODE);
    semo_machine_run(m, semo_machine_cycle(m) + 9 * 100);
    assert_int_equal(rig_reg(m, 6), 5050);
    /* mov #7, &0x3000; inc the address in it twice: the second extension word */
    RIG_WORDS(m, RIG_CODE, 0x40B2, 7, 0x3000);
    RIG_WORDS(m, RIG_CODE + 6, 0x5392, RIG_CODE + 4, 0x5392, RIG_CODE + 4, 0x3FF8);
    rig_set(m, 0, RIG_CODE);
    semo_machine_run(m, semo_machine_cycle(m) + 17 * 10);
    for (uint16_t n = 0; n < 10; n++)
        assert_int_equal(rig_get(m, (uint16_t)(0x3000 + 2 * n)), 7);
    semo_machine_free(m);
}

static void until_a_cycle(void **state)
{
    (void)state;
    struct semo_machine *m = rig_machine(SEMO_HARDENED, 128);
    RIG_WORDS(m, RIG_CODE, 0x4303, 0x4303, 0x4303, 0x3FFC); /* 1, 1, 1, 2 cycles */
    rig_set(m, 0, RIG_CODE);
    uint64_t start = semo_machine_cycle(m);
    for (uint64_t until = start + 1; until < start + 200; until++) {
        assert_int_equal(semo_machine_run(m, until), SEMO_STOP_CYCLE);
        assert_in_range(semo_machine_cycle(m), until, until + 1);
        bool jumping = (semo_machine_cycle(m) - start) % 5 == 0;
        assert_int_equal(rig_reg(m, 0) == RIG_CODE, jumping);
    }
    semo_machine_free(m);
}

static void sleeper(struct semo_machine *m)
{
    /* TACCR0 = 50000, interrupt; SMCLK, up; sleep with GIE; handler: inc r6, reti */
    RIG_WORDS(m, RIG_CODE, 0x40B2, 0x0010, 0x0162, 0x40B2, 49999, 0x0172, 0x40B2, 0x0214, 0x0160);
    RIG_WORDS(m, RIG_CODE + 18, 0xD032, 0x0018, 0x3FFD);
    RIG_WORDS(m, RIG_HANDLER, 0x5316, 0x1300);
    rig_set(m, 0, RIG_CODE);
}

static void sleep_and_wake(void **state)
{
    (void)state;
    struct semo_machine *m = rig_machine(SEMO_HARDENED, 128);
    sleeper(m);
    assert_int_equal(semo_machine_run(m, 49000), SEMO_STOP_ASLEEP);
    assert_int_equal(semo_machine_cycle(m), 49000);
    assert_in_range(semo_machine_next_event(m), 50000, 50100);
    semo_machine_run(m, 50200);
    assert_int_equal(rig_reg(m, 6), 1);
    assert_int_equal(semo_machine_run(m, 1000000000), SEMO_STOP_ASLEEP);
    assert_in_range(rig_reg(m, 6) + 0u, 1000000000 / 50000 % 65536 - 1, 1000000000 / 50000 % 65536);
    semo_machine_free(m);
}

static void sleep_for_ever_is_free(void **state)
{
    (void)state;
    struct semo_machine *m = rig_machine(SEMO_HARDENED, 128);
    RIG_WORDS(m, RIG_CODE, 0xD032, 0x0010);
    rig_set(m, 0, RIG_CODE);
    for (uint64_t t = 1; t < 1000; t++) {
        assert_int_equal(semo_machine_run(m, t << 50), SEMO_STOP_ASLEEP);
        assert_int_equal(semo_machine_cycle(m), t << 50);
        assert_true(semo_machine_next_event(m) == UINT64_MAX);
    }
    semo_machine_free(m);
}

static void stop_at_violation(void **state)
{
    (void)state;
    struct semo_machine_config config = {.security = 64, .stop_at_violation = true};
    const struct rig_module module = {0x7000, 0x7010, 0x2000, 0x2010};
    struct semo_machine *m = rig_configured(&config);
    assert_null(semo_machine_violation(m));
    assert_int_equal(rig_enable(m, &module), 1);
    RIG_WORDS(m, RIG_CODE, 0x4303, 0x4216, 0x2004);
    rig_set(m, 0, RIG_CODE);
    assert_int_equal(semo_machine_run(m, 100000), SEMO_STOP_VIOLATION);
    const struct semo_violation *v = semo_machine_violation(m);
    assert_non_null(v);
    assert_int_equal(v->pc, RIG_CODE + 2);
    assert_int_equal(v->address, 0x2004);
    assert_int_equal(v->module, 0);
    assert_string_equal(v->rule, "the private data of a module is touched only by its own text");
    semo_machine_free(m);
}

static void multiplier(void **state)
{
    (void)state;
    static const struct {
        uint16_t base, a, b;
        uint32_t result;
        uint16_t extension;
    } cases[] = {{0x130, 0xFFFF, 0xFFFF, 0xFFFE0001, 0},
                 {0x132, 0xFFFF, 2, 0xFFFFFFFE, 0xFFFF},
                 {0x134, 0xFFFF, 0xFFFF, 0xFFFE0001u + 0xFFFFFFFEu, 1},
                 {0x136, 3, 5, 0xFFFDFFFFu + 15, 0xFFFF}};
    struct semo_machine *m = rig_machine(SEMO_COMPAT, 64);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        RIG_WORDS(m, RIG_CODE, 0x40B2, cases[i].a, cases[i].base, 0x40B2, cases[i].b, 0x0138);
        RIG_WORDS(m, RIG_CODE + 12, 0x4216, 0x013A, 0x4217, 0x013C, 0x4218, 0x013E, 0x3FFF);
        rig_set(m, 0, RIG_CODE);
        semo_machine_run(m, semo_machine_cycle(m) + 30);
        assert_int_equal(rig_reg(m, 6) | (uint32_t)rig_reg(m, 7) << 16, cases[i].result);
        assert_int_equal(rig_reg(m, 8), cases[i].extension);
    }
    semo_machine_free(m);
}

static void collect(void *context, enum semo_port port, uint8_t byte)
{
    char *text = context;
    size_t len = strlen(text);
    text[len] = (char)byte;
    text[len + 1] = port == SEMO_PRINTED ? '.' : '!';
}

static void ports_of_the_simulation(void **state)
{
    (void)state;
    char text[32] = "";
    struct semo_machine *m = rig_machine(SEMO_COMPAT, 64);
    semo_machine_on_put(m, collect, text);
    semo_machine_input(m, (const uint8_t *)"xy", 2);
    /* print 'A'; 4 times: copy a byte of input, when there is one, to output */
    RIG_WORDS(m, RIG_CODE, 0x40F2, 'A' | 0x80, 0x0084);
    for (unsigned i = 0; i < 4; i++)
        RIG_WORDS(m, (uint16_t)(RIG_CODE + 6 + 14 * i), 0xB3D2, 0x00C0, 0x2403, 0x42D2, 0x00C2,
                  0x00C2, 0x4303);
    RIG_WORDS(m, RIG_CODE + 62, 0x3FFF);
    rig_set(m, 0, RIG_CODE);
    semo_machine_run(m, semo_machine_cycle(m) + 200);
    assert_string_equal(text, "A.x!y!");
    semo_machine_free(m);
}

static void cycle_counter(void **state)
{
    (void)state;
    struct semo_machine *m = rig_machine(SEMO_COMPAT, 64);
    RIG_WORDS(m, RIG_CODE, 0x4382, 0x0190, 0x4216, 0x0190);
    uint64_t write_at = semo_machine_cycle(m) + 3; /* S + 3 of a cost of 4 */
    rig_step(m, RIG_CODE);
    rig_step(m, RIG_CODE + 4);
    assert_int_equal(rig_reg(m, 6), write_at);
    semo_machine_free(m);
}

/* ---- snapshots ---- */

static void snapshot_goes_on_alike(void **state)
{
    (void)state;
    struct semo_machine *m = rig_machine(SEMO_HARDENED, 128);
    const struct rig_module module = {0x7000, 0x7010, 0x2000, 0x2010};
    assert_int_equal(rig_enable(m, &module), 1);
    sleeper(m);
    RIG_WORDS(m, RIG_CODE + 18, 0xD032, 0x0008, 0x5317, 0x3FFE); /* eint, count in r7 */
    size_t size = semo_machine_snapshot_size(m);
    uint8_t *first = malloc(size), *a = malloc(size), *b = malloc(size);
    semo_machine_run(m, 77777);
    semo_machine_snapshot(m, first);
    semo_machine_run(m, 1234567);
    semo_machine_snapshot(m, a);
    semo_machine_restore(m, first);
    assert_in_range(semo_machine_cycle(m), 77777, 77790);
    semo_machine_run(m, 1234567);
    semo_machine_snapshot(m, b);
    assert_memory_equal(a, b, size);
    /* and in another machine */
    struct semo_machine *other = rig_machine(SEMO_HARDENED, 128);
    semo_machine_restore(other, first);
    for (uint64_t t = 80000; t < 1234567; t += 12345)
        semo_machine_run(other, t);
    semo_machine_run(other, 1234567);
    semo_machine_snapshot(other, b);
    assert_memory_equal(a, b, size);
    free(first);
    free(a);
    free(b);
    semo_machine_free(m);
    semo_machine_free(other);
}

/* After a shift of PC the immediate is what an earlier instruction left in the fetch unit. */
static uint16_t delayed_immediate(struct semo_machine *m, const uint16_t *before)
{
    enum { CODE = 0xC000, TARGET = 0x6004 };
    RIG_WORDS(m, CODE, 0x4035, 0x1111, before[0], before[1]); /* mov #0x1111, r5; ...; */
    RIG_WORDS(m, CODE + 8, 0x1000, 0x4036, 0x5555);           /* rrc pc; mov #0x5555, r6 */
    RIG_WORDS(m, TARGET, 0x3FFF);                             /* CODE + 10, shifted: jmp $ */
    rig_set(m, 2, 0);
    rig_set(m, 4, 0x2000);
    rig_set(m, 0, CODE);
    semo_machine_run(m, semo_machine_cycle(m) + 40);
    return rig_reg(m, 6);
}

static void immediate_after_shift_of_pc(void **state)
{
    (void)state;
    static const uint16_t cases[][3] = {
        {0x4035, 0x1234, 0x1234}, /* mov #0x1234, r5 */
        {0x4075, 0x1234, 0x1234}, /* mov.b */
        {0x4215, 0x2002, 0x2002}, /* mov &0x2002, r5 */
        {0x4415, 0x0010, 0x0010}, /* mov 16(r4), r5 */
        {0x4015, 0x0010, 0x000E}, /* mov 16 behind here, r5 */
        {0x1230, 0x0777, 0x0777}, /* push #0x777 */
        {0x1052, 0x2002, 0x2002}, /* rrc.b &0x2002 */
        {0x4375, 0x4505, 0xFFFF}, /* mov.b #-1, r5; mov r5, r5 */
        {0x4235, 0x4505, 8},      /* mov #8, r5; mov r5, r5 */
        {0x4505, 0x3C00, 0},      /* mov r5, r5; jmp to the next word */
        {0x27FE, 0x4505, 0xFFFC}, /* jz, not taken */
        {0x4584, 0x0010, 0x1111}, /* mov r5, 16(r4) */
        {0x4005, 0x4405, 0x1111}, /* mov pc, r5; mov r4, r5 */
    };
    struct semo_machine *fast = rig_machine(SEMO_COMPAT, 64), *exact = rig_machine(SEMO_COMPAT, 64);
    struct semo_machine *hardened = rig_machine(SEMO_HARDENED, 64);
    semo_machine_trace(exact, nothing, NULL, false);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(delayed_immediate(exact, cases[i]), cases[i][2]);
        assert_int_equal(delayed_immediate(fast, cases[i]), cases[i][2]);
        assert_int_equal(delayed_immediate(hardened, cases[i]), 0x5555);
    }
    semo_machine_free(fast);
    semo_machine_free(exact);
    semo_machine_free(hardened);
}

/* ---- fast against exact ---- */

static uint32_t seed;

static uint32_t draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    return seed ^= seed << 5;
}

/* Mostly ordinary instructions on a few registers that point into memory; some anything. */
static uint16_t random_word(void)
{
    uint32_t r = draw();
    if (r % 16 == 0)
        return (uint16_t)(r >> 16);
    if (r % 16 < 4)
        return (uint16_t)(0x2000 | (r >> 16 & 0x1C00) | (r >> 8 & 15)); /* forward jump */
    if (r % 16 < 6)
        return (uint16_t)(0x1000 | (r >> 16 & 0x2FF) % 0x280);
    return (uint16_t)(0x4000 + (r >> 16) % 0xC000);
}

static void random_machine(struct semo_machine *m, uint32_t from)
{
    const struct rig_module first = {0x7000, 0x7100, 0x2000, 0x2100};
    const struct rig_module second = {0x7100, 0x7200, 0x2100, 0x2200};
    seed = from;
    for (unsigned a = 0x7000; a < 0x7400; a += 2)
        rig_put(m, (uint16_t)a, random_word());
    rig_enable(m, &first);
    rig_enable(m, &second);
    for (unsigned n = 4; n < 16; n++)
        rig_set(m, n, (uint16_t)((draw() & 1 ? 0x7000 : 0x2000) + draw() % 0x400));
    rig_set(m, 1, (uint16_t)((0x2000 + draw() % 0x300) & ~1u));
    RIG_WORDS(m, RIG_HANDLER, 0x4031, 0x2300, 0x40B2, 0x5A80, 0x0120, 0x4030, 0x7200);
    rig_set(m, 0, (uint16_t)(draw() & 1 ? 0x7000 : 0x7200));
}

static void compare_paths(struct semo_machine *fast, struct semo_machine *exact, uint32_t from,
                          uint8_t *a, uint8_t *b)
{
    size_t size = semo_machine_snapshot_size(fast);
    random_machine(fast, from);
    random_machine(exact, from);
    for (unsigned n = 1; n <= 8; n++) {
        uint64_t until = semo_machine_cycle(fast) + 97 * n;
        semo_machine_run(fast, until);
        semo_machine_run(exact, until);
        semo_machine_snapshot(fast, a);
        semo_machine_snapshot(exact, b);
        if (semo_machine_cycle(fast) != semo_machine_cycle(exact) || memcmp(a, b, size))
            fail_msg("seed %u: the paths differ at cycle %llu", from,
                     (unsigned long long)semo_machine_cycle(exact));
    }
}

static void fast_against_exact(void **state)
{
    (void)state;
    const char *count = getenv("SEMO_COUNT");
    uint32_t programs = count ? (uint32_t)atoi(count) : getenv("SOAK") ? 100000 : 500;
    for (int profile = SEMO_COMPAT; profile <= SEMO_HARDENED; profile++) {
        struct semo_machine *fast = rig_machine(profile, 64), *exact = rig_machine(profile, 64);
        size_t size = semo_machine_snapshot_size(fast);
        uint8_t *start = malloc(size), *a = malloc(size), *b = malloc(size);
        semo_machine_snapshot(fast, start);
        semo_machine_trace(exact, nothing, NULL, false);
        for (uint32_t i = 1; i <= programs; i++) {
            semo_machine_restore(fast, start);
            semo_machine_restore(exact, start);
            compare_paths(fast, exact, i, a, b);
        }
        free(start);
        free(a);
        free(b);
        semo_machine_free(fast);
        semo_machine_free(exact);
    }
    print_message("# %u random programs in two profiles, seeds from 1\n", programs);
}

static void a_program_ends_by_steps(void **state)
{
    (void)state;
    struct semo_machine_config config = rig_golden_config("64");
    struct semo_machine *m = semo_machine_new(&config), *other = semo_machine_new(&config);
    unsigned steps = 0;
    rig_load(m, "tests/golden/programs/rand1.elf");
    rig_load(other, "tests/golden/programs/rand1.elf");
    while (semo_machine_step(m) != SEMO_STOP_CPUOFF)
        assert_true(++steps < 100000);
    assert_int_equal(semo_machine_run(other, UINT64_MAX), SEMO_STOP_CPUOFF);
    assert_int_equal(semo_machine_cycle(m), semo_machine_cycle(other));
    semo_machine_free(m);
    semo_machine_free(other);
}

static void no_such_machine(void **state)
{
    (void)state;
    const struct semo_machine_config wrong[] = {
        {.security = 80}, {.security = 1}, {.security = 128, .modules = 65}};
    for (unsigned n = 0; n < sizeof wrong / sizeof *wrong; n++)
        assert_null(semo_machine_new(&wrong[n]));
    struct semo_machine_config nothing_said = {.profile = SEMO_HARDENED};
    struct semo_machine *m = semo_machine_new(&nothing_said);
    assert_non_null(m);
    semo_machine_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poke_is_executed),
        cmocka_unit_test(program_writes_program),
        cmocka_unit_test(until_a_cycle),
        cmocka_unit_test(sleep_and_wake),
        cmocka_unit_test(sleep_for_ever_is_free),
        cmocka_unit_test(stop_at_violation),
        cmocka_unit_test(multiplier),
        cmocka_unit_test(ports_of_the_simulation),
        cmocka_unit_test(cycle_counter),
        cmocka_unit_test(snapshot_goes_on_alike),
        cmocka_unit_test(immediate_after_shift_of_pc),
        cmocka_unit_test(a_program_ends_by_steps),
        cmocka_unit_test(no_such_machine),
        cmocka_unit_test(fast_against_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
