/* SPDX-License-Identifier: Apache-2.0 */
/* Copies: words from one buffer to another and back, bytes to an odd place, words rotated. */
#include "bench/programs/program.h"

#define WORDS 256

static uint16_t one[WORDS], other[WORDS];

static void copy_words(uint16_t *to, const uint16_t *from, uint16_t count)
{
    while (count--)
        *to++ = *from++;
}

static void copy_bytes(uint8_t *to, const uint8_t *from, uint16_t count)
{
    while (count--)
        *to++ = *from++;
}

uint16_t program_run(uint16_t rounds)
{
    uint16_t sum = 0;
    for (uint16_t i = 0; i < WORDS; i++)
        one[i] = (uint16_t)(i << 8 ^ i << 3 ^ 0x5A);
    for (uint16_t round = 0; round < rounds; round++) {
        uint16_t shift = (uint16_t)(1 + round % 63);
        copy_words(other, one + shift, (uint16_t)(WORDS - shift));
        copy_words(other + WORDS - shift, one, shift);
        copy_bytes((uint8_t *)one + 3, (const uint8_t *)other, 128);
        copy_words(one + 64, other + 64, WORDS - 64);
        sum = program_crc(sum, one[round % WORDS]);
    }
    for (uint16_t i = 0; i < WORDS; i++)
        sum = program_crc(sum, one[i]);
    return sum;
}
