/* SPDX-License-Identifier: Apache-2.0 */
/* All the meter's modules for microcontrollers, as the build tool makes them, placed, enabled,
 * keyed and used in one machine at 128 bits: what the attacks of this folder are made on. Two forts
 * of different secrets differ in the node key, the epoch, all connection keys and all payloads. */
#ifndef SEMO_FORT_H
#define SEMO_FORT_H

#include <stdbool.h>
#include <stdint.h>
#include "tests/runtime/rig.h"

enum {
    FORT_MODULES = 6,
    FORT_ENDS = 8,         /* connections of one module, at most */
    FORT_GAP = 16,         /* free bytes before each text */
    FORT_CODE = 0xF300,    /* free program memory for the attacker */
    FORT_HANDLER = 0xF400, /* where every interrupt goes: stands still */
    FORT_MEMORY = 0x10000
};

struct fort_end {
    const struct semo_io *io;
    struct rig_end channel;
};

struct fort_module {
    struct rig rig; /* a view of the one machine, for tests/runtime/rig.h */
    struct fort_end ends[FORT_ENDS];
    unsigned end_count;
    uint32_t serial;
};

struct fort {
    struct semo_machine *machine;
    struct fort_module modules[FORT_MODULES];
    uint64_t secret; /* source of everything secret */
    uint64_t epoch;
    uint8_t master_key[16];
    uint8_t payload[SEMO_PAYLOAD_DEFAULT]; /* of the last event made */
    unsigned payload_len;
};

struct fort_options {
    enum semo_profile profile;
    bool reset_on_violation;
    uint64_t secret;
};

/* Enabled, not keyed. Aborts with a message when it cannot be built. */
struct fort *fort_new(const struct fort_options *o);
/* Gives every connection its key and every input some messages. */
void fort_use(struct fort *f);
void fort_free(struct fort *f);

uint64_t fort_seed(void); /* SEMO_SEED or 1; printed */
uint64_t fort_random(uint64_t *seed);
void fort_poke_words(struct fort *f, uint16_t at, const uint16_t *words, unsigned n);
/* Runs the instruction at PC. */
void fort_step(struct fort *f);
/* Stands still until exactly this cycle. */
void fort_wait(struct fort *f, uint64_t until);

/* Puts a request for this end into `out`; returns its length. The key is drawn from f->secret. */
unsigned fort_set_key_request(struct fort *f, struct fort_module *m, struct fort_end *e,
                              uint8_t *out);
/* An event for an input with a payload of `len` secret bytes but a public third one (the opcode,
 * which decides what the module does), sealed; returns its length. */
unsigned fort_event(struct fort *f, struct fort_module *m, struct fort_end *e, unsigned len,
                    uint8_t opcode, uint8_t *out);
struct rig_result fort_call(struct fort *f, struct fort_module *m, unsigned entry,
                            const void *payload, unsigned len);

/* Text or private data of which module, NULL: nobody's. */
const struct fort_module *fort_owner(const struct fort *f, uint16_t address);
void fort_peek_all(const struct fort *f, uint8_t memory[FORT_MEMORY]);

#endif
