/* SPDX-License-Identifier: Apache-2.0 */
/* The fast path against the exact one, snapshot by snapshot: programs that look like compiled ones
 * and change themselves, modules and device windows that come and go, deadlines at every cycle,
 * forks and snapshots of which none may see what another one does. A watched machine takes the
 * exact path. SEMO_SEED, SEMO_COUNT (programs), SOAK=1, SOAK_END. */
#include <time.h>
#include "machine/devices/devices.h"
#include "tests/machine/rig.h"

enum { CODE = 0x73C0, CODE_END = 0x7500, SUBROUTINES = 0x7500, TABLE = 0x7600, HEAP = 0x2000 };
enum { WINDOW = SEMO_WINDOW(SEMO_WINDOW_CLOCK) };

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((seed >> 33) % below);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static unsigned count(unsigned small)
{
    return (unsigned)from_environment("SEMO_COUNT", getenv("SOAK") ? 100u * small : small);
}

static bool late(void)
{
    return (uint64_t)time(NULL) > from_environment("SOAK_END", UINT64_MAX);
}

static void nothing(void *context, uint16_t address, bool write, bool byte)
{
    (void)context, (void)address, (void)write, (void)byte;
}

/* ---- pairs of machines ---- */

struct pair {
    struct semo_machine *fast, *exact;
    size_t size;
    uint8_t *a, *b;
};

static void set_both(struct pair *p, unsigned n, uint16_t value)
{
    rig_set(p->fast, n, value);
    rig_set(p->exact, n, value);
}

static void put_both(struct pair *p, uint16_t address, uint16_t word)
{
    rig_put(p->fast, address, word);
    rig_put(p->exact, address, word);
}

static void words_both(struct pair *p, uint16_t address, const uint16_t *words, unsigned n)
{
    rig_put_words(p->fast, address, words, n);
    rig_put_words(p->exact, address, words, n);
}

static void restore_both(struct pair *p, const uint8_t *snapshot)
{
    semo_machine_restore(p->fast, snapshot);
    semo_machine_restore(p->exact, snapshot);
}

static struct pair pair_of(struct semo_machine *fast, struct semo_machine *exact)
{
    struct pair p = {fast, exact, semo_machine_snapshot_size(fast), NULL, NULL};
    semo_machine_watch(exact, nothing, NULL);
    p.a = malloc(p.size);
    p.b = malloc(p.size);
    assert_true(p.a && p.b);
    return p;
}

static struct pair pair_new(enum semo_profile profile)
{
    struct pair p = pair_of(rig_machine(profile, 64), rig_machine(profile, 64));
    free(p.a);
    free(p.b);
    semo_machine_attach(p.fast, semo_clock_new(7));
    semo_machine_attach(p.exact, semo_clock_new(7));
    return pair_of(p.fast, p.exact);
}

static void pair_free(struct pair *p)
{
    semo_machine_free(p->fast);
    semo_machine_free(p->exact);
    free(p->a);
    free(p->b);
}

static void compare(struct pair *p, const char *what, uint64_t number)
{
    semo_machine_snapshot(p->fast, p->a);
    semo_machine_snapshot(p->exact, p->b);
    if (semo_machine_cycle(p->fast) != semo_machine_cycle(p->exact) || memcmp(p->a, p->b, p->size))
        fail_msg("%s, SEMO_SEED=%llu: the paths differ at cycle %llu, PC %04x and %04x", what,
                 (unsigned long long)number, (unsigned long long)semo_machine_cycle(p->exact),
                 rig_reg(p->fast, 0), rig_reg(p->exact, 0));
}

static void run_both(struct pair *p, uint64_t cycles)
{
    uint64_t until = semo_machine_cycle(p->exact) + cycles;
    assert_int_equal(semo_machine_run(p->fast, until), semo_machine_run(p->exact, until));
}

/* ---- programs like compiled ones ---- */

static uint16_t two(unsigned op, unsigned src, unsigned as, unsigned dst, unsigned ad)
{
    unsigned byte = draw(5) == 0;
    return (uint16_t)(op << 12 | src << 8 | ad << 7 | byte << 6 | as << 4 | dst);
}

static unsigned value_register(void)
{
    return 8 + draw(8);
}

