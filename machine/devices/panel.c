/* SPDX-License-Identifier: Apache-2.0 */
/* The front panel: lamps and two rows of characters. What is written waits until SHOW, so people
 * never see half of it (docs/devices.md "panel"). */
#include <string.h>
#include "machine/devices/make.h"

struct face {
    uint8_t lamps;
    char text[SEMO_PANEL_CHARACTERS];
};

struct panel {
    struct face written, shown;
};

struct eyes {
    semo_shown_fn *shown;
    void *context;
};

static uint16_t read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                     uint16_t module)
{
    (void)mask, (void)now, (void)module;
    return offset == SEMO_PANEL_LAMPS ? ((const struct panel *)d->state)->shown.lamps : 0;
}

static void show(struct semo_device *d, uint64_t now)
{
    struct panel *s = d->state;
    const struct eyes *e = d->host;
    if (memcmp(&s->shown, &s->written, sizeof s->shown) == 0)
        return;
    s->shown = s->written;
    e->shown(e->context, s->shown.lamps, s->shown.text, now);
}

/* What has no glyph stays dark. */
static void put(struct panel *s, unsigned at, uint8_t byte)
{
    if (at < SEMO_PANEL_CHARACTERS)
        s->written.text[at] = byte > ' ' && byte <= '~' ? (char)byte : ' ';
}

static void write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                  uint64_t now, uint16_t module)
{
    (void)module;
    struct panel *s = d->state;
    if (offset == SEMO_PANEL_LAMPS && mask & 1)
        s->written.lamps = (uint8_t)value;
    else if (offset == SEMO_PANEL_SHOW && semo_masked(0, value, mask) == 1)
        show(d, now);
    else if (offset >= SEMO_PANEL_TEXT) {
        if (mask & 1)
            put(s, offset - SEMO_PANEL_TEXT, (uint8_t)value);
        if (mask & 2)
            put(s, offset - SEMO_PANEL_TEXT + 1u, (uint8_t)(value >> 8));
    }
}

static struct face dark(void)
{
    struct face f = {.lamps = 0};
    memset(f.text, ' ', sizeof f.text);
    return f;
}

/* Safe state: dark. It claims nothing that its owner does not say now. */
static void reset(struct semo_device *d, uint64_t now)
{
    ((struct panel *)d->state)->written = dark();
    show(d, now);
}

static const struct semo_device_class class = {
    .name = "panel",
    .state_size = sizeof(struct panel),
    .read = read,
    .write = write,
    .reset = reset,
    .free = semo_device_release,
};

struct semo_device *semo_panel_new(semo_shown_fn *shown, void *context)
{
    struct semo_device *d = semo_window_make(
        &class, SEMO_WINDOW_PANEL, SEMO_PANEL_TEXT + SEMO_PANEL_CHARACTERS, sizeof(struct eyes));
    struct panel *s = d->state;
    s->written = s->shown = dark();
    *(struct eyes *)d->host = (struct eyes){shown, context};
    return d;
}
