/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor of a Linux node stands for the chip: three kinds of SOCK_SEQPACKET socket pairs, one
 * message a packet: type u8 | body.
 *   coordinator (semo-node) <-> monitor: fd 3 of semo-monitor
 *   monitor <-> event manager (untrusted, one process): fd 3 of the event manager
 *   monitor <-> module (one process each): fd 3 of the module, lib/wire/gate.h
 *
 * The coordinator's clock stands still from each of its messages until DONE, one for each. The
 * monitor sends DONE when the event manager has asked for its next message (NEXT), has died, or was
 * killed because its turn took too long. Whatever the event manager sends after NEXT waits for the
 * next turn.
 *
 * The event manager is a statically linked program: it is executed by descriptor in an empty root,
 * and its system call filter (monitor/linux/filter.c) lets it open nothing. argv[0] is "semo-em",
 * argv[1] "weak" or "isolated", argv[2] "landlock" or "", which it reports in INFO; 0 to 2 are
 * /dev/null. Its fd 4 is a memfd
 * of SEMO_MONITOR_TABLES_LEN bytes, to be mapped shared: all zero after power-on and RESET, and
 * handed on as it is to the next event manager when one dies or is replaced (MANAGER). An event
 * manager keeps there what it knows of modules and routes, and trusts nothing in it: the last one
 * may have been the attacker. */
#ifndef SEMO_MONITOR_PROTOCOL_H
#define SEMO_MONITOR_PROTOCOL_H

#include <stdint.h>
#include "lib/wire/gate.h"
#include "lib/wire/wire.h"

#define SEMO_MONITOR_SOCKET      SEMO_GATE_SOCKET
#define SEMO_MONITOR_TABLES      4
#define SEMO_MONITOR_TABLES_LEN  262144
#define SEMO_MONITOR_MODULES     SEMO_LINUX_MODULES_MAX
#define SEMO_MONITOR_MESSAGE_MAX SEMO_GATE_MAX /* a packet, its type included */
#define SEMO_MONITOR_IMAGE_MAX   (1 << 20)     /* bytes of a module's file */

/* Host time, none of it virtual: a module's answer to one message of calls (unless --limit-ms says
 * other); an event manager has TURN_CALLS times as long from FRAME to NEXT, its calls included, and
 * TURN_MAX messages. Nobody waits for one that does not read: more than CALLS_AHEAD messages of
 * calls whose results it has not read may end an event manager. */
#define SEMO_MONITOR_CALL_MS    2000
#define SEMO_MONITOR_TURN_CALLS 5
#define SEMO_MONITOR_TURN_MAX   4096
#define SEMO_EM_CALLS_AHEAD     8

#define SEMO_MONITOR_REAL_TIME UINT64_MAX

enum semo_monitor_message {
    /* coordinator -> monitor */
    /* FRAME: time u64 | frames for the event manager, each len u16 | frame. Time: virtual cycles,
     * which modules may ask for; SEMO_MONITOR_REAL_TIME: they are told those of the host's clock
     * since the monitor's start. */
    SEMO_MONITOR_FRAME = 1,
    SEMO_MONITOR_MANAGER = 2, /* path: replace the event manager program; empty = the own one */
    SEMO_MONITOR_RESET = 3,   /* kill everything, as a reset; the event manager starts anew */
    SEMO_MONITOR_ADMIN = 4,   /* vendor u16 -> ADMIN_KEY, before DONE */
    /* monitor -> coordinator */
    SEMO_MONITOR_OUT = 16, /* frame */
    /* DONE: killed u8 | died u8 | weak u8 | landlock u8: processes killed for silence, and that
     * crashed or broke the rules, since the last DONE; weak 1 = not in namespaces of their own;
     * landlock: version that confines them, 0 = this kernel has none */
    SEMO_MONITOR_DONE = 17,
    SEMO_MONITOR_SEAL = 18,      /* only with --seal-log: module u16 | key 16 | ad */
    SEMO_MONITOR_ADMIN_KEY = 19, /* vendor u16 | key 16 (lib/kdf/kdf.h) */
    /* monitor -> event manager */
    SEMO_EM_FRAME = 32,  /* frames, each len u16 | frame */
    SEMO_EM_RESULT = 33, /* status u8 | bytes: of an ENABLE or a CALL, in their order */
    /* event manager -> monitor */
    SEMO_EM_NEXT = 48,   /* nothing left to do: give me the next frames */
    SEMO_EM_OUT = 49,    /* frame to the network */
    SEMO_EM_ENABLE = 50, /* vendor u16 [| nonce u16 | tag, the file is encrypted], with a sealed
                            memfd as SCM_RIGHTS -> RESULT module u16.
                            Seals: F_SEAL_SEAL, SHRINK, GROW and WRITE, else SEMO_PLACE */
    /* CALL: module u16 | calls as in SEMO_GATE_CALL -> RESULT, the bytes as in
     * SEMO_GATE_RETURN. SEMO_UNKNOWN: no such module or it is dead; SEMO_TIMEOUT: it was killed
     * for these calls. */
    SEMO_EM_CALL = 51,
};

#endif
