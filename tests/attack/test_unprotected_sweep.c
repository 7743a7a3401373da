/* SPDX-License-Identifier: Apache-2.0 */
/* Unprotected code tries each address of text and private data of each module, its entry excepted,
 * in every way that it has. It does so in two machines that differ in secrets only, the byte under
 * attack included, and must not be able to tell them apart: registers, flags, cycles, interrupts,
 * its own memory, devices. The modules stay as they were, and go on working.
 * SOAK=1: each operation with each addressing mode; otherwise operations but MOV, PUSH, CALL and
 * the shifts take turns. SEMO_SEED. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <semo/map.h>
#include "machine/access.h"
#include "tests/attack/attempts.h"
#include "tests/attack/fort.h"

enum { PUBLIC, SECRET, WORKS_EVERY = 61, SNAPSHOT_MAX = 200000 };

/* Two machines under the same attacks, and what was found. */
struct sweep {
    struct fort *fort[2];
    uint8_t before[2][FORT_MEMORY];
    uint8_t snapshot[2][SNAPSHOT_MAX];
    uint64_t seed;
    unsigned ways;
    unsigned long attempts, addresses, proofs; /* proofs: times a module was seen working */
    unsigned long told, changed, allowed;      /* findings: difference, damage, no violation */
    char first[160];
};

static struct sweep sweep;

/* ---- the rule that is missing in a mutant ---- */

static struct {
    bool on;
    uint16_t address;
    enum semo_access_kind kind;
} mutant;

enum semo_rule __real_semo_access(const struct semo_access_state *s, uint16_t pc, uint16_t prev,
                                  uint16_t address, enum semo_access_kind kind);
enum semo_rule __wrap_semo_access(const struct semo_access_state *s, uint16_t pc, uint16_t prev,
                                  uint16_t address, enum semo_access_kind kind);
enum semo_rule __wrap_semo_access(const struct semo_access_state *s, uint16_t pc, uint16_t prev,
                                  uint16_t address, enum semo_access_kind kind)
{
    if (mutant.on && address == mutant.address && kind == mutant.kind)
        return SEMO_ALLOWED;
    return __real_semo_access(s, pc, prev, address, kind);
}

/* ---- attempts ---- */

_Static_assert((int)ATTEMPT_CODE == FORT_CODE && (int)ATTEMPT_HANDLER == FORT_HANDLER, "the same");

static struct attempt_target target(const struct fort *f)
{
    return (struct attempt_target){f->machine, f->modules[1].rig.image.layout.ps,
                                   f->modules[0].rig.image.layout.ss, 0};
}

static bool attempt(const struct sweep *s, unsigned n, uint16_t address, unsigned round,
                    struct attempt *a)
{
    struct attempt_target t = target(s->fort[0]);
    return attempt_make(&t, n, address, round, a);
}

static struct outcome outcome_of(const struct fort *f, const struct attempt *a)
{
    struct attempt_target t = target(f);
    return attempt_run(&t, a);
}

/* ---- findings ---- */

static void found(struct sweep *s, unsigned long *counter, const char *what, uint16_t address,
                  const char *attempt)
{
    if (!s->told && !s->changed && !s->allowed)
        snprintf(s->first, sizeof s->first, "%s: address %04x of %s, %s", what, address,
                 fort_owner(s->fort[0], address) ? fort_owner(s->fort[0], address)->rig.unit->name
                                                 : "nobody",
                 attempt);
    ++*counter;
}

static unsigned long findings(const struct sweep *s)
{
    return s->told + s->changed + s->allowed;
}

static void start(struct sweep *s, enum semo_profile profile)
{
    memset(s, 0, sizeof *s);
    s->seed = fort_seed();
    for (unsigned i = 0; i < 2; i++) {
        uint64_t secret = s->seed + 1000 * (i + 1);
        s->fort[i] = fort_new(&(struct fort_options){.profile = profile, .secret = secret});
        fort_use(s->fort[i]);
        assert_true(semo_machine_snapshot_size(s->fort[i]->machine) <= SNAPSHOT_MAX);
        fort_peek_all(s->fort[i], s->before[i]);
        semo_machine_snapshot(s->fort[i]->machine, s->snapshot[i]);
    }
    assert_int_equal(semo_machine_cycle(s->fort[0]->machine),
                     semo_machine_cycle(s->fort[1]->machine));
    s->ways = attempts_prepare();
}

