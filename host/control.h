/* SPDX-License-Identifier: Apache-2.0 */
/* Between the tool that steers a run (semo up) and the daemon that runs it (semo-node): a Unix
 * stream socket, mode 0600, in the state folder. Message: length u32 | type u8 | body; length
 * counts type and body; little endian. One steering client (the first) owns the clock: it stands
 * still unless RUN. Other clients may SEND, ask STATUS and hear FRAME answers to what they sent; a
 * SEND of theirs makes the run non-deterministic. When the steering client leaves, the clock stops
 * and the next that connects steers.
 *
 * Messages are done in the order they come. While a RUN is under way any message of the steering
 * client but STATUS and SPEED ends it first (STOPPED, interrupted). A message that is malformed or
 * not allowed is answered by REFUSED and counted; a length past SEMO_CONTROL_MAX ends that client.
 */
#ifndef SEMO_CONTROL_H
#define SEMO_CONTROL_H

#include <semo/status.h>
#include <stdbool.h>
#include <stdint.h>

enum semo_control {
    /* client -> semo-node; node = index in the configuration file */
    SEMO_CONTROL_SEND = 1,   /* node u8 | frame: enters the node's link now */
    SEMO_CONTROL_RUN = 2,    /* until u64 | flags u8 (bit 0: stop at a frame for me) -> STOPPED */
    SEMO_CONTROL_SPEED = 3,  /* factor u32, 0 = max */
    SEMO_CONTROL_ROUTE = 4,  /* connection u16 | node u8 (255 = steering client, 254 = forget) */
    SEMO_CONTROL_CLOCK = 5,  /* utc u32: every real-time clock becomes this, now */
    SEMO_CONTROL_SUPPLY = 6, /* node u8 | at u64 | power u32 | reactive i16 | voltage u16 | current
                                u16 | frequency u16 */
    SEMO_CONTROL_WIRE = 7, /* from u8 | to u8: contact of a relay gates the metering of node `to` */
    SEMO_CONTROL_MANAGER =
        8, /* node u8 | path: replace the event manager; empty path = the own one */
    SEMO_CONTROL_STICK = 9,   /* node u8 | stuck u8: the relay contact */
    SEMO_CONTROL_RESET = 10,  /* node u8 | kind u8 (0 power cycle, 1 reset pin) */
    SEMO_CONTROL_STATUS = 11, /* -> TEXT: JSON */
    SEMO_CONTROL_QUIT = 12,
    SEMO_CONTROL_HAN = 13,   /* node u8 | kind u8 (0 pty, 1 unix socket) | path (of the socket)
                                    -> TEXT: its path; once a run for each node */
    SEMO_CONTROL_TIMER = 14, /* node u8 | module u16 | entry u16 | period u32 in ms: from now on
                                that entry is called once a period, by the node's own clock; 0 =
                                stop. At most SEMO_TIMERS_MAX of all nodes together. */
    SEMO_CONTROL_PRESS = 15, /* node u8 | button u8 | down u8 | at u64 */
    /* semo-node -> client; time = cycles */
    SEMO_CONTROL_FRAME = 64,     /* time u64 | node u8 | frame (answer or event for this client) */
    SEMO_CONTROL_STOPPED = 65,   /* time u64 | reason u8 (enum semo_control_stop) */
    SEMO_CONTROL_HAN_BYTES = 66, /* time u64 | node u8 | bytes */
    SEMO_CONTROL_PIN = 67,       /* time u64 | node u8 | closed u8 : relay contact */
    SEMO_CONTROL_HOP = 68,       /* time u64 | from u8 | to u8 | connection u16: an event passed the
                                    router (from, to: 255 = a client, 253 = elsewhere) */
    SEMO_CONTROL_TEXT = 69,
    SEMO_CONTROL_LOST = 70,    /* time u64 | node u8 | reason text: killed or died */
    SEMO_CONTROL_REFUSED = 71, /* type u8 of the message | reason text */
    SEMO_CONTROL_SHOW = 72,    /* time u64 | node u8 | lamps u8 | characters: a front panel */
    SEMO_CONTROL_PRINT = 73    /* time u64 | node u8 | text: a module printed "module: line" */
};

enum semo_control_stop {
    SEMO_CONTROL_UNTIL = 0,      /* the time asked for is reached */
    SEMO_CONTROL_AT_FRAME = 1,   /* a frame for the steering client was sent before this */
    SEMO_CONTROL_INTERRUPTED = 2 /* by a message of the steering client */
};

#define SEMO_CONTROL_MAX       65536
#define SEMO_CONTROL_CLIENT    255 /* as a node: the steering client */
#define SEMO_CONTROL_FORGET    254 /* as the node of a ROUTE: none */
#define SEMO_CONTROL_RUN_FRAME 1   /* RUN flag: stop at a frame for me */
#define SEMO_TIMERS_MAX        4096

