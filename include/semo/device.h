/* SPDX-License-Identifier: Apache-2.0 */
/* What a peripheral is to the machine. Word addresses; byte accesses arrive as words with a mask.
 * A device sits either at a range below 0x200 (shared) or in a window (semo/map.h: its registers
 * begin at SEMO_WINDOW_REGISTERS; the machine itself provides and protects the window's RAM and
 * calls read/write only for the owner module; an unowned window never reaches the device). */
#ifndef SEMO_DEVICE_H
#define SEMO_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct semo_machine;
struct semo_device;

struct semo_device_class {
    const char *name;
    size_t
        state_size; /* of the plain (pointer-free) state behind semo_device: it is the snapshot */
    /* offset = even byte offset from `base`. now = cycle. mask: 3 word, 1 low byte, 2 high byte.
     * module = id executing (0 unprotected). NULL members = nothing to do / reads 0. */
    uint16_t (*read)(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                     uint16_t module);
    void (*write)(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                  uint64_t now, uint16_t module);
    void (*reset)(struct semo_device *d,
                  uint64_t now); /* any reset; also enable/disable of the owner */
    /* Next cycle at which tick() must run; UINT64_MAX = none. Cheap, without side effects. */
    uint64_t (*next)(const struct semo_device *d);
    void (*tick)(struct semo_device *d, uint64_t now); /* now >= next() */
    /* Bits of interrupt lines requested now (bit n = interrupt n), level. */
    uint16_t (*interrupts)(const struct semo_device *d);
    void (*accepted)(struct semo_device *d, unsigned irq); /* the CPU took interrupt irq */
    void (*free)(struct semo_device *d);
};

struct semo_device {
    const struct semo_device_class *class;
    struct semo_machine *machine; /* set by attach */
    uint16_t base, size;          /* address range; for a window: its registers */
    int window;                   /* window number, -1 = shared */
    void *state;                  /* class->state_size bytes */
    void *host;                   /* callbacks to the world, not part of the snapshot */
};

/* To be called by a device whenever the value of its next() or interrupts() may have changed
 * outside tick(), read() or write() (after which the machine asks anyway). */
void semo_device_changed(struct semo_device *d);
/* A window device's tick or change: sets bit `window` of SEMO_EVENT_FLAGS. */
void semo_device_event(struct semo_device *d);

/* The device resets the chip (watchdog): at the end of the instruction in progress. */
void semo_device_reset_machine(struct semo_device *d);

/* An actuator's window may be owned by one measured module only (design section 3, semo provision):
 * tag is SPONGENT MAC(zero key, text | ps | pe | ss | se) with security/8 bytes. NULL = anyone. */
void semo_machine_set_owner(struct semo_machine *m, unsigned window, const uint8_t *measurement);

#endif
