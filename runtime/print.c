/* SPDX-License-Identifier: Apache-2.0 */
/* What the author prints. The characters wait in private memory; when no event waits any more, the
 * next line of them goes into the queue as a frame of connection 0. Nothing is sealed: whoever has
 * the event manager may read it, forge it and lose it. Linked only into modules that print. */
#include <stdarg.h>
#include "runtime/include/stdio.h"
#include "runtime/include/string.h"
#include "runtime/runtime.h"

extern const char semo_module_name[]; /* made by the build tool */

static char text[SEMO_PRINT_ROOM];
static uint16_t text_len;
static bool lost; /* some that had no room */

int putchar(int c)
{
    if (text_len < sizeof text)
        text[text_len++] = (char)c;
    else
        lost = true;
    return (unsigned char)c;
}

static void put_many(char c, unsigned many)
{
    while (many--)
        putchar(c);
}

static void put_padded(const char *s, unsigned len, unsigned width, bool left)
{
    unsigned padding = width > len ? width - len : 0;
    put_many(' ', left ? 0 : padding);
    for (unsigned i = 0; i < len; i++)
        putchar(s[i]);
    put_many(' ', left ? padding : 0);
}

int puts(const char *s)
{
    put_padded(s, (unsigned)strlen(s), 0, false);
    putchar('\n');
    return 0;
}

/* The arguments of one call; va_list may be an array. */
struct arguments {
    va_list list;
};

struct conversion {
    unsigned width, precision; /* of a text: at most; of a number: at least */
    char letter;
    uint8_t shorter; /* times h */
    bool left, plus, space, prefixed, zeros, precise, is_long;
};

/* More than there is room for is not asked of the loops. */
static const char *read_number(const char *at, int *number, struct arguments *a)
{
    const int most = SEMO_PRINT_ROOM;
    *number = 0;
    if (*at == '*') {
        at++;
        *number = va_arg(a->list, int);
    }
    for (; *at >= '0' && *at <= '9'; at++)
        *number = *number > most ? most : *number * 10 + (*at - '0');
    *number = *number > most ? most : *number < -most ? -most : *number;
    return at;
}

static const char *read_flags(const char *at, struct conversion *v)
{
    for (;; at++)
        switch (*at) {
        case '-':
            v->left = true;
            break;
        case '+':
            v->plus = true;
            break;
        case ' ':
            v->space = true;
            break;
        case '#':
            v->prefixed = true;
            break;
        case '0':
            v->zeros = true;
            break;
        default:
            return at;
        }
}

static const char *read_conversion(const char *at, struct conversion *v, struct arguments *a)
{
    int number;
    *v = (struct conversion){.width = 0};
    at = read_number(read_flags(at, v), &number, a);
    v->left |= number < 0;
    v->width = (unsigned)(number < 0 ? -number : number);
    if (*at == '.') {
        at = read_number(at + 1, &number, a);
        v->precise = number >= 0;
        v->precision = v->precise ? (unsigned)number : 0;
    }
    for (; *at == 'h' || *at == 'l' || *at == 'z'; at++) {
        v->shorter += *at == 'h';
        v->is_long |= *at == 'l' || (*at == 'z' && sizeof(size_t) == sizeof(long));
    }
    v->letter = *at;
    if (v->letter == 's' && !v->precise)
        v->precision = (unsigned)-1;
    v->zeros &= !v->left && !v->precise;
    return *at ? at + 1 : at;
}

static unsigned base_of(char letter)
{
    return letter == 'o' ? 8 : letter == 'x' || letter == 'X' || letter == 'p' ? 16 : 10;
}

static void put_number(const struct conversion *v, unsigned long n, const char *prefix)
{
    char digits[3 * sizeof n];
    unsigned at = sizeof digits, before = (unsigned)strlen(prefix), least = v->precision, padding;
    if (v->zeros && v->width > before)
        least = v->width - before;
    for (; n || (at == sizeof digits && (least || !v->precise)); n /= base_of(v->letter)) {
        unsigned digit = (unsigned)(n % base_of(v->letter));
        digits[--at] = (char)((digit < 10 ? '0' : v->letter == 'X' ? 'A' - 10 : 'a' - 10) + digit);
    }
    least = least > sizeof digits - at ? least : sizeof digits - at;
    padding = v->width > before + least ? v->width - before - least : 0;
    put_many(' ', v->left ? 0 : padding);
    put_padded(prefix, before, 0, false);
    put_many('0', least - (unsigned)(sizeof digits - at));
    put_padded(digits + at, (unsigned)(sizeof digits - at), 0, false);
    put_many(' ', v->left ? padding : 0);
}

