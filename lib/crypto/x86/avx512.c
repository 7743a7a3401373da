/* SPDX-License-Identifier: Apache-2.0 */
/* The permutation with one nibble in each byte, for widths whose nibbles come in whole groups of
 * four. A group stands in the upper half of a 64-bit lane; so one bit-matrix product per lane
 * (gf2p8affineqb, the group as the matrix) yields bit m of its four nibbles as byte m: one nibble
 * of the next state. A byte shuffle takes each to its place. All four steps of a round are constant
 * time in their data.
 *
 * Groups are numbered 0 .. last. Registers: `a` holds eight of them, `c` the next ones, `b` the
 * eight that remain at width 336. The products of a and c share one register, in which the four
 * nibbles that take the round counter stand at the bytes 0, 5, 14 and 11. */
#ifdef __x86_64__
#include "lib/crypto/permutation.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vbmi,gfni,bmi2")))
#define INLINE static inline __attribute__((always_inline)) TARGET

/* Where the products leave bit m of group g: byte 0..63 of a and c, 64..127 of b. */
#define IN_A(lane, m) (8 * (lane) + (m))
#define IN_C(lane, m) (8 * (lane) + 4 + ((m) ^ 1))
#define IN_B(lane, m) (64 + 8 * (lane) + (m))
#define PRODUCT(last, g, m)                                                                        \
    ((g) == 1                  ? IN_C(0, m)                                                        \
     : (g) == (last)           ? IN_A(1, m)                                                        \
     : (g) == (last)-1         ? IN_C(1, m)                                                        \
     : (g) < 8                 ? IN_A(g, m)                                                        \
     : (g) < 11 || (last) < 20 ? IN_C((g)-6, m)                                                    \
                               : IN_B((g)-11, m))
/* The same for nibble n of the state: row m of the planes is nibbles m * (last + 1) onwards. */
#define NIBBLE(last, n) PRODUCT(last, (n) % ((last) + 1), (n) / ((last) + 1) & 3)

/* Nibble n of the packed state, its even nibbles at 0..63 and the odd ones at 64..127. */
#define PACKED(last, n) ((n) / 2 % 64 + 64 * ((n) % 2))

/* Which group stands in a lane. */
#define OF_A(last, lane) ((lane) == 1 ? (last) : (lane))
#define OF_B(last, lane) ((lane) + 11)
#define OF_C(last, lane) ((lane) == 0 ? 1 : (lane) == 1 ? (last)-1 : (lane) + 6)

#define LANE(last, FROM, group)                                                                    \
    0, 0, 0, 0, FROM(last, 4 * (group) + 3), FROM(last, 4 * (group) + 2),                          \
        FROM(last, 4 * (group) + 1), FROM(last, 4 * (group))
#define LANES(last, FROM, OF)                                                                      \
    {                                                                                              \
        LANE(last, FROM, OF(last, 0)), LANE(last, FROM, OF(last, 1)),                              \
            LANE(last, FROM, OF(last, 2)), LANE(last, FROM, OF(last, 3)),                          \
            LANE(last, FROM, OF(last, 4)), LANE(last, FROM, OF(last, 5)),                          \
            LANE(last, FROM, OF(last, 6)), LANE(last, FROM, OF(last, 7))                           \
    }
#define EIGHT(last, n)                                                                             \
    NIBBLE(last, n), NIBBLE(last, (n) + 2), NIBBLE(last, (n) + 4), NIBBLE(last, (n) + 6),          \
        NIBBLE(last, (n) + 8), NIBBLE(last, (n) + 10), NIBBLE(last, (n) + 12),                     \
        NIBBLE(last, (n) + 14)
#define EVERY_SECOND(last, odd)                                                                    \
    {                                                                                              \
        EIGHT(last, odd), EIGHT(last, 16 + odd), EIGHT(last, 32 + odd), EIGHT(last, 48 + odd),     \
            EIGHT(last, 64 + odd), EIGHT(last, 80 + odd)                                           \
    }

struct places {
    uint8_t unpack[3][64]; /* packed state -> a, b, c */
    uint8_t gather[3][64]; /* products -> a, b, c */
    uint8_t pack[2][64];   /* products -> low and high nibble of each byte of the state */
};
#define PLACES(last)                                                                               \
    {                                                                                              \
        {LANES(last, PACKED, OF_A), LANES(last, PACKED, OF_B), LANES(last, PACKED, OF_C)},         \
            {LANES(last, NIBBLE, OF_A), LANES(last, NIBBLE, OF_B), LANES(last, NIBBLE, OF_C)},     \
            {EVERY_SECOND(last, 0), EVERY_SECOND(last, 1)},                                        \
    }
