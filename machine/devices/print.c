/* SPDX-License-Identifier: Apache-2.0 */
/* Print UART of the reference simulation: a byte written to 0x84 is printed (low 7 bits). */
#include "machine/devices/builtin.h"
#include "machine/state.h"

static void print_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                        uint64_t now, uint16_t module)
{
    (void)now, (void)module;
    if (offset == 4 && (mask & 1) && d->machine->put)
        d->machine->put(d->machine->put_context, SEMO_PRINTED, value & 0x7F);
}

static const struct semo_device_class class = {
    .name = "print-uart", .write = print_write, .free = semo_device_discard};

struct semo_device *semo_print_new(void)
{
    return semo_builtin_make(&class, 0x80, 8);
}
