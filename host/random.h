/* SPDX-License-Identifier: Apache-2.0 */
/* All randomness of the host programs. */
#ifndef SEMO_RANDOM_H
#define SEMO_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From here on semo_random_fill is a generator that everybody who knows the seed can follow:
 * AES-256 in counter mode under SHA-256 of the purpose and the seed. For reproducible runs only. */
void semo_random_seed(uint64_t seed, const char *purpose);
bool semo_random_is_seeded(void);
/* Always succeeds or ends the process. */
void semo_random_fill(void *out, size_t len);
/* Past any seed: for nonces under a key that outlives the run, where a repeat would be fatal. */
void semo_random_fill_unseeded(void *out, size_t len);

#endif
