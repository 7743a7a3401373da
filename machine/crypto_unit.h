/* SPDX-License-Identifier: Apache-2.0 */
/* What the Sancus crypto unit computes, for operands of any shape (reference 5). Words are 16 bits.
 */
#ifndef SEMO_CRYPTO_UNIT_H
#define SEMO_CRYPTO_UNIT_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/crypto/aead.h"

#define SEMO_KEYED_CACHE 8

struct semo_crypto_unit { /* remembers keys just absorbed: a pure saving of time */
    struct {
        uint8_t key[16];
        struct semo_sponge sponge;
        bool valid;
    } keyed[SEMO_KEYED_CACHE];
    unsigned victim;
};

struct semo_crypto_job {
    unsigned security;
    bool unwrap, mac; /* mac: there is no body, which is not the same as an empty one */
    const uint8_t *key;
    const uint16_t *ad;
    unsigned ad_count, body_count;
    uint16_t last; /* in: last word the sponge was fed before; out: the same for the next time */
    /* Word k of the body is read after word k-1 of the result was written, as in the hardware. */
    void *context;
    uint16_t (*read)(void *context, unsigned k);
    void (*write)(void *context, unsigned k, uint16_t word);
    uint16_t tag[8];
};

/* false: the hardware would never end (nothing to read at all). */
bool semo_crypto_run(struct semo_crypto_unit *u, struct semo_crypto_job *job);
void semo_crypto_unit_mac(struct semo_crypto_unit *u, unsigned security, const uint8_t *key,
                          const uint16_t *message, unsigned count, uint8_t *tag);

#endif