static unsigned pointer_register(void)
{
    return draw(6) == 0 ? 1 : 4 + draw(4);
}

static uint16_t place_of_data(void)
{
    static const uint16_t places[] = {HEAP, HEAP + 0x100, 0x0300, 0x3F00, WINDOW, TABLE, CODE};
    return (uint16_t)(places[draw(7)] + 2 * draw(0x70));
}

/* Each writes one or a few instructions at w and returns the number of words. */
typedef unsigned piece(uint16_t *w);

static unsigned arithmetic(uint16_t *w)
{
    unsigned constant = draw(3);
    w[0] = constant == 0 ? two(4 + draw(12), 3, draw(4), value_register(), 0)
           : constant == 1
               ? two(4 + draw(12), 0, 3, value_register(), 0)
               : two(4 + draw(12), draw(9) ? value_register() : draw(8), 0, value_register(), 0);
    w[1] = (uint16_t)draw(0x10000);
    return constant == 1 ? 2 : 1;
}

static unsigned read_memory(uint16_t *w)
{
    unsigned mode = draw(4);
    w[0] = mode == 0 ? two(4 + draw(12), 2, 1, value_register(), 0)
                     : two(4 + draw(12), pointer_register(), mode, value_register(), 0);
    w[1] = mode == 0 ? place_of_data() : (uint16_t)(2 * draw(16));
    return mode < 2 ? 2 : 1;
}

static unsigned write_memory(uint16_t *w)
{
    unsigned far = draw(4) == 0, constant = draw(2);
    w[0] = two(4 + draw(12), constant ? 3 : value_register(), constant ? draw(4) : 0,
               far ? 2 : pointer_register(), 1);
    w[1] = far ? place_of_data() : (uint16_t)(2 * draw(16));
    return 2;
}

static unsigned copy_memory(uint16_t *w)
{
    w[0] = two(4, pointer_register(), 1, pointer_register(), 1);
    w[1] = (uint16_t)(2 * draw(16));
    w[2] = (uint16_t)(2 * draw(16));
    return 3;
}

static unsigned shift(uint16_t *w)
{
    unsigned n = 0, reg = value_register();
    if (draw(2))
        w[n++] = 0xC312; /* clrc */
    if (draw(2))
        w[n++] = (uint16_t)(0x4000 | value_register() << 8 | reg);
    w[n++] = (uint16_t)(0x1000 | draw(4) << 7 | (draw(6) == 0) << 6 | reg);
    return n;
}

static unsigned compare_and_jump(uint16_t *w)
{
    unsigned n = arithmetic(w);
    if (draw(3))
        w[0] = (uint16_t)((w[0] & 0x0FFF) | (draw(2) ? 0x9000 : 0xB000));
    w[n] = (uint16_t)(0x2000 | draw(8) << 10 | (draw(4) ? draw(8) : 0x3FF - draw(12)));
    return n + 1;
}

static unsigned jump_over_one(uint16_t *w)
{
    static const uint8_t ops[] = {4, 5, 8, 14, 15, 6};
    unsigned immediate = draw(2);
    w[0] = two(draw(2) ? 11 : 9, 3, 1 + draw(2), value_register(), 0);
    w[1] = (uint16_t)(0x2000 | draw(7) << 10 | (1 + immediate));
    w[2] = (uint16_t)(ops[draw(6)] << 12 | (immediate ? 0x30 : value_register() << 8) |
                      value_register());
    w[3] = 0xA001;
    return 3 + immediate;
}

static unsigned status(uint16_t *w)
{
    static const uint16_t some[] = {0xC312, 0xD312, 0xC322, 0xD322, 0xC222, 0xD222, 0xC232,
                                    0xD232, 0x420A, 0xC20B, 0x1202, 0xC032, 0xD032, 0x4132};
    w[0] = some[draw(14)];
    w[1] = (uint16_t)(1u << draw(9)) & ~0x30u;
    return (w[0] & 0x0FFF) == 0x0032 ? 2 : 1;
}

static unsigned stack(uint16_t *w)
{
    unsigned which = draw(5);
    w[0] = which == 0   ? (uint16_t)(0x1200 | value_register())
           : which == 1 ? (uint16_t)(0x4130 | value_register())
           : which == 2 ? 0x12B0
           : which == 3 ? (uint16_t)(0x1280 | value_register())
                        : (uint16_t)(draw(2) ? 0x5031 : 0x8031);
    w[1] = which == 2 ? (uint16_t)(SUBROUTINES + 16 * draw(8)) : (uint16_t)(2 * draw(4));
    return which == 2 || which == 4 ? 2 : 1;
}

