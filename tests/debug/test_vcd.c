/* SPDX-License-Identifier: Apache-2.0 */
/* The waveform of a run, read back and held against its trace line by line. */
#include "machine/debug/vcd.h"
#include "tests/machine/rig.h"

enum { NS = 50, CODES = 128, ROOM = 1 << 16 };

struct run {
    struct semo_vcd *vcd;
    char *lines[ROOM]; /* the trace */
    unsigned count;
};

struct wave { /* a reader that goes forward in time */
    char *text, *at;
    uint64_t time;         /* of the next change */
    uint16_t value[CODES]; /* by the character that stands for the signal */
    char code[32][16];     /* names */
    unsigned changes;
};

static void take_line(void *context, const char *line)
{
    struct run *r = context;
    assert_true(r->count < ROOM);
    semo_vcd_line(r->vcd, line);
    r->lines[r->count++] = strdup(line);
}

static char code_of(const struct wave *w, const char *name)
{
    for (unsigned i = 0; i < 32; i++)
        if (strcmp(w->code[i], name) == 0)
            return (char)('!' + i);
    fail_msg("no signal %s", name);
    return 0;
}

static uint16_t value_of(const struct wave *w, const char *name)
{
    return w->value[(unsigned char)code_of(w, name)];
}

static char *next_line(struct wave *w)
{
    char *line = w->at, *end = strchr(line, '\n');
    assert_non_null(end); /* nothing is cut off */
    *end = 0;
    w->at = end + 1;
    return line;
}

static void header(struct wave *w)
{
    assert_string_equal(next_line(w), "$version semo-mcu $end");
    assert_string_equal(next_line(w), "$timescale 1 ns $end");
    for (char *line = next_line(w); strcmp(line, "$enddefinitions $end"); line = next_line(w)) {
        unsigned bits;
        char code, name[16];
        if (sscanf(line, "$var wire %u %c %15s $end", &bits, &code, name) != 3)
            continue;
        assert_true(code >= '!' && code < '!' + 32);
        strcpy(w->code[code - '!'], name);
    }
}

static void change(struct wave *w, const char *line)
{
    if (*line == '$')
        return;
    w->changes++;
    if (*line == 'b') {
        char *rest;
        uint16_t value = (uint16_t)strtoul(line + 1, &rest, 2);
        w->value[(unsigned char)rest[1]] = value;
    } else {
        assert_true(*line == '0' || *line == '1');
        w->value[(unsigned char)line[1]] = *line == '1';
    }
}

/* Every change up to this time; times only rise. */
static void go_to(struct wave *w, uint64_t time)
{
    while (*w->at && w->time <= time) {
        if (*w->at != '#') {
            change(w, next_line(w));
            continue;
        }
        uint64_t then = strtoull(next_line(w) + 1, NULL, 10);
        assert_true(then > w->time || then == 0);
        w->time = then;
    }
}

static void check_line(struct wave *w, const char *line)
{
    unsigned long long cycle;
    unsigned pc, id, sr, irq;
    const char *sm = strstr(line, " sm="), *r2 = strstr(line, " r2=");
    if (sscanf(line, "D %llu pc=%x", &cycle, &pc) == 2) {
        assert_int_equal(sscanf(sm, " sm=%x", &id), 1);
        assert_int_equal(sscanf(r2, " r2=%x", &sr), 1);
        go_to(w, cycle * NS);
        assert_int_equal(value_of(w, "pc"), pc);
        assert_int_equal(value_of(w, "module"), id);
        assert_int_equal(value_of(w, "asleep"), (sr & 0x10) != 0);
        assert_int_equal(value_of(w, "interrupt"), 0);
    } else if (sscanf(line, "I %llu irq=%u", &cycle, &irq) == 2) {
        go_to(w, cycle * NS);
        assert_int_equal(value_of(w, "interrupt"), 1);
        assert_int_equal(value_of(w, "irq"), irq);
        assert_int_equal(value_of(w, "asleep"), 0);
    }
}

