/* SPDX-License-Identifier: Apache-2.0 */
/* Push buttons: debounced levels, a count of their changes, and a tick each second
 * (docs/devices.md "buttons"). Changes of the physical world carry the cycle at which they happen
 * and take effect there, whenever the machine gets to run. */
#include "machine/devices/make.h"

struct change {
    uint64_t at;
    uint32_t button, down;
};

struct buttons {
    uint64_t next_tick;
    uint64_t settles_at[SEMO_BUTTONS_COUNT]; /* SEMO_NEVER: the contact is where the level is */
    struct change ahead[SEMO_BUTTONS_AHEAD]; /* by time, equal times in order of arrival */
    unsigned ahead_count;
    uint16_t ticks, latched_ticks;
    uint16_t edges[SEMO_BUTTONS_COUNT], latched_edges[SEMO_BUTTONS_COUNT];
    uint8_t level;
};

/* Contacts that have rested long enough by `now` count. */
static bool settle(struct buttons *s, uint64_t now)
{
    bool settled = false;
    for (unsigned n = 0; n < SEMO_BUTTONS_COUNT; n++) {
        if (s->settles_at[n] > now)
            continue;
        s->settles_at[n] = SEMO_NEVER;
        s->level ^= (uint8_t)(1u << n);
        s->edges[n]++;
        settled = true;
    }
    return settled;
}

/* A contact that returns before it has settled never left; one that is where it was goes on. */
static void move(struct buttons *s, const struct change *c)
{
    if ((s->level >> c->button & 1) == c->down)
        s->settles_at[c->button] = SEMO_NEVER;
    else if (s->settles_at[c->button] == SEMO_NEVER)
        s->settles_at[c->button] = c->at + SEMO_BUTTONS_BOUNCE_CYCLES;
}

static bool absorb(struct buttons *s, uint64_t now)
{
    unsigned done = 0;
    bool settled = false;
    for (; done < s->ahead_count && s->ahead[done].at <= now; done++) {
        settled |= settle(s, s->ahead[done].at);
        move(s, &s->ahead[done]);
    }
    s->ahead_count -= done;
    for (unsigned i = 0; i < s->ahead_count && done; i++)
        s->ahead[i] = s->ahead[i + done];
    return settled | settle(s, now);
}

static uint16_t read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                     uint16_t module)
{
    (void)mask, (void)now, (void)module;
    struct buttons *s = d->state;
    if (offset == SEMO_BUTTONS_LEVEL) {
        s->latched_ticks = s->ticks;
        for (unsigned n = 0; n < SEMO_BUTTONS_COUNT; n++)
            s->latched_edges[n] = s->edges[n];
        return s->level;
    }
    if (offset == SEMO_BUTTONS_TICKS)
        return s->latched_ticks;
    const unsigned n = (offset - SEMO_BUTTONS_EDGES(0)) / 2u;
    return offset >= SEMO_BUTTONS_EDGES(0) && n < SEMO_BUTTONS_COUNT ? s->latched_edges[n] : 0;
}

/* What was pressed before is not the next owner's: the counts start anew, with the levels as they
 * are. Time goes on. */
static void reset(struct semo_device *d, uint64_t now)
{
    (void)now;
    struct buttons *s = d->state;
    s->latched_ticks = 0;
    for (unsigned n = 0; n < SEMO_BUTTONS_COUNT; n++)
        s->edges[n] = s->latched_edges[n] = 0;
}

static uint64_t next(const struct semo_device *d)
{
    const struct buttons *s = d->state;
    uint64_t at = s->next_tick;
    if (s->ahead_count && s->ahead[0].at < at)
        at = s->ahead[0].at;
    for (unsigned n = 0; n < SEMO_BUTTONS_COUNT; n++)
        at = s->settles_at[n] < at ? s->settles_at[n] : at;
    return at;
}

static void tick(struct semo_device *d, uint64_t now)
{
    struct buttons *s = d->state;
    bool event = absorb(s, now);
    for (; s->next_tick <= now; s->next_tick += SEMO_CLOCK_HZ) {
        s->ticks++;
        event = true;
    }
    if (event)
        semo_device_event(d);
}

static const struct semo_device_class class = {
    .name = "buttons",
    .state_size = sizeof(struct buttons),
    .read = read,
    .reset = reset,
    .next = next,
    .tick = tick,
    .free = semo_device_release,
};

struct semo_device *semo_buttons_new(void)
{
    struct semo_device *d =
        semo_window_make(&class, SEMO_WINDOW_BUTTONS, SEMO_BUTTONS_EDGES(SEMO_BUTTONS_COUNT), 0);
    struct buttons *s = d->state;
    s->next_tick = SEMO_CLOCK_HZ;
    for (unsigned n = 0; n < SEMO_BUTTONS_COUNT; n++)
        s->settles_at[n] = SEMO_NEVER;
    return d;
}

void semo_buttons_press(struct semo_device *d, unsigned button, bool down, uint64_t at)
{
    struct buttons *s = d->state;
    if (s->ahead_count == SEMO_BUTTONS_AHEAD && absorb(s, s->ahead[0].at))
        semo_device_event(d);
    unsigned i = s->ahead_count++;
    for (; i > 0 && s->ahead[i - 1].at > at; i--)
        s->ahead[i] = s->ahead[i - 1];
    s->ahead[i] = (struct change){at, button, down};
    semo_device_changed(d);
}
