/* SPDX-License-Identifier: Apache-2.0 */
/* Names and source lines of the addresses of an executable, as far as the file has them. */
#ifndef SEMO_SYMBOLS_H
#define SEMO_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "machine/debug/lines.h"

struct semo_symbols;

struct semo_position { /* NULL and 0 = not known */
    const char *symbol;
    uint16_t offset; /* from the symbol */
    struct semo_line source;
};

/* NULL: no memory. An image without symbols, or with broken ones, has none. The image must stay. */
struct semo_symbols *semo_symbols_read(const void *elf, size_t len);
void semo_symbols_free(struct semo_symbols *s);
/* s may be NULL. */
struct semo_position semo_symbols_at(const struct semo_symbols *s, uint16_t address);
/* false: there is no such symbol. */
bool semo_symbols_find(const struct semo_symbols *s, const char *name, uint16_t *address,
                       uint16_t *size);
/* "name+4, file.c:12", or "" ; returns out. */
const char *semo_position_print(const struct semo_position *p, char *out, size_t room);

#endif
