/* SPDX-License-Identifier: Apache-2.0 */
/* The atomicity monitor (reference 3.4 and section 8, items 10 to 13): when interrupts are
 * possible, cycle by cycle. Only with --atomicity. */
#include "machine/state.h"

enum { ENTRY_CYCLES = 10, CLIX_MAX = 10000 };

/* Effective GIE in cycle `when`, and SR.GIE as it leaves that cycle. written: bit that the
 * instruction writes in this cycle, -1 = none. */
static bool one_cycle(struct semo_machine *m, uint64_t when, int written)
{
    struct semo_core *c = &m->core;
    bool gie = c->r[2] & SEMO_GIE;
    if (when >= m->hold_until && when < c->clix_end && gie)
        c->clix_end = when; /* ended early, but not within the instruction */
    bool held = when < c->clix_end || when < c->entry_end || when < m->hold_until;
    bool ending = when && (when == c->clix_end || when == c->entry_end);
    bool effective = (gie || ending) && c->id_now != 1 && !held;
    bool next = semo_sancus_privileged(m) ? (written < 0 ? gie : written)
                : effective               ? true
                                          : written > 0;
    c->r[2] = (uint16_t)((c->r[2] & ~SEMO_GIE) | (next ? SEMO_GIE : 0));
    return effective;
}

bool semo_monitor_enter(struct semo_machine *m, uint64_t when)
{
    struct semo_core *c = &m->core;
    if (when < c->clix_end && (c->r[2] & SEMO_GIE))
        c->clix_end = when; /* GIE has just ended it */
    bool refused = when < c->clix_end || (when < c->entry_end && c->id_now != 1);
    m->hold_until = when + 1;
    if (c->id_now == 1)
        c->clix_end = 0;
    else
        c->entry_end = when + ENTRY_CYCLES + 1;
    return refused;
}

void semo_monitor_start(struct semo_machine *m, bool entered)
{
    m->monitored = m->hold_until = m->at;
    m->gie_written = -1;
    if (!entered || !semo_monitor_enter(m, m->at))
        return;
    m->masked = true;
    semo_violate(m, m->at, m->core.r[0], SEMO_RULE_NESTED);
}

bool semo_monitor_run(struct semo_machine *m, uint64_t end)
{
    bool effective = false;
    for (; m->monitored < end; m->monitored++) {
        bool last = m->monitored + 1 == end;
        effective = one_cycle(m, m->monitored, last ? m->gie_written : -1);
    }
    return effective;
}

uint64_t semo_monitor_period_end(const struct semo_machine *m)
{
    const struct semo_core *c = &m->core;
    uint64_t end = c->clix_end > c->entry_end ? c->clix_end : c->entry_end;
    return m->config.atomicity && end >= c->cycle ? end : SEMO_NEVER;
}

/* Who sleeps has the privilege: SR.GIE stays as it is. It ends CLIX, and in the cycle in which a
 * period ends interrupts are possible without it. */
bool semo_monitor_asleep(const struct semo_machine *m)
{
    const struct semo_core *c = &m->core;
    if (!m->config.atomicity)
        return c->r[2] & SEMO_GIE;
    if (c->id_now == 1)
        return false;
    return c->r[2] & SEMO_GIE ? c->cycle >= c->entry_end : c->cycle == semo_monitor_period_end(m);
}

/* The next cycle behind p in which a period ends or a device acts: until then every cycle is like
 * the one before. */
static uint64_t next_change(const struct semo_machine *m, uint64_t p)
{
    const struct semo_core *c = &m->core;
    uint64_t next = m->next_event;
    if (c->clix_end > p && c->clix_end < next)
        next = c->clix_end;
    return c->entry_end > p && c->entry_end < next ? c->entry_end : next;
}

/* Goes on looking, up to cycle `until` and no farther: what the unit reads there from a device is
 * of that cycle. */
void semo_monitor_advance(struct semo_machine *m, uint64_t until)
{
    enum { SETTLED = 4 };
    uint64_t last = until < m->look_last ? until : m->look_last, p = m->look;
    for (; p <= last && m->cut == SEMO_NEVER; p++) {
        if (m->next_event <= p)
            semo_devices_run(m, p);
        bool gie = semo_monitor_run(m, p + 1);
        if (p != m->look_not && (m->core.violated || (gie && m->lines)))
            m->cut = p;
        uint64_t next = next_change(m, p);
        if (next > last)
            next = last;
        if (m->cut == SEMO_NEVER && p > m->at + SETTLED && next > p + 2 * SETTLED) {
            semo_monitor_run(m, p + SETTLED);
            p = next - 1;
            m->monitored = next;
        }
    }
    m->look = p;
}

/* Hardened decides before anything happens, upstream as it goes. */
void semo_monitor_cut(struct semo_machine *m, unsigned check, unsigned cost)
{
    if (!m->config.atomicity)
        return;
    semo_monitor_run(m, m->at + 1);
    m->look = m->at + 1;
    m->look_last = m->at + cost - 2;
    m->look_not = m->at + check;
    if (m->config.profile == SEMO_HARDENED)
        semo_monitor_advance(m, m->look_last);
}

unsigned semo_monitor_clix(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    unsigned n = c->r[15] & 0x7FFF;
    if (!m->config.atomicity)
        return 2;
    bool nested = m->at < c->clix_end;
    m->hold_until = m->at + 2; /* GIE counts as 0 in the instruction, also where it violates */
    if (n > CLIX_MAX || nested) {
        for (unsigned k = 0; k < 2; k++)
            semo_violate(m, m->at + k, c->r[15], SEMO_RULE_CLIX);
        return 2;
    }
    c->entry_end = 0;
    c->clix_end = m->at + 2 + n;
    return 2;
}
