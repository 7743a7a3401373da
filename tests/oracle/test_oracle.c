/* SPDX-License-Identifier: Apache-2.0 */
/* Random programs, new ones every time, on the oracle and on the core: its fast path in chunks, and
 * its exact path with every trace line compared. 10^6 instructions; with SOAK=1 a further seed for
 * every 10^6, until SOAK_END or, without that, 10^8. SEMO_SEED and SEMO_COUNT (instructions) as
 * everywhere; SEMO_PROGRAM=n runs one program of a seed, one instruction at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <semo/machine.h>
#include "tests/oracle/program.h"

enum {
    ROUND = 1000000 /* instructions of a seed */,
    LINES = 16384,
    LINE = 200,
    PROGRAM_LIMIT = 6000,
    SLEEP_LIMIT = 3000
};

struct lines {
    char (*text)[LINE];
    unsigned count;
};

struct comparison {
    uint64_t seed, number; /* of the program */
    struct program *program;
    struct oracle *o;
    struct semo_machine *m;
    uint64_t base; /* the core's cycle when the oracle's is 0 */
    uint64_t instructions;
    bool exact, single;
    struct lines of_oracle, of_core;
    char recent[16][LINE];
    unsigned recent_count;
    uint8_t put[2][64]; /* what the core printed and filed, as in the oracle */
    unsigned put_count[2];
};

struct totals {
    uint64_t instructions, programs, exact, finished, cycles, count[ORACLE_KINDS];
    struct {
        const char *why;
        uint64_t times;
    } left[64];
};

struct limits {
    uint64_t instructions;
    time_t end;
};

/* --- recording --- */

static void record(struct lines *l, const char *line)
{
    if (l->count < LINES)
        snprintf(l->text[l->count++], LINE, "%s", line);
}

/* Not where a crypto instruction would give a line for every cycle. */
static bool bus_lines(const struct comparison *c)
{
    return c->program->modules == 0;
}

static void core_line(void *context, const char *line)
{
    struct comparison *c = context;
    record(&c->of_core, line);
}

static void oracle_line(void *context, const char *line)
{
    struct comparison *c = context;
    if (*line == 'D' || *line == 'I')
        snprintf(c->recent[c->recent_count++ % 16], LINE, "%s", line);
    if (c->exact && (bus_lines(c) || (*line != 'R' && *line != 'W')))
        record(&c->of_oracle, line);
}

static void core_put(void *context, enum semo_port port, uint8_t byte)
{
    struct comparison *c = context;
    c->put[port == SEMO_FILED][c->put_count[port == SEMO_FILED]++ % 64] = byte;
}

/* --- differences --- */

static void print_words(const struct comparison *c, uint16_t pc)
{
    uint8_t b[16];
    semo_machine_peek(c->m, pc & 0xFFFE, b, sizeof b);
    print_message("#   words at %04x:", pc & 0xFFFE);
    for (unsigned i = 0; i < 16; i += 2)
        print_message(" %04x", b[i] | b[i + 1] << 8);
    print_message("\n");
}

static void print_state(const struct comparison *c)
{
    print_message("#   core  :");
    for (unsigned n = 0; n < 16; n++)
        print_message(" %04x", semo_machine_register(c->m, n));
    print_message(" cycle %llu violations %u\n#   oracle:",
                  (unsigned long long)(semo_machine_cycle(c->m) - c->base),
                  semo_machine_violations(c->m));
    for (unsigned n = 0; n < 16; n++)
        print_message(" %04x", c->o->r[n]);
    print_message(" cycle %llu violations %llu\n", (unsigned long long)c->o->cycle,
                  (unsigned long long)c->o->violators);
    const struct oracle_periph *p = &c->o->p;
    print_message("#   timer: control %04x %04x %04x %04x compare %04x %04x %04x at %04x; watchdog "
                  "%02x at %04x, flag %u enable %u\n",
                  p->tactl, p->tacctl[0], p->tacctl[1], p->tacctl[2], p->taccr[0], p->taccr[1],
                  p->taccr[2], p->tar, p->wdt_control, p->wdt_count, p->ifg1, p->ie1);
    for (unsigned i = 0; i < ORACLE_SLOTS; i++)
        if (c->o->slot[i].enabled)
            print_message("#   module %x: %04x-%04x %04x-%04x\n", c->o->slot[i].id,
                          c->o->slot[i].ps, c->o->slot[i].pe, c->o->slot[i].ss, c->o->slot[i].se);
}

