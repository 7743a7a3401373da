/* SPDX-License-Identifier: Apache-2.0 */
/* Random words of an emulated chip: the operating system's, or with a seed SHA-256 in counter mode
 * over (seed, node name), for reproducible runs only. */
#ifndef SEMO_DRBG_H
#define SEMO_DRBG_H

#include <stdbool.h>
#include <stdint.h>

struct semo_drbg {
    bool seeded;
    uint64_t seed, counter;
    char name[32];
    unsigned left; /* unused bytes at the end of block */
    uint8_t block[32];
};

void semo_drbg_fill(struct semo_drbg *d, void *out, unsigned len); /* succeeds or aborts */

#endif
