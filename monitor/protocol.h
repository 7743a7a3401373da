/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor of a Linux node stands for the chip: three kinds of SOCK_SEQPACKET socket pairs, one
 * message a packet: type u8 | body.
 *   coordinator (semo-node) <-> monitor: fd 3 of semo-monitor
 *   monitor <-> event manager (untrusted, one process): fd 3 of the event manager
 *   monitor <-> module (one process each): fd 3 of the module
 * The coordinator's clock stands still from TIME or FRAME until DONE. The monitor sends DONE when the event
 * manager has asked for its next message (NEXT), has died, or has been silent past the limit and was
 * killed. */
#ifndef SEMO_MONITOR_PROTOCOL_H
#define SEMO_MONITOR_PROTOCOL_H

enum semo_monitor_message {
    /* coordinator -> monitor */
    SEMO_MONITOR_FRAME = 1,   /* time u64 | frame: for the event manager */
    SEMO_MONITOR_MANAGER = 2, /* path: replace the event manager program; empty = the own one */
    SEMO_MONITOR_RESET = 3,   /* kill everything, as a reset */
    /* monitor -> coordinator */
    SEMO_MONITOR_OUT = 16,    /* frame */
    SEMO_MONITOR_DONE = 17,   /* killed u8: processes killed for silence since the last DONE */
    SEMO_MONITOR_SEAL = 18,   /* only with --seal-log: as semo_seal_fn */
    /* monitor -> event manager */
    SEMO_EM_FRAME = 32,       /* frame */
    SEMO_EM_RESULT = 33,      /* status u8 | bytes: of the last ENABLE, CALL */
    /* event manager -> monitor */
    SEMO_EM_NEXT = 48,        /* nothing left to do: give me the next frame */
    SEMO_EM_OUT = 49,         /* frame to the network */
    SEMO_EM_ENABLE = 50,      /* vendor u16, with a sealed memfd as SCM_RIGHTS -> RESULT module u16 */
    SEMO_EM_CALL = 51,        /* module u16 | entry u16 | payload -> RESULT */
    /* monitor -> module */
    SEMO_MODULE_CALL = 64,    /* entry u16 | payload */
    SEMO_MODULE_RESULT = 65,  /* status u8 | bytes: of the last WRAP, UNWRAP, MAC, EPOCH */
    /* module -> monitor */
    SEMO_MODULE_RETURN = 80,  /* status u8 | payload */
    SEMO_MODULE_WRAP = 81,    /* has_key u8 | [key 16] | ad_len u16 | ad | body -> out | tag */
    SEMO_MODULE_UNWRAP = 82,  /* has_key u8 | [key 16] | ad_len u16 | ad | tag 16 | cipher -> body */
    SEMO_MODULE_MAC = 83,     /* has_key u8 | [key 16] | message -> tag */
    SEMO_MODULE_EPOCH = 84    /* -> epoch u64, > 0, never the same twice */
};

#endif
