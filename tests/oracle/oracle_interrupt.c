/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt sequences (1.6, 3.2, 3.3) and the atomicity monitor (3.4, section 8 items 10 to 13). */
#include <stdio.h>
#include <string.h>
#include "tests/oracle/oracle.h"

/* --- interrupts --- */

static void push_in_sequence(struct oracle *o, uint16_t value)
{
    uint16_t sp = (uint16_t)(o->r[1] - 2);
    oracle_new_stack(o, sp);
    oracle_tick(o);
    o->r[1] = sp;
    oracle_write(o, sp, value, false);
    oracle_tick(o);
}

static void interrupt_plain(struct oracle *o)
{
    oracle_tick(o); /* 0 */
    push_in_sequence(o, o->r[0]);
    if (!o->violated) /* section 8 item 7 */
        push_in_sequence(o, o->r[2]);
    oracle_tick(o);
    o->r[2] = 0;
    oracle_tick(o);
    o->r[2] = 0;
    o->count[ORACLE_INTERRUPTS]++;
}

/* Offsets of 3.3: pointer read in 1 and 2, one store every second cycle from 3 on, four more. */
static void save_registers(struct oracle *o, const struct oracle_slot *m)
{
    uint64_t start = o->cycle - 1;
    uint16_t pointer = 0;
    oracle_read(o, (uint16_t)(m->se - 2), false);
    oracle_tick(o);
    if (!o->violated) {
        pointer = oracle_read(o, (uint16_t)(m->se - 2), false);
        oracle_tick(o);
    }
    if (o->violated && !oracle_bad_entry(o))
        o->undetermined = "save area of a module out of its reach (3.3)";
    if (o->violated) { /* an illegal entry, or the pointer is out of reach */
        o->count[ORACLE_NO_SAVES]++;
        oracle_until(o, start + 4);
        return;
    }
    for (unsigned k = 0; k < 15 && !o->violated; k++) {
        static const uint8_t order[] = {0, 1, 2, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4};
        uint16_t value = o->r[order[k]];
        oracle_until(o, start + 3 + 2 * k);
        if (order[k] == 1)
            value |= 1;
        oracle_write(o, (uint16_t)(pointer - 2 * k), value, false);
        oracle_tick(o);
    }
    if (o->violated)
        o->undetermined = "save area of a module out of its reach (3.3)";
    o->count[ORACLE_SAVES]++;
    oracle_until(o, o->cycle + 3);
}

static void interrupt_module(struct oracle *o, const struct oracle_slot *m)
{
    bool save = o->sampled_gie;
    uint16_t entry = m->ps;
    if (o->r[2] & SR_SCG1)
        o->undetermined = "cycle in which the interrupt of a module clears SCG1 (3.3)";
    oracle_tick(o); /* 0 */
    if (save) {
        save_registers(o, m);
    } else {
        oracle_tick(o);
        oracle_tick(o);
        o->count[ORACLE_NO_SAVES]++;
    }
    for (unsigned n = 1; n < 15; n++)
        if (n != 3)
            o->r[n] = 0;
    o->r[15] = entry;
    o->r[2] = SR_MODULE;
    o->stack_guard = 0;
}

void oracle_interrupt(struct oracle *o)
{
    const struct oracle_slot *m = oracle_slot_at(o, o->pc_now);
    int n = o->interrupt;
    char head[40];
    o->interrupt = -1;
    o->masked = o->violated = false;
    o->entry_left = o->clix_left = 0;
    o->period_ending = false;
    o->irq_id = (uint16_t)(0xFFF0 + n);
    o->open = 0;
    snprintf(head, sizeof head, "I %llu irq=%d", (unsigned long long)o->cycle, n);
    oracle_trace_registers(o, head);
    oracle_periph_accept(o, n);
    memset(&o->swap, 0, sizeof o->swap);
    if (o->slot_valid) /* from the hardware description */
        o->r[0] -= 2;
    o->slot_valid = false;
    o->woken = o->asleep;
    if (o->asleep)
        o->count[ORACLE_WAKES]++;
    o->asleep = o->stalled = false;
    if (m)
        interrupt_module(o, m);
    else
        interrupt_plain(o);
    o->r[0] = oracle_word(o, (uint16_t)(0xFFE0 + 2 * n));
    o->irq_id = 0;
    if (o->violated && n != ORACLE_IRQ_VIOLATION) /* else one with its cause */
        o->violators++;
    o->violated = false;
}