static bool violates(const struct run *r, unsigned from, uint64_t cycle)
{
    for (unsigned i = from; i < r->count; i++) {
        uint64_t at = strtoull(r->lines[i] + 1, NULL, 10);
        if (*r->lines[i] == 'V' && at == cycle)
            return true;
        if (at > cycle)
            break;
    }
    return false;
}

/* The line of the violation in every single cycle from the first line of the trace on. */
static void check_violations(struct run *r, struct wave *w, uint64_t end)
{
    unsigned line = 0, high = 0;
    for (uint64_t cycle = 0; cycle < end; cycle++) {
        while (line < r->count && strtoull(r->lines[line] + 1, NULL, 10) < cycle)
            line++;
        go_to(w, cycle * NS);
        assert_int_equal(value_of(w, "violation"), violates(r, line, cycle));
        high += value_of(w, "violation");
    }
    printf("# %u cycles of violation, %u changes\n", high, w->changes);
}

static void begin(struct wave *w, const char *text)
{
    *w = (struct wave){.text = strdup(text)};
    w->at = w->text;
    header(w);
}

static void record(struct run *r, struct semo_machine *m, uint64_t cycles, char **text)
{
    size_t len;
    FILE *out = open_memstream(text, &len);
    r->vcd = semo_vcd_new(out, m);
    assert_non_null(r->vcd);
    semo_machine_trace(m, take_line, r, true);
    semo_machine_run(m, cycles);
    semo_machine_trace(m, NULL, NULL, false);
    semo_vcd_free(r->vcd);
    fclose(out);
}

static void release(struct run *r)
{
    for (unsigned i = 0; i < r->count; i++)
        free(r->lines[i]);
    free(r);
}

static void against_the_trace(void **state)
{
    (void)state;
    static const char *const programs[] = {"irq_plain", "irq_module", "violations", "clix"};
    for (unsigned p = 0; p < 4; p++) {
        struct semo_machine_config config = rig_golden_config(p == 3 ? "64atom" : "64");
        struct semo_machine *m = semo_machine_new(&config);
        struct run *r = calloc(1, sizeof *r);
        struct wave w;
        char path[100], *text;
        snprintf(path, sizeof path, "tests/golden/programs/%s.elf", programs[p]);
        rig_load(m, path);
        record(r, m, 18000, &text);
        uint64_t end = semo_machine_cycle(m);
        begin(&w, text);
        for (unsigned i = 0; i < r->count; i++)
            check_line(&w, r->lines[i]);
        free(w.text);
        begin(&w, text);
        check_violations(r, &w, end);
        free(w.text);
        free(text);
        release(r);
        semo_machine_free(m);
    }
}

/* mov.b #5a, &P1OUT takes 5 cycles, the last of which writes. */
static void pins_follow_the_write(void **state)
{
    (void)state;
    struct semo_machine *m = rig_machine(SEMO_COMPAT, 64);
    struct run *r = calloc(1, sizeof *r);
    struct wave w;
    char *text;
    RIG_WORDS(m, RIG_CODE, 0x40F2, 0x005A, 0x0021, 0x40F2, 0x00F0, 0x0022, 0x40F2, 0x0003, 0x0019,
              0x3FFF);
    uint64_t at = semo_machine_cycle(m);
    record(r, m, at + 40, &text);
    begin(&w, text);
    static const struct {
        const char *name;
        unsigned cycle; /* after which it shows */
        uint16_t value;
    } expected[] = {{"p1_out", 5, 0x5A}, {"p1_dir", 10, 0xF0}, {"p3_out", 15, 0x03}};
    for (unsigned i = 0; i < 3; i++) {
        go_to(&w, (at + expected[i].cycle - 1) * NS);
        assert_int_equal(value_of(&w, expected[i].name), 0);
        go_to(&w, (at + expected[i].cycle) * NS);
        assert_int_equal(value_of(&w, expected[i].name), expected[i].value);
    }
    go_to(&w, UINT64_MAX);
    assert_int_equal(w.time, semo_machine_cycle(m) * NS); /* the end of the run */
    assert_int_equal(value_of(&w, "p1_in"), 0);
    free(w.text);
    free(text);
    release(r);
    semo_machine_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_the_trace),
        cmocka_unit_test(pins_follow_the_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
