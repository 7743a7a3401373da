/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "machine/family.h"
#include "machine/state.h"
#include "machine/devices/builtin.h"
#include "machine/devices/devices.h"

static struct semo_machine *new_in(struct semo_family *family,
                                   const struct semo_machine_config *config)
{
    struct semo_machine *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->config = *config;
    if (!m->config.modules)
        m->config.modules = config->profile == SEMO_HARDENED ? 16 : 4;
    if (m->config.modules > SEMO_SLOTS_MAX)
        m->config.modules = SEMO_SLOTS_MAX;
    m->core.access.hardened = config->profile == SEMO_HARDENED;
    m->core.access.count = m->config.modules;
    m->next_event = SEMO_NEVER;
    m->family = family ? family : semo_family_new();
    if (m->family)
        m->family->refs++;
    if (!m->family || !semo_memory_new(m) || !semo_builtin_attach(m)) {
        semo_machine_free(m);
        return NULL;
    }
    m->core.reset_due = true;
    m->core.end = SEMO_NEVER;
    return m;
}

struct semo_machine *semo_machine_new(const struct semo_machine_config *config)
{
    return new_in(NULL, config);
}

struct semo_machine *semo_machine_fork(struct semo_machine *m)
{
    struct semo_machine *f = new_in(m->family, &m->config);
    if (!f)
        return NULL;
    for (unsigned i = 0; i < f->device_count; i++)
        memcpy(f->devices[i]->state, m->devices[i]->state, f->devices[i]->class->state_size);
    f->core = m->core;
    semo_memory_share(f, m);
    memcpy(f->owned, m->owned, sizeof f->owned);
    memcpy(f->owner, m->owner, sizeof f->owner);
    semo_devices_refresh(f);
    return f;
}

void semo_machine_free(struct semo_machine *m)
{
    if (!m)
        return;
    for (unsigned i = 0; i < m->device_count; i++)
        if (m->devices[i]->class->free)
            m->devices[i]->class->free(m->devices[i]);
    free(m->devices);
    free(m->lines_out);
    if (m->family) {
        semo_memory_free(m);
        semo_family_leave(m);
    }
    memset(&m->core, 0, sizeof m->core);
    free(m);
}

/* ---- devices ---- */

void semo_machine_attach(struct semo_machine *m, struct semo_device *d)
{
    struct semo_device **more = realloc(m->devices, (m->device_count + 1) * sizeof *more);
    if (!more)
        abort();
    m->devices = more;
    m->devices[m->device_count++] = d;
    d->machine = m;
    if (d->window >= 0) {
        m->window[d->window] = d;
        if (!m->window_ram[d->window])
            m->window_ram[d->window] = calloc(1, SEMO_WINDOW_REGISTERS);
        if (!m->window_ram[d->window])
            abort();
    } else
        for (unsigned a = d->base; a < (unsigned)d->base + d->size; a += 2)
            m->low[a / 2] = d;
    if (d->class->reset)
        d->class->reset(d, m->core.cycle);
    semo_devices_refresh(m);
    semo_family_forget(m);
}

void semo_devices_refresh(struct semo_machine *m)
{
    m->next_event = SEMO_NEVER;
    m->lines = 0;
    for (unsigned i = 0; i < m->device_count; i++) {
        const struct semo_device_class *class = m->devices[i]->class;
        if (class->next) {
            uint64_t next = class->next(m->devices[i]);
            if (next < m->next_event)
                m->next_event = next;
        }
        if (class->interrupts)
            m->lines |= class->interrupts(m->devices[i]);
    }
}

void semo_devices_run(struct semo_machine *m, uint64_t now)
{
    while (m->next_event <= now) {
        uint64_t event = m->next_event;
        for (unsigned i = 0; i < m->device_count; i++) {
            struct semo_device *d = m->devices[i];
            if (d->class->tick && d->class->next && d->class->next(d) <= event)
                d->class->tick(d, event);
        }
        semo_devices_refresh(m);
    }
}

void semo_device_changed(struct semo_device *d)
{
    if (d->machine)
        semo_devices_refresh(d->machine);
}

void semo_device_event(struct semo_device *d)
{
    for (unsigned i = 0; i < d->machine->device_count; i++)
        if (d->machine->devices[i]->class == &semo_events_class)
            semo_events_raise(d->machine->devices[i], (unsigned)d->window);
}

void semo_device_reset_machine(struct semo_device *d)
{
    d->machine->core.reset_due = true;
    d->machine->stop = true; /* leave any inner loop; run goes on after the reset */
}

void semo_machine_set_owner(struct semo_machine *m, unsigned window, const uint8_t *measurement)
{
    m->owned[window] = measurement != NULL;
    if (measurement)
        memcpy(m->owner[window], measurement, m->config.security / 8);
}