static void end(struct sweep *s)
{
    fort_free(s->fort[0]);
    fort_free(s->fort[1]);
}

static void restore(struct sweep *s)
{
    for (unsigned i = 0; i < 2; i++)
        semo_machine_restore(s->fort[i]->machine, s->snapshot[i]);
}

/* ---- comparing ---- */

struct range {
    uint16_t start, end;
};

static unsigned private_ranges(const struct fort *f, struct range *out)
{
    for (unsigned n = 0; n < FORT_MODULES; n++) {
        const struct semo_layout *l = &f->modules[n].rig.image.layout;
        out[2 * n] = (struct range){l->ps, l->pe};
        out[2 * n + 1] = (struct range){l->ss, l->se};
    }
    return 2 * FORT_MODULES;
}

/* What is a module's is as it was; the rest is the same in both machines. */
static void compare_memory(struct sweep *s, uint16_t address, const char *when)
{
    static uint8_t now[2][FORT_MEMORY];
    struct range ranges[2 * FORT_MODULES];
    unsigned count = private_ranges(s->fort[0], ranges);
    for (unsigned i = 0; i < 2; i++)
        fort_peek_all(s->fort[i], now[i]);
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned n = 0; n < count; n++) {
            unsigned at = ranges[n].start, len = ranges[n].end - at;
            if (memcmp(now[i] + at, s->before[i] + at, len) != 0)
                found(s, &s->changed, "a module was changed", address, when);
            memset(now[i] + at, 0, len);
        }
        for (unsigned n = 0; n < FORT_MODULES; n++) {
            const struct rig *r = &s->fort[i]->modules[n].rig;
            if (semo_machine_module_at(r->machine, r->image.layout.ps) != r->id)
                found(s, &s->changed, "a module is gone", address, when);
        }
    }
    if (memcmp(now[0], now[1], FORT_MEMORY) != 0)
        found(s, &s->told, "unprotected memory differs", address, when);
}

static void judge(struct sweep *s, const struct attempt *a, uint16_t address,
                  const struct outcome *o)
{
    s->attempts++;
    if (memcmp(&o[0], &o[1], sizeof o[0]) != 0)
        found(s, &s->told, "the outcome differs", address, a->name);
    bool violated = o[0].violations != 0;
    if (violated != (a->expected == EXPECT_VIOLATION) ||
        (a->expected == EXPECT_REFUSAL && o[0].registers[15] != 0))
        found(s, &s->allowed, violated ? "a violation" : "no violation", address, a->name);
}

static void try_all(struct sweep *s, uint16_t address, bool jumps)
{
    unsigned round = (unsigned)(s->addresses + s->seed);
    for (unsigned n = 0; n < s->ways; n++) {
        struct attempt a;
        struct outcome o[2];
        if (!attempt(s, n, address, round, &a) || a.jump != jumps)
            continue;
        for (unsigned i = 0; i < 2; i++)
            o[i] = outcome_of(s->fort[i], &a);
        judge(s, &a, address, o);
    }
}

/* In the second machine the word under attack is another one, whatever it was. */
static void disguise(struct sweep *s, uint16_t address, uint16_t difference)
{
    uint8_t bytes[2];
    semo_machine_peek(s->fort[SECRET]->machine, address & 0xFFFE, bytes, 2);
    bytes[0] ^= (uint8_t)difference;
    bytes[1] ^= (uint8_t)(difference >> 8);
    semo_machine_poke(s->fort[SECRET]->machine, address & 0xFFFE, bytes, 2);
}

static bool is_entry(const struct sweep *s, uint16_t address)
{
    return fort_owner(s->fort[0], address)->rig.image.layout.ps == address;
}

static void attack(struct sweep *s, uint16_t address)
{
    uint16_t difference = (uint16_t)(fort_random(&s->seed) | 0x0101);
    disguise(s, address, difference);
    try_all(s, address, false);
    disguise(s, address, difference);
    if (!is_entry(s, address))
        try_all(s, address, true);
    compare_memory(s, address, "after all attempts");
    s->addresses++;
}

/* ---- what a module that ran leaves behind, and that it runs ---- */

