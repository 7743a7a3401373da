/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "machine/family.h"
#include "machine/state.h"
#include "machine/devices/builtin.h"
#include "machine/devices/devices.h"

static size_t access_size(unsigned count)
{
    return offsetof(struct semo_access_state, slots) + count * sizeof(struct semo_slot);
}

/* Room for `count` slots; the new ones are free. */
static bool make_slots(struct semo_machine *m, unsigned count)
{
    struct semo_access_state *a = realloc(m->core.access, access_size(count));
    if (!a)
        return false;
    unsigned before = m->core.access ? a->count : 0;
    if (count > before)
        memset(a->slots + before, 0, (count - before) * sizeof *a->slots);
    a->count = count;
    a->hardened = m->config.profile == SEMO_HARDENED;
    m->core.access = a;
    return true;
}

int semo_machine_free_slot(struct semo_machine *m)
{
    const struct semo_access_state *a = m->core.access;
    unsigned n = 0;
    while (n < a->count && a->slots[n].enabled)
        n++;
    if (n == m->config.modules)
        return -1;
    if (n == a->count && !make_slots(m, n + 1))
        abort();
    return (int)n;
}

/* A machine in a family that has its devices, or is to get them with this one. */
static struct semo_machine *new_in(struct semo_family *family,
                                   const struct semo_machine_config *config)
{
    struct semo_machine *m = calloc(1, sizeof *m + family->states_size);
    if (!m)
        return NULL;
    m->config = *config;
    m->family = family;
    family->refs++;
    m->next_event = SEMO_NEVER;
    m->core.reset_due = true;
    m->core.end = SEMO_NEVER;
    return m;
}

struct semo_machine *semo_machine_new(const struct semo_machine_config *config)
{
    struct semo_machine_config c = *config;
    if (!c.modules)
        c.modules = c.profile == SEMO_HARDENED ? 16 : 4;
    if (!c.security)
        c.security = c.profile == SEMO_HARDENED ? 128 : 64;
    if (c.modules > SEMO_SLOTS_MAX || (c.security != 64 && c.security != 128))
        return NULL;
    struct semo_family *family = semo_family_new();
    struct semo_machine *m = family ? new_in(family, &c) : NULL;
    if (m)
        semo_memory_new(m);
    if (!m || !make_slots(m, 0) || !semo_builtin_attach(m)) {
        semo_machine_free(m);
        return NULL;
    }
    return semo_family_settle(m);
}

struct semo_machine *semo_machine_fork(struct semo_machine *m)
{
    struct semo_machine *f = new_in(m->family, &m->config);
    if (!f)
        return NULL;
    semo_memory_share(f, m);
    if (!make_slots(f, m->core.access->count)) {
        semo_machine_free(f);
        return NULL;
    }
    semo_devices_inherit(f, m);
    struct semo_access_state *access = f->core.access;
    memcpy(access, m->core.access, access_size(access->count));
    f->core = m->core;
    f->core.access = access;
    memcpy(f->states, m->states, m->family->states_size);
    semo_devices_refresh(f);
    return f;
}

void semo_machine_free(struct semo_machine *m)
{
    if (!m)
        return;
    semo_devices_free(m);
    semo_trace_free(m);
    free(m->violation);
    semo_memory_free(m);
    if (m->core.access)
        semo_bytes_wipe(m->core.access, access_size(m->core.access->count));
    free(m->core.access);
    semo_family_leave(m);
    semo_bytes_wipe(m, sizeof *m);
    free(m);
}

/* ---- reset ---- */

static void forget_modules(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    for (unsigned i = 0; i < c->access->count; i++) {
        struct semo_slot *s = &c->access->slots[i];
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
    for (unsigned i = 0; i < semo_device_count(m); i++) {
        struct semo_device *d = semo_device_nth(m, i);
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
    semo_trace_until(m, until);
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
    semo_trace_until(m, c->end);
    reset_if_due(m);
    if (c->asleep || c->hung) {
        uint64_t next = semo_machine_next_event(m);
        uint64_t after = next == SEMO_NEVER ? c->end : next + 1;
        uint64_t until = after < c->end ? after : c->end;
        why = semo_interrupt_sleep(m, until == SEMO_NEVER ? c->cycle : until);
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
    return m->core.asleep && !m->core.reset_due ? semo_interrupt_chance(m) : m->core.cycle;
}

uint16_t semo_machine_register(const struct semo_machine *m, unsigned n)
{
    return m->core.r[n & 15];
}

void semo_machine_set_register(struct semo_machine *m, unsigned n, uint16_t v)
{
    n &= 15;
    m->core.r[n] = v;
    if (n != 2)
        return;
    m->core.asleep = v & SEMO_CPUOFF;
    semo_machine_clocks(m, m->core.cycle - (m->core.cycle > 0));
}

void semo_machine_peek(const struct semo_machine *m, uint16_t address, void *out, size_t len)
{
    semo_memory_read(m, address, out, len);
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
    struct semo_violation *v = m->violation;
    if (!v)
        ((struct semo_machine *)m)->violation = v = malloc(sizeof *v);
    if (!v)
        abort();
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

/* The core without its pointer, all slots that there may be, memories, devices. */
enum { CORE_SIZE = offsetof(struct semo_core, access) };

size_t semo_machine_snapshot_size(const struct semo_machine *m)
{
    return CORE_SIZE + m->config.modules * sizeof(struct semo_slot) + semo_memory_size(m) +
           semo_devices_size(m);
}

void semo_machine_snapshot(const struct semo_machine *m, void *out)
{
    uint8_t *at = out;
    const struct semo_access_state *a = m->core.access;
    memcpy(at, &m->core, CORE_SIZE);
    /* known to nobody between instructions, and to the fast path not at all */
    memcpy(at + offsetof(struct semo_core, pc_before), &m->core.pc_now, sizeof m->core.pc_before);
    at += CORE_SIZE;
    memcpy(at, a->slots, a->count * sizeof *a->slots);
    memset(at + a->count * sizeof *a->slots, 0, (m->config.modules - a->count) * sizeof *a->slots);
    at += m->config.modules * sizeof *a->slots;
    semo_devices_save(m, semo_memory_save(m, at));
}

/* Slots 0 to the last one that is in use. */
static void restore_slots(struct semo_machine *m, const uint8_t *from)
{
    struct semo_slot s;
    unsigned count = 0;
    for (unsigned n = 0; n < m->config.modules; n++) {
        memcpy(&s, from + n * sizeof s, sizeof s);
        count = s.enabled ? n + 1 : count;
    }
    if (!make_slots(m, count))
        abort();
    memcpy(m->core.access->slots, from, count * sizeof s);
    semo_bytes_wipe(&s, sizeof s);
}

void semo_machine_restore(struct semo_machine *m, const void *snapshot)
{
    semo_trace_drop(m);
    const uint8_t *at = snapshot;
    memcpy(&m->core, at, CORE_SIZE);
    at += CORE_SIZE;
    restore_slots(m, at);
    at += m->config.modules * sizeof(struct semo_slot);
    semo_devices_restore(m, semo_memory_restore(m, at));
    semo_devices_refresh(m);
    semo_family_forget(m);
}
