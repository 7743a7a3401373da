/* SPDX-License-Identifier: Apache-2.0 */
/* Between a module that is a process and the monitor that stands for its hardware: a SOCK_SEQPACKET
 * socket, one message a packet: type u8 | body. The module speaks only while it is called. */
#ifndef SEMO_GATE_H
#define SEMO_GATE_H

#define SEMO_GATE_SOCKET 3    /* the module's only descriptor */
#define SEMO_GATE_MAX    8192 /* a packet, its type included */

enum semo_gate {
    /* monitor -> module */
    /* CALL: for each call entry u16 | takes u8 | len u16 | payload. The module runs them in this
     * order and after each gives at most `takes` of the events that wait in its queue. */
    SEMO_MODULE_CALL = 64,
    SEMO_MODULE_RESULT = 65, /* status u8 | bytes: of the last of its requests below */
    /* module -> monitor */
    /* RETURN: 0 u8 | for each call status u8 | len u16 | bytes | taken u8 | events, each len u16 |
     * connection u16 | sealed. Bits 6:0 of taken: how many; bit 7: there may be more. The list ends
     * early where the calls make no sense or have no more room for an answer.
     * After an OK from SEMO_ENTRY_DISABLE the module ends; that call comes alone. */
    SEMO_MODULE_RETURN = 80,
    SEMO_MODULE_WRAP = 81,   /* suite u8 | [key 16] | ad_len u16 | ad | body -> out | tag */
    SEMO_MODULE_UNWRAP = 82, /* suite u8 | [key 16] | ad_len u16 | ad | tag 16 | cipher -> body */
    SEMO_MODULE_MAC = 83,    /* suite u8 | [key 16] | message -> tag */
    SEMO_MODULE_EPOCH = 84,  /* -> epoch u64, > 0, never the same twice */
    SEMO_MODULE_CYCLES = 85, /* -> u64, of 20 MHz since the node's start: the time of this call */
    /* MANY: WRAP, UNWRAP and MAC requests, each len u16 | request -> each len u16 | status u8 |
     * bytes. They are answered as if they had been asked one by one. */
    SEMO_MODULE_MANY = 86
};

#define SEMO_GATE_CALL_HEAD  5
#define SEMO_GATE_TAKEN_MORE 0x80

/* AES: AES-128-GCM, nonce = the first 10 bytes of the associated data (zeros where there are
 * fewer) | 0 0; a MAC is the tag of the message as associated data. */
enum semo_suite {
    SEMO_SUITE_OWN = 0,      /* SPONGENT under the module's own key, which no process holds */
    SEMO_SUITE_SPONGENT = 1, /* under the key that follows */
    SEMO_SUITE_AES = 2       /* under the key that follows */
};

#endif