static const char *prefix_of(const struct conversion *v, unsigned long n)
{
    if (!v->prefixed || n == 0)
        return "";
    return v->letter == 'x' ? "0x" : v->letter == 'X' ? "0X" : v->letter == 'o' ? "0" : "";
}

static long take_integer(const struct conversion *v, bool is_signed, struct arguments *a)
{
    long n;
    if (v->letter == 'p')
        return (long)(uintptr_t)va_arg(a->list, void *);
    if (v->is_long)
        return va_arg(a->list, long);
    n = is_signed ? va_arg(a->list, int) : (long)va_arg(a->list, unsigned);
    if (v->shorter == 1)
        n = is_signed ? (short)n : (unsigned short)n;
    if (v->shorter > 1)
        n = is_signed ? (signed char)n : (unsigned char)n;
    return n;
}

static void put_integer(const struct conversion *v, struct arguments *a)
{
    bool is_signed = v->letter == 'd' || v->letter == 'i';
    long n = take_integer(v, is_signed, a);
    if (!is_signed)
        put_number(v, (unsigned long)n, prefix_of(v, (unsigned long)n));
    else if (n < 0)
        put_number(v, -(unsigned long)n, "-");
    else
        put_number(v, (unsigned long)n, v->plus ? "+" : v->space ? " " : "");
}

static void put_text(const char *s, const struct conversion *v)
{
    unsigned len = 0;
    while (len < v->precision && s[len])
        len++;
    put_padded(s, len, v->width, v->left);
}

static void put_conversion(const struct conversion *v, struct arguments *a)
{
    const char *s;
    switch (v->letter) {
    case 's':
        s = va_arg(a->list, const char *);
        put_text(s ? s : "(null)", v);
        break;
    case 'c':
        put_padded(&(char){(char)va_arg(a->list, int)}, 1, v->width, v->left);
        break;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
    case 'p':
        put_integer(v, a);
        break;
    default:
        putchar(v->letter ? v->letter : '%');
    }
}

int printf(const char *format, ...)
{
    struct conversion v;
    struct arguments a;
    uint16_t before = text_len;
    va_start(a.list, format);
    while (*format) {
        if (*format++ != '%') {
            putchar(format[-1]);
            continue;
        }
        format = read_conversion(format, &v, &a);
        put_conversion(&v, &a);
    }
    va_end(a.list);
    return text_len - before;
}

static void forget(unsigned len)
{
    text_len = (uint16_t)(text_len - len);
    memmove(text, text + len, text_len);
}

/* Characters of the next line, without its end; lines with nothing in them are left out. */
static unsigned line_len(void)
{
    unsigned len = 0;
    while (len < text_len && text[len] == '\n')
        len++;
    forget(len);
    for (len = 0; len < text_len && len < SEMO_PRINT_LINE && text[len] != '\n';)
        len++;
    return len;
}

bool semo_print_flush(void)
{
    unsigned name_len = (unsigned)strlen(semo_module_name), len = line_len();
    uint8_t *at;
    if (len == 0 && lost) {
        lost = 0;
        puts("(more was printed than there is room for)");
        len = line_len();
    }
    at = len ? semo_queue_reserve(SEMO_PRINT_LEN(name_len + len)) : NULL;
    if (!at)
        return false;
    memset(at, 0, SEMO_PRINT_LEN(name_len + len)); /* connection 0 */
    memcpy(at + 2, semo_module_name, name_len);
    at[2 + name_len] = ':';
    at[3 + name_len] = ' ';
    memcpy(at + 4 + name_len, text, len);
    semo_queue_commit();
    forget(len);
    return true;
}
