/* SPDX-License-Identifier: Apache-2.0 */
/* What modules have of it. There is no heap. */
#ifndef SEMO_MODULE_STDLIB_H
#define SEMO_MODULE_STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

int abs(int n);
int atoi(const char *text);

#endif