static unsigned branch(uint16_t *w)
{
    w[0] = 0x4030; /* br # */
    w[1] = (uint16_t)(CODE + 2 * draw((CODE_END - CODE) / 2));
    return 2;
}

/* A clear carry that a jump sees, too. */
static unsigned clear_and_jump(uint16_t *w)
{
    w[0] = draw(2) ? 0xC312 : 0xD312;
    w[1] = (uint16_t)(0x2000 | (2 + draw(2)) << 10 | 1);
    w[2] = (uint16_t)(0x1000 | value_register());
    return 3;
}

/* The immediate behind a shift of PC is what an earlier instruction has left. */
static unsigned shift_of_pc(uint16_t *w)
{
    unsigned n = draw(2) ? jump_over_one(w) - 1 : 0;
    w[n] = draw(2) ? 0x1000 : 0x1100;
    w[n + 1] = (uint16_t)(0x4030 | value_register());
    return n + 2;
}

static unsigned change_code(uint16_t *w)
{
    w[0] = draw(2) ? 0x4082 | (uint16_t)(value_register() << 8) : 0xE392; /* mov rX, & or inv & */
    w[1] = (uint16_t)(CODE + 2 * draw((CODE_END - CODE) / 2));
    return 2;
}

static unsigned anything(uint16_t *w)
{
    w[0] = (uint16_t)draw(0x10000);
    return 1;
}

static void write_code(struct pair *p, uint16_t from, uint16_t end)
{
    static piece *const often[] = {arithmetic,       arithmetic,    read_memory,   read_memory,
                                   write_memory,     copy_memory,   shift,         shift,
                                   status,           stack,         branch,        compare_and_jump,
                                   compare_and_jump, jump_over_one, jump_over_one, clear_and_jump};
    static piece *const seldom[] = {change_code, change_code, anything, shift_of_pc};
    uint16_t w[6];
    for (unsigned at = from; at < end; at += 2)
        put_both(p, (uint16_t)at, 0x4303); /* nop */
    for (unsigned at = from; at + 12 <= end;) {
        unsigned n = (draw(24) ? often[draw(16)] : seldom[draw(4)])(w);
        words_both(p, (uint16_t)at, w, n);
        at += 2 * n;
    }
}

static void write_registers(struct pair *p)
{
    static const uint16_t bases[] = {HEAP, HEAP + 0x80, 0x3E00, TABLE, WINDOW, 0x0300};
    for (unsigned n = 4; n < 16; n++)
        set_both(p, n,
                 (uint16_t)(n < 8 ? bases[draw(6)] + draw(64) * (draw(8) ? 2 : 1) : draw(0x10000)));
    set_both(p, 1, (uint16_t)(0x3800 + 2 * draw(0x100)));
    set_both(p, 2, (uint16_t)(draw(8) | draw(2) << 8));
    set_both(p, 0, (uint16_t)(CODE + 2 * draw(16)));
}

static void write_program(struct pair *p)
{
    write_code(p, CODE, CODE_END);
    put_both(p, CODE_END - 4, 0x4030);
    put_both(p, CODE_END - 2, CODE);
    for (uint16_t at = SUBROUTINES; at < SUBROUTINES + 128; at += 16) {
        write_code(p, at, at + 14);
        put_both(p, at + 14, 0x4130); /* ret */
    }
    RIG_WORDS(p->fast, RIG_HANDLER, 0x4031, 0x3A00, 0x4030, CODE);
    RIG_WORDS(p->exact, RIG_HANDLER, 0x4031, 0x3A00, 0x4030, CODE);
    write_registers(p);
}

