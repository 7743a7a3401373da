/* SPDX-License-Identifier: Apache-2.0 */
/* The permutation over 64-bit words. An implementation defines SEMO_TARGET, the attribute of its
 * functions, before it includes this, and gather() after. A round is: counter; gather; S-box on
 * whole planes; concatenate the planes. The last step is the bit permutation: bit m of nibble k
 * goes to m * nibbles + k. No table, no branch on data. */
#ifndef SEMO_ROUNDS_H
#define SEMO_ROUNDS_H

#include "lib/crypto/permutation.h"

#ifndef SEMO_TARGET
#define SEMO_TARGET
#endif
#define SEMO_INLINE static inline __attribute__((always_inline)) SEMO_TARGET

struct planes {
    uint64_t low[4], high[4]; /* bits 0..63 and 64.. of each plane */
};

/* Bit j of plane i = bit 4j+i of the state. */
SEMO_INLINE void gather(const uint64_t *state, unsigned words, struct planes *p);

/* S = E D B 0 2 1 4 F 7 A 8 5 9 C 3 6, `ones` in every lane that is in use. */
SEMO_INLINE void substitute(uint64_t x[4], uint64_t ones)
{
    uint64_t t = x[0] ^ (x[1] & x[2]);
    uint64_t u = x[1] ^ x[2] ^ ones;
    uint64_t v = (x[0] | x[1]) ^ (x[0] & x[2]);
    uint64_t y3 = (x[0] & x[1]) ^ x[2] ^ ones ^ (x[3] & ~v);
    x[0] = t ^ x[1] ^ x[3];
    x[1] = t ^ ones ^ (x[3] & (t ^ u ^ ones));
    x[2] = u ^ (x[3] & t);
    x[3] = y3;
}

/* `words` and `at` are constants where this is inlined. */
SEMO_INLINE void put(uint64_t *state, unsigned words, unsigned at, uint64_t bits)
{
    unsigned word = at / 64, shift = at % 64;
    if (word < words)
        state[word] |= bits << shift;
    if (shift && word + 1 < words)
        state[word + 1] |= bits >> (64 - shift);
}

SEMO_INLINE void concatenate(uint64_t *state, unsigned words, unsigned nibbles,
                             const struct planes *p)
{
#pragma GCC unroll 6
    for (unsigned i = 0; i < words; i++)
        state[i] = 0;
#pragma GCC unroll 4
    for (unsigned m = 0; m < 4; m++) {
        put(state, words, m * nibbles, p->low[m]);
        if (nibbles > 64)
            put(state, words, m * nibbles + 64, p->high[m]);
    }
}

SEMO_INLINE void permute(uint64_t *state, unsigned bits, unsigned words, const uint16_t *counter,
                         unsigned rounds)
{
    const unsigned nibbles = bits / 4;
    const uint64_t low = nibbles < 64 ? (UINT64_C(1) << nibbles % 64) - 1 : UINT64_MAX;
    const uint64_t high = nibbles > 64 ? (UINT64_C(1) << nibbles % 64) - 1 : 0;
    uint64_t s[6];
    struct planes p;
    for (unsigned i = 0; i < words; i++)
        s[i] = state[i];
    for (unsigned r = 0; r < rounds; r++) {
        s[0] ^= counter[r] & 0xFF;
        s[(bits - 8) / 64] ^= (uint64_t)(counter[r] >> 8) << (bits - 8) % 64;
        gather(s, words, &p);
        substitute(p.low, low);
        if (high)
            substitute(p.high, high);
        concatenate(s, words, nibbles, &p);
    }
    for (unsigned i = 0; i < words; i++)
        state[i] = s[i];
}

#define SEMO_PERMUTE_WIDTH(bits, nibbles, rounds, words)                                           \
    SEMO_TARGET static void permute_##bits(uint64_t *state)                                        \
    {                                                                                              \
        permute(state, bits, words, SEMO_COUNTERS_##bits, rounds);                                 \
    }
#define SEMO_PERMUTE_ENTRY(bits, nibbles, rounds, words) permute_##bits,
#define SEMO_PERMUTATION(variant)                                                                  \
    SEMO_WIDTH_TABLE(SEMO_PERMUTE_WIDTH)                                                           \
    const struct semo_permutation semo_permutation_##variant = {                                   \
        .name = #variant, .permute = {SEMO_WIDTH_TABLE(SEMO_PERMUTE_ENTRY)}}

#endif