static bool differ(const struct comparison *c, const char *what)
{
    for (unsigned i = c->of_core.count > 8 ? c->of_core.count - 8 : 0; i < c->of_core.count; i++)
        print_message("#   core %s\n", c->of_core.text[i]);
    print_message("# %s differs: SEMO_SEED=%llu SEMO_PROGRAM=%llu (%u bit%s, %s path), "
                  "instruction %llu\n",
                  what, (unsigned long long)c->seed, (unsigned long long)c->number,
                  c->program->config.security, c->program->config.atomicity ? ", monitor" : "",
                  c->exact ? "exact" : "fast", (unsigned long long)c->instructions);
    unsigned from = c->recent_count > 6 ? c->recent_count - 6 : 0;
    for (unsigned i = from; i < c->recent_count; i++)
        print_message("#   %s\n", c->recent[i % 16]);
    for (unsigned i = from; i < c->recent_count; i++)
        if (c->recent[i % 16][0] == 'D')
            print_words(c, (uint16_t)strtoul(strstr(c->recent[i % 16], "pc=") + 3, NULL, 16));
    print_state(c);
    return false;
}

static bool same_registers(const struct comparison *c)
{
    if (semo_machine_register(c->m, 0) != oracle_next_address(c->o))
        return differ(c, "PC");
    for (unsigned n = 1; n < 16; n++)
        if (semo_machine_register(c->m, n) != c->o->r[n])
            return differ(c, "a register");
    return true;
}

static bool same_memory(const struct comparison *c, uint16_t at, size_t len)
{
    static _Thread_local uint8_t bytes[65536];
    semo_machine_peek(c->m, at, bytes, len);
    if (!memcmp(bytes, c->o->memory + at, len))
        return true;
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != c->o->memory[at + i]) {
            print_message("# at %04x: core %02x, oracle %02x\n", (unsigned)(at + i), bytes[i],
                          c->o->memory[at + i]);
            break;
        }
    return differ(c, "memory");
}

static bool same_modules(const struct comparison *c)
{
    for (unsigned i = 0; i < c->program->place_count; i++) {
        uint16_t at = c->program->places[i];
        if (semo_machine_module_at(c->m, at) != oracle_module_at(c->o, at))
            return differ(c, "the module of an address");
    }
    return true;
}

static bool same_output(const struct comparison *c)
{
    const struct oracle *o = c->o;
    if (c->put_count[0] == o->printed_count && c->put_count[1] == o->filed_count &&
        !memcmp(c->put[0], o->printed, 64) && !memcmp(c->put[1], o->filed, 64))
        return true;
    return differ(c, "output");
}

static bool same_lines(const struct comparison *c)
{
    const struct lines *a = &c->of_oracle, *b = &c->of_core;
    for (unsigned i = 0; i < a->count && i < b->count; i++)
        if (strcmp(a->text[i], b->text[i])) {
            print_message("# core   %s\n# oracle %s\n", b->text[i], a->text[i]);
            return differ(c, "a trace line");
        }
    return true;
}

static bool same_violation(const struct comparison *c)
{
    const struct semo_violation *v = semo_machine_violation(c->m);
    const struct oracle_violation *expected = &c->o->violation;
    if (semo_machine_violations(c->m) != c->o->violators)
        return differ(c, "the number of violations");
    if (!c->o->violators)
        return true;
    if (v->cycle - c->base >= expected->first && v->cycle - c->base <= expected->last &&
        (expected->woken || (v->pc == expected->pc && v->module == expected->module)))
        return true;
    print_message(
        "# core: cycle %llu pc %04x module %x; oracle: cycles %llu to %llu pc %04x module %x\n",
        (unsigned long long)(v->cycle - c->base), v->pc, v->module,
        (unsigned long long)expected->first, (unsigned long long)expected->last, expected->pc,
        expected->module);
    return differ(c, "the last violation");
}

