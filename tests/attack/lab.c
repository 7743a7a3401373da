/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>
#include "tests/attack/lab.h"

enum { MEMORY = 0x10000, SECRET_KEY = 5, LAB_FIRST = 130 };
const struct rig_module lab_victim = {LAB_TEXT, LAB_END, LAB_DATA, LAB_DATA_END};

/* ---- both machines ---- */

static void print(void *context, enum semo_port port, uint8_t byte)
{
    (void)port, (void)byte;
    ++*(unsigned *)context;
}

void lab_put_words(struct lab *l, uint16_t address, const uint16_t *words, unsigned n)
{
    for (unsigned i = 0; i < 2; i++)
        rig_put_words(l->m[i], address, words, n);
}

void lab_set(struct lab *l, unsigned n, uint16_t value)
{
    for (unsigned i = 0; i < 2; i++)
        rig_set(l->m[i], n, value);
}

unsigned lab_step(struct lab *l, uint16_t pc)
{
    unsigned violations = semo_machine_violations(l->m[0]);
    for (unsigned i = 0; i < 2; i++)
        rig_step(l->m[i], pc);
    return semo_machine_violations(l->m[0]) - violations;
}

bool lab_soak(void)
{
    const char *soak = getenv("SOAK");
    return soak && *soak == '1';
}

bool lab_over(void)
{
    const char *end = getenv("SOAK_END");
    return end && time(NULL) >= strtoll(end, NULL, 10);
}

