/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "machine/devices/make.h"

static void *zeroed(size_t size)
{
    void *p = calloc(1, size ? size : 1);
    if (!p)
        abort();
    return p;
}

struct semo_device *semo_device_make(const struct semo_device_class *class, uint16_t base,
                                     uint16_t size, int window, size_t host_size)
{
    struct semo_device *d = zeroed(sizeof *d);
    *d = (struct semo_device){.class = class, .base = base, .size = size, .window = window};
    d->state = zeroed(class->state_size);
    d->host = zeroed(host_size);
    return d;
}

struct semo_device *semo_window_make(const struct semo_device_class *class, unsigned window,
                                     uint16_t size, size_t host_size)
{
    return semo_device_make(class, (uint16_t)SEMO_WINDOW_REG(window, 0), size, (int)window,
                            host_size);
}

void semo_device_release(struct semo_device *d)
{
    free(d->state);
    free(d->host);
    free(d);
}