static bool same_state(const struct comparison *c, bool memory)
{
    if (semo_machine_cycle(c->m) - c->base != c->o->cycle)
        return differ(c, "the cycle");
    if (!same_violation(c) || !same_registers(c) || !same_modules(c) || !same_output(c))
        return false;
    return !memory || (same_memory(c, 0x0200, 0x4000) && same_memory(c, 0x5C00, 0xA400));
}

/* --- running --- */

static void start_core(struct comparison *c)
{
    struct semo_machine_config config = {.security = c->program->config.security,
                                         .atomicity = c->program->config.atomicity};
    memcpy(config.master_key, c->program->config.master_key, sizeof config.master_key);
    c->m = semo_machine_new(&config);
    assert_non_null(c->m);
    semo_machine_poke(c->m, 0x0200, c->program->memory + 0x0200, 0x4000);
    semo_machine_poke(c->m, 0x5C00, c->program->memory + 0x5C00, 0xA400);
    semo_machine_reset(c->m);
    semo_machine_on_put(c->m, core_put, c);
    if (c->exact)
        semo_machine_trace(c->m, core_line, c, bus_lines(c));
    c->base = semo_machine_cycle(c->m);
}

static void start_oracle(struct comparison *c)
{
    c->o = oracle_new(&c->program->config);
    assert_non_null(c->o);
    oracle_put(c->o, 0x0200, c->program->memory + 0x0200, 0x4000);
    oracle_put(c->o, 0x5C00, c->program->memory + 0x5C00, 0xA400);
    oracle_reset(c->o);
    if (c->exact || c->single)
        c->o->line = oracle_line;
    c->o->context = c;
}

static void start_registers(struct comparison *c)
{
    for (unsigned n = 4; n < 16; n++) {
        uint16_t v = (uint16_t)program_random(c->program);
        semo_machine_set_register(c->m, n, v);
        c->o->r[n] = v;
    }
}

static uint64_t chunk(struct comparison *c)
{
    static const unsigned most[] = {1, 4, 30, 300, 2000};
    return c->single ? 1 : 1 + program_below(c->program, most[program_below(c->program, 5)]);
}

/* The oracle goes to where the core is. False: the reference does not say what happens next; what
 * it wrote in its trace about that does not count. */
static bool catch_up(struct comparison *c, uint64_t cycle)
{
    while (c->o->cycle < cycle) {
        unsigned lines = c->of_oracle.count;
        oracle_step(c->o);
        c->instructions += !c->o->asleep;
        if (c->o->undetermined || (c->exact && !c->o->bus_lines_known)) {
            c->of_oracle.count = lines;
            return false;
        }
    }
    return true;
}

/* The traced path in one go: all lines, then the state. */
static bool run_exact(struct comparison *c)
{
    semo_machine_run(c->m, c->base + 200 + program_below(c->program, 12000));
    bool determined = catch_up(c, semo_machine_cycle(c->m) - c->base);
    return same_lines(c) && (!determined || same_state(c, true));
}

/* False: a difference. */
static bool run_chunks(struct comparison *c)
{
    uint64_t asleep_since = 0;
    while (c->instructions < PROGRAM_LIMIT && c->o->cycle - asleep_since < SLEEP_LIMIT) {
        uint64_t cycles = chunk(c);
        enum semo_stop stop = semo_machine_run(c->m, semo_machine_cycle(c->m) + cycles);
        if (!catch_up(c, semo_machine_cycle(c->m) - c->base))
            return true;
        if (stop == SEMO_STOP_ASLEEP && !c->o->asleep)
            return differ(c, "sleep");
        if (!same_state(c, cycles > 20 || c->single))
            return false;
        if (!c->o->asleep)
            asleep_since = c->o->cycle;
    }
    return true;
}

static void add_up(struct totals *t, const struct comparison *c)
{
    t->instructions += c->instructions;
    t->programs++;
    t->exact += c->exact;
    t->cycles += c->o->cycle;
    for (unsigned i = 0; i < ORACLE_KINDS; i++)
        t->count[i] += c->o->count[i];
    const char *why = c->o->undetermined ? c->o->undetermined : "all its instructions, or asleep";
    for (unsigned i = 0; i < 64; i++)
        if (!t->left[i].why || !strcmp(t->left[i].why, why)) {
            t->left[i].why = why;
            t->left[i].times++;
            return;
        }
}

