/* SPDX-License-Identifier: Apache-2.0 */
/* The permutation as the specification words it, bit by bit: the oracle of the tests and the slow
 * side of the bench. Also the duplex phases of a wrap, from the framing rules alone. */
#ifndef SEMO_TESTS_BITLOOP_H
#define SEMO_TESTS_BITLOOP_H

#include <stdint.h>

unsigned semo_bitloop_width(unsigned security); /* in bits */
void semo_bitloop_permute(unsigned width, uint64_t *state);
/* Even lengths, ad_len > 0; len 0 gives the MAC. */
void semo_bitloop_wrap(unsigned security, const uint8_t *key, const uint8_t *ad, unsigned ad_len,
                       const uint8_t *body, unsigned len, uint8_t *out, uint8_t *tag);

#endif
