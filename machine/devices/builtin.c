/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/devices/builtin.h"
#include <stdlib.h>
#include "machine/family.h"
#include "machine/state.h"

struct semo_device *semo_builtin_make(const struct semo_device_class *class, uint16_t base,
                                      uint16_t size)
{
    struct semo_device *d = calloc(1, sizeof *d);
    void *state = calloc(1, class->state_size ? class->state_size : 1);
    if (!d || !state) {
        free(d);
        free(state);
        return NULL;
    }
    d->class = class;
    d->base = base;
    d->size = size;
    d->window = -1;
    d->state = state;
    return d;
}

void semo_device_discard(struct semo_device *d)
{
    free(d->state);
    free(d);
}

static bool attach(struct semo_machine *m, struct semo_device *d)
{
    if (d)
        semo_machine_attach(m, d);
    return d != NULL;
}

bool semo_builtin_attach(struct semo_machine *m)
{
    struct semo_device *bcs = semo_bcs_new();
    if (!attach(m, bcs))
        return false;
    m->family->bcs = bcs;
    struct semo_device *watchdog = semo_watchdog_new(bcs);
    if (!attach(m, watchdog) || !attach(m, semo_sfr_new(watchdog)))
        return false;
    struct semo_device *timer = semo_timer_a_new(bcs);
    if (!attach(m, timer) || !attach(m, semo_timer_a_vector_new(timer)))
        return false;
    for (unsigned n = 1; n <= 6; n++)
        if (!attach(m, semo_port_new(n)))
            return false;
    if (m->config.profile == SEMO_COMPAT) /* it sees what the others do, cycle by cycle */
        m->family->dma = semo_dma_new();
    if (m->config.profile == SEMO_COMPAT && !attach(m, m->family->dma))
        return false;
    return attach(m, semo_print_new()) && attach(m, semo_file_new()) &&
           attach(m, semo_multiplier_new()) && attach(m, semo_led_new()) &&
           attach(m, semo_tsc_new()) && attach(m, semo_spi_new());
}
