/* SPDX-License-Identifier: Apache-2.0 */
/* Trace lines in the format of tests/golden/README.md. Lines of one instruction are collected and
 * given out in the order of their cycles; within a cycle D/I, R/W, V. */
#include <stdio.h>
#include <stdlib.h>
#include "machine/state.h"

enum { DECODE, INTERRUPT, READ, WRITE, VIOLATION };
static const uint8_t ranks[] = {
    [DECODE] = 0, [INTERRUPT] = 0, [READ] = 1, [WRITE] = 1, [VIOLATION] = 2};

struct semo_trace_line {
    uint64_t when;
    uint32_t number;
    uint8_t kind, mask;
    uint16_t address,
        value; /* DECODE, INTERRUPT: of the registers below; number of the interrupt */
};

struct semo_trace_registers {
    uint16_t r[16], id_now, id_before;
};

static void *room_for(void *array, unsigned count, unsigned *room, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? 2 * *room : 16;
    void *more = realloc(array, *room * size);
    if (!more)
        abort();
    return more;
}

static struct semo_trace_line *add(struct semo_machine *m, uint64_t when, unsigned kind)
{
    m->tracing->lines_out = room_for(m->tracing->lines_out, m->tracing->line_count,
                                     &m->tracing->line_room, sizeof *m->tracing->lines_out);
    struct semo_trace_line *l = &m->tracing->lines_out[m->tracing->line_count];
    *l = (struct semo_trace_line){
        .when = when, .number = m->tracing->line_count++, .kind = (uint8_t)kind};
    return l;
}

/* A line with all registers as they are now. */
static void add_registers(struct semo_machine *m, unsigned kind, unsigned irq)
{
    const struct semo_core *c = &m->core;
    if (!m->trace)
        return;
    struct semo_trace_line *l = add(m, c->cycle, kind);
    l->address = (uint16_t)m->tracing->file_count;
    l->value = (uint16_t)irq;
    m->tracing->files_out = room_for(m->tracing->files_out, m->tracing->file_count,
                                     &m->tracing->file_room, sizeof *m->tracing->files_out);
    struct semo_trace_registers *f = &m->tracing->files_out[m->tracing->file_count++];
    for (unsigned n = 0; n < 16; n++)
        f->r[n] = c->r[n];
    f->id_now = c->id_now;
    f->id_before = c->id_before;
}

void semo_trace_decode(struct semo_machine *m)
{
    add_registers(m, DECODE, 0);
}

void semo_trace_interrupt(struct semo_machine *m, unsigned irq)
{
    add_registers(m, INTERRUPT, irq);
}

void semo_trace_bus(struct semo_machine *m, uint64_t when, uint16_t address)
{
    if (m->trace && m->tracing->bus)
        add(m, when, READ)->address = address;
}

void semo_trace_write(struct semo_machine *m, uint64_t when, uint16_t address, uint16_t value,
                      unsigned mask)
{
    if (!m->trace || !m->tracing->bus)
        return;
    struct semo_trace_line *l = add(m, when, WRITE);
    l->address = address;
    l->value = value;
    l->mask = (uint8_t)mask;
}

void semo_trace_violation(struct semo_machine *m, uint64_t when)
{
    if (m->trace)
        add(m, when, VIOLATION);
}

static int by_cycle(const void *a, const void *b)
{
    const struct semo_trace_line *x = a, *y = b;
    if (x->when != y->when)
        return x->when < y->when ? -1 : 1;
    if (ranks[x->kind] != ranks[y->kind])
        return ranks[x->kind] < ranks[y->kind] ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static void print_registers(const struct semo_trace_registers *f, char *out)
{
    for (unsigned i = 1; i < 16; i++)
        out += sprintf(out, " r%u=%04x", i, f->r[i]);
    sprintf(out, " sm=%04x prev=%04x", f->id_now, f->id_before);
}

static void print(const struct semo_machine *m, const struct semo_trace_line *l)
{
    static const char letters[] = "DIRWV";
    char text[256], *out = text;
    out += sprintf(out, "%c %llu", letters[l->kind], (unsigned long long)l->when);
    if (l->kind == READ)
        sprintf(out, " %04x", l->address);
    if (l->kind == WRITE)
        sprintf(out, " %04x %04x %u", l->address, l->value, l->mask);
    if (l->kind == DECODE)
        out += sprintf(out, " pc=%04x", m->tracing->files_out[l->address].r[0]);
    if (l->kind == INTERRUPT)
        out += sprintf(out, " irq=%u", l->value);
    if (l->kind == DECODE || l->kind == INTERRUPT)
        print_registers(&m->tracing->files_out[l->address], out);
    m->trace(m->tracing->context, text);
}

void semo_trace_flush(struct semo_machine *m, uint64_t before)
{
    unsigned kept = 0;
    if (!m->tracing || !m->tracing->line_count)
        return;
    qsort(m->tracing->lines_out, m->tracing->line_count, sizeof *m->tracing->lines_out, by_cycle);
    const struct semo_trace_line *last = NULL;
    for (unsigned i = 0; i < m->tracing->line_count; i++) {
        const struct semo_trace_line *l = &m->tracing->lines_out[i];
        bool again = last && last->kind == VIOLATION && l->kind == VIOLATION &&
                     last->when == l->when; /* one signal, however many reasons */
        if (l->when >= before)
            m->tracing->lines_out[kept++] = *l;
        else if (!again)
            print(m, l);
        last = l;
    }
    m->tracing->line_count = kept;       /* those of cycles that are still to come */
    m->tracing->early = 1024 + 2 * kept; /* lines are not sorted again and again */
    if (!kept)
        m->tracing->file_count = 0;
}

void semo_trace_flush_early(struct semo_machine *m, uint64_t before)
{
    if (m->tracing && m->tracing->line_count >= m->tracing->early)
        semo_trace_flush(m, before < m->tracing->until ? before : m->tracing->until);
}

void semo_machine_trace(struct semo_machine *m, semo_trace_fn *fn, void *context, bool bus)
{
    if (!m->tracing && !fn)
        return;
    if (!m->tracing)
        m->tracing = calloc(1, sizeof *m->tracing);
    if (!m->tracing)
        abort();
    m->trace = fn;
    m->tracing->context = context;
    m->tracing->bus = bus;
    semo_trace_drop(m);
}

void semo_trace_until(struct semo_machine *m, uint64_t end)
{
    if (m->tracing)
        m->tracing->until = end;
}

void semo_trace_drop(struct semo_machine *m)
{
    if (m->tracing)
        m->tracing->line_count = m->tracing->file_count = 0, m->tracing->early = 1024;
}

void semo_trace_free(struct semo_machine *m)
{
    if (!m->tracing)
        return;
    free(m->tracing->lines_out);
    free(m->tracing->files_out);
    free(m->tracing);
}
