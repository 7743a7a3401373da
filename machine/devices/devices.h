/* SPDX-License-Identifier: Apache-2.0 */
/* Constructors of the devices of the reference node, and their physical sides (docs/devices.md).
 * All `now` are cycles of the machine the device is attached to. */
#ifndef SEMO_DEVICES_H
#define SEMO_DEVICES_H

#include <stdbool.h>
#include <stdint.h>
#include "machine/device.h"

/* Link UART. sent: a byte has left the wire at `at` (start + one byte time). The peer's flow control:
 * semo_link_accept(d, false) holds back further bytes. */
typedef void semo_link_sent_fn(void *context, uint8_t byte, uint64_t at);
struct semo_device *semo_link_new(semo_link_sent_fn *sent, void *context);
/* Queue bytes that start to arrive at `start` (one per byte time, held back while the FIFO is full).
 * Returns how many were taken (inbound line buffer: 8192 bytes). */
unsigned semo_link_receive(struct semo_device *d, const uint8_t *bytes, unsigned len, uint64_t start);

/* Random words and epochs come from the host: fill must always succeed or abort the process. */
typedef void semo_fill_fn(void *context, void *out, unsigned len);
struct semo_device *semo_random_new(semo_fill_fn *fill, void *context);
/* next: returns a number never returned before, over all power cycles (see machine/chip.h). */
typedef uint64_t semo_epoch_fn(void *context);
struct semo_device *semo_epoch_new(semo_epoch_fn *next, void *context);
struct semo_device *semo_events_new(void); /* SEMO_EVENT_FLAGS / ENABLE -> SEMO_IRQ_EVENT */

struct semo_supply { /* physical input of the metering front end */
    uint32_t power_w;
    int16_t reactive_var;
    uint16_t voltage_10mv, current_10ma, frequency_10mhz;
};
struct semo_device *semo_metering_new(void);
/* From cycle `now` on the house would draw this. */
void semo_metering_supply(struct semo_device *d, const struct semo_supply *s, uint64_t now);
/* From cycle `now` on the supply line is closed / open: open = no power, no current, voltage 0. */
void semo_metering_contact(struct semo_device *d, bool closed, uint64_t now);

struct semo_device *semo_clock_new(uint32_t utc);
void semo_clock_set(struct semo_device *d, uint32_t utc, uint64_t now); /* restarts the second at now */
uint32_t semo_clock_utc(const struct semo_device *d, uint64_t now);

/* Relay: contact follows a coil pulse after SEMO_RELAY_TRAVEL_CYCLES unless stuck. */
#define SEMO_RELAY_TRAVEL_CYCLES 200000 /* 10 ms */
typedef void semo_contact_fn(void *context, bool closed, uint64_t at);
struct semo_device *semo_relay_new(bool closed, semo_contact_fn *changed, void *context);
void semo_relay_stick(struct semo_device *d, bool stuck); /* a welded contact, for tests */

/* HAN port, 115,200 baud. */
typedef void semo_han_sent_fn(void *context, uint8_t byte, uint64_t at);
struct semo_device *semo_han_new(semo_han_sent_fn *sent, void *context);

#endif