/* Reads of unmapped memory, fetches outside program memory, a wrap of nothing. */
static void look_for_remnants(struct sweep *s, uint16_t address)
{
    static const struct attempt remnants[] = {
        {.name = "unmapped memory", .words = {0x4218, 0x5A00}, .count = 2},
        {.name = "fetch outside program memory", .words = {0x4030, 0x3200}, .count = 2},
        {.name = "wrap of nothing",
         .words = {0x1384},
         .count = 1,
         .registers[9] = ATTEMPT_SCRATCH + 16,
         .registers[15] = ATTEMPT_SCRATCH},
    };
    for (unsigned n = 0; n < 3; n++) {
        struct attempt a = remnants[n];
        struct outcome o[2];
        a.expected = EXPECT_NOTHING;
        a.registers[1] = ATTEMPT_STACK;
        for (unsigned i = 0; i < 2; i++)
            o[i] = outcome_of(s->fort[i], &a);
        judge(s, &a, address, o);
    }
}

/* Every device register that unprotected code can read, but the one that draws an epoch. */
static void read_devices(struct sweep *s, uint16_t address)
{
    for (uint16_t at = 0; at < SEMO_DATA_START; at += 2) {
        struct attempt a = {.name = "device", .words = {0x4218, at}, .count = 2};
        struct outcome o[2];
        a.expected = EXPECT_NOTHING;
        a.registers[1] = ATTEMPT_STACK;
        if (at == SEMO_EPOCH)
            continue;
        for (unsigned i = 0; i < 2; i++)
            o[i] = outcome_of(s->fort[i], &a);
        judge(s, &a, address, o);
    }
}

/* An event under its key is accepted, or the module says that it has nothing (more) to say. */
static bool works(struct fort *f, struct fort_module *m)
{
    uint8_t frame[RIG_CAPACITY];
    for (unsigned i = 0; i < m->end_count; i++) {
        if (m->ends[i].io->kind != SEMO_IO_INPUT)
            continue;
        struct fort_end e = m->ends[i];
        unsigned len = fort_event(f, m, &e, 3, 4, frame);
        return fort_call(f, m, SEMO_ENTRY_INPUT, frame, len).status == SEMO_OK;
    }
    enum semo_status status = fort_call(f, m, SEMO_ENTRY_TAKE, NULL, 0).status;
    return status == SEMO_OK || status == SEMO_EMPTY;
}

static void prove_working(struct sweep *s, uint16_t address)
{
    static uint8_t here[2][SNAPSHOT_MAX];
    for (unsigned i = 0; i < 2; i++) {
        struct fort_module *m =
            &s->fort[i]->modules[fort_owner(s->fort[0], address) - s->fort[0]->modules];
        semo_machine_snapshot(s->fort[i]->machine, here[i]);
        if (!works(s->fort[i], m))
            found(s, &s->changed, "a module does not work", address, "after all attempts");
    }
    look_for_remnants(s, address);
    for (unsigned i = 0; i < 2; i++)
        semo_machine_restore(s->fort[i]->machine, here[i]);
    read_devices(s, address);
    s->proofs++;
}

static void run_over(struct sweep *s, struct range r, unsigned step)
{
    for (unsigned at = r.start; at < r.end; at += step) {
        attack(s, (uint16_t)at);
        if (s->addresses % WORKS_EVERY == 0)
            prove_working(s, (uint16_t)at);
    }
}

static void report(const struct sweep *s, const char *what)
{
    printf(
        "# %s: %lu attempts in %u ways at %lu addresses; %lu told apart, %lu damaged, %lu not as "
        "expected; seen working %lu times\n",
        what, s->attempts, s->ways, s->addresses, s->told, s->changed, s->allowed, s->proofs);
    if (findings(s))
        printf("# %s: first: %s\n", what, s->first);
}

/* ---- hardened ---- */

/* An instruction just before a text: the first word of the text would be its operand or address. */
static void straddle(struct sweep *s)
{
    static const struct {
        uint16_t words[2];
        uint8_t count;
    } ends[] = {{{0x4038}, 1}, {{0x40B2, 0x1234}, 2}, {{0x1230}, 1}, {{0x4218}, 1}, {{0x4582}, 1}};
    for (unsigned n = 0; n < FORT_MODULES * 5; n++) {
        uint16_t ps = s->fort[0]->modules[n / 5].rig.image.layout.ps;
        uint16_t at = (uint16_t)(ps - 2 * ends[n % 5].count);
        struct attempt a = {.name = "operand in the text", .words = {0x4030, at}, .count = 2};
        struct outcome o[2];
        a.registers[1] = ATTEMPT_STACK;
        disguise(s, ps, 0x0FF1);
        for (unsigned i = 0; i < 2; i++) {
            fort_poke_words(s->fort[i], at, ends[n % 5].words, ends[n % 5].count);
            o[i] = outcome_of(s->fort[i], &a);
        }
        judge(s, &a, ps, o);
        disguise(s, ps, 0x0FF1);
    }
}

