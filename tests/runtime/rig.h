/* SPDX-License-Identifier: Apache-2.0 */
/* A module built by the build tool, placed and enabled in the hardened machine, and called the way
 * the event manager calls it. The other end of its connections is computed here from lib/crypto. */
#ifndef SEMO_MODULE_RIG_H
#define SEMO_MODULE_RIG_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/machine.h>
#include "lib/wire/wire.h"
#include "toolchain/toolchain.h"

enum {
    RIG_TEXT = 0x5C00,   /* where the module's text goes */
    RIG_DATA = 0x0400,   /* and its private data, unless it is a driver */
    RIG_BUFFER = 0x2800, /* call buffer and its capacity */
    RIG_CAPACITY = 1200,
    RIG_STACK = 0x3F00,  /* the caller's stack pointer */
    RIG_RETURN = 0xF100, /* the caller: stands still here */
    RIG_RESET = 0xF200,  /* the reset vector's target: stands still here */
    RIG_VENDOR = 0x1234
};

struct rig {
    struct semo_machine *machine;
    struct semo_unit *unit;
    struct semo_image image;
    unsigned security, tag_len;
    uint8_t module_key[16];
    uint16_t id;
    uint64_t epoch; /* of the machine; 0 = no source of freshness */
};

struct rig_options {
    const char *module, *source; /* source: one file */
    unsigned security, connections;
    bool without_epoch;
    unsigned policies; /* semo_module_source: 0, 1, 2 */
    unsigned opens;    /* events that may be open at a time */
};
/* Aborts with a message when it cannot be built. */
struct rig *rig_new(const struct rig_options *o);
void rig_free(struct rig *r);

struct rig_registers { /* as the stub takes them */
    uint16_t entry, buffer, len, capacity, back, sp, sr;
    uint16_t stop;  /* where the run ends; 0 = back */
    uint16_t start; /* where it starts; 0 = the entry */
};
struct rig_result {
    bool returned; /* it came to where the run ends */
    uint16_t at;
    enum semo_status status;
    unsigned len;
    uint8_t answer[RIG_CAPACITY];
    uint64_t cycles;
    uint16_t registers[16]; /* on return */
};
struct rig_registers rig_registers(unsigned entry, unsigned len);
/* Runs the call at most `limit` cycles. What is in the buffer stays what it was. */
struct rig_result rig_jump(struct rig *r, const struct rig_registers *g, uint64_t limit);
/* Puts the payload in the buffer and calls. */
struct rig_result rig_call(struct rig *r, unsigned entry, const void *payload, unsigned len);

/* One end of a connection, as the deployer or another module keeps it. */
struct rig_end {
    uint16_t connection;
    uint64_t sequence;
    uint8_t key[16];
};
extern const uint8_t rig_node[SEMO_NODE_HASH_LEN];
struct rig_result rig_attest(struct rig *r);
/* The request; e->key is filled from the connection number and serial. Returns its length. */
unsigned rig_set_key_request(struct rig *r, struct rig_end *e, unsigned io, unsigned direction,
                             uint32_t serial, uint8_t *out);
struct rig_result rig_set_key(struct rig *r, struct rig_end *e, unsigned io, unsigned direction,
                              uint32_t serial);
/* connection | sealed; returns its length. */
unsigned rig_seal(const struct rig *r, struct rig_end *e, const void *body, unsigned len,
                  uint8_t *out);
/* false: not what the module should have sent under e's next sequence. */
bool rig_open(const struct rig *r, struct rig_end *e, const uint8_t *frame, unsigned len,
              uint8_t *body, unsigned *body_len);
void rig_mac(const struct rig *r, const uint8_t *message, unsigned len, uint8_t *tag);
/* Bytes of the module's private stack that were ever written. */
unsigned rig_stack_used(struct rig *r);
void rig_stack_paint(struct rig *r);

#endif
