/* SPDX-License-Identifier: Apache-2.0 */
/* The C library chooses these by the CPU; a budget must not depend on it. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t __attribute__((may_alias, aligned(1))) word;

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    for (; len >= sizeof(word); len -= sizeof(word), t += sizeof(word), f += sizeof(word))
        *(word *)t = *(const word *)f;
    while (len--)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t len)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    if (t <= f)
        return memcpy(to, from, len); /* which goes upwards */
    while (len--)
        t[len] = f[len];
    return to;
}

void *memset(void *to, int value, size_t len)
{
    uint8_t *t = to;
    for (; len >= sizeof(word); len -= sizeof(word), t += sizeof(word))
        *(word *)t = (uint8_t)value * UINT64_C(0x0101010101010101);
    while (len--)
        *t++ = (uint8_t)value;
    return to;
}

int memcmp(const void *one, const void *other, size_t len)
{
    const uint8_t *a = one, *b = other;
    while (len >= sizeof(word) && *(const word *)a == *(const word *)b)
        len -= sizeof(word), a += sizeof(word), b += sizeof(word);
    while (len && *a == *b)
        len--, a++, b++;
    return len ? *a - *b : 0;
}