void semo_machine_clocks(struct semo_machine *m)
{
    if (semo_bcs_gate(m->bcs, m->core.r[2] & SEMO_SCG1, m->core.cycle))
        semo_devices_refresh(m);
}

/* ---- reset ---- */

void semo_window_clear(struct semo_machine *m, unsigned window)
{
    semo_memory_clear(m, SEMO_WINDOW(window), SEMO_WINDOW_SIZE);
    struct semo_device *d = m->window[window];
    if (d && d->class->reset)
        d->class->reset(d, m->core.cycle);
}

static void forget_modules(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    for (unsigned i = 0; i < c->access.count; i++) {
        struct semo_slot *s = &c->access.slots[i];
        if (s->enabled && m->config.profile == SEMO_HARDENED)
            semo_memory_clear(m, s->ss, (size_t)(s->se - s->ss));
        if (s->enabled && (c->confidential >> i & 1))
            semo_memory_clear(m, s->ps, (size_t)(s->pe - s->ps));
        memset(s, 0, sizeof *s);
    }
    c->next_id = 1;
    c->confidential = 0;
    semo_family_forget(m);
}

void semo_machine_do_reset(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    c->reset_due = false;
    forget_modules(m);
    memset(c->r, 0, sizeof c->r);
    c->r[0] = semo_word(m, 0xFFFE);
    c->pc_now = c->pc_before = 0;
    c->id_now = SEMO_ID_RESET;
    c->id_before = 0;
    c->guard = c->bus_word = c->crypto_word = c->fetch_word = c->source_extension = 0;
    semo_cpu_drop_fetched(m);
    c->asleep = c->hung = c->violated = c->read_masked = false;
    c->end = SEMO_NEVER;
    c->clix_end = c->entry_end = 0;
    c->stall = 0;
    semo_machine_clocks(m);
    for (unsigned i = 0; i < m->device_count; i++) {
        struct semo_device *d = m->devices[i];
        if (d->window >= 0)
            semo_window_clear(m, (unsigned)d->window);
        else if (d->class->reset)
            d->class->reset(d, c->cycle);
    }
    semo_devices_refresh(m);
}

void semo_machine_reset(struct semo_machine *m)
{
    semo_machine_do_reset(m);
}

/* ---- running ---- */

/* What ends the run after some instructions, besides the cycle asked for. */
static enum semo_stop outcome(struct semo_machine *m, enum semo_stop why)
{
    const struct semo_core *c = &m->core;
    if (m->stop_violation && m->config.stop_at_violation)
        return SEMO_STOP_VIOLATION;
    if (m->stop && !c->reset_due)
        return SEMO_STOP_DEVICE;
    return c->cycle >= c->end ? SEMO_STOP_CPUOFF : why;
}

static void reset_if_due(struct semo_machine *m)
{
    if (!m->core.reset_due)
        return;
    semo_machine_do_reset(m);
    m->stop = false;
}

/* One stretch of the run: a reset, a sleep, some fast instructions or one exact one. */
static enum semo_stop advance(struct semo_machine *m, uint64_t until)
{
    struct semo_core *c = &m->core;
    reset_if_due(m);
    if (c->asleep || c->hung)
        return semo_interrupt_sleep(m, c->end < until ? c->end : until);
    uint64_t deadline = c->end < until ? c->end : until;
    if (!m->trace && !m->watch && !m->config.atomicity)
        semo_fast_run(m, deadline);
    if (c->cycle < deadline)
        semo_cpu_step(m);
    return SEMO_STOP_CYCLE;
}

enum semo_stop semo_machine_run(struct semo_machine *m, uint64_t until)
{
    struct semo_core *c = &m->core;
    enum semo_stop why = c->cycle >= c->end ? SEMO_STOP_CPUOFF : SEMO_STOP_CYCLE;
    m->stop = m->stop_violation = false;
    while (c->cycle < until && why == SEMO_STOP_CYCLE) {
        why = advance(m, until);
        semo_trace_flush(m, until < c->end ? until : c->end);
        why = outcome(m, why);
    }
    return why;
}

enum semo_stop semo_machine_step(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    enum semo_stop why = SEMO_STOP_CYCLE;
    if (c->cycle >= c->end)
        return SEMO_STOP_CPUOFF;
    m->stop = m->stop_violation = false;
    reset_if_due(m);
    if (c->asleep || c->hung) {
        uint64_t next = semo_machine_next_event(m);
        uint64_t after = next == SEMO_NEVER ? c->cycle : next + 1;
        why = semo_interrupt_sleep(m, after < c->end ? after : c->end);
    } else {
        semo_cpu_step(m);
    }
    semo_trace_flush(m, c->end);
    return outcome(m, why);
}

void semo_machine_stop(struct semo_machine *m)
{
    m->stop = true;
}