static bool compare_program(struct totals *t, uint64_t seed, uint64_t number, bool single)
{
    struct comparison c = {.seed = seed, .number = number, .single = single};
    c.program = malloc(sizeof *c.program);
    c.of_oracle.text = malloc(sizeof(char[LINES][LINE]));
    c.of_core.text = malloc(sizeof(char[LINES][LINE]));
    assert_true(c.program && c.of_oracle.text && c.of_core.text);
    program_make(c.program, seed, number);
    c.exact = program_below(c.program, 6) == 0;
    start_core(&c);
    start_oracle(&c);
    start_registers(&c);
    bool same = c.exact && !single ? run_exact(&c) : run_chunks(&c);
    add_up(t, &c);
    oracle_free(c.o);
    semo_machine_free(c.m);
    free(c.program);
    free(c.of_oracle.text);
    free(c.of_core.text);
    return same;
}

/* --- report --- */

static const char *kind_name(unsigned kind)
{
    static const char *const names[ORACLE_KINDS] = {
        [4] = "mov",
        [5] = "add",
        [6] = "addc",
        [7] = "subc",
        [8] = "sub",
        [9] = "cmp",
        [10] = "dadd",
        [11] = "bit",
        [12] = "bic",
        [13] = "bis",
        [14] = "xor",
        [15] = "and",
        [16] = "rrc",
        [17] = "swpb",
        [18] = "rra",
        [19] = "sxt",
        [20] = "push",
        [21] = "call",
        [22] = "reti",
        [24] = "jne",
        [25] = "jeq",
        [26] = "jnc",
        [27] = "jc",
        [28] = "jn",
        [29] = "jge",
        [30] = "jl",
        [31] = "jmp",
        [32] = "disable",
        [33] = "enable",
        [34] = "verify",
        [35] = "verify-previous",
        [36] = "wrap",
        [37] = "unwrap",
        [38] = "get-id",
        [39] = "get-caller",
        [40] = "guard",
        [41] = "clix",
        [ORACLE_NO_OPERATION] = "no-op",
        [ORACLE_INTERRUPTS] = "interrupts",
        [ORACLE_SAVES] = "module-interrupts-saved",
        [ORACLE_NO_SAVES] = "module-interrupts-unsaved",
        [ORACLE_ENTRIES] = "module-entries",
        [ORACLE_BAD_ENTRIES] = "bad-entries",
        [ORACLE_BAD_ACCESSES] = "bad-accesses",
        [ORACLE_BAD_STACK] = "guard-violations",
        [ORACLE_BAD_CREATION] = "overlapping-enables",
        [ORACLE_BAD_PERIOD] = "period-violations",
        [ORACLE_ENABLES] = "enabled",
        [ORACLE_REFUSALS] = "enables-refused",
        [ORACLE_CONFIDENTIAL] = "confidential",
        [ORACLE_DISABLES] = "disabled",
        [ORACLE_CRYPTO] = "crypto",
        [ORACLE_ACCEPTED] = "tags-accepted",
        [ORACLE_ABORTS] = "crypto-aborted",
        [ORACLE_ERRATA] = "erratum",
        [ORACLE_WAKES] = "wakes",
        [ORACLE_SLEEPS] = "sleeps",
        [ORACLE_PERIODS] = "entry-periods",
        [ORACLE_CLIXES] = "clix-periods",
        [ORACLE_RESETS] = "resets",
        [ORACLE_PERIPHERALS] = "peripheral-accesses",
        [ORACLE_PROGRAM_WRITES] = "program-memory-writes",
        [ORACLE_SOURCES + ORACLE_REGISTER] = "from-register",
        [ORACLE_SOURCES + ORACLE_INDEXED] = "from-indexed",
        [ORACLE_SOURCES + ORACLE_SYMBOLIC] = "from-symbolic",
        [ORACLE_SOURCES + ORACLE_ABSOLUTE] = "from-absolute",
        [ORACLE_SOURCES + ORACLE_INDIRECT] = "from-indirect",
        [ORACLE_SOURCES + ORACLE_AUTOINCREMENT] = "from-autoincrement",
        [ORACLE_SOURCES + ORACLE_IMMEDIATE] = "from-immediate",
        [ORACLE_SOURCES + ORACLE_CONSTANT] = "from-constant",
        [ORACLE_DESTINATIONS + ORACLE_REGISTER] = "to-register",
        [ORACLE_DESTINATIONS + ORACLE_INDEXED] = "to-indexed",
        [ORACLE_DESTINATIONS + ORACLE_SYMBOLIC] = "to-symbolic",
        [ORACLE_DESTINATIONS + ORACLE_ABSOLUTE] = "to-absolute",
        [ORACLE_BYTES] = "byte-operations"};
    return names[kind];
}

