/* SPDX-License-Identifier: Apache-2.0 */
/* Running under the debugger: one exact instruction at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "machine/debug/gdb_state.h"
#include "machine/debug/report.h"

/* ---- breakpoints and watchpoints ---- */

static const uint8_t marks_of[5] = {SEMO_GDB_BREAK, SEMO_GDB_BREAK, SEMO_GDB_WRITE, SEMO_GDB_READ,
                                    SEMO_GDB_READ | SEMO_GDB_WRITE};

static void accessed(void *context, uint16_t address, bool write, bool byte)
{
    struct semo_gdb *g = context;
    unsigned kind = write ? SEMO_GDB_WRITE : SEMO_GDB_READ;
    uint16_t first = byte ? address : address & 0xFFFE, last = byte ? address : address | 1;
    if (!((g->marks[first] | g->marks[last]) & kind) || g->watch_type >= 0)
        return;
    for (unsigned i = 0; i < g->point_count; i++) {
        const struct semo_gdb_point *p = &g->points[i];
        if (!(marks_of[p->type] & kind) || last < p->address || first >= p->address + p->len)
            continue;
        g->watch_type = p->type;
        g->watch_address = first > p->address ? first : p->address;
        return;
    }
}

static void mark(struct semo_gdb *g)
{
    bool watching = false;
    memset(g->marks, 0, sizeof g->marks);
    for (unsigned i = 0; i < g->point_count; i++) {
        const struct semo_gdb_point *p = &g->points[i];
        watching |= p->type >= 2;
        for (uint32_t a = p->address; a < p->address + p->len && a < 0x10000; a++)
            g->marks[a] |= marks_of[p->type];
    }
    semo_machine_watch(g->m, watching ? accessed : NULL, g);
}

bool semo_gdb_point_set(struct semo_gdb *g, const struct semo_gdb_point *p, bool on)
{
    unsigned i = 0;
    while (i < g->point_count && (g->points[i].type != p->type ||
                                  g->points[i].address != p->address || g->points[i].len != p->len))
        i++;
    bool there = i < g->point_count;
    if (on && !there) {
        if (g->point_count == SEMO_GDB_POINTS)
            return false;
        g->points[g->point_count++] = *p;
    } else if (!on && there) {
        g->points[i] = g->points[--g->point_count];
    }
    mark(g);
    return true;
}

/* ---- the debugger's view, past all protection ---- */

void semo_gdb_poke_register(struct semo_gdb *g, unsigned n, uint16_t value)
{
    g->foreseen = false;
    if (n == 0) { /* goes on there, also in the midst of a module */
        value &= 0xFFFE;
        semo_cpu_drop_fetched(g->m);
        g->m->core.pc_now = value;
    }
    semo_machine_set_register(g->m, n, value);
}

void semo_gdb_poke(struct semo_gdb *g, uint16_t address, const uint8_t *bytes, size_t len)
{
    g->foreseen = false;
    semo_machine_poke(g->m, address, bytes, len);
}

/* What a program would read there; the device does not notice. */
static uint16_t register_word(struct semo_gdb *g, uint16_t address)
{
    struct semo_device *d = semo_device_low(g->m, address);
    uint8_t state[512];
    if (!d || !d->class->read || !d->state || d->class->state_size > sizeof state)
        return 0;
    memcpy(state, d->state, d->class->state_size);
    uint16_t value = d->class->read(d, (uint16_t)((address & 0xFFFE) - d->base), 3,
                                    g->m->core.cycle, g->m->core.id_now);
    memcpy(d->state, state, d->class->state_size);
    return value;
}

void semo_gdb_peek(struct semo_gdb *g, uint16_t address, uint8_t *bytes, size_t len)
{
    semo_machine_peek(g->m, address, bytes, len);
    for (size_t i = 0; i < len; i++) {
        uint16_t at = (uint16_t)(address + i);
        if (at < SEMO_DATA_START)
            bytes[i] = (uint8_t)(register_word(g, at) >> (at & 1 ? 8 : 0));
    }
}

/* ---- running ---- */

