/* SPDX-License-Identifier: Apache-2.0 */
/* What the targets share. An input is read through the product's own cursor; what is missing at
 * its end reads as 0. */
#ifndef SEMO_FUZZ_H
#define SEMO_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/bytes/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Looking at each format string takes longer than the run; the arguments are looked at in any case.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "check_printf=0";
}

/* What must hold for any input. */
#define FUZZ_MUST(condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* At most `most` bytes, as long as the input has them; *len how many. A heap copy, so that a read
 * past its end is seen; the caller frees it. */
static inline uint8_t *fuzz_take(struct semo_cursor *c, unsigned most, unsigned *len)
{
    *len = c->left < most ? c->left : most;
    uint8_t *copy = malloc(*len ? *len : 1);
    FUZZ_MUST(copy);
    const uint8_t *from = semo_cursor_take(c, *len);
    if (from && *len)
        memcpy(copy, from, *len);
    return copy;
}

#endif
