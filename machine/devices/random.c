/* SPDX-License-Identifier: Apache-2.0 */
/* A fresh random word for each read. */
#include "machine/devices/make.h"

struct source {
    semo_fill_fn *fill;
    void *context;
};

static uint16_t read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                     uint16_t module)
{
    (void)offset, (void)mask, (void)now, (void)module;
    const struct source *s = d->host;
    uint8_t b[2];
    s->fill(s->context, b, sizeof b);
    return (uint16_t)(b[0] | b[1] << 8);
}

static const struct semo_device_class class = {
    .name = "random",
    .read = read,
    .free = semo_device_release,
};

struct semo_device *semo_random_new(semo_fill_fn *fill, void *context)
{
    struct semo_device *d = semo_device_make(&class, SEMO_RANDOM, 2, -1, sizeof(struct source));
    *(struct source *)d->host = (struct source){fill, context};
    return d;
}
