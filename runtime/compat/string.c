/* SPDX-License-Identifier: Apache-2.0 */
/* Copied into every module that uses them: a call outside would carry private pointers. */
#include <string.h>

void *memmove(void *to, const void *from, size_t len)
{
    char *t = to;
    const char *f = from;
    if (t <= f) {
        while (len--)
            *t++ = *f++;
    } else {
        while (len--)
            t[len] = f[len];
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const unsigned char *x = a, *y = b;
    for (; len; len--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s)
{
    const char *end = s;
    while (*end)
        end++;
    return (size_t)(end - s);
}

int strncmp(const char *a, const char *b, size_t len)
{
    for (; len && *a && *a == *b; len--)
        a++, b++;
    return len ? (unsigned char)*a - (unsigned char)*b : 0;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}

char *strcpy(char *to, const char *from)
{
    char *t = to;
    while ((*t++ = *from++))
        ;
    return to;
}

char *strncpy(char *to, const char *from, size_t len)
{
    char *t = to;
    for (; len && *from; len--)
        *t++ = *from++;
    for (; len; len--)
        *t++ = 0;
    return to;
}

char *strcat(char *to, const char *from)
{
    char *t = to;
    while (*t)
        t++;
    while ((*t++ = *from++))
        ;
    return to;
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)s;
        if (*s == 0)
            return NULL;
    }
}