uint64_t lab_random(struct lab *l)
{
    uint64_t z = l->seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* Every byte of the victim's sections is another one in the second machine, in every bit. */
static void put_secrets(struct lab *l)
{
    const uint16_t sections[2][2] = {{l->victim.ps, l->victim.pe}, {l->victim.ss, l->victim.se}};
    for (unsigned s = 0; s < 2; s++) {
        for (unsigned at = sections[s][0]; at < sections[s][1]; at++) {
            uint8_t secret = (uint8_t)lab_random(l), other = (uint8_t)~secret;
            semo_machine_poke(l->m[0], (uint16_t)at, &secret, 1);
            semo_machine_poke(l->m[1], (uint16_t)at, &other, 1);
        }
    }
}

static struct semo_machine *machine(struct lab *l, const struct lab_options *o, unsigned i)
{
    struct semo_machine_config config = {.profile =
                                             l->kind == LAB_COMPAT ? SEMO_COMPAT : SEMO_HARDENED,
                                         .security = o->security ? o->security : 128,
                                         .atomicity = o->atomicity,
                                         .master_key = {1, 2, 3, (uint8_t)(SECRET_KEY + i)}};
    struct semo_machine *m = rig_configured(&config);
    uint16_t vectors[15];
    for (unsigned n = 0; n < 15; n++)
        vectors[n] = ATTEMPT_HANDLER;
    rig_put_words(m, SEMO_VECTORS, vectors, 15);
    rig_put(m, ATTEMPT_HANDLER, 0x3FFF);
    semo_machine_on_put(m, print, &l->printed[i]);
    if (l->kind == LAB_BARE && o->plant)
        o->plant(m);
    if (l->kind != LAB_BARE)
        assert_int_equal(rig_enable(m, &l->victim), 1);
    rig_instruction(m, 0x4303); /* outside */
    return m;
}

void lab_new(struct lab *l, enum lab_kind kind, const struct lab_options *o)
{
    static const struct lab_options usual;
    const char *seed = getenv("SEMO_SEED");
    *l = (struct lab){
        .kind = kind, .judged = LAB_ANY, .seed = seed && *seed ? strtoull(seed, NULL, 0) : 1};
    o = o ? o : &usual;
    l->victim = o->victim.pe ? o->victim : lab_victim;
    for (unsigned i = 0; i < 2; i++) {
        l->m[i] = machine(l, o, i);
        l->before[i] = malloc(MEMORY);
        l->snapshot[i] = malloc(semo_machine_snapshot_size(l->m[i]));
    }
    put_secrets(l);
    lab_keep(l);
}

void lab_free(struct lab *l)
{
    for (unsigned i = 0; i < 2; i++) {
        semo_machine_free(l->m[i]);
        free(l->before[i]);
        free(l->snapshot[i]);
    }
}

void lab_keep(struct lab *l)
{
    for (unsigned i = 0; i < 2; i++) {
        semo_machine_peek(l->m[i], 0, l->before[i], MEMORY);
        semo_machine_snapshot(l->m[i], l->snapshot[i]);
    }
}

void lab_restore(struct lab *l)
{
    for (unsigned i = 0; i < 2; i++) {
        semo_machine_restore(l->m[i], l->snapshot[i]);
        l->printed[i] = 0;
    }
}

bool lab_inside(const struct lab *l, uint16_t address)
{
    const struct rig_module *v = &l->victim;
    return (v->ps <= address && address < v->pe) || (v->ss <= address && address < v->se);
}

/* ---- findings ---- */

static bool is_changed(const struct lab *l, unsigned i, uint16_t start, uint16_t end)
{
    uint8_t now[512];
    assert_true(end - start <= (int)sizeof now);
    semo_machine_peek(l->m[i], start, now, end - start);
    return memcmp(now, l->before[i] + start, end - start) != 0;
}

static bool memory_differs(const struct lab *l)
{
    static uint8_t now[2][MEMORY];
    const struct rig_module *v = &l->victim;
    for (unsigned i = 0; i < 2; i++) {
        semo_machine_peek(l->m[i], 0, now[i], MEMORY);
        memset(now[i] + v->ps, 0, v->pe - v->ps);
        memset(now[i] + v->ss, 0, v->se - v->ss);
    }
    return memcmp(now[0], now[1], MEMORY) != 0;
}

unsigned lab_compare(struct lab *l, bool all)
{
    const struct rig_module *v = &l->victim;
    unsigned findings = LAB_NOTHING;
    for (unsigned i = 0; i < 2; i++) {
        if (is_changed(l, i, v->ps, v->pe) || is_changed(l, i, v->ss, v->se) ||
            semo_machine_module_at(l->m[i], v->ps) != (l->kind != LAB_BARE))
            findings |= LAB_CHANGED;
    }
    for (unsigned n = 0; n < 16; n++)
        if (rig_reg(l->m[0], n) != rig_reg(l->m[1], n))
            findings |= LAB_LEARNT;
    if (semo_machine_cycle(l->m[0]) != semo_machine_cycle(l->m[1]))
        findings |= LAB_TIMED;
    if (semo_machine_violations(l->m[0]) != semo_machine_violations(l->m[1]) ||
        l->printed[0] != l->printed[1] || (all && memory_differs(l)))
        findings |= LAB_LEARNT;
    return findings;
}

bool lab_judge(struct lab *l, unsigned findings, const char *format, ...)
{
    va_list list;
    l->tried++;
    if (findings)
        lab_restore(l);
    findings &= l->judged;
    if (!findings)
        return false;
    if (!l->won++) {
        int n = snprintf(
            l->first, sizeof l->first, "%s%s%s", findings & LAB_LEARNT ? "learnt, " : "",
            findings & LAB_CHANGED ? "changed, " : "", findings & LAB_ALLOWED ? "allowed, " : "");
        va_start(list, format);
        vsnprintf(l->first + n, sizeof l->first - (size_t)n, format, list);
        va_end(list);
    }
    return true;
}

unsigned lab_attempt(struct lab *l, const struct attempt *a)
{
    struct outcome o[2];
    unsigned findings = LAB_NOTHING;
    for (unsigned i = 0; i < 2; i++) {
        struct attempt_target t = {l->m[i], l->victim.ps, l->victim.ss, 0};
        o[i] = attempt_run(&t, a);
    }
    if (o[0].cycles != o[1].cycles)
        findings |= LAB_TIMED;
    o[1].cycles = o[0].cycles;
    if (memcmp(&o[0], &o[1], sizeof o[0]) != 0)
        findings |= LAB_LEARNT;
    bool violated = o[0].violations != 0;
    bool refused = a->expected == EXPECT_REFUSAL ? o[0].registers[15] == 0
                                                 : violated == (a->expected == EXPECT_VIOLATION);
    if (l->kind == LAB_HARDENED && !refused)
        findings |= LAB_ALLOWED;
    return findings | lab_compare(l, false);
}

/* ---- rows ---- */

static bool also_monitored;

int lab_also_monitored(void **state)
{
    (void)state;
    also_monitored = true;
    return 0;
}

static unsigned long try_row(enum lab_kind kind, const char *what, lab_attack *attack,
                             const struct lab_options *o, char first[LAB_FIRST])
{
    struct lab l;
    lab_new(&l, kind, o);
    attack(&l);
    printf(" %s %lu of %lu", what, l.won, l.tried);
    assert_true(l.tried > 0);
    if (l.won && kind != LAB_BARE)
        snprintf(first, LAB_FIRST, "; %s", l.first);
    lab_free(&l);
    return l.won;
}

void lab_row(const char *name, lab_attack *attack, const struct lab_options *o, bool with_bare,
             bool open)
{
    static const struct lab_options usual;
    const char *seed = getenv("SEMO_SEED");
    struct lab_options with = o ? *o : usual;
    unsigned long bare = 0, monitored = 0;
    char first[LAB_FIRST] = "";
    printf("# %s: succeeded:", name);
    if (with_bare)
        bare = try_row(LAB_BARE, "bare", attack, &with, first);
    unsigned long compat = try_row(LAB_COMPAT, "compat", attack, &with, first);
    unsigned long hardened = try_row(LAB_HARDENED, "hardened", attack, &with, first);
    with.atomicity = true;
    if (also_monitored)
        monitored = try_row(LAB_HARDENED, "with the monitor", attack, &with, first);
    printf("%s (SEMO_SEED=%s)\n", first, seed ? seed : "1");
    fflush(stdout);
    assert_true(!with_bare || bare > 0);
    assert_int_equal(compat > 0, open);
    assert_int_equal(hardened + monitored, 0);
}
