/* SPDX-License-Identifier: Apache-2.0 */
/* Seeded choices of the tests of machine/debug. */
#ifndef SEMO_TESTS_DEBUG_RANDOM_H
#define SEMO_TESTS_DEBUG_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t debug_state;

static inline void debug_seed(void)
{
    const char *given = getenv("SEMO_SEED");
    debug_state = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
    printf("# SEMO_SEED=%llu\n", (unsigned long long)debug_state);
}

static inline uint32_t debug_random(void)
{
    debug_state = debug_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(debug_state >> 33);
}

static inline unsigned debug_count(unsigned usual)
{
    const char *count = getenv("SEMO_COUNT");
    return count ? (unsigned)strtoul(count, NULL, 0) : getenv("SOAK") ? 20 * usual : usual;
}

#endif
