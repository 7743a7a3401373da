/* SPDX-License-Identifier: Apache-2.0 */
/* The event manager and loader of a Linux node: what node/mcu is to a microcontroller, as an
 * untrusted process under a monitor (monitor/protocol.h). It answers the same frames. */
#ifndef SEMO_EM_H
#define SEMO_EM_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/status.h>
#include "lib/bytes/cursor.h"
#include "lib/wire/wire.h"

#define SEMO_EM_MODULES SEMO_LINUX_MODULES_MAX
#define SEMO_EM_ROUTES  SEMO_LINUX_ROUTES_MAX

/* In the memfd that outlives event managers. The one before may have been anybody: a number in here
 * is believed to be nothing but a number. */
struct semo_em_table {
    uint32_t counters[SEMO_COUNTERS];
    struct {
        uint16_t id; /* the monitor's, never given twice; 0 = free */
        uint16_t pending;
    } modules[SEMO_EM_MODULES];
    struct {
        uint16_t connection; /* 0 = free */
        uint16_t module;
    } routes[SEMO_EM_ROUTES];
};
extern struct semo_em_table *semo_em_table;
extern bool semo_em_weak; /* the monitor could not isolate this node's processes */

/* em.c */
void semo_em_frame(uint8_t *frame, unsigned len); /* one from the network */
void semo_em_drain(void);                         /* sends and delivers what modules have waiting */

/* em_events.c. event: connection u16 | sealed, with a byte of room before it. SEMO_EMPTY: sent. */
enum semo_status semo_em_deliver(uint8_t *event, unsigned len); /* to a module here */
enum semo_status semo_em_route(uint8_t *event, unsigned len);   /* from a module here */
void semo_em_count(enum semo_counter which);

/* em_loader.c: requests, from in to out */
enum semo_status semo_loader_info(struct semo_cursor *in, struct semo_cursor *out);
enum semo_status semo_loader_write(struct semo_cursor *in, struct semo_cursor *out);
enum semo_status semo_loader_enable(struct semo_cursor *in, struct semo_cursor *out);
void semo_loader_awaken(uint16_t module); /* it may have events waiting */
void semo_loader_forget(uint16_t module); /* it is dead */

/* em_gate.c: the monitor's socket. When it closes, the program ends. */
unsigned semo_gate_next(uint8_t *frame, unsigned room); /* waits for the next frame; its length */
void semo_link_send(const uint8_t *frame, unsigned len);
/* *len bytes of payload in buffer; the answer comes there, *len its bytes, at most room. */
enum semo_status semo_module_call(uint16_t module, uint16_t entry, uint8_t *buffer, unsigned *len,
                                  unsigned room);
/* file: a sealed memfd. */
enum semo_status semo_module_enable(uint16_t vendor, int file, uint16_t *module);

#endif
