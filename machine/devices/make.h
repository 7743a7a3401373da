/* SPDX-License-Identifier: Apache-2.0 */
/* What the devices of this folder share: how they are made and freed. */
#ifndef SEMO_MAKE_H
#define SEMO_MAKE_H

#include <semo/map.h>
#include "machine/devices/devices.h"

#define SEMO_NEVER UINT64_MAX

/* A device with zeroed state and host sides of host_size bytes; aborts when there is no memory. */
struct semo_device *semo_device_make(const struct semo_device_class *class, uint16_t base,
                                     uint16_t size, int window, size_t host_size);
struct semo_device *semo_window_make(const struct semo_device_class *class, unsigned window,
                                     uint16_t size, size_t host_size);
void semo_device_release(struct semo_device *d); /* class->free of all of them */

/* A register after a write under a byte mask (semo/device.h). */
static inline uint16_t semo_masked(uint16_t old, uint16_t value, unsigned mask)
{
    const uint16_t bits = (uint16_t)((mask & 1 ? 0x00FF : 0) | (mask & 2 ? 0xFF00 : 0));
    return (uint16_t)((old & ~bits) | (value & bits));
}

#endif
