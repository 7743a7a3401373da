/* SPDX-License-Identifier: Apache-2.0 */
/* A watchdog reset, a power-on reset that finds memory as it was, a violation (of the module
 * itself, or of the stranger when he runs; with and without a reset that follows) and a power cut:
 * at random cycles of a long run of calls to the meter's modules, and at every cycle of one set-key
 * and one input. What the next program can read then, registers included, holds no four bytes of
 * what was in any module's private memory or in any key, but what strangers knew anyway. SEMO_COUNT
 * random cycles (10000, SOAK=1: 100000), SEMO_SEED. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <semo/map.h>
#include "tests/attack/fort.h"

enum { SCENES = 120, SNAPSHOT_MAX = 100000, REGISTERS = 32, VIEW = FORT_MEMORY + REGISTERS };
enum { SECRETS = (FORT_MODULES * (FORT_ENDS + 1) + 1) * 16 + SEMO_PAYLOAD_DEFAULT };
enum { WDTCTL = 0x0120, WATCHDOG_CODE = FORT_CODE + 64, HOSTILE_CODE = FORT_CODE + 96 };
enum { SR_VIOLATION = 0x4000, READ = 0x4626 /* mov @r6, r6 */, JUMP_TO_SELF = 0x3FFF };
enum { HOSTILE_STACK = FORT_CODE + 128, AFTER = 40, READ_FOR_REAL_EVERY = 500 };

/* One call, from the jump to the entry on. */
struct scene {
    struct fort_module *module;
    char what[48];
    uint64_t start;
    unsigned length; /* cycles until the module has returned */
    uint8_t snapshot[SNAPSHOT_MAX];
    uint8_t known[VIEW];            /* what strangers can read before */
    uint8_t answered[RIG_CAPACITY]; /* the call buffer at its end */
    uint8_t returned[REGISTERS];    /* registers then */
    uint8_t key[16];                /* of a connection of the module */
    uint8_t secrets[SECRETS];       /* keys of the node, modules, connections; the payload */
};

enum kind { WATCHDOG, POWER_ON, POWER_CUT, VIOLATION, KINDS };
static const char *const kind_names[KINDS] = {"watchdog reset", "power-on reset", "power cut",
                                              "violation"};

struct stage {
    struct fort *fort;
    enum semo_profile profile;
    uint64_t seed;
    struct scene *scenes; /* SCENES; the first is a set-key, the second an input */
    const struct scene *now;
    unsigned watchdog_lead; /* cycles from the start of its program to a reset, less its interval */
    unsigned long cases[KINDS], found[KINDS], keys[KINDS], read_for_real;
    char first[160];
};

/* ---- sets of four bytes ---- */

struct set {
    uint32_t *slots;
    unsigned bits;
};
static uint32_t known_slots[1 << 18], private_slots[1 << 16];
static struct set known = {known_slots, 18}, private = {private_slots, 16};

