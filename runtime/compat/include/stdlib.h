/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEMO_COMPAT_STDLIB_H
#define SEMO_COMPAT_STDLIB_H

#include <stddef.h>
#include <sys/types.h>

#define RAND_MAX     0x7FFF
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

int rand(void);
void srand(unsigned seed);
int abs(int n);
int atoi(const char *text);
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void free(void *block);
void exit(int code) __attribute__((noreturn));
void abort(void) __attribute__((noreturn));

#endif