static const struct places places_176 = PLACES(10);
static const struct places places_240 = PLACES(14);
static const struct places places_336 = PLACES(20);

struct registers {
    __m512i a, b, c;
};

/* The bytes of one or two registers, rearranged. */
INLINE __m512i pick(const uint8_t *places, __m512i first, __m512i second, int two)
{
    __m512i from = _mm512_loadu_si512(places);
    return two ? _mm512_permutex2var_epi8(first, from, second)
               : _mm512_permutexvar_epi8(from, first);
}

INLINE __m512i substitute(__m512i x)
{
    const __m512i box =
        _mm512_broadcast_i32x4(_mm_setr_epi8(14, 13, 11, 0, 2, 1, 4, 15, 7, 10, 8, 5, 9, 12, 3, 6));
    return _mm512_maskz_shuffle_epi8(UINT64_C(0xF0F0F0F0F0F0F0F0), box, x);
}

/* S-box and products; those of a and c end in a. `wide`: b is in use. */
INLINE struct registers multiply(struct registers x, __m512i counter, int wide)
{
    const __m512i low = _mm512_set1_epi64(0x0000000008040201);
    const __m512i high = _mm512_set1_epi64(0x0408010200000000);
    __m512i a = _mm512_gf2p8affine_epi64_epi8(low, substitute(x.a), 0);
    __m512i c = _mm512_gf2p8affine_epi64_epi8(high, substitute(x.c), 0);
    x.a = _mm512_ternarylogic_epi64(a, c, counter, 0x96);
    if (wide)
        x.b = _mm512_gf2p8affine_epi64_epi8(low, substitute(x.b), 0);
    return x;
}

/* Each product to its place in the next round. */
INLINE struct registers gather(const uint8_t places[3][64], struct registers x, int wide)
{
    __m512i a = x.a, b = x.b;
    x.a = pick(places[0], a, b, wide);
    x.c = pick(places[2], a, b, wide);
    if (wide)
        x.b = pick(places[1], a, b, wide);
    return x;
}

INLINE __m512i place_counter(uint16_t counter)
{
    const __mmask64 bytes = 1 << 0 | 1 << 5 | 1 << 14 | 1 << 11;
    return _mm512_maskz_mov_epi8(bytes, _mm512_set1_epi32((int)_pdep_u32(counter, 0x0F0F0F0F)));
}

INLINE void permute(uint64_t *state, unsigned bits, const struct places *places,
                    const uint16_t *counter, unsigned rounds, int wide)
{
    const __m512i nibble = _mm512_set1_epi8(15);
    const __mmask64 used = (UINT64_C(1) << bits / 8) - 1;
    state[0] ^= counter[0] & 0xFF;
    state[(bits - 8) / 64] ^= (uint64_t)(counter[0] >> 8) << (bits - 8) % 64;
    __m512i packed = _mm512_maskz_loadu_epi8(used, state);
    __m512i even = _mm512_and_si512(packed, nibble);
    __m512i odd = _mm512_and_si512(_mm512_srli_epi16(packed, 4), nibble);
    struct registers x = {
        .a = pick(places->unpack[0], even, odd, 1),
        .b = pick(places->unpack[1], even, odd, 1),
        .c = pick(places->unpack[2], even, odd, 1),
    };
    for (unsigned r = 1; r < rounds; r++) {
        x = multiply(x, place_counter(counter[r]), wide);
        x = gather(places->gather, x, wide);
    }
    x = multiply(x, _mm512_setzero_si512(), wide);
    packed = _mm512_or_si512(pick(places->pack[0], x.a, x.b, wide),
                             _mm512_slli_epi16(pick(places->pack[1], x.a, x.b, wide), 4));
    _mm512_mask_storeu_epi8(state, used, packed);
}

TARGET static void permute_176(uint64_t *state)
{
    permute(state, 176, &places_176, SEMO_COUNTERS_176, 90, 0);
}

TARGET static void permute_240(uint64_t *state)
{
    permute(state, 240, &places_240, SEMO_COUNTERS_240, 120, 0);
}

/* 66 nibbles are not whole groups. */
static void permute_264(uint64_t *state)
{
    semo_permutation_bmi2.permute[SEMO_WIDTH_264](state);
}

TARGET static void permute_336(uint64_t *state)
{
    permute(state, 336, &places_336, SEMO_COUNTERS_336, 170, 1);
}

const struct semo_permutation semo_permutation_avx512 = {
    .name = "avx512",
    .permute = {permute_176, permute_240, permute_264, permute_336},
};
#endif