/* After a reset the memory of both is the same, but for nothing. */
static void reset_both(struct sweep *s)
{
    static uint8_t now[2][FORT_MEMORY];
    for (unsigned i = 0; i < 2; i++) {
        semo_machine_reset(s->fort[i]->machine);
        fort_peek_all(s->fort[i], now[i]);
    }
    if (memcmp(now[0], now[1], FORT_MEMORY) != 0)
        found(s, &s->told, "memory after a reset differs", 0, "reset");
}

static void indistinguishable(void **state)
{
    (void)state;
    struct range ranges[2 * FORT_MODULES];
    start(&sweep, SEMO_HARDENED);
    unsigned count = private_ranges(sweep.fort[0], ranges);
    for (unsigned n = 0; n < count; n++)
        run_over(&sweep, ranges[n], 1);
    straddle(&sweep);
    compare_memory(&sweep, 0, "at the end");
    reset_both(&sweep);
    report(&sweep, "hardened");
    assert_int_equal(findings(&sweep), 0);
    assert_true(sweep.addresses > 20000 && sweep.proofs > 300);
    end(&sweep);
}

/* ---- that it can fail ---- */

static unsigned long compat_findings(void (*look)(struct sweep *s))
{
    restore(&sweep);
    sweep.told = sweep.changed = sweep.allowed = 0;
    look(&sweep);
    report(&sweep, "compat");
    return sweep.told;
}

static void first_text(struct sweep *s)
{
    const struct semo_layout *l = &s->fort[0]->modules[0].rig.image.layout;
    for (unsigned at = l->ps; at < l->pe; at += 2) {
        attack(s, (uint16_t)at);
        restore(s);
    }
}

static void remnants(struct sweep *s)
{
    prove_working(s, s->fort[0]->modules[0].rig.image.layout.ps);
}

static void compat_is_told_apart(void **state)
{
    (void)state;
    start(&sweep, SEMO_COMPAT);
    assert_true(compat_findings(first_text) > 0);
    assert_true(compat_findings(remnants) > 0);
    assert_true(compat_findings(reset_both) > 0);
    end(&sweep);
}

/* One access of one address allowed: the attempts at that address notice, but for the odd address
 * where both machines hold the same and the device does not care. */
static void one_missing_rule_is_noticed(void **state)
{
    (void)state;
    enum { MUTANTS = 60, NOTICED = 54 };
    unsigned noticed = 0;
    static const enum semo_access_kind kinds[] = {SEMO_READ, SEMO_WRITE, SEMO_WRITE_ODD_BYTE,
                                                  SEMO_EXECUTE};
    start(&sweep, SEMO_HARDENED);
    for (unsigned n = 0; n < MUTANTS; n++) {
        struct range ranges[2 * FORT_MODULES];
        mutant.kind = kinds[n % 4];
        private_ranges(sweep.fort[0], ranges);
        unsigned which =
            mutant.kind == SEMO_EXECUTE ? n / 4 % FORT_MODULES * 2 : n / 4 % (2 * FORT_MODULES);
        struct range r = ranges[which];
        mutant.address = (uint16_t)(r.start + 2 + fort_random(&sweep.seed) % (r.end - r.start - 2));
        mutant.address =
            (uint16_t)((mutant.address & 0xFFFE) | (mutant.kind == SEMO_WRITE_ODD_BYTE));
        mutant.on = true;
        attack(&sweep, mutant.address);
        mutant.on = false;
        noticed += findings(&sweep) != 0;
        if (findings(&sweep) == 0)
            printf("# mutant %u: kind %u of %04x allowed, not noticed\n", n, mutant.kind,
                   mutant.address);
        restore(&sweep);
        sweep.told = sweep.changed = sweep.allowed = 0;
    }
    printf("# %u of %d mutants noticed\n", noticed, MUTANTS);
    assert_true(noticed >= NOTICED);
    end(&sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indistinguishable),
        cmocka_unit_test(compat_is_told_apart),
        cmocka_unit_test(one_missing_rule_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
