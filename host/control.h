/* SPDX-License-Identifier: Apache-2.0 */
/* Between the tool that steers a run (semo up) and the daemon that runs it (semo-node): a Unix
 * stream socket, mode 0600, in the state folder. Message: length u32 | type u8 | body; length counts
 * type and body. One steering client (the first) owns the clock: it stands still unless RUN. Other
 * clients may SEND and hear FRAME answers to what they sent; they make a run non-deterministic. */
#ifndef SEMO_CONTROL_H
#define SEMO_CONTROL_H

enum semo_control {
    /* client -> semo-node; node = index in the configuration file */
    SEMO_CONTROL_SEND = 1,     /* node u8 | frame: enters the node's link now */
    SEMO_CONTROL_RUN = 2,      /* until u64 | flags u8 (bit 0: stop at a frame for me) -> STOPPED */
    SEMO_CONTROL_SPEED = 3,    /* factor u32, 0 = max */
    SEMO_CONTROL_ROUTE = 4,    /* connection u16 | node u8 (255 = steering client, 254 = forget) */
    SEMO_CONTROL_CLOCK = 5,    /* utc u32: every real-time clock becomes this, now */
    SEMO_CONTROL_SUPPLY = 6,   /* node u8 | at u64 | power u32 | reactive i16 | voltage u16 | current u16 | frequency u16 */
    SEMO_CONTROL_WIRE = 7,     /* from u8 | to u8: contact of a relay gates the metering of node `to` */
    SEMO_CONTROL_MANAGER = 8,  /* node u8 | path: replace the event manager; empty path = the own one */
    SEMO_CONTROL_STICK = 9,    /* node u8 | stuck u8: the relay contact */
    SEMO_CONTROL_RESET = 10,   /* node u8 | kind u8 (0 power cycle, 1 reset pin) */
    SEMO_CONTROL_STATUS = 11,  /* -> TEXT: JSON */
    SEMO_CONTROL_QUIT = 12,
    SEMO_CONTROL_HAN = 13,     /* node u8 | kind u8 (0 pty, 1 unix socket) | path -> TEXT: its path */
    /* semo-node -> client; time = cycles */
    SEMO_CONTROL_FRAME = 64,   /* time u64 | node u8 | frame (answer or event for this client) */
    SEMO_CONTROL_STOPPED = 65, /* time u64 | reason u8 (0 until, 1 frame, 2 interrupted by a client message) */
    SEMO_CONTROL_HAN_BYTES = 66, /* time u64 | node u8 | bytes */
    SEMO_CONTROL_PIN = 67,     /* time u64 | node u8 | closed u8 : relay contact */
    SEMO_CONTROL_HOP = 68,     /* time u64 | from u8 | to u8 | connection u16: an event passed the router */
    SEMO_CONTROL_TEXT = 69,
    SEMO_CONTROL_LOST = 70     /* time u64 | node u8 | reason text: killed or died */
};

#define SEMO_CONTROL_MAX 65536

#endif
