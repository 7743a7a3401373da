/* SPDX-License-Identifier: Apache-2.0 */
/* One end of one connection in one direction (design section 5). One code for every target; the
 * target supplies the crypto functions below. No 64-bit types: it runs on the microcontroller. */
#ifndef SEMO_CHANNEL_H
#define SEMO_CHANNEL_H

#include <semo/status.h>
#include <stdbool.h>
#include <stdint.h>
#include "lib/wire/wire.h"

struct semo_channel {
    uint16_t connection;  /* number on the wire, > 0; 0 = free slot */
    uint8_t io;           /* index of the module's input or output */
    uint8_t kind;         /* SEMO_KIND() */
    uint16_t sequence[4]; /* least significant word first; last one sent or accepted, 0 = none */
    uint16_t gaps;        /* receiver: sequence numbers skipped, saturating */
    uint16_t refused;     /* receiver: frames refused, saturating */
    uint8_t key[SEMO_KEY_LEN];
};

/* Supplied by the target. key NULL = the module's own key. Even lengths, ad_len > 0, len > 0.
 * unwrap: SEMO_REFUSED leaves out all zero. semo_aes_*, for connections of that suite, everywhere
 * but on the microcontroller: AES-128-GCM, nonce = the first 10 bytes of ad | 0 0. */
#define SEMO_CRYPTO_WRAP(name)                                                                     \
    enum semo_status semo_##name##_wrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,    \
                                        const uint8_t *body, unsigned len, uint8_t *out,           \
                                        uint8_t *tag)
#define SEMO_CRYPTO_UNWRAP(name)                                                                   \
    enum semo_status semo_##name##_unwrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,  \
                                          const uint8_t *cipher, unsigned len, const uint8_t *tag, \
                                          uint8_t *out)
#define SEMO_CRYPTO_MAC(name)                                                                      \
    enum semo_status semo_##name##_mac(const uint8_t *key, const uint8_t *message, unsigned len,   \
                                       uint8_t *tag)
#define SEMO_CRYPTO_FUNCTIONS(name)                                                                \
    SEMO_CRYPTO_WRAP(name);                                                                        \
    SEMO_CRYPTO_UNWRAP(name);                                                                      \
    SEMO_CRYPTO_MAC(name)
#define SEMO_HAS_AES (sizeof(void *) > 2)
SEMO_CRYPTO_FUNCTIONS(crypto);
SEMO_CRYPTO_FUNCTIONS(aes);

/* Seals body (len bytes) as the next event into `sealed` (SEMO_SEALED_LEN(len) bytes; even
 * address). The sequence advances before the seal, so a failure never repeats a number.
 * flags: 0, SEMO_EVENT_RESYNC or SEMO_EVENT_EXPIRES.
 * SEMO_EXHAUSTED: the last 2^48 numbers are never used. */
enum semo_status semo_channel_seal(struct semo_channel *c, unsigned flags, const void *body,
                                   unsigned len, uint8_t *sealed) SEMO_MUST_CHECK;
/* Opens `sealed` (sealed_len bytes, even address) into body (room for body_max rounded up to even,
 * at least 2). On success *body_len <= body_max and the sequence advances; on any failure nothing
 * changes but `refused`, and body holds no plaintext. SEMO_STALE, and for strict SEMO_GAP, are said
 * before the tag is looked at. A RESYNC is opened like any other; the caller does not deliver it.
 */
enum semo_status semo_channel_open(struct semo_channel *c, const uint8_t *sealed,
                                   unsigned sealed_len, void *body, unsigned body_max,
                                   unsigned *body_len) SEMO_MUST_CHECK;

#endif
