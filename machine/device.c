/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of a machine: those of the core, which a family has once and lends to the machine
 * that needs them (family.c), and those that were attached. */
#include <stdlib.h>
#include <string.h>
#include "machine/devices/builtin.h"
#include "machine/devices/devices.h"
#include "machine/family.h"
#include "machine/state.h"

/* ---- which ---- */

unsigned semo_device_count(const struct semo_machine *m)
{
    return m->family->builtin_count + (m->attached ? m->attached->count : 0);
}

struct semo_device *semo_device_nth(struct semo_machine *m, unsigned i)
{
    unsigned builtin = m->family->builtin_count;
    if (i >= builtin)
        return m->attached->devices[i - builtin];
    semo_family_lend(m);
    return m->family->builtin[i];
}

struct semo_device *semo_device_low(struct semo_machine *m, uint16_t address)
{
    for (unsigned i = m->attached ? m->attached->count : 0; i-- > 0;) {
        struct semo_device *d = m->attached->devices[i];
        if (d->window < 0 && (uint16_t)((address & 0xFFFE) - d->base) < d->size)
            return d;
    }
    semo_family_lend(m);
    return m->family->low[address / 2];
}

struct semo_device *semo_device_in(const struct semo_machine *m, unsigned window)
{
    for (unsigned i = m->attached ? m->attached->count : 0; i-- > 0;)
        if (m->attached->devices[i]->window == (int)window)
            return m->attached->devices[i];
    return NULL;
}

uint8_t *semo_window_ram(const struct semo_machine *m, unsigned window)
{
    return m->attached ? m->attached->window_ram[window] : NULL;
}

/* ---- attaching ---- */

static struct semo_attached *attached(struct semo_machine *m)
{
    if (!m->attached)
        m->attached = calloc(1, sizeof *m->attached);
    if (!m->attached)
        abort();
    return m->attached;
}

static void add_attached(struct semo_machine *m, struct semo_device *d)
{
    struct semo_attached *a = attached(m);
    a->devices = realloc(a->devices, (a->count + 1) * sizeof *a->devices);
    if (!a->devices)
        abort();
    a->devices[a->count++] = d;
    if (d->window < 0 || a->window_ram[d->window])
        return;
    a->window_ram[d->window] = calloc(1, SEMO_WINDOW_REGISTERS);
    if (!a->window_ram[d->window])
        abort();
}

/* A window that there is, or even addresses of the peripherals' space. */
static bool has_place(const struct semo_device *d)
{
    if (d->window >= 0)
        return d->window < SEMO_WINDOW_COUNT;
    return d->base % 2 == 0 && (uint32_t)d->base + d->size <= SEMO_DATA_START;
}

void semo_machine_attach(struct semo_machine *m, struct semo_device *d)
{
    if (!has_place(d))
        abort();
    d->machine = m;
    if (m->family->settled)
        add_attached(m, d);
    else
        semo_family_add(m->family, d);
    if (d->class->reset)
        d->class->reset(d, m->core.cycle);
    semo_devices_refresh(m);
    semo_family_forget(m);
}

void semo_devices_free(struct semo_machine *m)
{
    struct semo_attached *a = m->attached;
    if (!a)
        return;
    for (unsigned i = 0; i < a->count; i++)
        if (a->devices[i]->class->free)
            a->devices[i]->class->free(a->devices[i]);
    for (unsigned n = 0; n < SEMO_WINDOW_COUNT; n++)
        free(a->window_ram[n]);
    free(a->devices);
    free(a);
}

void semo_machine_set_owner(struct semo_machine *m, unsigned window, const uint8_t *measurement)
{
    struct semo_attached *a = attached(m);
    a->owned[window] = measurement != NULL;
    if (measurement)
        memcpy(a->owner[window], measurement, m->config.security / 8);
}

