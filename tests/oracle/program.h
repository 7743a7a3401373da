/* SPDX-License-Identifier: Apache-2.0 */
/* Random programs for the comparison of the oracle with the core: all of program memory is filled
 * with instructions, so that wild jumps land in code. */
#ifndef SEMO_TESTS_ORACLE_PROGRAM_H
#define SEMO_TESTS_ORACLE_PROGRAM_H

#include "tests/oracle/oracle.h"

struct program {
    uint64_t random;
    struct oracle_config config;
    uint8_t memory[65536];
    uint16_t at; /* where the next word goes */
    struct {
        uint16_t ps, pe, ss, se, vendor, nonce;
    } module[6];
    unsigned modules;
    uint16_t places[96]; /* addresses worth touching */
    unsigned place_count;
    unsigned wildness; /* 0..2: how often words are just random */
};

uint32_t program_random(struct program *p);
uint32_t program_below(struct program *p, uint32_t n);
void program_make(struct program *p, uint64_t seed, uint64_t number);

#endif