/* What happens to a machine between two stretches. */
static void disturb(struct pair *p)
{
    static const struct rig_module modules[] = {{CODE, CODE + 0x80, HEAP, HEAP + 0x40},
                                                {CODE + 0x80, CODE_END, WINDOW, WINDOW + 0x400},
                                                {SUBROUTINES, SUBROUTINES + 0x80, 0x3E00, 0x3E80},
                                                {TABLE, TABLE + 0x41, HEAP + 0x101, HEAP + 0x181},
                                                {0x73FE, 0x7402, 0x0300, 0x0310}};
    switch (draw(8)) {
    case 0:
    case 1: {
        const struct rig_module *module = &modules[draw(5)];
        assert_int_equal(rig_enable(p->fast, module), rig_enable(p->exact, module));
        break;
    }
    case 2:
        write_code(p, CODE + 0x20, CODE + 0x60);
        break;
    case 3: {
        uint16_t at = place_of_data(), word = (uint16_t)draw(0x10000);
        put_both(p, at, word);
        break;
    }
    case 4:
        if (draw(4) == 0) {
            semo_machine_reset(p->fast);
            semo_machine_reset(p->exact);
            put_both(p, 0xFFFE, 0x5C00);
        }
        break;
    default:
        return;
    }
    write_registers(p);
}

static void one_program(struct pair *p, uint64_t number)
{
    seed = number;
    write_program(p);
    for (unsigned n = 0; n < 12; n++) {
        run_both(p, draw(3) ? 1 + draw(400) : 1 + draw(8000));
        compare(p, "program", number);
        disturb(p);
    }
}

static void programs(void **state)
{
    (void)state;
    uint64_t from = from_environment("SEMO_SEED", (uint64_t)time(NULL) * 1000);
    unsigned n, many = count(250);
    print_message("# SEMO_SEED=%llu\n", (unsigned long long)from);
    for (int profile = SEMO_COMPAT; profile <= SEMO_HARDENED; profile++) {
        struct pair p = pair_new(profile);
        uint8_t *start = malloc(p.size);
        semo_machine_snapshot(p.fast, start);
        for (n = 0; n < many && !late(); n++) {
            restore_both(&p, start);
            one_program(&p, from + n);
        }
        print_message("# %u programs, profile %d\n", n, profile);
        free(start);
        pair_free(&p);
    }
}

/* ---- deadlines ---- */

static void every_deadline(void **state)
{
    (void)state;
    uint64_t from = from_environment("SEMO_SEED", (uint64_t)time(NULL) * 1000);
    for (int profile = SEMO_COMPAT; profile <= SEMO_HARDENED; profile++) {
        struct pair p = pair_new(profile);
        seed = from;
        write_program(&p);
        uint8_t *start = malloc(p.size);
        semo_machine_snapshot(p.fast, start);
        for (unsigned cycles = 1; cycles <= 400; cycles++) {
            restore_both(&p, start);
            run_both(&p, cycles);
            compare(&p, "deadline", from);
        }
        for (unsigned n = 0; n < 400; n++) {
            run_both(&p, 1 + n % 7);
            compare(&p, "deadline", from);
        }
        free(start);
        pair_free(&p);
    }
}

/* ---- code that changes ---- */

/* More blocks than there is room for: the loop changes its own immediate every time. */
static void changes_without_end(void **state)
{
    (void)state;
    struct semo_machine *m = rig_machine(SEMO_COMPAT, 64);
    RIG_WORDS(m, RIG_CODE, 0x5036, 1, 0x5392, RIG_CODE + 2, 0x5307, 0x5317, 0x3FF9);
    rig_set(m, 0, RIG_CODE);
    uint64_t per_round = 2 + 5 + 1 + 1 + 2, rounds = 60000;
    semo_machine_run(m, semo_machine_cycle(m) + per_round * rounds);
    assert_int_equal(rig_reg(m, 6), (uint16_t)(rounds * (rounds + 1) / 2));
    assert_int_equal(rig_reg(m, 7), (uint16_t)rounds);
    semo_machine_free(m);
}

/* One instruction of a loop lies in two pages; the second part is changed now and then. */
static void over_the_border(void **state)
{
    (void)state;
    struct pair p = pair_new(SEMO_HARDENED);
    for (uint16_t at = 0x73F6; at <= 0x7400; at += 2) {
        /* inc r7; add #n, r6; xor r6, r8; jmp */
        const uint16_t words[] = {0x5317, 0x5036, 3, 0xE608, 0x3FFB};
        words_both(&p, at, words, 5);
        set_both(&p, 0, at);
        for (uint16_t n = 0; n < 20; n++) {
            put_both(&p, (uint16_t)(at + 4), n);
            run_both(&p, 1000);
            compare(&p, "border", at);
        }
    }
    pair_free(&p);
}

