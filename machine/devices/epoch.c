/* SPDX-License-Identifier: Apache-2.0 */
/* The epoch counter. Reading word 0 draws the next number and latches it for the module that reads;
 * the other words are that module's latch, whoever draws in between. */
#include "machine/devices/make.h"

/* Module ids are never given twice, so the latch longest unused belongs to a module that is gone:
 * no machine has more slots than this. */
#define LATCHES 64

struct latch {
    uint64_t epoch;
    uint16_t module;
};

struct epochs {
    struct latch latch[LATCHES]; /* latest draw first; epoch 0 = free */
};

struct source {
    semo_epoch_fn *next;
    void *context;
};

static unsigned find(const struct epochs *s, uint16_t module)
{
    unsigned i = 0;
    while (i < LATCHES - 1 && s->latch[i].epoch && s->latch[i].module != module)
        i++;
    return i;
}

static void draw(struct semo_device *d, uint16_t module)
{
    struct epochs *s = d->state;
    const struct source *source = d->host;
    for (unsigned i = find(s, module); i > 0; i--)
        s->latch[i] = s->latch[i - 1];
    s->latch[0] = (struct latch){source->next(source->context), module};
}

static uint16_t read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                     uint16_t module)
{
    (void)now;
    if (offset == 0 && (mask & 1))
        draw(d, module);
    const struct epochs *s = d->state;
    const struct latch *l = &s->latch[find(s, module)];
    return l->module == module ? (uint16_t)(l->epoch >> 8 * offset) : 0;
}

static void reset(struct semo_device *d, uint64_t now)
{
    (void)now;
    *(struct epochs *)d->state = (struct epochs){0};
}

static const struct semo_device_class class = {
    .name = "epoch",
    .state_size = sizeof(struct epochs),
    .read = read,
    .reset = reset,
    .free = semo_device_release,
};

struct semo_device *semo_epoch_new(semo_epoch_fn *next, void *context)
{
    struct semo_device *d = semo_device_make(&class, SEMO_EPOCH, 8, -1, sizeof(struct source));
    *(struct source *)d->host = (struct source){next, context};
    return d;
}
