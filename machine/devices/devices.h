/* SPDX-License-Identifier: Apache-2.0 */
/* Constructors of the devices of the reference node, and their physical sides (docs/devices.md).
 * All `now` are cycles of the machine the device is attached to. */
#ifndef SEMO_DEVICES_H
#define SEMO_DEVICES_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/device.h>
#include <semo/map.h>

/* Link UART. sent: a byte has wholly left the wire at `at` (start + one byte time). It is called as
 * soon as `at` is certain, which is when software writes the byte: early, never late, `at` exact
 * and rising. What software has written leaves even if the processor is reset meanwhile; after a
 * power cut at cycle t the world forgets bytes with at > t. */
typedef void semo_link_sent_fn(void *context, uint8_t byte, uint64_t at);
struct semo_device *semo_link_new(semo_link_sent_fn *sent, void *context);
/* The peer's flow control: from cycle `now` on no byte that has not been announced by `sent` starts
 * (accept = false), or they start again. */
void semo_link_accept(struct semo_device *d, bool accept, uint64_t now);
/* Queue bytes that start to arrive at `start` (one per byte time, held back while the FIFO is
 * full). Returns how many were taken (inbound line buffer: 8192 bytes). */
unsigned semo_link_receive(struct semo_device *d, const uint8_t *bytes, unsigned len,
                           uint64_t start);

/* Random words and epochs come from the host: fill must always succeed or abort the process. */
typedef void semo_fill_fn(void *context, void *out, unsigned len);
struct semo_device *semo_random_new(semo_fill_fn *fill, void *context);
/* next: returns a number never returned before, over all power cycles (see machine/chip.h). */
typedef uint64_t semo_epoch_fn(void *context);
struct semo_device *semo_epoch_new(semo_epoch_fn *next, void *context);
struct semo_device *semo_events_new(void); /* SEMO_EVENT_FLAGS / ENABLE -> SEMO_IRQ_EVENT */
/* The machine finds the events device among the attached ones by its class, and semo_device_event
 * ends here: sets bit `window` of SEMO_EVENT_FLAGS. */
extern const struct semo_device_class semo_events_class;
void semo_events_raise(struct semo_device *events, unsigned window);

struct semo_supply { /* physical input of the metering front end */
    uint32_t power_w;
    int16_t reactive_var;
    uint16_t voltage_10mv, current_10ma, frequency_10mhz;
};
struct semo_device *semo_metering_new(void);
/* From cycle `at` on the house would draw this. `at` may lie ahead of the machine's cycle (at most
 * SEMO_METERING_AHEAD changes wait; one more makes the first final), and behind it as long as
 * software has not read the energy since. */
#define SEMO_METERING_AHEAD 32
void semo_metering_supply(struct semo_device *d, const struct semo_supply *s, uint64_t at);
/* From cycle `at` on the supply line is closed / open: open = everything measured is 0. At
 * power-on it is closed. */
void semo_metering_contact(struct semo_device *d, bool closed, uint64_t at);

struct semo_device *semo_clock_new(uint32_t utc);
void semo_clock_set(struct semo_device *d, uint32_t utc,
                    uint64_t now); /* restarts the second at now */
uint32_t semo_clock_utc(const struct semo_device *d, uint64_t now);

/* Relay: contact follows a coil pulse after SEMO_RELAY_TRAVEL_CYCLES unless stuck. */
#define SEMO_RELAY_TRAVEL_CYCLES 200000 /* 10 ms */
typedef void semo_contact_fn(void *context, bool closed, uint64_t at);
struct semo_device *semo_relay_new(bool closed, semo_contact_fn *changed, void *context);
/* A welded contact, for tests: the contact stays where it is; when it breaks loose it follows at
 * once to where the last pulse has put the armature. */
void semo_relay_stick(struct semo_device *d, bool stuck);

/* Push buttons. From cycle `at` on the button is down or up; `at` may lie ahead of the machine's
 * cycle (at most SEMO_BUTTONS_AHEAD changes wait; one more makes the first final). What lasts less
 * than SEMO_BUTTONS_BOUNCE_CYCLES is a bounce and nothing happened. */
#define SEMO_BUTTONS_AHEAD         64
#define SEMO_BUTTONS_BOUNCE_CYCLES 400000 /* 20 ms */
struct semo_device *semo_buttons_new(void);
void semo_buttons_press(struct semo_device *d, unsigned button, bool down, uint64_t at);

/* Front panel. shown: what people see has changed: lamps, and the characters row after row. */
#define SEMO_PANEL_CHARACTERS (SEMO_PANEL_ROWS * SEMO_PANEL_COLUMNS)
typedef void semo_shown_fn(void *context, uint8_t lamps, const char *text, uint64_t at);
struct semo_device *semo_panel_new(semo_shown_fn *shown, void *context);

/* HAN port, 115,200 baud; `sent` as of the link. */
#define SEMO_HAN_FIFO 512
typedef void semo_han_sent_fn(void *context, uint8_t byte, uint64_t at);
struct semo_device *semo_han_new(semo_han_sent_fn *sent, void *context);

#endif
