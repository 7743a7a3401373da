/* SPDX-License-Identifier: Apache-2.0 */
/* The crypto unit on the bus: at which cycles it reads and writes what (reference section 8). It
 * reads one word ahead, also behind the last one, and holds a read while it is busy. Everything
 * is judged like an access of the instruction, and nothing happens from m->cut on. */
#ifndef SEMO_CRYPTO_BUS_H
#define SEMO_CRYPTO_BUS_H

#include "machine/state.h"

enum { SEMO_WORDS_MAX = 32768 };

/* Of one security level (reference 4.1). permutation: cycles of one; the others: of an operation
 * without its words; *_at: first read of an enable. Nothing here is per key. */
struct semo_crypto_costs {
    unsigned permutation, wrap, mac, unwrap, key, enable, rejected, verify, text_at, load_at;
};
const struct semo_crypto_costs *semo_crypto_costs(const struct semo_machine *m);

/* A read that is held in all cycles from..to. */
uint16_t semo_crypto_hold(struct semo_machine *m, uint64_t from, uint64_t to, uint16_t address);
/* The same for a word that is only read ahead: hardened looks at what is used, no more. */
void semo_crypto_ahead(struct semo_machine *m, uint64_t from, uint64_t to, uint16_t address);
void semo_crypto_write(struct semo_machine *m, uint64_t when, uint16_t address, uint16_t word);

/* `count` words from `start` on, the first at cycle c, as a message that the unit absorbs behind a
 * key. Returns the last cycle in which the word behind them is held. */
uint64_t semo_crypto_message(struct semo_machine *m, uint64_t c, uint16_t start, unsigned count,
                             uint16_t *words);
/* Compares all words of a tag whose comparison takes until `cost`, whatever the first one says. */
bool semo_crypto_tag_equal(struct semo_machine *m, unsigned cost, uint16_t address,
                           const uint16_t *tag);

#endif