void semo_gdb_stopped(struct semo_gdb *g, unsigned signal, const char *reason)
{
    g->state = SEMO_GDB_STOPPED;
    g->signal = (uint8_t)signal;
    snprintf(g->reason, sizeof g->reason, "%s", reason);
    semo_gdb_stop_reply(g);
    semo_gdb_send(g);
}

void semo_gdb_resume(struct semo_gdb *g, bool step)
{
    g->state = SEMO_GDB_RUNNING;
    g->stepping = step;
    g->watch_type = -1;
}

static void ended(struct semo_gdb *g, enum semo_stop why, unsigned code)
{
    g->state = SEMO_GDB_ENDED;
    g->end = why;
    semo_gdb_add(g, "W%02x", code);
    semo_gdb_send(g);
}

/* With nothing of it seen outside, for it was or will be seen in the real run. */
static enum semo_stop silent_step(struct semo_gdb *g)
{
    struct semo_machine *m = g->m;
    semo_trace_fn *trace = m->trace;
    semo_put_fn *put = m->put;
    semo_watch_fn *watch = m->watch;
    m->trace = NULL;
    m->put = NULL;
    m->watch = NULL;
    enum semo_stop why = semo_machine_step(m);
    m->trace = trace;
    m->put = put;
    m->watch = watch;
    return why;
}

/* Back to just before the instruction that violated, which was number `done` of this slice. */
static void violated(struct semo_gdb *g, unsigned done)
{
    char line[640];
    if (g->config.violated)
        g->config.violated(g->config.context);
    semo_report_violation(g->m, g->config.symbols, g->violation, sizeof g->violation);
    semo_machine_restore(g->m, g->before);
    for (unsigned i = 0; i < done; i++)
        silent_step(g);
    g->foreseen = true;
    int n = snprintf(line, sizeof line, "violation: %s\n", g->violation);
    semo_gdb_say(g, line);
    line[n - 1] = 0;
    semo_gdb_stopped(g, SEMO_GDB_SEGV, line);
}

static bool end_of_program(struct semo_gdb *g, enum semo_stop why)
{
    if (why == SEMO_STOP_ASLEEP) /* the end may be a few cycles ahead */
        why = semo_machine_run(g->m, semo_machine_cycle(g->m) + SEMO_CPUOFF_TAIL + 1);
    if (why == SEMO_STOP_CPUOFF)
        ended(g, why, SEMO_EXIT_DONE);
    else if (semo_machine_cycle(g->m) >= g->config.max_cycles)
        ended(g, SEMO_STOP_CYCLE, SEMO_EXIT_TIMEOUT);
    else if (why == SEMO_STOP_ASLEEP)
        semo_gdb_stopped(g, SEMO_GDB_INT, "asleep, and nothing will wake it");
    return g->state != SEMO_GDB_RUNNING;
}

static bool stops_here(struct semo_gdb *g)
{
    if (g->watch_type >= 0)
        semo_gdb_stopped(g, SEMO_GDB_TRAP, "");
    else if (g->stepping || g->marks[g->m->core.r[0]] & SEMO_GDB_BREAK)
        semo_gdb_stopped(g, SEMO_GDB_TRAP, "");
    return g->state != SEMO_GDB_RUNNING;
}

/* The violation that was reported. true: the target stands again. */
static bool foreseen_step(struct semo_gdb *g)
{
    enum semo_stop why = silent_step(g);
    g->foreseen = false;
    if (g->config.stop_at_violation) {
        ended(g, SEMO_STOP_VIOLATION, SEMO_EXIT_VIOLATION);
        return true;
    }
    return end_of_program(g, why) || stops_here(g);
}

void semo_gdb_run(struct semo_gdb *g, unsigned instructions)
{
    if (g->state != SEMO_GDB_RUNNING)
        return;
    if (g->foreseen && foreseen_step(g))
        return;
    semo_machine_snapshot(g->m, g->before);
    for (unsigned i = 0; i < instructions; i++) {
        unsigned violations = semo_machine_violations(g->m);
        enum semo_stop why = semo_machine_step(g->m);
        if (semo_machine_violations(g->m) != violations) {
            violated(g, i);
            return;
        }
        if (end_of_program(g, why) || stops_here(g))
            return;
    }
}
