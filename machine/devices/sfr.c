/* SPDX-License-Identifier: Apache-2.0 */
/* Special function registers: IE1, IFG1 (bit 0 is the watchdog's), CPU_ID. */
#include "machine/devices/builtin.h"

static uint16_t sfr_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                         uint16_t module)
{
    (void)mask, (void)now, (void)module;
    switch (offset) {
    case 0:
        return *semo_watchdog_enable(d->host);
    case 2:
        return semo_watchdog_flag(d->host);
    case 4:
        return 0x0202; /* version 2, 512 bytes of peripherals */
    default:
        return 0xA501; /* multiplier, 16 KiB data, 41 KiB program memory */
    }
}

static void sfr_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                      uint64_t now, uint16_t module)
{
    (void)now, (void)module;
    if (!(mask & 1) || offset > 2)
        return;
    if (offset)
        semo_watchdog_set_flag(d->host, value & 1);
    else
        *semo_watchdog_enable(d->host) = value & 1;
}

static const struct semo_device_class class = {
    .name = "sfr", .read = sfr_read, .write = sfr_write, .free = semo_device_discard};

struct semo_device *semo_sfr_new(struct semo_device *watchdog)
{
    struct semo_device *d = semo_builtin_make(&class, 0, 8);
    if (d)
        d->host = watchdog;
    return d;
}
