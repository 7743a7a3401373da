/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts: when they are taken, what they store, where they go (reference 1.6, 3.2, 3.3). */
#include "machine/state.h"

static uint16_t vector(const struct semo_machine *m, unsigned irq)
{
    return semo_word(m, (uint16_t)(SEMO_VECTORS + 2 * irq));
}

/* Unprotected code: PC and SR go to its stack. Returns the cycles until the first of the handler.
 */
static unsigned push_state(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    uint64_t t = c->cycle;
    uint16_t sr = c->r[2];
    bool due = c->violated;
    semo_cpu_set_sp(m, t + 1, (uint16_t)(c->r[1] - 2));
    semo_bus_write(m, t + 2, c->r[1], c->r[0], false);
    if (m->masked)
        return 5;
    semo_cpu_set_sp(m, t + 3, (uint16_t)(c->r[1] - 2));
    semo_bus_write(m, t + 4, c->r[1], sr, false);
    c->violated = due;
    return 7;
}

/* Hardened: what a module knows goes to no place that is not its own. P is the highest word. */
static bool frame_is_own(const struct semo_slot *s, uint16_t frame)
{
    enum { BELOW = 28 };
    return frame % 2 == 0 && frame >= BELOW &&
           semo_access_inside((uint16_t)(frame - BELOW), s->ss, s->se) &&
           semo_access_inside((uint16_t)(frame + 1), s->ss, s->se);
}

/* A module: its state goes to the frame that its own data section points to. What is refused ends
 * it: at the pointer like an illegal entry, later after that write. */
static unsigned save_state(struct semo_machine *m, const struct semo_slot *s)
{
    static const uint8_t order[] = {0, 1, 2, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4};
    struct semo_core *c = &m->core;
    uint64_t t = c->cycle;
    uint16_t pointer = (uint16_t)(s->se - 2);
    if (c->access->hardened && !semo_access_inside(pointer, s->ss, s->se))
        return 4;
    semo_bus_read(m, t + 1, pointer, false);
    if (m->masked)
        return 4;
    uint16_t frame = semo_bus_read(m, t + 2, pointer, false);
    unsigned k = 0;
    if (c->access->hardened && !frame_is_own(s, frame))
        return 4;
    for (; k < sizeof order && !m->masked; k++)
        semo_bus_write(m, t + 3 + 2 * k, (uint16_t)(frame - 2 * k),
                       order[k] == 1 ? c->r[1] | 1 : c->r[order[k]], false);
    return 5 + 2 * k;
}

static unsigned leave_module(struct semo_machine *m, const struct semo_slot *s, bool save,
                             bool illegal, unsigned cost)
{
    struct semo_core *c = &m->core;
    unsigned cycles = 3;
    if (save && !illegal)
        cycles = save_state(m, s);
    else if (save && cost > 1 && m->config.profile == SEMO_COMPAT) {
        semo_bus_read(m, c->cycle + 1, (uint16_t)(s->se - 2), false);
        cycles = 4;
    }
    for (unsigned n = 1; n < 15; n++)
        if (n != 3 || c->access->hardened) /* upstream forgets that R3 is a register, too */
            c->r[n] = 0;
    c->r[15] = s->ps;
    c->r[2] = SEMO_SR_MODULE;
    c->guard = 0;
    return cycles;
}

/* Hardened: a module that touches what it must not is gone, with everything it knew. */
static bool condemned(const struct semo_machine *m, bool illegal)
{
    unsigned rule = m->core.violation_rule;
    return m->config.profile == SEMO_HARDENED && m->core.violated && !illegal &&
           (rule == SEMO_RULE_TEXT || rule == SEMO_RULE_DATA);
}

static void accepted(struct semo_machine *m, unsigned irq)
{
    if (m->next_event <= m->core.cycle) /* a flag set by the cycle before is cleared as well */
        semo_devices_run(m, m->core.cycle);
    for (unsigned i = 0; i < semo_device_count(m); i++) {
        struct semo_device *d = semo_device_nth(m, i);
        if (d->class->accepted)
            d->class->accepted(d, irq);
    }
    semo_devices_refresh(m);
}

