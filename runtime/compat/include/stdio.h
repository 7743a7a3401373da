/* SPDX-License-Identifier: Apache-2.0 */
/* What a program of `semo cc` finds of the C library: output on the print port. */
#ifndef SEMO_COMPAT_STDIO_H
#define SEMO_COMPAT_STDIO_H

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#define EOF (-1)

int putchar(int c);
int puts(const char *text);
/* Flags 0 - + # and blank, width and precision (or *); d i u x X o c s p %, with h hh l ll z.
 * Returns the characters written. */
int printf(const char *format, ...);
int vprintf(const char *format, va_list arguments);
int sprintf(char *to, const char *format, ...);
int snprintf(char *to, size_t size, const char *format, ...);
int vsnprintf(char *to, size_t size, const char *format, va_list arguments);

#endif