/* ---- looking and changing from outside ---- */

uint64_t semo_machine_cycle(const struct semo_machine *m)
{
    return m->core.cycle;
}

uint64_t semo_machine_next_event(const struct semo_machine *m)
{
    bool wakes = m->lines && (m->core.r[2] & SEMO_GIE);
    return m->core.asleep && !m->core.reset_due && !wakes ? m->next_event : m->core.cycle;
}

uint16_t semo_machine_register(const struct semo_machine *m, unsigned n)
{
    return m->core.r[n];
}

void semo_machine_set_register(struct semo_machine *m, unsigned n, uint16_t v)
{
    m->core.r[n] = v;
    if (n != 2)
        return;
    m->core.asleep = v & SEMO_CPUOFF;
    semo_machine_clocks(m);
}

void semo_machine_peek(const struct semo_machine *m, uint16_t address, void *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = semo_memory_get(m, (uint16_t)(address + i));
}

void semo_machine_poke(struct semo_machine *m, uint16_t address, const void *bytes, size_t len)
{
    semo_memory_put(m, address, bytes, len);
    if (m->core.reset_due) /* not started yet: the vector may be what was poked */
        m->core.r[0] = semo_word(m, 0xFFFE);
}

static const char *refused(const struct semo_core *c)
{
    static const char *const accesses[] = {[SEMO_WORD_READ] = "word read",
                                           [SEMO_BYTE_READ] = "byte read",
                                           [SEMO_WORD_WRITE] = "word write",
                                           [SEMO_BYTE_WRITE] = "byte write"};
    static const char *const others[] = {[SEMO_RULE_CREATE] = "enable",
                                         [SEMO_RULE_STACK] = "stack pointer",
                                         [SEMO_RULE_CLIX] = "clix",
                                         [SEMO_RULE_NESTED] = "entry"};
    if (c->violation_access != SEMO_NO_ACCESS)
        return accesses[c->violation_access];
    const char *other = others[c->violation_rule];
    return other ? other : "execution";
}

const struct semo_violation *semo_machine_violation(const struct semo_machine *m)
{
    const struct semo_core *c = &m->core;
    if (!c->violations)
        return NULL;
    struct semo_violation *v = &((struct semo_machine *)m)->violation;
    *v = (struct semo_violation){.cycle = c->violation_cycle,
                                 .pc = c->violation_pc,
                                 .address = c->violation_address,
                                 .module = c->violation_module,
                                 .what = refused(c),
                                 .rule = semo_rule_text(c->violation_rule)};
    return v;
}

unsigned semo_machine_violations(const struct semo_machine *m)
{
    return m->core.violations;
}

uint16_t semo_machine_module_at(const struct semo_machine *m, uint16_t address)
{
    return semo_sancus_id(m, address);
}

void semo_machine_watch(struct semo_machine *m, semo_watch_fn *fn, void *context)
{
    m->watch = fn;
    m->watch_context = context;
}

void semo_machine_on_seal(struct semo_machine *m, semo_seal_fn *fn, void *context)
{
    m->seal = fn;
    m->seal_context = context;
}

void semo_machine_on_put(struct semo_machine *m, semo_put_fn *fn, void *context)
{
    m->put = fn;
    m->put_context = context;
}

void semo_machine_input(struct semo_machine *m, const uint8_t *bytes, size_t len)
{
    m->input = bytes;
    m->input_len = len;
}

/* ---- snapshots ---- */

size_t semo_machine_snapshot_size(const struct semo_machine *m)
{
    size_t size = sizeof m->core + semo_memory_size(m);
    for (unsigned i = 0; i < m->device_count; i++)
        size += m->devices[i]->class->state_size;
    return size;
}

void semo_machine_snapshot(const struct semo_machine *m, void *out)
{
    uint8_t *at = out;
    memcpy(at, &m->core, sizeof m->core);
    /* known to nobody between instructions, and to the fast path not at all */
    memcpy(at + offsetof(struct semo_core, pc_before), &m->core.pc_now, sizeof m->core.pc_before);
    at = semo_memory_save(m, at + sizeof m->core);
    for (unsigned i = 0; i < m->device_count; i++) {
        memcpy(at, m->devices[i]->state, m->devices[i]->class->state_size);
        at += m->devices[i]->class->state_size;
    }
}

void semo_machine_restore(struct semo_machine *m, const void *snapshot)
{
    const uint8_t *at = snapshot;
    memcpy(&m->core, at, sizeof m->core);
    at = semo_memory_restore(m, at + sizeof m->core);
    for (unsigned i = 0; i < m->device_count; i++) {
        memcpy(m->devices[i]->state, at, m->devices[i]->class->state_size);
        at += m->devices[i]->class->state_size;
    }
    semo_devices_refresh(m);
    semo_family_forget(m);
}
