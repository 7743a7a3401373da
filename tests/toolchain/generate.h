/* SPDX-License-Identifier: Apache-2.0 */
/* Random C for the differential test: functions `uint32_t f<n>(const uint16_t *in)` whose value
 * does not depend on the width of int, on evaluation order or on anything undefined. */
#ifndef SEMO_GENERATE_H
#define SEMO_GENERATE_H

#include <stdint.h>
#include <stdio.h>

struct generator {
    FILE *out;
    uint64_t state;
    unsigned function; /* being written: those before it may be called */
    unsigned depth, loops, budget;
};

void generate_function(struct generator *g);

#endif
