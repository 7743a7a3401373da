/* SPDX-License-Identifier: Apache-2.0 */
/* The unprotected C library of a program of `semo cc`: printing on the print port, random numbers,
 * a heap. A module's call of one of these is a call out. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sancus_support/sm_io.h>

#define PRINT_PORT (*(volatile unsigned char *)0x84)

int putchar(int c)
{
    PRINT_PORT = (unsigned char)c;
    return (unsigned char)c;
}

struct output {
    char *to; /* NULL: the print port */
    size_t size, len;
};

static void put(struct output *o, char c)
{
    if (!o->to)
        putchar(c);
    else if (o->len + 1 < o->size)
        o->to[o->len] = c;
    o->len++;
}

struct field {
    unsigned width, precision;
    unsigned char left, zero, plus, blank, alternate; /* flags */
    unsigned char longs, has_precision;
};

static void put_padded(struct output *o, const struct field *f, const char *text, unsigned len)
{
    unsigned fill = f->width > len ? f->width - len : 0;
    if (!f->left)
        while (fill) {
            put(o, ' ');
            fill--;
        }
    while (len--)
        put(o, *text++);
    while (fill--)
        if (f->left)
            put(o, ' ');
        else
            break;
}

/* Divides the number, lowest word first; the remainder. */
static unsigned divide(uint16_t *words, unsigned base)
{
    unsigned long rest = 0;
    bool begun = false;
    for (int i = 3; i >= 0; i--) {
        begun |= words[i] != 0;
        if (!begun)
            continue;
        rest = rest << 16 | words[i];
        words[i] = (uint16_t)(rest / base);
        rest %= base;
    }
    return (unsigned)rest;
}

/* prefix: a sign or 0x, in front of the zeros that fill the field. */
static void put_number(struct output *o, const struct field *f, unsigned long long value,
                       const char *prefix, unsigned base, char ten)
{
    char text[28];
    uint16_t words[4];
    unsigned at = sizeof text, sign = (unsigned)strlen(prefix);
    unsigned least = f->has_precision ? f->precision : 1;
    if (f->zero && !f->left && !f->has_precision && f->width > sign)
        least = f->width - sign;
    if (least > sizeof text - 2)
        least = sizeof text - 2;
    memcpy(words, &value, sizeof words);
    while (words[0] || words[1] || words[2] || words[3] || sizeof text - at < least) {
        unsigned digit = divide(words, base);
        text[--at] = (char)(digit < 10 ? '0' + digit : ten + digit - 10);
    }
    at -= sign;
    memcpy(text + at, prefix, sign);
    put_padded(o, f, text + at, (unsigned)sizeof text - at);
}

static bool read_flag(char c, struct field *f)
{
    unsigned char *flag = c == '0'   ? &f->zero
                          : c == '-' ? &f->left
                          : c == '+' ? &f->plus
                          : c == ' ' ? &f->blank
                          : c == '#' ? &f->alternate
                                     : NULL;
    return flag && (*flag = 1);
}

/* A number, or * for one among the arguments. */
static const char *read_width(const char *at, unsigned *width, va_list *arguments)
{
    if (*at == '*') {
        *width = va_arg(*arguments, unsigned);
        return at + 1;
    }
    for (; *at >= '0' && *at <= '9'; at++)
        *width = *width * 10 + (unsigned)(*at - '0');
    return at;
}

static const char *read_field(const char *at, struct field *f, va_list *arguments)
{
    memset(f, 0, sizeof *f);
    while (read_flag(*at, f))
        at++;
    at = read_width(at, &f->width, arguments);
    if (*at == '.') {
        f->has_precision = 1;
        at = read_width(at + 1, &f->precision, arguments);
    }
    for (; *at == 'l' || *at == 'h' || *at == 'z'; at++)
        f->longs += *at == 'l';
    return at;
}

#define NUMBER(type, f, arguments)                                                                 \
    ((f)->longs == 0   ? va_arg(*(arguments), type)                                                \
     : (f)->longs == 1 ? va_arg(*(arguments), type long)                                           \
                       : va_arg(*(arguments), type long long))

static void put_signed(struct output *o, const struct field *f, va_list *arguments)
{
    long long n = NUMBER(int, f, arguments);
    put_number(o, f, n < 0 ? -(unsigned long long)n : (unsigned long long)n,
               n < 0      ? "-"
               : f->plus  ? "+"
               : f->blank ? " "
                          : "",
               10, 0);
}

static void put_unsigned(struct output *o, const struct field *f, char kind, va_list *arguments)
{
    unsigned long long n = NUMBER(unsigned, f, arguments);
    unsigned base = kind == 'u' ? 10 : kind == 'o' ? 8 : 16;
    const char *prefix = !f->alternate || !n || kind == 'u' ? ""
                         : kind == 'o'                      ? "0"
                         : kind == 'x'                      ? "0x"
                                                            : "0X";
    put_number(o, f, n, prefix, base, kind == 'X' ? 'A' : 'a');
}