/* --- atomicity monitor --- */

static bool any_module(const struct oracle *o)
{
    for (unsigned i = 0; i < ORACLE_SLOTS; i++)
        if (o->slot[i].enabled)
            return true;
    return false;
}

bool oracle_privileged(const struct oracle *o)
{
    return !o->config.atomicity || !any_module(o) || oracle_id_now(o) == 1;
}

/* The current id has just changed to that of a module. */
static bool first_cycle_in_module(const struct oracle *o)
{
    uint16_t id = oracle_id_now(o);
    return !o->irq_id && id != 0 && id != o->id_last;
}

bool oracle_gie(const struct oracle *o)
{
    bool gie = o->r[2] & SR_GIE;
    if (first_cycle_in_module(o))
        return false;
    if (!o->config.atomicity)
        return gie;
    if (oracle_id_now(o) == 1 || o->in_clix_instruction || o->clix_left || o->entry_left)
        return false;
    return gie || o->period_ending;
}

/* A software write to SR; true when the write of CPUOFF was ignored. */
bool oracle_write_status(struct oracle *o, uint16_t value)
{
    uint16_t old = o->r[2];
    bool ignored = false;
    value &= SR_WRITABLE;
    if (!oracle_privileged(o)) {
        ignored = value & SR_CPUOFF;
        value &= (uint16_t)~SR_CPUOFF;
        if (o->sampled_gie) /* clearing it is ignored */
            value |= SR_GIE;
    }
    o->r[2] = (uint16_t)((old & (SR_VIOLATED | SR_MODULE)) | value);
    return ignored;
}

/* GIE ends a CLIX in this very cycle. */
bool oracle_nested_entry(const struct oracle *o)
{
    bool clix = o->clix_left && !(o->r[2] & SR_GIE);
    return o->config.atomicity && first_cycle_in_module(o) &&
           (clix || (o->entry_left && oracle_id_now(o) != 1));
}

static void enter(struct oracle *o)
{
    uint16_t id = oracle_id_now(o);
    if (oracle_nested_entry(o))
        oracle_violation(o, ORACLE_BAD_PERIOD, true);
    if (id == 1)
        o->clix_left = 0;
    if (id != 1) {
        o->entry_left = 11;
        o->count[ORACLE_PERIODS]++;
    }
}

/* Section 8 item 11: with the entry in cycle t, GIE is 0 in t..t+10 and forced in t+11. */
void oracle_monitor_tick(struct oracle *o)
{
    bool gie = o->sampled_gie;
    if (!o->config.atomicity || o->irq_id)
        return;
    if (!oracle_privileged(o))
        o->r[2] = (uint16_t)((o->r[2] & ~SR_GIE) | (gie ? SR_GIE : 0));
    o->period_ending = false;
    if (first_cycle_in_module(o))
        enter(o);
    if (o->entry_left && --o->entry_left == 0)
        o->period_ending = true;
    if (o->clix_left && !o->in_clix_instruction && --o->clix_left == 0)
        o->period_ending = true;
}

void oracle_clix(struct oracle *o)
{
    uint16_t n = o->r[15] & 0x7FFF;
    bool wrong = false;
    o->in_clix_instruction = true;
    for (unsigned i = 0; i < 2; i++) {
        bool now = n > 10000 || o->clix_left; /* the entry of module 1 ends a CLIX (3.4) */
        wrong |= now;
        if (o->config.atomicity && now)
            oracle_violation(o, ORACLE_BAD_PERIOD, true);
        oracle_tick(o);
    }
    o->in_clix_instruction = false;
    if (!o->config.atomicity || wrong)
        return;
    o->period_ending = n == 0;
    o->entry_left = 0;
    o->clix_left = o->r[2] & SR_GIE ? 0 : n;
    o->count[ORACLE_CLIXES]++;
}
