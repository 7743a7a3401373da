/* SPDX-License-Identifier: Apache-2.0 */
/* The permutation with pext, which takes bit i of sixteen nibbles at once. */
#ifdef __x86_64__
#define SEMO_TARGET __attribute__((target("bmi,bmi2")))
#include "lib/crypto/rounds.h"

#include <immintrin.h>

SEMO_INLINE void gather(const uint64_t *state, unsigned words, struct planes *p)
{
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        const uint64_t every_fourth = UINT64_C(0x1111111111111111) << i;
        p->low[i] = p->high[i] = 0;
#pragma GCC unroll 6
        for (unsigned w = 0; w < words; w++)
            *(w < 4 ? &p->low[i] : &p->high[i]) |= _pext_u64(state[w], every_fourth)
                                                   << 16 * (w % 4);
    }
}

SEMO_PERMUTATION(bmi2);
#endif