/* -- the client side, blocking (host/control.c; library `control`, needs `bytes`) -- */

struct semo_control_client;

/* What to call for each kind of message; NULL = ignore. Bytes and texts live for the call only. */
struct semo_control_handlers {
    void *context;
    void (*frame)(void *context, uint64_t time, unsigned node, const uint8_t *frame, unsigned len);
    void (*stopped)(void *context, uint64_t time, unsigned reason);
    void (*han)(void *context, uint64_t time, unsigned node, const uint8_t *bytes, unsigned len);
    void (*pin)(void *context, uint64_t time, unsigned node, bool closed);
    void (*hop)(void *context, uint64_t time, unsigned from, unsigned to, unsigned connection);
    void (*text)(void *context, const char *text);
    void (*lost)(void *context, uint64_t time, unsigned node, const char *reason);
    void (*refused)(void *context, unsigned type, const char *reason);
    void (*show)(void *context, uint64_t time, unsigned node, const uint8_t *face, unsigned len);
    void (*print)(void *context, uint64_t time, unsigned node, const char *text);
};

/* SEMO_MISSING: nobody listens at path. */
enum semo_status semo_control_connect(const char *path,
                                      struct semo_control_client **out) SEMO_MUST_CHECK;
void semo_control_close(struct semo_control_client *c);
/* To poll for reading. What was read already waits inside: call semo_control_next with 0 first. */
int semo_control_fd(const struct semo_control_client *c);
/* Waits for one message and calls its handler; *type (may be NULL) is its type. timeout_ms < 0: for
 * ever. SEMO_TIMEOUT, SEMO_MISSING (semo-node has gone), SEMO_MALFORMED. h may be NULL. */
enum semo_status semo_control_next(struct semo_control_client *c,
                                   const struct semo_control_handlers *h, int timeout_ms,
                                   unsigned *type) SEMO_MUST_CHECK;

/* Each sends one message; the answer, if any, comes through semo_control_next. */
enum semo_status semo_control_message(struct semo_control_client *c, unsigned type,
                                      const void *body, unsigned len) SEMO_MUST_CHECK;
enum semo_status semo_control_send(struct semo_control_client *c, unsigned node,
                                   const uint8_t *frame, unsigned len) SEMO_MUST_CHECK;
enum semo_status semo_control_run(struct semo_control_client *c, uint64_t until,
                                  unsigned flags) SEMO_MUST_CHECK;
enum semo_status semo_control_speed(struct semo_control_client *c, uint32_t factor) SEMO_MUST_CHECK;
enum semo_status semo_control_route(struct semo_control_client *c, unsigned connection,
                                    unsigned node) SEMO_MUST_CHECK;
enum semo_status semo_control_clock(struct semo_control_client *c, uint32_t utc) SEMO_MUST_CHECK;

struct semo_control_supply {
    uint64_t at; /* cycle; one that has passed already means now */
    uint32_t power_w;
    int16_t reactive_var;
    uint16_t voltage_10mv, current_10ma, frequency_10mhz;
};
enum semo_status semo_control_supply(struct semo_control_client *c, unsigned node,
                                     const struct semo_control_supply *s) SEMO_MUST_CHECK;
enum semo_status semo_control_wire(struct semo_control_client *c, unsigned from,
                                   unsigned to) SEMO_MUST_CHECK;
enum semo_status semo_control_manager(struct semo_control_client *c, unsigned node,
                                      const char *path) SEMO_MUST_CHECK;
enum semo_status semo_control_stick(struct semo_control_client *c, unsigned node,
                                    bool stuck) SEMO_MUST_CHECK;
enum semo_status semo_control_reset(struct semo_control_client *c, unsigned node,
                                    unsigned kind) SEMO_MUST_CHECK;
enum semo_status semo_control_timer(struct semo_control_client *c, unsigned node, unsigned module,
                                    unsigned entry, uint32_t period_ms) SEMO_MUST_CHECK;
/* at: cycle; one that has passed already means now. */
enum semo_status semo_control_press(struct semo_control_client *c, unsigned node, unsigned button,
                                    bool down, uint64_t at) SEMO_MUST_CHECK;
enum semo_status semo_control_status(struct semo_control_client *c) SEMO_MUST_CHECK;
enum semo_status semo_control_quit(struct semo_control_client *c) SEMO_MUST_CHECK;
enum semo_status semo_control_han(struct semo_control_client *c, unsigned node, unsigned kind,
                                  const char *path) SEMO_MUST_CHECK;

/* RUN, and every message until its STOPPED goes to the handlers (stopped included). */
enum semo_status semo_control_run_until(struct semo_control_client *c,
                                        const struct semo_control_handlers *h, uint64_t until,
                                        unsigned flags, uint64_t *time,
                                        unsigned *reason) SEMO_MUST_CHECK;

#endif
