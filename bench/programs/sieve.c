/* SPDX-License-Identifier: Apache-2.0 */
/* The sieve of Eratosthenes over odd numbers, one byte each. */
#include "bench/programs/program.h"

#define ODDS 2000

static uint8_t crossed[ODDS];

/* How many odd primes are below 2 * ODDS + 3. What is crossed out becomes `mark`. */
static uint16_t sieve(uint8_t mark)
{
    uint16_t primes = 0;
    for (uint16_t i = 0; i < ODDS; i++) {
        if (crossed[i] == mark)
            continue;
        uint16_t prime = (uint16_t)(i + i + 3);
        for (uint16_t k = (uint16_t)(i + prime); k < ODDS; k = (uint16_t)(k + prime))
            crossed[k] = mark;
        primes++;
    }
    return primes;
}

uint16_t program_run(uint16_t rounds)
{
    uint16_t sum = 0;
    for (uint16_t round = 0; round < rounds; round++) {
        uint8_t mark = (uint8_t)(1 + (round & 1));
        for (uint16_t i = 0; i < ODDS; i++)
            crossed[i] = 0;
        sum = program_crc(sum, sieve(mark));
        sum = (uint16_t)(sum + crossed[round % ODDS]);
    }
    return sum;
}
