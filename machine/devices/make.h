/* SPDX-License-Identifier: Apache-2.0 */
/* What the devices of this folder share: how they are made and freed, and the outgoing half of a
 * serial line. */
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

/* A serial line that never pauses is known by the cycle at which it falls idle alone: the bytes
 * that wait in the FIFO (the one being shifted out is no longer in it) follow from the time. */
static inline unsigned semo_serial_waiting(uint64_t idle_at, uint64_t now)
{
    return idle_at <= now ? 0 : (unsigned)((idle_at - now - 1) / SEMO_LINK_BYTE_CYCLES);
}

/* One more byte is written at `now`: the cycle at which it has left. */
static inline uint64_t semo_serial_append(uint64_t idle_at, uint64_t now)
{
    return (idle_at > now ? idle_at : now) + SEMO_LINK_BYTE_CYCLES;
}

#endif