static void put_text(struct output *o, const struct field *f, const char *s)
{
    unsigned len = 0;
    s = s ? s : "(null)";
    while (!(f->has_precision && len == f->precision) && s[len])
        len++;
    put_padded(o, f, s, len);
}

static void put_value(struct output *o, struct field *f, char kind, va_list *arguments)
{
    if (kind == 'd' || kind == 'i') {
        put_signed(o, f, arguments);
    } else if (kind == 'u' || kind == 'x' || kind == 'X' || kind == 'o') {
        put_unsigned(o, f, kind, arguments);
    } else if (kind == 'p') {
        f->has_precision = 1;
        f->precision = 4;
        put_number(o, f, (uintptr_t)va_arg(*arguments, void *), "0x", 16, 'a');
    } else if (kind == 'c') {
        char c = (char)va_arg(*arguments, int);
        put_padded(o, f, &c, 1);
    } else if (kind == 's') {
        put_text(o, f, va_arg(*arguments, const char *));
    } else {
        put(o, kind);
    }
}

static void format_all(struct output *o, const char *format, va_list given)
{
    struct field f;
    va_list arguments;
    va_copy(arguments, given);
    for (; *format; format++) {
        if (*format != '%') {
            put(o, *format);
            continue;
        }
        format = read_field(format + 1, &f, &arguments);
        if (*format == 0)
            break;
        put_value(o, &f, *format, &arguments);
    }
    va_end(arguments);
}

int vsnprintf(char *to, size_t size, const char *format, va_list arguments)
{
    char none;
    struct output o = {size ? to : &none, size, 0};
    format_all(&o, format, arguments);
    if (size)
        to[o.len < size ? o.len : size - 1] = 0;
    return (int)o.len;
}

int snprintf(char *to, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(to, size, format, arguments);
    va_end(arguments);
    return len;
}

int sprintf(char *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(to, 0x7FFF, format, arguments);
    va_end(arguments);
    return len;
}

int vprintf(const char *format, va_list arguments)
{
    struct output o = {NULL, 0, 0};
    format_all(&o, format, arguments);
    return (int)o.len;
}

int printf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vprintf(format, arguments);
    va_end(arguments);
    return len;
}

int puts(const char *text)
{
    while (*text)
        putchar(*text++);
    return putchar('\n');
}

void printf0(const char *text)
{
    printf("%s", text);
}

void printf1(const char *format, int a)
{
    printf(format, a);
}

void printf2(const char *format, int a, int b)
{
    printf(format, a, b);
}

void printf3(const char *format, int a, int b, int c)
{
    printf(format, a, b, c);
}

void pr_sm_info(struct SancusModule *sm)
{
    printf("%s: id %u, vendor %04x, text %p-%p, data %p-%p\n", sm->name, sm->id, sm->vendor_id,
           sm->public_start, sm->public_end, sm->secret_start, sm->secret_end);
}

/* ---- stdlib ---- */

int errno;

static unsigned long random_state = 1;

void srand(unsigned seed)
{
    random_state = seed;
}

int rand(void)
{
    random_state = random_state * 1103515245 + 12345;
    return (int)((random_state >> 16) & 0x7FFF);
}

int abs(int n)
{
    return n < 0 ? -n : n;
}

int atoi(const char *text)
{
    int n = 0, negative;
    while (*text == ' ' || *text == '\t' || *text == '\n')
        text++;
    negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    while (*text >= '0' && *text <= '9')
        n = n * 10 + (*text++ - '0');
    return negative ? -n : n;
}

/* First fit over one list of blocks, in order of address; neighbours are joined when they are met.
 */
struct block {
    unsigned size; /* bytes behind the header, even; bit 0: in use */
};

extern char __heap_start[], __heap_end[];
static char *heap;

void *malloc(size_t size)
{
    struct block *b, *next;
    size = (size + 1) & ~1u;
    if (!heap) {
        heap = __heap_start;
        ((struct block *)heap)->size = (unsigned)(__heap_end - __heap_start) - sizeof *b;
    }
    for (char *at = heap; at < __heap_end; at += sizeof *b + (b->size & ~1u)) {
        b = (struct block *)at;
        if (b->size & 1)
            continue;
        for (;;) {
            next = (struct block *)(at + sizeof *b + b->size);
            if ((char *)next >= __heap_end || (next->size & 1))
                break;
            b->size += sizeof *b + next->size;
        }
        if (size == 0 || b->size < size)
            continue;
        if (b->size >= size + sizeof *b + 2) {
            ((struct block *)(at + sizeof *b + size))->size = b->size - size - sizeof *b;
            b->size = size;
        }
        b->size |= 1;
        return b + 1;
    }
    return NULL;
}

void *calloc(size_t count, size_t size)
{
    if (size && count > 0x7FFF / size)
        return NULL;
    void *block = malloc(count * size);
    if (block)
        memset(block, 0, count * size);
    return block;
}

void free(void *block)
{
    if (block)
        ((struct block *)block - 1)->size &= ~1u;
}
