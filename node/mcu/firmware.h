/* SPDX-License-Identifier: Apache-2.0 */
/* The event manager and loader of the microcontroller: one untrusted image (design section 6).
 * All RAM of the firmware is one struct at a fixed place, so that another image that keeps to it
 * can take over a running node by a warm start. Also included by assembly. */
#ifndef SEMO_FIRMWARE_H
#define SEMO_FIRMWARE_H

#include <semo/map.h>

#define SEMO_RAM_START    SEMO_FIRMWARE_DATA
#define SEMO_WINDOW_LIMIT (SEMO_WINDOW_START + SEMO_WINDOW_COUNT * SEMO_WINDOW_SIZE)

#define SEMO_MODULES     SEMO_FIRMWARE_SLOTS
#define SEMO_MODULE_SIZE 8
#define SEMO_ROUTES      64 /* SEMO_ROUTES_MAX of the wire, for the assembler too */
#define SEMO_ROUTE_SIZE  4
#define SEMO_BUFFER_SIZE 1280 /* a frame of SEMO_FRAME_MAX, and room to take an event beside it */

/* struct semo_table as assembly sees it; em.c asserts that it is so. */
#define SEMO_TABLE_CALL     SEMO_RAM_START
#define SEMO_TABLE_FRESH    (SEMO_TABLE_CALL + 2)
#define SEMO_TABLE_BITS     (SEMO_TABLE_CALL + 4)
#define SEMO_TABLE_RECEIVED (SEMO_TABLE_CALL + 6)
#define SEMO_TABLE_ESCAPED  (SEMO_TABLE_CALL + 8)
#define SEMO_TABLE_PENDING  (SEMO_TABLE_CALL + 10)
#define SEMO_TABLE_DEFERRED (SEMO_TABLE_CALL + 12)
#define SEMO_TABLE_TURN     (SEMO_TABLE_CALL + 14)
#define SEMO_TABLE_MODULES  (SEMO_TABLE_CALL + 18)
#define SEMO_TABLE_ROUTES   (SEMO_TABLE_MODULES + SEMO_MODULES * SEMO_MODULE_SIZE)
#define SEMO_TABLE_BUFFER   (SEMO_TABLE_ROUTES + SEMO_ROUTES * SEMO_ROUTE_SIZE)
#define SEMO_TABLE_END      0x3EE2 /* firmware.ld: what a hostile image remembers begins here */
#define SEMO_TABLE_LIMIT    (SEMO_TABLE_BUFFER + SEMO_BUFFER_SIZE) /* of the buffer */

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>
#include <semo/status.h>
#include "lib/bytes/cursor.h"
#include "lib/wire/wire.h"

_Static_assert(SEMO_ROUTES == SEMO_ROUTES_MAX, "the deployer counts on it");

struct semo_module {
    uint16_t id; /* the machine's, never given twice; 0 = free */
    uint16_t ps;
    uint16_t unused; /* so that an index is a shift */
    uint16_t bit;    /* 1 << slot */
};

struct semo_route {
    uint16_t connection; /* 0 = the end */
    uint16_t module;     /* 0 = forgotten */
};

struct semo_sample {
    uint16_t module, entry;
};

struct semo_table {
    uint16_t call;     /* stack pointer of the call into a module, 0 = none */
    uint16_t fresh;    /* not 0: the machine draws epochs */
    uint16_t bits;     /* 64 or 128: keys of the crypto unit */
    uint16_t received; /* bytes of the frame that is arriving; above SEMO_FRAME_MAX: too long */
    uint16_t escaped;  /* the last byte was SLIP ESC */
    uint16_t pending;  /* bit per slot: the module may have events to take */
    uint16_t deferred; /* the same, but beside the frame that arrives they found no room */
    uint16_t turn;     /* address of the slot taken from last */
    uint16_t windows;  /* bit per window: has a sample */
    struct semo_module modules[SEMO_MODULES];
    struct semo_route routes[SEMO_ROUTES];
    uint8_t buffer[SEMO_BUFFER_SIZE];
    struct semo_cursor in, out; /* body of the request in work; its answer */
    uint32_t counters[SEMO_COUNTERS];
    struct semo_sample samples[SEMO_WINDOW_COUNT];
    uint16_t text, data; /* bytes from the start of either memory where modules have been */
};
extern struct semo_table semo_table;

/* start.S */
/* Sets what may interrupt (link control, device windows), and sleeps until it does. No wake-up is
 * lost: interrupts are levels, and enabled by the instruction that sleeps, only. */
void semo_cpu_sleep(uint16_t link_control, uint16_t windows);
void semo_cpu_reset(void) __attribute__((noreturn));

/* module.S */
struct semo_route *semo_route_find(uint16_t connection);  /* NULL: none */
struct semo_route *semo_route_place(uint16_t connection); /* the same or a free one; NULL: full */
uint16_t semo_module_sweep(void); /* frees the slots of modules that are gone; how many are left */
struct semo_module *semo_module_free(void); /* a free slot; NULL: none */
struct semo_module *semo_module_next(void); /* the next in turn that is pending; NULL: none */
uint16_t semo_module_at(uint16_t address);  /* whose text is there; 0 = nobody's */
/* Into the slot. of: vendor, ps, pe, ss, se, then nonce and address of the tag of a text that is
 * encrypted for these limits, the address odd; or 0. Returns the id, 0 = the machine refused. */
uint16_t semo_module_enable(const uint16_t of[7], struct semo_module *slot);
/* Calls an entry with *len bytes in buffer (even, inside semo_table.buffer, whose rest the answer
 * may fill); *len becomes the answer's. SEMO_UNKNOWN: no such module. SEMO_SYSTEM: it violated, or
 * was interrupted. */
enum semo_status semo_module_call(uint16_t id, uint16_t entry, uint8_t *buffer, uint16_t *len);

/* link.S */
bool semo_link_receive(void); /* true: a frame was complete, and has been handled */
void semo_link_send(const uint8_t *frame, unsigned len);

/* loader.c: requests, from semo_table.in to .out. em.c has checked the length of the body. */
enum semo_status semo_loader_info(void);
enum semo_status semo_loader_write(void);
enum semo_status semo_loader_enable(void);

/* em.c */
void semo_em_run(void) __attribute__((noreturn));
void semo_em_frame(uint8_t *frame, unsigned len); /* at an odd address in semo_table.buffer */
void semo_em_count(enum semo_counter which);
/* event: connection u16 | sealed, at an even address in semo_table.buffer. SEMO_EMPTY: sent. */
enum semo_status semo_em_deliver(uint8_t *event, unsigned len); /* to a module here */
enum semo_status semo_em_route(uint8_t *event, unsigned len);   /* from a module here */
#endif

#endif