/* ---- forks ---- */

enum { FORKS = 5 };

static void fork_pair(struct pair *from, struct pair *to)
{
    struct semo_machine *fast = semo_machine_fork(from->fast),
                        *exact = rig_machine(SEMO_HARDENED, 64);
    semo_machine_attach(fast, semo_clock_new(7));
    semo_machine_attach(exact, semo_clock_new(7));
    semo_machine_snapshot(from->fast, from->a);
    semo_machine_restore(fast, from->a);
    semo_machine_restore(exact, from->a);
    *to = pair_of(fast, exact);
    compare(to, "fork", 0);
}

/* Each fork has an exact machine of its own beside it, which shares nothing with anybody. */
static void forks_are_apart(void **state)
{
    (void)state;
    uint64_t from = from_environment("SEMO_SEED", (uint64_t)time(NULL) * 1000);
    print_message("# SEMO_SEED=%llu\n", (unsigned long long)from);
    for (unsigned n = 0; n < count(12) && !late(); n++) {
        struct pair p[FORKS] = {pair_new(SEMO_HARDENED)};
        seed = from + n;
        write_program(&p[0]);
        run_both(&p[0], 500);
        for (unsigned i = 1; i < FORKS; i++)
            fork_pair(&p[draw(i)], &p[i]);
        for (unsigned k = 0; k < 60; k++) {
            unsigned i = draw(FORKS);
            disturb(&p[i]);
            run_both(&p[i], 1 + draw(2000));
            compare(&p[i], "forks", from + n);
        }
        for (unsigned i = 0; i < FORKS; i++) { /* in another order than they were made in */
            compare(&p[(i + n) % FORKS], "forks", from + n);
            pair_free(&p[(i + n) % FORKS]);
        }
    }
}

static void fork_alone(void **state)
{
    (void)state;
    struct semo_machine *m = rig_machine(SEMO_HARDENED, 128);
    const struct rig_module module = {0x7000, 0x7010, 0x2000, 0x2010};
    assert_int_equal(rig_enable(m, &module), 1);
    RIG_WORDS(m, RIG_CODE, 0x5316, 0x40B2, 0x0210, 0x0160, 0x3FFB); /* inc r6; mov #, &TACTL */
    rig_set(m, 0, RIG_CODE);
    semo_machine_run(m, 50000);
    struct semo_machine *f = semo_machine_fork(m);
    size_t size = semo_machine_snapshot_size(m);
    uint8_t *a = malloc(size), *b = malloc(size);
    for (uint64_t until = 60000; until < 90000; until += 10000) { /* in turns: the same devices */
        semo_machine_run(f, until);
        semo_machine_run(m, until);
        semo_machine_snapshot(m, a);
        semo_machine_snapshot(f, b);
        assert_memory_equal(a, b, size);
    }
    semo_machine_free(m);
    rig_put(f, RIG_CODE, 0x8316); /* dec r6 */
    uint16_t before = rig_reg(f, 6);
    semo_machine_run(f, 100000);
    assert_true((int16_t)(rig_reg(f, 6) - before) < 0);
    semo_machine_free(f);
    free(a);
    free(b);
}

/* ---- single steps ---- */

static void steps_are_a_run(void **state)
{
    (void)state;
    uint64_t from = from_environment("SEMO_SEED", (uint64_t)time(NULL) * 1000);
    struct pair p = pair_new(SEMO_HARDENED);
    seed = from;
    write_program(&p);
    for (unsigned n = 0; n < 2000; n++) {
        uint64_t before = semo_machine_cycle(p.exact);
        semo_machine_step(p.exact);
        if (semo_machine_cycle(p.exact) == before) /* it hangs, or sleeps for ever */
            break;
        semo_machine_run(p.fast, semo_machine_cycle(p.exact));
        compare(&p, "steps", from);
    }
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs),
        cmocka_unit_test(every_deadline),
        cmocka_unit_test(changes_without_end),
        cmocka_unit_test(over_the_border),
        cmocka_unit_test(forks_are_apart),
        cmocka_unit_test(fork_alone),
        cmocka_unit_test(steps_are_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
