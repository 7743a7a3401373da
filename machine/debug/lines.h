/* SPDX-License-Identifier: Apache-2.0 */
/* Which source line an address belongs to: a bounded reader of .debug_line, DWARF 2 to 4. Any bytes
 * are survived: what is malformed ends the reading, and what was read before stays. Own code, for
 * libdw takes the 2-byte addresses of MSP430 for 8-byte ones. */
#ifndef SEMO_LINES_H
#define SEMO_LINES_H

#include <stdint.h>

struct semo_lines;

struct semo_line { /* strings live as long as the lines; NULL and 0 = not known */
    const char *folder, *file;
    unsigned line;
};

/* Copies the section. NULL: no memory. */
struct semo_lines *semo_lines_read(const void *section, uint32_t len);
void semo_lines_free(struct semo_lines *l);
struct semo_line semo_lines_at(const struct semo_lines *l, uint16_t address);

#endif
