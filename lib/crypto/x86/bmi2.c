/* SPDX-License-Identifier: Apache-2.0 */
/* The permutation with pext, which takes bit i of sixteen nibbles at once. */
#ifdef __x86_64__
#define SEMO_TARGET __attribute__((target("bmi,bmi2")))
#include "lib/crypto/rounds.h"

#include <immintrin.h>

/* Bit i of sixteen nibbles. */
#define EVERY_FOURTH(word, i) _pext_u64(word, UINT64_C(0x1111111111111111) << (i))

SEMO_INLINE void gather(const uint64_t *s, unsigned words, struct planes *p)
{
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        uint64_t a = EVERY_FOURTH(s[0], i) | EVERY_FOURTH(s[1], i) << 16;
        uint64_t b = EVERY_FOURTH(s[2], i);
        if (words > 3)
            b |= EVERY_FOURTH(s[3], i) << 16;
        p->low[i] = a | b << 32;
    }
    if (words <= 4)
        return;
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++)
        p->high[i] = EVERY_FOURTH(s[4], i) | (words > 5 ? EVERY_FOURTH(s[5], i) << 16 : 0);
}

SEMO_PERMUTATION(bmi2);
#endif