/* How many categories were never met. */
static unsigned print_coverage(const struct totals *t)
{
    unsigned never = 0;
    for (unsigned i = 0, column = 0; i < ORACLE_KINDS; i++) {
        if (!kind_name(i))
            continue;
        print_message("%s%s %llu", column % 6 ? ", " : "# ", kind_name(i),
                      (unsigned long long)t->count[i]);
        if (++column % 6 == 0)
            print_message("\n");
        never += t->count[i] == 0;
    }
    print_message("\n");
    for (unsigned i = 0; i < 64 && t->left[i].why; i++)
        print_message("# left: %llu programs, %s\n", (unsigned long long)t->left[i].times,
                      t->left[i].why);
    return never;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static uint64_t fresh_seed(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_nsec << 16 ^ (uint64_t)getpid() ^ (uint64_t)now.tv_sec << 8) &
           0xFFFFFFFFU;
}

/* SOAK without an end of time or a count: 10^8 instructions. */
static struct limits limits(void)
{
    struct limits l = {.instructions = ROUND, .end = INT64_MAX};
    if (getenv("SOAK")) {
        l.end = (time_t)from_environment("SOAK_END", INT64_MAX);
        l.instructions = getenv("SOAK_END") ? UINT64_MAX : 100 * (uint64_t)ROUND;
    }
    l.instructions = from_environment("SEMO_COUNT", l.instructions);
    return l;
}

/* The first round has the seed that was given; what the others have looks like nothing. */
static uint64_t seed_of_round(uint64_t seed, unsigned round)
{
    static struct program stream;
    stream.random = seed << 32 | round;
    return round ? program_random(&stream) : seed;
}

/* The programs of one seed, until there are enough instructions or no more time. */
static bool compare_round(struct totals *t, uint64_t seed, const struct limits *l)
{
    uint64_t enough = t->instructions + ROUND;
    if (enough > l->instructions)
        enough = l->instructions;
    for (uint64_t n = 0; t->instructions < enough && time(NULL) < l->end; n++) {
        if (compare_program(t, seed, n, false))
            continue;
        print_message("# again, one instruction at a time:\n");
        compare_program(t, seed, n, true);
        return false;
    }
    return true;
}

static void random_programs(void **state)
{
    (void)state;
    uint64_t seed = from_environment("SEMO_SEED", fresh_seed());
    struct limits l = limits();
    struct totals t = {0};
    unsigned rounds = 0;
    bool same = true;
    print_message("# SEMO_SEED=%llu\n", (unsigned long long)seed);
    if (getenv("SEMO_PROGRAM")) {
        assert_true(compare_program(&t, seed, from_environment("SEMO_PROGRAM", 0), true));
        return;
    }
    for (; same && t.instructions < l.instructions && time(NULL) < l.end; rounds++)
        same = compare_round(&t, seed_of_round(seed, rounds), &l);
    unsigned never = print_coverage(&t);
    print_message("# %llu programs (%llu traced), %llu cycles\n", (unsigned long long)t.programs,
                  (unsigned long long)t.exact, (unsigned long long)t.cycles);
    print_message("# oracle: %llu instructions, %u seeds from %llu on\n",
                  (unsigned long long)t.instructions, rounds, (unsigned long long)seed);
    assert_true(same);
    if (t.instructions >= ROUND)
        assert_int_equal(never, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_programs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
