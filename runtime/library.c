/* SPDX-License-Identifier: Apache-2.0 */
/* Of the C library, for authors (runtime/include) and for what else is linked with a module; memcpy
 * and memset are the target's. */
#include "runtime/include/stdlib.h"
#include "runtime/include/string.h"

/* Keeps the compiler from finding the function in its own loop. */
#define NO_IDIOM __asm__ volatile("" ::: "memory")

void *memmove(void *to, const void *from, size_t len)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    for (size_t i = 0; t <= f && i < len; i++) {
        NO_IDIOM;
        t[i] = f[i];
    }
    while (t > f && len--) {
        NO_IDIOM;
        t[len] = f[len];
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const unsigned char *x = a, *y = b;
    for (; len && *x == *y; x++, y++)
        len--;
    return len ? *x - *y : 0;
}

size_t strlen(const char *text)
{
    size_t len = 0;
    for (; text[len]; len++)
        NO_IDIOM;
    return len;
}

int strncmp(const char *a, const char *b, size_t len)
{
    for (; len && *a && *a == *b; a++, b++)
        len--;
    return len ? (unsigned char)*a - (unsigned char)*b : 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, (size_t)-1);
}

char *strncpy(char *restrict to, const char *restrict from, size_t len)
{
    size_t i = 0;
    for (; i < len && from[i]; i++)
        to[i] = from[i];
    for (; i < len; i++) {
        NO_IDIOM;
        to[i] = 0;
    }
    return to;
}

char *strcpy(char *restrict to, const char *restrict from)
{
    return memcpy(to, from, strlen(from) + 1);
}

int abs(int n)
{
    return n < 0 ? -n : n;
}

int atoi(const char *text)
{
    int n = 0, sign = 1;
    while (*text == ' ')
        text++;
    if (*text == '-' || *text == '+')
        sign = *text++ == '-' ? -1 : 1;
    for (; *text >= '0' && *text <= '9'; text++)
        n = n * 10 + sign * (*text - '0');
    return n;
}
