/* SPDX-License-Identifier: Apache-2.0 */
/* A module that calls one of these gets a copy of its own: nothing leaves it. */
#ifndef SEMO_COMPAT_STRING_H
#define SEMO_COMPAT_STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t len);
char *strcpy(char *to, const char *from);
char *strncpy(char *to, const char *from, size_t len);
char *strcat(char *to, const char *from);
char *strchr(const char *s, int c);

#endif