static void take(struct semo_machine *m, unsigned irq, bool gie, bool illegal, unsigned cost)
{
    struct semo_core *c = &m->core;
    int slot = semo_access_slot(c->access, c->pc_now);
    struct semo_slot module = slot >= 0 ? c->access->slots[slot] : (struct semo_slot){0};
    bool lost = slot >= 0 && condemned(m, illegal);
    uint16_t old = c->id_now;
    m->at = c->cycle;
    m->masked = illegal && m->config.profile == SEMO_COMPAT;
    m->measuring = false;
    if (c->delayed) /* the jump has been made, nothing fetched yet */
        c->r[0] = (uint16_t)(c->delayed_pc - 2);
    c->id_now = (uint16_t)(SEMO_ID_IRQ + irq);
    semo_trace_interrupt(m, irq);
    accepted(m, irq); /* before what the sequence writes to devices */
    c->id_before = old;
    if (lost)
        semo_sancus_drop(m, slot, true);
    unsigned cycles =
        slot < 0 ? push_state(m) : leave_module(m, &module, gie && !lost, illegal, cost);
    for (unsigned n = 0; illegal && n < cycles; n++)
        semo_trace_violation(m, c->cycle + n);
    if (slot < 0)
        c->r[2] = 0;
    c->violated = false;
    c->asleep = false;
    c->stall = 0; /* these cycles pass in the sequence, which does not fetch */
    semo_cpu_drop_fetched(m);
    c->clix_end = c->entry_end = 0;
    c->r[0] = vector(m, irq);
    if (c->access->hardened)
        c->pc_now = 0; /* the handler is a stranger to every module, also to the interrupted one */
    c->cycle += cycles;
    semo_machine_clocks(m, c->cycle - 2);
}

static int highest(uint16_t lines)
{
    return lines ? 31 - __builtin_clz(lines) : -1;
}

void semo_interrupt_sample(struct semo_machine *m, unsigned cost, bool gie, bool illegal)
{
    struct semo_core *c = &m->core;
    if (m->next_event < c->cycle)
        semo_devices_run(m, c->cycle - 1);
    if (c->reset_due)
        return;
    if (c->violated && m->config.reset_on_violation) {
        c->reset_due = true;
        return;
    }
    uint16_t lines = m->lines_at + 1 == c->cycle ? m->lines_then : m->lines;
    m->lines_at = SEMO_NEVER;
    int irq = c->violated ? SEMO_IRQ_VIOLATION : gie ? highest(lines) : -1;
    if (irq >= 0) {
        take(m, (unsigned)irq, gie, illegal, cost);
    } else if (c->r[2] & SEMO_CPUOFF) {
        c->asleep = true;
        if (m->config.stop_at_cpuoff && c->end == SEMO_NEVER)
            c->end = c->cycle + SEMO_CPUOFF_TAIL;
        semo_cpu_doze(m);
    }
}

/* The cycle at which sleep is left for an interrupt that is requested from `from` on. */
static void wake(struct semo_machine *m, uint64_t cycle)
{
    struct semo_core *c = &m->core;
    c->cycle = cycle;
    take(m, (unsigned)highest(m->lines), true, false, 2);
}

static bool can_wake(const struct semo_machine *m)
{
    const struct semo_core *c = &m->core;
    return m->lines && !c->hung && semo_monitor_asleep(m);
}

uint64_t semo_interrupt_chance(const struct semo_machine *m)
{
    uint64_t end = semo_monitor_period_end(m);
    if (can_wake(m))
        return m->core.cycle;
    return end > m->core.cycle && end < m->next_event ? end : m->next_event;
}

enum semo_stop semo_interrupt_sleep(struct semo_machine *m, uint64_t until)
{
    struct semo_core *c = &m->core;
    for (;;) {
        if (m->next_event <= c->cycle)
            semo_devices_run(m, c->cycle);
        if (c->reset_due || m->stop)
            return SEMO_STOP_CYCLE;
        if (can_wake(m)) {
            if (c->cycle + 1 > until)
                break;
            wake(m, c->cycle + 1);
            return SEMO_STOP_CYCLE;
        }
        uint64_t next = semo_interrupt_chance(m);
        if (next >= until)
            break;
        c->cycle = next;
    }
    if (until > c->cycle)
        c->cycle = until;
    return SEMO_STOP_ASLEEP;
}
