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

static void put_padded(const char *s, unsigned len, unsigned width, bool left)
{
    unsigned padding = width > len ? width - len : 0;
    for (unsigned i = padding; !left && i; i--)
        putchar(' ');
    for (unsigned i = 0; i < len; i++)
        putchar(s[i]);
    for (unsigned i = padding; left && i; i--)
        putchar(' ');
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
    bool left, plus, zeros, is_long;
};

static const char *read_number(const char *at, unsigned *number, struct arguments *a)
{
    if (*at == '*') {
        *number = va_arg(a->list, unsigned);
        return at + 1;
    }
    for (*number = 0; *at >= '0' && *at <= '9'; at++)
        *number = *number * 10 + (unsigned)(*at - '0');
    return at;
}

static const char *read_conversion(const char *at, struct conversion *v, struct arguments *a)
{
    bool precise;
    *v = (struct conversion){.width = 0};
    for (; *at == '-' || *at == '+' || *at == '0'; at++) {
        v->left |= *at == '-';
        v->plus |= *at == '+';
        v->zeros |= *at == '0';
    }
    at = read_number(at, &v->width, a);
    precise = *at == '.';
    if (precise)
        at = read_number(at + 1, &v->precision, a);
    for (; *at == 'h' || *at == 'l' || *at == 'z'; at++)
        v->is_long = *at == 'l' || (*at == 'z' && sizeof(size_t) == sizeof(long));
    v->letter = *at;
    if (v->letter == 's' && !precise)
        v->precision = (unsigned)-1;
    v->zeros &= !v->left && !precise;
    return *at ? at + 1 : at;
}

/* sign: 0 for none. */
static void put_number(const struct conversion *v, unsigned long n, char sign)
{
    char digits[24];
    unsigned at = sizeof digits, least = v->precision;
    if (v->zeros && v->width > (sign != 0))
        least = v->width - (sign != 0);
    unsigned base = v->letter == 'o'                                           ? 8
                    : v->letter == 'x' || v->letter == 'X' || v->letter == 'p' ? 16
                                                                               : 10;
    do {
        unsigned digit = (unsigned)(n % base);
        digits[--at] = (char)((digit < 10 ? '0' : v->letter == 'X' ? 'A' - 10 : 'a' - 10) + digit);
        n /= base;
    } while (n);
    while (at > 1 && sizeof digits - at < least)
        digits[--at] = '0';
    if (sign)
        digits[--at] = sign;
    put_padded(digits + at, sizeof digits - at, v->width, v->left);
}

static void put_integer(const struct conversion *v, struct arguments *a)
{
    bool is_signed = v->letter == 'd' || v->letter == 'i';
    long n;
    if (v->letter == 'p')
        n = (long)(uintptr_t)va_arg(a->list, void *);
    else if (v->is_long)
        n = va_arg(a->list, long);
    else
        n = is_signed ? va_arg(a->list, int) : (long)va_arg(a->list, unsigned);
    bool negative = is_signed && n < 0;
    put_number(v, negative ? -(unsigned long)n : (unsigned long)n,
               negative ? '-' : (char)(is_signed && v->plus ? '+' : 0));
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
