/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "machine/debug/vcd.h"
#include "machine/state.h"

enum { PORTS = 6, NS_PER_CYCLE = 1000000000 / SEMO_CLOCK_HZ };
enum { PC, MODULE, INTERRUPT, IRQ, VIOLATION, ASLEEP, PINS, SIGNALS = PINS + 3 * PORTS };

static const struct {
    const char *name;
    unsigned bits;
} signals[PINS] = {{"pc", 16}, {"module", 16},   {"interrupt", 1},
                   {"irq", 4}, {"violation", 1}, {"asleep", 1}};

struct semo_vcd {
    FILE *out;
    struct semo_machine *m;
    uint64_t time; /* of the last # line, in cycles */
    uint16_t value[SIGNALS];
    uint16_t pins[3 * PORTS]; /* as they were when the instruction in progress had ended */
    uint64_t pins_due;        /* cycle from which they show */
    uint64_t violation_end;
};

static const uint16_t port_base[PORTS] = {0x20, 0x28, 0x18, 0x1C, 0x30, 0x34};

/* ---- writing ---- */

static void value_line(struct semo_vcd *v, unsigned signal, unsigned bits)
{
    char text[17];
    for (unsigned i = 0; i < bits; i++)
        text[i] = (char)('0' + (v->value[signal] >> (bits - 1 - i) & 1));
    text[bits] = 0;
    fprintf(v->out, bits == 1 ? "%s%c\n" : "b%s %c\n", text, (char)('!' + signal));
}

static unsigned bits_of(unsigned signal)
{
    return signal < PINS ? signals[signal].bits : 8;
}

static void change(struct semo_vcd *v, uint64_t cycle, unsigned signal, uint16_t value)
{
    if (v->value[signal] == value)
        return;
    v->value[signal] = value;
    if (cycle != v->time)
        fprintf(v->out, "#%" PRIu64 "\n", cycle * NS_PER_CYCLE);
    v->time = cycle;
    value_line(v, signal, bits_of(signal));
}

static void header(struct semo_vcd *v)
{
    static const char *const sides[3] = {"in", "out", "dir"};
    fprintf(v->out, "$version semo-mcu $end\n$timescale 1 ns $end\n$scope module mcu $end\n");
    for (unsigned i = 0; i < PINS; i++)
        fprintf(v->out, "$var wire %u %c %s $end\n", bits_of(i), (char)('!' + i), signals[i].name);
    for (unsigned i = PINS; i < SIGNALS; i++)
        fprintf(v->out, "$var wire 8 %c p%u_%s $end\n", (char)('!' + i), (i - PINS) / 3 + 1,
                sides[(i - PINS) % 3]);
    fprintf(v->out, "$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n");
    for (unsigned i = 0; i < SIGNALS; i++)
        value_line(v, i, bits_of(i));
    fprintf(v->out, "$end\n");
}

/* ---- what comes later than its line ---- */

static void look_at_pins(struct semo_vcd *v)
{
    for (unsigned p = 0; p < PORTS; p++) {
        struct semo_device *d = semo_device_low(v->m, port_base[p]);
        if (!d || !d->class->read)
            continue;
        uint16_t in_out = d->class->read(d, 0, 3, v->m->core.cycle, 0);
        v->pins[3 * p] = in_out & 0xFF;
        v->pins[3 * p + 1] = in_out >> 8;
        v->pins[3 * p + 2] = d->class->read(d, 2, 3, v->m->core.cycle, 0) & 0xFF;
    }
}

static void show_pins(struct semo_vcd *v, uint64_t cycle)
{
    for (unsigned i = 0; i < 3 * PORTS; i++)
        change(v, cycle, PINS + i, v->pins[i]);
    v->pins_due = SEMO_NEVER;
}

static void end_violation(struct semo_vcd *v)
{
    change(v, v->violation_end, VIOLATION, 0);
    v->violation_end = SEMO_NEVER;
}

/* Everything that is due up to this cycle, in the order of time. */
static void settle(struct semo_vcd *v, uint64_t cycle)
{
    if (v->pins_due <= cycle && v->pins_due <= v->violation_end)
        show_pins(v, v->pins_due);
    if (v->violation_end <= cycle)
        end_violation(v);
    if (v->pins_due <= cycle)
        show_pins(v, v->pins_due);
}

/* ---- lines ---- */

static uint16_t field(const char *line, const char *name)
{
    const char *at = strstr(line, name);
    return at ? (uint16_t)strtoul(at + strlen(name), NULL, 16) : 0;
}

static void decoded(struct semo_vcd *v, uint64_t cycle, const char *line)
{
    show_pins(v, cycle); /* what no write of the program has changed */
    look_at_pins(v);
    change(v, cycle, PC, field(line, " pc="));
    change(v, cycle, MODULE, field(line, " sm="));
    change(v, cycle, INTERRUPT, 0);
    change(v, cycle, ASLEEP, (field(line, " r2=") & SEMO_CPUOFF) != 0);
}

static void interrupted(struct semo_vcd *v, uint64_t cycle, const char *line)
{
    change(v, cycle, ASLEEP, 0);
    change(v, cycle, INTERRUPT, 1);
    change(v, cycle, IRQ, (uint16_t)strtoul(strchr(line, '=') + 1, NULL, 10));
}

static bool is_port(uint16_t address)
{
    for (unsigned p = 0; p < PORTS; p++)
        if (address >= port_base[p] && address < port_base[p] + 4)
            return true;
    return false;
}

void semo_vcd_line(struct semo_vcd *v, const char *line)
{
    char *rest;
    uint64_t cycle = strtoull(line + 1, &rest, 10);
    bool longer = *line == 'V' && v->violation_end == cycle;
    if (longer)
        v->violation_end = cycle + 1;
    settle(v, cycle);
    if (*line == 'D') {
        decoded(v, cycle, line);
    } else if (*line == 'I') {
        interrupted(v, cycle, line);
    } else if (*line == 'V') {
        change(v, cycle, VIOLATION, 1);
        v->violation_end = cycle + 1;
    } else if (*line == 'W' && is_port((uint16_t)strtoul(rest, NULL, 16))) {
        v->pins_due = cycle + 1; /* registers follow at the end of the write's cycle */
    }
}

struct semo_vcd *semo_vcd_new(FILE *out, struct semo_machine *m)
{
    struct semo_vcd *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    v->out = out;
    v->m = m;
    v->pins_due = v->violation_end = SEMO_NEVER;
    header(v);
    return v;
}

void semo_vcd_free(struct semo_vcd *v)
{
    if (!v)
        return;
    uint64_t end = semo_machine_cycle(v->m);
    settle(v, end);
    show_pins(v, end);
    if (end > v->time)
        fprintf(v->out, "#%" PRIu64 "\n", end * NS_PER_CYCLE);
    free(v);
}
