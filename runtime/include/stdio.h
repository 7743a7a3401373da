/* SPDX-License-Identifier: Apache-2.0 */
/* What modules have of it: lines of text, fetched by the event manager like every event, and
 * unauthenticated (docs/modules.md, "Printing"). */
#ifndef SEMO_MODULE_STDIO_H
#define SEMO_MODULE_STDIO_H

#include <stddef.h>

#define EOF (-1)

int putchar(int c);
int puts(const char *text);
/* Flags - + # 0 and blank, width and precision (or *); d i u x X o c s p %, with h hh l z. */
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
