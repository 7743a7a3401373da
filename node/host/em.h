/* SPDX-License-Identifier: Apache-2.0 */
/* The event manager and loader of a Linux node: what node/mcu is to a microcontroller, as an
 * untrusted process under a monitor (monitor/protocol.h). It answers the same frames.
 *
 * Calls of modules that nobody waits for, deliveries above all, are posted: they travel together
 * and are settled when there is nothing more to post. Each module sees its calls in their order. */
#ifndef SEMO_EM_H
#define SEMO_EM_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/status.h>
#include "lib/bytes/cursor.h"
#include "lib/wire/wire.h"

/* Events of one turn: two modules that send each other events for ever must not stop the clock. The
 * rest is for the next turn. */
#define SEMO_EM_TAKES 2000

/* In the memfd that outlives event managers. The one before may have been anybody: a number in here
 * is believed to be nothing but a number. */
struct semo_em_table {
    uint32_t counters[SEMO_COUNTERS];
    uint8_t modules[UINT16_MAX + 1]; /* by the monitor's id, never given twice: 1 = there is one */
    uint16_t routes[UINT16_MAX + 1]; /* by connection: the module, 0 = none */
};
extern struct semo_em_table *semo_em_table;
extern bool semo_em_landlock; /* and this kernel has Landlock */
extern bool semo_em_weak;     /* the monitor could not isolate this node's processes */

/* em.c */
void semo_em_start(void);                         /* first, when the table is there */
void semo_em_frame(uint8_t *frame, unsigned len); /* one from the network */
void semo_em_drain(void); /* settles; sends and delivers what modules have waiting */
void semo_em_turn(void);  /* the end of a turn: drains; the next one may take as much again */

/* em_events.c. event: connection u16 | sealed, with a byte of room before it. SEMO_EMPTY: sent;
 * SEMO_OK: posted. */
enum semo_status semo_em_deliver(uint8_t *event, unsigned len); /* to a module here */
enum semo_status semo_em_route(uint8_t *event, unsigned len);   /* from a module here */
void semo_em_count(enum semo_counter which);

/* em_calls.c */
void semo_calls_start(void);
void semo_calls_turn(void); /* a new one: modules may give SEMO_EM_TAKES events */
void semo_calls_post(uint16_t module, uint16_t entry, const uint8_t *payload, unsigned len);
/* Waits for all that was posted; the status of the last input among it. */
enum semo_status semo_em_settle(void);
/* Settles, calls and waits. *len bytes of payload in buffer; the answer comes there, *len its
 * bytes, at most room. */
enum semo_status semo_calls_now(uint16_t module, uint16_t entry, uint8_t *buffer, unsigned *len,
                                unsigned room);
/* The oldest event that a module gave and nobody routed, shorter than SEMO_FRAME_MAX; 0 = none. */
unsigned semo_calls_event(uint8_t *event);
/* Asks the modules that may have more events waiting. False: none, or no more in this turn. */
bool semo_calls_ask(void);
void semo_calls_await(uint16_t module); /* it may have events waiting */

/* em_loader.c: requests, from in to out */
enum semo_status semo_loader_info(struct semo_cursor *in, struct semo_cursor *out);
enum semo_status semo_loader_write(struct semo_cursor *in, struct semo_cursor *out);
enum semo_status semo_loader_enable(struct semo_cursor *in, struct semo_cursor *out);

/* em_gate.c: the monitor's socket. When it closes, the program ends. */
void semo_gate_next(void);                                 /* a turn is over; the next may begin */
unsigned semo_gate_frames(uint8_t *frames, unsigned room); /* waits for it; their length */
void semo_link_send(const uint8_t *frame, unsigned len);
/* module u16 | calls. Each is to be followed by one semo_gate_result, in this order. */
void semo_gate_call(const uint8_t *message, unsigned len);
/* status u8 | bytes; its length, > 0. */
unsigned semo_gate_result(uint8_t *result, unsigned room);
/* file: a sealed memfd. */
enum semo_status semo_module_enable(uint16_t vendor, int file, const struct semo_cursor *seal,
                                    uint16_t *module);

#endif
