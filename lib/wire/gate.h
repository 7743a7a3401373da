/* SPDX-License-Identifier: Apache-2.0 */
/* Between a module that is a process and the monitor that stands for its hardware: a SOCK_SEQPACKET
 * socket, one message a packet. The module speaks only while it is called: it makes requests, each
 * of which the monitor answers at once, and then returns. */
#ifndef SEMO_GATE_H
#define SEMO_GATE_H

#include <stdint.h>
#include "lib/wire/wire.h"

#define SEMO_GATE_SOCKET 3    /* the module's only descriptor */
#define SEMO_GATE_MAX    8192 /* a packet, its type included */

/* First byte of a message. */
enum semo_gate {
    /* monitor -> module. CALL: calls. The module runs them in this order and after each gives at
     * most `takes` of the events that wait in its queue. */
    SEMO_GATE_CALL = 64,
    /* module -> monitor. RETURN: 0 u8 | for each call its answer, then those of its takes, up to
     * the first that is not SEMO_OK. The list ends early where the calls make no sense. After an OK
     * from SEMO_ENTRY_DISABLE the module ends; that call comes alone. */
    SEMO_GATE_RETURN = 80,
    /* Requests: struct semo_gate_request | ad | body -> status u8 | as many bytes as the body has;
     * they are 0 unless the status is OK. */
    SEMO_GATE_SEAL = 81,  /* -> and the tag. Without a body: the MAC of ad */
    SEMO_GATE_OPEN = 82,  /* behind the body the tag */
    SEMO_GATE_EPOCH = 83, /* 8 bytes -> u64, > 0, never the same twice */
    SEMO_GATE_CYCLES =
        84, /* 8 bytes -> u64, of 20 MHz since the node's start: when it was called */
    /* AHEAD: the calls as they came, but those whose `ahead` is an OPEN that its input will make
     * are to have it answered: the answer lies in the payload where the body was, its status in the
     * byte before. */
    SEMO_GATE_AHEAD = 85
};

/* AES: AES-128-GCM, nonce = the first 10 bytes of the associated data (zeros where there are
 * fewer) | 0 0; a MAC is the tag of the associated data alone. */
enum semo_suite {
    SEMO_SUITE_SPONGENT = 0,
    SEMO_SUITE_OWN = 1, /* SPONGENT under the module's own key, which no process holds */
    SEMO_SUITE_AES = SEMO_KIND_AES
};

/* At any address; little endian, like both ends. */
struct __attribute__((packed, may_alias)) semo_gate_request {
    uint8_t type, suite;
    uint16_t ad_len, len;
    uint8_t key[SEMO_KEY_LEN];
};

struct __attribute__((packed, may_alias)) semo_gate_call {
    uint16_t entry;
    uint8_t takes;
    uint16_t len;                   /* of the payload */
    struct semo_gate_request ahead; /* the module's own; it believes nothing that is there */
    uint8_t payload[];
};

struct __attribute__((packed, may_alias)) semo_gate_answer {
    uint8_t status;
    uint16_t len;
    uint8_t bytes[];
};

#endif