static uint32_t window(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t *set_find(const struct set *s, uint32_t value)
{
    uint32_t i = value * 0x9E3779B1u >> (32 - s->bits);
    while (s->slots[i] && s->slots[i] != value)
        i = (i + 1) & ((1u << s->bits) - 1);
    return &s->slots[i];
}

static void set_add(struct set *s, const uint8_t *bytes, unsigned len)
{
    for (unsigned i = 0; i + 4 <= len; i++)
        if (window(bytes + i))
            *set_find(s, window(bytes + i)) = window(bytes + i);
}

static void set_clear(struct set *s)
{
    memset(s->slots, 0, sizeof *s->slots << s->bits);
}

/* ---- what can be read ---- */

static void registers(const struct fort *f, uint8_t *out)
{
    for (unsigned n = 0; n < 16; n++) {
        uint16_t value = n < 3 ? 0 : semo_machine_register(f->machine, n);
        out[2 * n] = (uint8_t)value;
        out[2 * n + 1] = (uint8_t)(value >> 8);
    }
}

/* All memory but what belongs to modules that still are there, and the registers. */
static void strangers_view(const struct fort *f, uint8_t view[VIEW])
{
    fort_peek_all(f, view);
    for (unsigned n = 0; n < FORT_MODULES; n++) {
        const struct rig *r = &f->modules[n].rig;
        const struct semo_layout *l = &r->image.layout;
        if (semo_machine_module_at(f->machine, l->ps) != r->id)
            continue;
        memset(view + l->ps, 0, l->pe - l->ps);
        memset(view + l->ss, 0, l->se - l->ss);
    }
    registers(f, view + FORT_MEMORY);
}

/* The same by instructions of a program in the machine; registers of devices left out. */
static void read_for_real(struct stage *s, const uint8_t view[VIEW])
{
    static const uint16_t code[] = {0x40B2, 0x5A80, WDTCTL, 0x4638, 0x3FFF}; /* mov @r6+, r8 */
    fort_poke_words(s->fort, HOSTILE_CODE, code, 5);
    semo_machine_set_register(s->fort->machine, 0, HOSTILE_CODE);
    fort_step(s->fort);
    for (unsigned at = SEMO_DATA_START; at < FORT_MEMORY; at += 2) {
        if (at >= HOSTILE_CODE && at < HOSTILE_STACK)
            continue;
        if (at >= SEMO_WINDOW_START && at < SEMO_PROGRAM_START &&
            (at - SEMO_WINDOW_START) % SEMO_WINDOW_SIZE >= SEMO_WINDOW_REGISTERS)
            continue;
        semo_machine_set_register(s->fort->machine, 1, HOSTILE_STACK);
        semo_machine_set_register(s->fort->machine, 6, (uint16_t)at);
        semo_machine_set_register(s->fort->machine, 8, 0);
        semo_machine_set_register(s->fort->machine, 0, HOSTILE_CODE + 6);
        fort_step(s->fort);
        assert_int_equal(semo_machine_register(s->fort->machine, 8), view[at] | view[at + 1] << 8);
    }
    s->read_for_real++;
}

/* ---- the run of calls ---- */

static void run_to(struct fort *f, uint64_t cycle)
{
    if (semo_machine_cycle(f->machine) < cycle)
        semo_machine_run(f->machine, cycle);
}

static void enter(struct fort *f, const struct fort_module *m, unsigned entry, unsigned len)
{
    struct rig_registers g = rig_registers(entry, len);
    const uint16_t last[5] = {g.capacity, g.entry, g.buffer, g.len, g.back};
    for (unsigned n = 4; n < 16; n++)
        semo_machine_set_register(f->machine, n, (uint16_t)(n < 11 ? 0xA500 + n : last[n - 11]));
    semo_machine_set_register(f->machine, 1, g.sp);
    semo_machine_set_register(f->machine, 2, 0);
    semo_machine_set_register(f->machine, 0, m->rig.image.layout.ps);
}

static void note_secrets(const struct fort *f, struct scene *s)
{
    uint8_t *at = s->secrets;
    memcpy(at, f->master_key, 16);
    for (unsigned n = 0; n < FORT_MODULES; n++) {
        memcpy(at += 16, f->modules[n].rig.module_key, 16);
        for (unsigned i = 0; i < f->modules[n].end_count; i++)
            memcpy(at += 16, f->modules[n].ends[i].channel.key, 16);
    }
    memcpy(at + 16, f->payload, f->payload_len);
}

/* Plays it to its end. */
static void play(struct fort *f, struct scene *s, unsigned entry, const uint8_t *payload,
                 unsigned len)
{
    const uint8_t nothing[RIG_CAPACITY] = {0};
    semo_machine_poke(f->machine, RIG_BUFFER, payload, len);
    enter(f, s->module, entry, len);
    s->start = semo_machine_cycle(f->machine);
    semo_machine_snapshot(f->machine, s->snapshot);
    strangers_view(f, s->known);
    for (unsigned n = 0; n < FORT_MODULES; n++) /* everybody knows the texts */
        memcpy(s->known + f->modules[n].rig.image.layout.ps, f->modules[n].rig.image.text,
               f->modules[n].rig.image.text_len);
    memcpy(s->key, s->module->ends[0].channel.key, sizeof s->key);
    note_secrets(f, s);
    while (semo_machine_register(f->machine, 0) != RIG_RETURN)
        fort_step(f);
    s->length = (unsigned)(semo_machine_cycle(f->machine) - s->start);
    semo_machine_peek(f->machine, RIG_BUFFER - 4, s->answered, sizeof s->answered);
    registers(f, s->returned);
    semo_machine_poke(f->machine, RIG_BUFFER, nothing, sizeof nothing);
}

static struct fort_end *an_end(struct stage *s, struct fort_module *m, int kind)
{
    unsigned at = (unsigned)fort_random(&s->seed);
    for (unsigned i = 0; i < m->end_count; i++) {
        struct fort_end *e = &m->ends[(at + i) % m->end_count];
        if (kind < 0 || (int)e->io->kind == kind)
            return e;
    }
    return NULL;
}

enum call { CALL_SET_KEY, CALL_ATTEST, CALL_INPUT, CALL_INPUT_TOO, CALL_SAMPLE, CALL_TAKE, CALLS };

/* A call of this kind, or of one that every module has. */
static void add_scene(struct stage *s, struct scene *scene, struct fort_module *m, enum call call)
{
    static const uint8_t opcodes[] = {2, 1, 4, 8, 16, 0};
    struct fort *f = s->fort;
    struct fort_end *input = an_end(s, m, SEMO_IO_INPUT), *any = an_end(s, m, -1);
    uint8_t payload[RIG_CAPACITY] = {0};
    unsigned entry = SEMO_ENTRY_TAKE, len = 0;
    scene->module = m;
    if (call == CALL_SET_KEY) {
        entry = SEMO_ENTRY_SET_KEY;
        len = fort_set_key_request(f, m, any, payload);
    } else if (call == CALL_ATTEST) {
        entry = SEMO_ENTRY_ATTEST;
        len = SEMO_ATTEST_LEN;
    } else if (call <= CALL_INPUT_TOO && input) {
        unsigned most = input->io->max < 16 ? input->io->max : 16;
        uint8_t opcode = opcodes[fort_random(&s->seed) % sizeof opcodes];
        entry = SEMO_ENTRY_INPUT;
        len = fort_event(f, m, input, 3 + fort_random(&s->seed) % (most - 2), opcode, payload);
    } else if (call == CALL_SAMPLE) {
        for (unsigned i = 0; i < m->rig.unit->io_count; i++)
            if (m->rig.unit->io[i].kind == SEMO_IO_SAMPLE)
                entry = m->rig.unit->io[i].index;
    }
    snprintf(scene->what, sizeof scene->what, "%s, entry %u", m->rig.unit->name, entry);
    play(f, scene, entry, payload, len);
}

/* From the start of the watchdog's program to the reset, less its interval of 64 cycles. */
static unsigned measure_watchdog(struct stage *s)
{
    enum { NOP = 0x4303, NOPS = 80, FIRST = 5 /* cycles of what follows the reset */ };
    static const uint16_t code[] = {0x40B2, 0x5A0B, WDTCTL}, nop[] = {NOP};
    struct fort *f = s->fort;
    const uint16_t ps = f->modules[0].rig.image.layout.ps;
    semo_machine_restore(f->machine, s->scenes[0].snapshot);
    fort_poke_words(f, WATCHDOG_CODE, code, 3);
    for (unsigned n = 0; n < NOPS; n++)
        fort_poke_words(f, (uint16_t)(WATCHDOG_CODE + 6 + 2 * n), nop, 1);
    semo_machine_set_register(f->machine, 0, WATCHDOG_CODE);
    while (semo_machine_module_at(f->machine, ps))
        fort_step(f);
    return (unsigned)(semo_machine_cycle(f->machine) - s->scenes[0].start) - FIRST - 64;
}

static struct stage stage_set(enum semo_profile profile, bool reset_on_violation)
{
    struct stage s = {.profile = profile, .seed = fort_seed()};
    s.fort = fort_new(&(struct fort_options){
        .profile = profile, .reset_on_violation = reset_on_violation, .secret = s.seed + 4711});
    fort_use(s.fort);
    assert_true(semo_machine_snapshot_size(s.fort->machine) <= SNAPSHOT_MAX);
    s.scenes = calloc(SCENES, sizeof *s.scenes);
    assert_non_null(s.scenes);
    add_scene(&s, &s.scenes[0], &s.fort->modules[0], CALL_SET_KEY);
    add_scene(&s, &s.scenes[1], &s.fort->modules[0], CALL_INPUT);
    for (unsigned n = 2; n < SCENES; n++)
        add_scene(&s, &s.scenes[n], &s.fort->modules[fort_random(&s.seed) % FORT_MODULES],
                  fort_random(&s.seed) % CALLS);
    s.watchdog_lead = measure_watchdog(&s);
    return s;
}

static void stage_strike(struct stage *s)
{
    free(s->scenes);
    fort_free(s->fort);
}

/* Words of the attacker's own that stand between zeros. */
static void know_words(const uint16_t *words, unsigned n)
{
    uint8_t bytes[64] = {0};
    for (unsigned i = 0; i < n; i++) {
        bytes[4 + 2 * i] = (uint8_t)words[i];
        bytes[5 + 2 * i] = (uint8_t)(words[i] >> 8);
    }
    set_add(&known, bytes, 2 * n + 8);
}

/* The answer while it is being copied out: its first bytes, then what was in the buffer before. */
static void know_halves(const struct scene *scene)
{
    const uint8_t *before = scene->known + RIG_BUFFER - 4;
    for (unsigned n = 4; n < RIG_CAPACITY + 4; n++) {
        uint8_t bytes[8];
        memcpy(bytes, scene->answered + n - 4, 4);
        memcpy(bytes + 4, before + n, 4);
        set_add(&known, bytes, 8);
    }
}

static const struct fort_module *other_module(const struct stage *s)
{
    return &s->fort->modules[s->now->module == &s->fort->modules[1] ? 3 : 1];
}

static void choose(struct stage *s, const struct scene *scene)
{
    s->now = scene;
    set_clear(&known);
    set_add(&known, scene->known, VIEW);
    set_add(&known, scene->answered, sizeof scene->answered);
    set_add(&known, scene->returned, REGISTERS);
    know_halves(scene);
    know_words(&scene->module->rig.image.layout.ps, 1); /* R15 of an interrupted module */
    know_words((const uint16_t[]){SR_VIOLATION, FORT_CODE + 2},
               2); /* as an interrupt stacks them */
    know_words((const uint16_t[]){READ, other_module(s)->rig.image.layout.ss, JUMP_TO_SELF}, 3);
    for (uint16_t n = 0; n < 4; n++)
        know_words((const uint16_t[]){0x40B2, 0x5A08 + n, WDTCTL, JUMP_TO_SELF}, 4);
}

/* ---- what happens at a cycle ---- */

/* The watchdog is started by the stranger, early enough, and resets in the middle of the call. */
static void strike_watchdog(struct stage *s, unsigned at)
{
    static const unsigned intervals[4] = {32768, 8192, 512, 64};
    struct fort *f = s->fort;
    unsigned n = 3;
    while (n > 0 && intervals[n] < at + 16)
        n--;
    const uint16_t code[] = {0x40B2, (uint16_t)(0x5A08 + n), WDTCTL, 0x3FFF};
    semo_machine_restore(f->machine, s->now->snapshot);
    uint64_t due = s->now->start + s->watchdog_lead + intervals[n];
    fort_poke_words(f, WATCHDOG_CODE, code, 4);
    semo_machine_set_register(f->machine, 0, WATCHDOG_CODE);
    fort_step(f);
    fort_wait(f, due - at);
    semo_machine_set_register(f->machine, 0, s->now->module->rig.image.layout.ps);
    run_to(f, due - 1);
    assert_true(semo_machine_module_at(f->machine, s->now->module->rig.image.layout.ps));
}

static void after_watchdog(struct stage *s)
{
    const uint16_t ps = s->now->module->rig.image.layout.ps;
    for (unsigned n = 0; n < 8 && semo_machine_module_at(s->fort->machine, ps); n++)
        fort_step(s->fort);
    assert_int_equal(semo_machine_module_at(s->fort->machine, ps), 0);
}

/* The processor's next instruction touches what it must not: a module's own (as if its text had
 * such a mistake there), or the stranger's. One word: the program-memory erratum of `compat` may
 * put another in the place of a second. */
static void violate(struct stage *s)
{
    struct fort *f = s->fort;
    const uint16_t bad[] = {READ};
    uint8_t mistake[2], text[2], after[2], stranger[REGISTERS];
    unsigned violations = semo_machine_violations(f->machine);
    uint16_t pc = semo_machine_register(f->machine, 0);
    bool own = fort_owner(f, pc) != NULL;
    if (!own)
        pc = FORT_CODE;
    semo_machine_peek(f->machine, pc, text, 2);
    fort_poke_words(f, pc, bad, 1);
    semo_machine_peek(f->machine, pc, mistake, 2);
    semo_machine_set_register(f->machine, 6, other_module(s)->rig.image.layout.ss);
    semo_machine_set_register(f->machine, 0, pc);
    registers(f, stranger);
    if (!own) /* he chose R6, and had its neighbours before */
        set_add(&known, stranger + 9, 8);
    fort_step(f);
    fort_step(f);
    assert_true(semo_machine_violations(f->machine) > violations);
    semo_machine_peek(f->machine, pc, after, 2);
    if (own && memcmp(after, mistake, 2) == 0) /* what is left of it was not in the text */
        semo_machine_poke(f->machine, pc, text, 2);
}

/* Memory and registers start at zero; the node key stays. */
static void cut_power(struct stage *s, uint8_t view[VIEW])
{
    struct semo_machine_config config = {.profile = s->profile, .security = 128, .modules = 16};
    memcpy(config.master_key, s->fort->master_key, sizeof config.master_key);
    struct fort after = {.machine = semo_machine_new(&config)};
    assert_non_null(after.machine);
    semo_machine_reset(after.machine);
    fort_peek_all(&after, view);
    registers(&after, view + FORT_MEMORY);
    semo_machine_free(after.machine);
}

/* ---- what the next program finds ---- */

static void note_private(const struct stage *s, const uint8_t *before)
{
    set_clear(&private);
    for (unsigned n = 0; n < FORT_MODULES; n++) {
        const struct semo_layout *l = &s->fort->modules[n].rig.image.layout;
        set_add(&private, before + l->ss, l->se - l->ss);
    }
    set_add(&private, s->now->secrets, SECRETS);
}

static bool is_secret(const uint8_t *at)
{
    uint32_t w = window(at);
    return w && !*set_find(&known, w) && *set_find(&private, w);
}

/* Only what has changed since before the call can be news. */
static unsigned search(struct stage *s, const uint8_t *before, const uint8_t *view, unsigned *where)
{
    unsigned found = 0;
    bool noted = false;
    for (unsigned i = 0; i < VIEW; i += 8) {
        if (memcmp(view + i, s->now->known + i, 8) == 0)
            continue;
        if (!noted)
            note_private(s, before);
        noted = true;
        for (unsigned k = i < 3 ? 0 : i - 3; k < i + 8 && k + 4 <= VIEW; k++)
            if (is_secret(view + k) && found++ == 0)
                *where = k;
    }
    return found;
}

static void judge(struct stage *s, enum kind kind, unsigned at, const uint8_t *before,
                  const uint8_t *view)
{
    unsigned where = 0, found = search(s, before, view, &where);
    s->cases[kind]++;
    s->found[kind] += found != 0;
    s->keys[kind] += memmem(view, FORT_MEMORY, s->now->key, 16) != NULL;
    if (found && !s->first[0])
        snprintf(s->first, sizeof s->first, "%s in cycle %u of %s: %u windows, at %05x",
                 kind_names[kind], at, s->now->what, found, where);
}

static void strike(struct stage *s, enum kind kind, unsigned at, const uint8_t *here)
{
    static uint8_t before[FORT_MEMORY], view[VIEW];
    if (kind == WATCHDOG)
        strike_watchdog(s, at);
    else
        semo_machine_restore(s->fort->machine, here);
    fort_peek_all(s->fort, before);
    if (kind == WATCHDOG)
        after_watchdog(s);
    else if (kind == POWER_ON)
        semo_machine_reset(s->fort->machine);
    else if (kind == VIOLATION)
        violate(s);
    strangers_view(s->fort, view);
    if (kind == POWER_CUT)
        cut_power(s, view);
    judge(s, kind, at, before, view);
    if (kind != POWER_CUT && s->cases[kind] % READ_FOR_REAL_EVERY == 1)
        read_for_real(s, view);
}

static void strike_all(struct stage *s, unsigned at)
{
    static uint8_t here[SNAPSHOT_MAX];
    semo_machine_restore(s->fort->machine, s->now->snapshot);
    run_to(s->fort, s->now->start + at);
    semo_machine_snapshot(s->fort->machine, here);
    for (unsigned kind = 0; kind < KINDS; kind++)
        strike(s, (enum kind)kind, at, here);
}

/* `count` cycles of the whole run, each as likely. */
static void random_cycles(struct stage *s, unsigned count)
{
    unsigned total = 0, hits[SCENES] = {0};
    for (unsigned n = 0; n < SCENES; n++)
        total += s->scenes[n].length + AFTER;
    for (unsigned i = 0; i < count; i++) {
        unsigned at = fort_random(&s->seed) % total, n = 0;
        for (; at >= s->scenes[n].length + AFTER; n++)
            at -= s->scenes[n].length + AFTER;
        hits[n]++;
    }
    for (unsigned n = 0; n < SCENES; n++) {
        choose(s, &s->scenes[n]);
        for (unsigned i = 0; i < hits[n]; i++)
            strike_all(s, fort_random(&s->seed) % (s->scenes[n].length + AFTER));
    }
    printf("# %u random cycles out of %u in %u calls\n", count, total, SCENES);
}

static void every_cycle(struct stage *s, const struct scene *scene, unsigned step)
{
    choose(s, scene);
    for (unsigned at = 0; at < scene->length + AFTER; at += step)
        strike_all(s, at);
    printf("# %s of %u cycles: every %u\n", scene->what, scene->length, step);
}

static void report(const struct stage *s, const char *what)
{
    for (unsigned k = 0; k < KINDS; k++)
        printf("# %s, %s: %lu times, secrets found %lu times, a whole key %lu times\n", what,
               kind_names[k], s->cases[k], s->found[k], s->keys[k]);
    printf("# read for real %lu times%s%s\n", s->read_for_real, s->first[0] ? "; first: " : "",
           s->first);
}

static unsigned wanted(void)
{
    const char *count = getenv("SEMO_COUNT");
    return count ? (unsigned)strtoul(count, NULL, 0) : getenv("SOAK") ? 100000 : 10000;
}

static void sweep_hardened(bool reset_on_violation, unsigned count, unsigned step)
{
    struct stage s = stage_set(SEMO_HARDENED, reset_on_violation);
    random_cycles(&s, count);
    every_cycle(&s, &s.scenes[0], step);
    every_cycle(&s, &s.scenes[1], step);
    report(&s, reset_on_violation ? "hardened, violations reset" : "hardened");
    for (unsigned k = 0; k < KINDS; k++) {
        assert_int_equal(s.found[k], 0);
        assert_int_equal(s.keys[k], 0);
        assert_true(s.cases[k] >= count);
    }
    stage_strike(&s);
}

static void hardened_leaves_nothing(void **state)
{
    (void)state;
    sweep_hardened(false, wanted(), 1);
}

static void hardened_leaves_nothing_when_violations_reset(void **state)
{
    (void)state;
    sweep_hardened(true, wanted() / 10, 16);
}

/* Somewhere in private memory, four bytes that are a secret. */
static unsigned a_secret(struct stage *s, const uint8_t *before)
{
    for (;;) {
        uint64_t r = fort_random(&s->seed);
        const struct semo_layout *l = &s->fort->modules[r % FORT_MODULES].rig.image.layout;
        unsigned at = l->ss + (unsigned)(r >> 8) % (l->se - l->ss - 4u);
        if (is_secret(before + at))
            return at;
    }
}

/* That four bytes are enough: a reset that forgets as much is noticed. */
static void four_bytes_left_over_are_noticed(void **state)
{
    (void)state;
    enum { TIMES = 500 };
    static uint8_t before[FORT_MEMORY], view[VIEW];
    struct stage s = stage_set(SEMO_HARDENED, false);
    for (unsigned n = 0; n < TIMES; n++) {
        unsigned where;
        if (n % 10 == 0)
            choose(&s, &s.scenes[fort_random(&s.seed) % SCENES]);
        semo_machine_restore(s.fort->machine, s.now->snapshot);
        run_to(s.fort, s.now->start + fort_random(&s.seed) % s.now->length);
        fort_peek_all(s.fort, before);
        semo_machine_reset(s.fort->machine);
        note_private(&s, before);
        unsigned at = a_secret(&s, before);
        semo_machine_poke(s.fort->machine, (uint16_t)at, before + at, 4);
        strangers_view(s.fort, view);
        assert_true(search(&s, before, view, &where) > 0);
        assert_in_range(where, at - 3, at); /* or a part of it beside a zero */
    }
    printf("# %d times four bytes left over, all noticed\n", TIMES);
    stage_strike(&s);
}

/* The same on `compat`: memory is as it was. (A power cut empties it there, too.) */
static void compat_leaves_the_keys(void **state)
{
    (void)state;
    struct stage s = stage_set(SEMO_COMPAT, true);
    random_cycles(&s, wanted() / 50);
    every_cycle(&s, &s.scenes[0], 256);
    every_cycle(&s, &s.scenes[1], 256);
    report(&s, "compat, violations reset");
    for (unsigned k = 0; k < KINDS; k++) {
        if (k == POWER_CUT)
            continue;
        assert_int_equal(s.found[k], s.cases[k]);
        assert_true(s.keys[k] > s.cases[k] / 4);
    }
    stage_strike(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hardened_leaves_nothing),
        cmocka_unit_test(hardened_leaves_nothing_when_violations_reset),
        cmocka_unit_test(four_bytes_left_over_are_noticed),
        cmocka_unit_test(compat_leaves_the_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
