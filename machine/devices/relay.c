/* SPDX-License-Identifier: Apache-2.0 */
/* The latching relay. A pulse moves the armature in SEMO_RELAY_TRAVEL_CYCLES and the contact with
 * it, unless it is welded. Nothing ticks while nothing moves (docs/devices.md "relay"). */
#include <semo/machine.h>
#include "machine/devices/make.h"

#define MS     (SEMO_CLOCK_HZ / 1000)
#define STABLE (20 * MS)
#define LIMIT  (200 * MS)
#define CLOSE  1
#define OPEN   2

struct relay {
    uint64_t moved_at, pulsed_at;              /* SEMO_NEVER = not since power-on, or reset */
    uint64_t arrive_at, stable_at, verdict_at; /* next of each, SEMO_NEVER = none */
    bool closed, armature, stuck;
    bool to; /* where the running pulse puts the armature */
};

struct wire {
    semo_contact_fn *changed;
    void *context;
};

static uint16_t ms_since(uint64_t then, uint64_t now)
{
    const uint64_t ms = then == SEMO_NEVER ? UINT16_MAX : (now - then) / MS;
    return ms < UINT16_MAX ? (uint16_t)ms : UINT16_MAX;
}

static uint16_t read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                     uint16_t module)
{
    (void)mask, (void)module;
    const struct relay *s = d->state;
    switch (offset) {
    case SEMO_RELAY_CONTACT:
        return s->closed;
    case SEMO_RELAY_STABLE:
        return ms_since(s->moved_at, now);
    case SEMO_RELAY_SINCE:
        return ms_since(s->pulsed_at, now);
    default:
        return 0;
    }
}

static void write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                  uint64_t now, uint16_t module)
{
    (void)module;
    struct relay *s = d->state;
    value = semo_masked(0, value, mask);
    if (offset != SEMO_RELAY_COIL || (value != CLOSE && value != OPEN))
        return;
    s->to = value == CLOSE;
    s->pulsed_at = now;
    s->arrive_at = now + SEMO_RELAY_TRAVEL_CYCLES;
    s->stable_at = SEMO_NEVER;
    s->verdict_at = now + LIMIT;
}

/* Safe state: the coil without power. A pulse cut short leaves armature and contact where they are.
 */
static void reset(struct semo_device *d, uint64_t now)
{
    (void)now;
    struct relay *s = d->state;
    s->pulsed_at = s->arrive_at = s->stable_at = s->verdict_at = SEMO_NEVER;
}

static uint64_t next(const struct semo_device *d)
{
    const struct relay *s = d->state;
    uint64_t at = s->arrive_at;
    at = s->stable_at < at ? s->stable_at : at;
    return s->verdict_at < at ? s->verdict_at : at;
}

static bool follow(struct semo_device *d, uint64_t now)
{
    struct relay *s = d->state;
    const struct wire *w = d->host;
    if (s->stuck || s->closed == s->armature)
        return false;
    s->closed = s->armature;
    s->moved_at = now;
    s->stable_at = now + STABLE;
    w->changed(w->context, s->closed, now);
    return true;
}

static void tick(struct semo_device *d, uint64_t now)
{
    struct relay *s = d->state;
    if (s->stable_at <= now)
        s->stable_at = SEMO_NEVER;
    if (s->verdict_at <= now)
        s->verdict_at = SEMO_NEVER;
    if (s->arrive_at <= now) {
        s->arrive_at = SEMO_NEVER;
        s->armature = s->to;
        s->stable_at = now + STABLE; /* also when the contact was there before */
    }
    follow(d, now);
    semo_device_event(d);
}

static const struct semo_device_class class = {
    .name = "relay",
    .state_size = sizeof(struct relay),
    .read = read,
    .write = write,
    .reset = reset,
    .next = next,
    .tick = tick,
    .free = semo_device_release,
};

struct semo_device *semo_relay_new(bool closed, semo_contact_fn *changed, void *context)
{
    struct semo_device *d =
        semo_window_make(&class, SEMO_WINDOW_RELAY, SEMO_RELAY_SINCE + 2, sizeof(struct wire));
    *(struct relay *)d->state = (struct relay){
        .moved_at = SEMO_NEVER,
        .pulsed_at = SEMO_NEVER,
        .arrive_at = SEMO_NEVER,
        .stable_at = SEMO_NEVER,
        .verdict_at = SEMO_NEVER,
        .closed = closed,
        .armature = closed,
    };
    *(struct wire *)d->host = (struct wire){changed, context};
    return d;
}

void semo_relay_stick(struct semo_device *d, bool stuck)
{
    ((struct relay *)d->state)->stuck = stuck;
    if (follow(d, semo_machine_cycle(d->machine)))
        semo_device_event(d);
    semo_device_changed(d);
}