const uint8_t *semo_machine_owner(const struct semo_machine *m, unsigned window)
{
    return m->attached && m->attached->owned[window] ? m->attached->owner[window] : NULL;
}

void semo_devices_inherit(struct semo_machine *m, const struct semo_machine *from)
{
    for (unsigned n = 0; n < SEMO_WINDOW_COUNT; n++)
        if (semo_machine_owner(from, n))
            semo_machine_set_owner(m, n, semo_machine_owner(from, n));
}

/* ---- time ---- */

static void ask(struct semo_machine *m, const struct semo_device *d)
{
    if (d->class->next) {
        uint64_t next = d->class->next(d);
        if (next < m->next_event)
            m->next_event = next;
    }
    if (d->class->interrupts)
        m->lines |= d->class->interrupts(d);
}

/* After every access to a device: no look at which are whose. */
void semo_devices_refresh(struct semo_machine *m)
{
    const struct semo_family *f = m->family;
    m->next_event = SEMO_NEVER;
    m->lines = 0;
    semo_family_lend(m);
    for (unsigned i = 0; i < f->builtin_count; i++)
        ask(m, f->builtin[i]);
    for (unsigned i = 0; m->attached && i < m->attached->count; i++)
        ask(m, m->attached->devices[i]);
}

void semo_devices_run(struct semo_machine *m, uint64_t now)
{
    while (m->next_event <= now) {
        uint64_t event = m->next_event;
        for (unsigned i = 0; i < semo_device_count(m); i++) {
            struct semo_device *d = semo_device_nth(m, i);
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
    struct semo_machine *m = d->machine;
    for (unsigned i = 0; i < semo_device_count(m); i++)
        if (semo_device_nth(m, i)->class == &semo_events_class)
            semo_events_raise(semo_device_nth(m, i), (unsigned)d->window);
}

void semo_device_reset_machine(struct semo_device *d)
{
    d->machine->core.reset_due = true;
    d->machine->stop = true; /* leave any inner loop; run goes on after the reset */
}

void semo_machine_clocks(struct semo_machine *m, uint64_t when)
{
    bool stopped = m->core.r[2] & SEMO_SCG1;
    semo_family_lend(m);
    if (semo_bcs_gated(m->family->bcs) == stopped)
        return;
    if (m->next_event <= when)
        semo_devices_run(m, when);
    semo_bcs_gate(m->family->bcs, stopped, when);
    semo_devices_refresh(m);
}

void semo_window_clear(struct semo_machine *m, unsigned window)
{
    semo_memory_clear(m, SEMO_WINDOW(window), SEMO_WINDOW_SIZE);
    struct semo_device *d = semo_device_in(m, window);
    if (d && d->class->reset)
        d->class->reset(d, m->core.cycle);
}

/* ---- snapshots ---- */

static size_t attached_size(const struct semo_machine *m)
{
    size_t size = 0;
    for (unsigned i = 0; m->attached && i < m->attached->count; i++)
        size += m->attached->devices[i]->class->state_size;
    return size;
}

size_t semo_devices_size(const struct semo_machine *m)
{
    return m->family->states_size + attached_size(m);
}

uint8_t *semo_devices_save(const struct semo_machine *m, uint8_t *out)
{
    memcpy(out, m->states, m->family->states_size);
    out += m->family->states_size;
    for (unsigned i = 0; m->attached && i < m->attached->count; i++) {
        const struct semo_device *d = m->attached->devices[i];
        memcpy(out, d->state, d->class->state_size);
        out += d->class->state_size;
    }
    return out;
}

const uint8_t *semo_devices_restore(struct semo_machine *m, const uint8_t *from)
{
    memcpy(m->states, from, m->family->states_size);
    from += m->family->states_size;
    for (unsigned i = 0; m->attached && i < m->attached->count; i++) {
        const struct semo_device *d = m->attached->devices[i];
        memcpy(d->state, from, d->class->state_size);
        from += d->class->state_size;
    }
    return from;
}
