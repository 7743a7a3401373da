/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/crypto: what an implementation of the permutation offers. */
#ifndef SEMO_PERMUTATION_H
#define SEMO_PERMUTATION_H

#include <stdint.h>

/* bits | nibbles | rounds | words of 64 bits that hold them */
#define SEMO_WIDTH_TABLE(X)                                                                        \
    X(176, 44, 90, 3)                                                                              \
    X(240, 60, 120, 4)                                                                             \
    X(264, 66, 41, 5)                                                                              \
    X(336, 84, 170, 6)

enum semo_width {
#define SEMO_WIDTH_ENUM(bits, nibbles, rounds, words) SEMO_WIDTH_##bits,
    SEMO_WIDTH_TABLE(SEMO_WIDTH_ENUM)
#undef SEMO_WIDTH_ENUM
        SEMO_WIDTHS
};

struct semo_permutation {
    const char *name;
    void (*permute[SEMO_WIDTHS])(uint64_t *state);
};

/* The round counters: a 7-bit and an 8-bit shift register that always end before all ones, so a
 * width with fewer rounds uses the tail. Low byte: counter; high byte: the same, bit-reversed. */
extern const uint16_t semo_counters_7[120];
extern const uint16_t semo_counters_8[170];
#define SEMO_COUNTERS_176 (semo_counters_7 + 120 - 90)
#define SEMO_COUNTERS_240 semo_counters_7
#define SEMO_COUNTERS_264 (semo_counters_8 + 170 - 41)
#define SEMO_COUNTERS_336 semo_counters_8

extern const struct semo_permutation semo_permutation_portable;
extern const struct semo_permutation semo_permutation_bmi2;
extern const struct semo_permutation semo_permutation_avx512;
/* By name, or the best that this CPU runs for NULL; NULL when there is none. The only function of
 * lib/crypto that asks the host. */
const struct semo_permutation *semo_permutation_find(const char *name);

#endif
