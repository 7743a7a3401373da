/* SPDX-License-Identifier: Apache-2.0 */
/* SpongeWrap over SPONGENT exactly as the Sancus crypto unit computes it
 * (reference sancus-hardware section 5). Even lengths only; associated data not empty. */
#ifndef SEMO_AEAD_H
#define SEMO_AEAD_H

#include <semo/status.h>
#include <stdbool.h>
#include <stdint.h>

#define SEMO_AEAD_TAG_MAX 16 /* bytes of a key or tag at 128 bit */

/* The raw duplex, for the crypto unit of the machine (odd shapes are built from it there).
 * security: 64 -> width 176, 80 and 96 -> 240, 112 -> 264 (41 rounds, as the hardware), 128 -> 336.
 * State bit i is bit i%64 of word i/64. */
struct semo_sponge {
    uint64_t state[6];
    unsigned security;
};

void semo_sponge_init(struct semo_sponge *s, unsigned security);
void semo_sponge_duplex(struct semo_sponge *s, uint32_t v); /* v: 18 bits */
static inline uint16_t semo_sponge_output(const struct semo_sponge *s)
{
    return (uint16_t)s->state[0];
}

/* A key, absorbed once. Copyable. Wipe with semo_aead_forget. */
struct semo_aead {
    struct semo_sponge keyed;
};

void semo_aead_key(struct semo_aead *a, unsigned security, const uint8_t *key);
void semo_aead_forget(struct semo_aead *a);
/* out has len bytes and may be body; tag has security/8 bytes. ad_len even and > 0, len even and >
 * 0. */
void semo_aead_wrap(const struct semo_aead *a, const uint8_t *ad, unsigned ad_len,
                    const uint8_t *body, unsigned len, uint8_t *out, uint8_t *tag);
/* SEMO_REFUSED: tag differs (compared in constant time); then out is all zero. out may be cipher.
 */
enum semo_status semo_aead_unwrap(const struct semo_aead *a, const uint8_t *ad, unsigned ad_len,
                                  const uint8_t *cipher, unsigned len, const uint8_t *tag,
                                  uint8_t *out) SEMO_MUST_CHECK;
void semo_aead_mac(const struct semo_aead *a, const uint8_t *message, unsigned len, uint8_t *tag);
/* The MAC of `second` appended to `first`; one of them may be empty. */
void semo_aead_mac_pair(const struct semo_aead *a, const uint8_t *first, unsigned first_len,
                        const uint8_t *second, unsigned second_len, uint8_t *tag);
/* Constant-time equality; 1 when equal. */
int semo_bytes_equal(const void *a, const void *b, unsigned len);
void semo_bytes_wipe(void *bytes, unsigned len);

/* Which permutation is in use: "portable", "bmi2" or "avx512"; chosen once by CPU, or by SEMO_CPU.
 */
const char *semo_sponge_variant(void);
/* 0 when there is no such variant or the CPU cannot run it; for tests and benches. */
int semo_sponge_force(const char *variant);

#endif
