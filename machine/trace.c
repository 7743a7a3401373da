/* SPDX-License-Identifier: Apache-2.0 */
/* Trace lines in the format of tests/golden/README.md. Lines of one instruction are collected and
 * given out in the order of their cycles; within a cycle D/I, R/W, V. */
#include <stdio.h>
#include <stdlib.h>
#include "machine/state.h"

struct semo_trace_line {
    uint64_t when;
    unsigned rank, number;
    char text[256];
};

static char *add(struct semo_machine *m, uint64_t when, unsigned rank)
{
    if (m->line_count == m->line_room) {
        unsigned room = m->line_room ? 2 * m->line_room : 64;
        struct semo_trace_line *more = realloc(m->lines_out, room * sizeof *more);
        if (!more)
            abort();
        m->lines_out = more;
        m->line_room = room;
    }
    struct semo_trace_line *l = &m->lines_out[m->line_count];
    l->when = when;
    l->rank = rank;
    l->number = m->line_count++;
    return l->text;
}

static int registers(const struct semo_machine *m, char *out, size_t room)
{
    int at = 0;
    for (unsigned i = 1; i < 16; i++)
        at += snprintf(out + at, room - (size_t)at, " r%u=%04x", i, m->core.r[i]);
    return at + snprintf(out + at, room - (size_t)at, " sm=%04x prev=%04x", m->core.id_now,
                         m->core.id_before);
}

void semo_trace_decode(struct semo_machine *m)
{
    if (!m->trace)
        return;
    char *text = add(m, m->core.cycle, 0);
    int n = sprintf(text, "D %llu pc=%04x", (unsigned long long)m->core.cycle, m->core.r[0]);
    registers(m, text + n, 256 - (size_t)n);
}

void semo_trace_interrupt(struct semo_machine *m, unsigned irq)
{
    if (!m->trace)
        return;
    char *text = add(m, m->core.cycle, 0);
    int n = sprintf(text, "I %llu irq=%u", (unsigned long long)m->core.cycle, irq);
    registers(m, text + n, 256 - (size_t)n);
}

void semo_trace_bus(struct semo_machine *m, uint64_t when, uint16_t address)
{
    if (m->trace && m->trace_bus)
        sprintf(add(m, when, 1), "R %llu %04x", (unsigned long long)when, address);
}

void semo_trace_write(struct semo_machine *m, uint64_t when, uint16_t address, uint16_t value,
                      unsigned mask)
{
    if (m->trace && m->trace_bus)
        sprintf(add(m, when, 1), "W %llu %04x %04x %u", (unsigned long long)when, address, value,
                mask);
}

void semo_trace_violation(struct semo_machine *m, uint64_t when)
{
    if (!m->trace)
        return;
    for (unsigned i = 0; i < m->line_count; i++) /* one signal, however many reasons */
        if (m->lines_out[i].when == when && m->lines_out[i].rank == 2)
            return;
    sprintf(add(m, when, 2), "V %llu", (unsigned long long)when);
}

static int by_cycle(const void *a, const void *b)
{
    const struct semo_trace_line *x = a, *y = b;
    if (x->when != y->when)
        return x->when < y->when ? -1 : 1;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

void semo_trace_flush(struct semo_machine *m, uint64_t before)
{
    if (!m->line_count)
        return;
    qsort(m->lines_out, m->line_count, sizeof *m->lines_out, by_cycle);
    for (unsigned i = 0; i < m->line_count; i++)
        if (m->lines_out[i].when < before)
            m->trace(m->trace_context, m->lines_out[i].text);
    m->line_count = 0;
}

void semo_machine_trace(struct semo_machine *m, semo_trace_fn *fn, void *context, bool bus)
{
    m->trace = fn;
    m->trace_context = context;
    m->trace_bus = bus;
    m->line_count = 0;
}
