/* SPDX-License-Identifier: Apache-2.0 */
/* The permutation in plain C. */
#include "lib/crypto/rounds.h"

/* Exchanges the bits of x under mask << distance with those under mask. */
SEMO_INLINE uint64_t exchange(uint64_t x, uint64_t mask, unsigned distance)
{
    uint64_t t = (x >> distance ^ x) & mask;
    return x ^ t ^ t << distance;
}

SEMO_INLINE void exchange_between(uint64_t *low, uint64_t *high, uint64_t mask, unsigned distance)
{
    uint64_t t = (*low >> distance ^ *high) & mask;
    *high ^= t;
    *low ^= t << distance;
}

/* Bit i of nibble j goes to 16i + j: the six bits of its index are rotated by two, done as four
 * exchanges of two index bits. */
SEMO_INLINE uint64_t unzip(uint64_t x)
{
    x = exchange(x, UINT64_C(0x0A0A0A0A0A0A0A0A), 3);
    x = exchange(x, UINT64_C(0x00CC00CC00CC00CC), 6);
    x = exchange(x, UINT64_C(0x0000F0F00000F0F0), 12);
    return exchange(x, UINT64_C(0x00000000FF00FF00), 24);
}

SEMO_INLINE void gather(const uint64_t *state, unsigned words, struct planes *p)
{
    uint64_t *w = p->low;
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++)
        w[i] = i < words ? unzip(state[i]) : 0;
    /* four words of four 16-bit pieces: transpose */
    exchange_between(&w[0], &w[2], 0xFFFFFFFF, 32);
    exchange_between(&w[1], &w[3], 0xFFFFFFFF, 32);
    exchange_between(&w[0], &w[1], UINT64_C(0x0000FFFF0000FFFF), 16);
    exchange_between(&w[2], &w[3], UINT64_C(0x0000FFFF0000FFFF), 16);
    if (words <= 4)
        return;
    uint64_t a = unzip(state[4]), b = words > 5 ? unzip(state[5]) : 0;
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++)
        p->high[i] = (a >> 16 * i & 0xFFFF) | (b >> 16 * i & 0xFFFF) << 16;
}

SEMO_PERMUTATION(portable);
