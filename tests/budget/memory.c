/* SPDX-License-Identifier: Apache-2.0 */
/* The C library chooses these by the CPU; a budget must not depend on it. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    while (len--)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t len)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    if (t <= f)
        return memcpy(to, from, len);
    while (len--)
        t[len] = f[len];
    return to;
}

void *memset(void *to, int value, size_t len)
{
    uint8_t *t = to;
    while (len--)
        *t++ = (uint8_t)value;
    return to;
}

int memcmp(const void *one, const void *other, size_t len)
{
    const uint8_t *a = one, *b = other;
    while (len && *a == *b)
        len--, a++, b++;
    return len ? *a - *b : 0;
}
