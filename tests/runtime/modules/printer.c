/* SPDX-License-Identifier: Apache-2.0 */
#include <sancus/reactive.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

SM_DATA(printer) uint16_t table[3] = {7, 0, 0x1234};
SM_DATA(printer) static const char *text = "begun";

/* i16 | u16 | i32: each as the host prints it, too */
SM_ENTRY(printer) void numbers(uint8_t *data, size_t len)
{
    int a;
    unsigned b;
    long c;
    memcpy(&a, data, 2);
    memcpy(&b, data + 2, 2);
    memcpy(&c, data + 4, 4);
    printf("%d|%+6d|%-6i|%05d|%.4d|", a, a, a, a, a);
    printf("%u|%x|%X|%o|%04x|%-5u|", b, b, b, b, b, b);
    printf("%ld|%lu|%lx|%010ld\n", c, (unsigned long)c, (unsigned long)c, c);
}

/* i16 | i16: width and number */
SM_ENTRY(printer) void flags(uint8_t *data, size_t len)
{
    int w, a;
    memcpy(&w, data, 2);
    memcpy(&a, data + 2, 2);
    printf("% d|%#x|%#o|%#8X|%hhu|%hhd|%hx|", a, a, a, a, a, a, a);
    printf("%030d|%*d|%-*x|%.*d|%.*s|%.0d\n", a, w, a, w, a, w, a, w, "abc", a);
}

/* A text of 8 bytes, then another: what is said of them is what the host says. */
SM_ENTRY(printer) void texts(uint8_t *data, size_t len)
{
    char a[9] = {0}, b[9] = {0};
    memcpy(a, data, 8);
    strncpy(b, (char *)data + 8, 8);
    memmove(b + 1, b, 7);
    memmove(b, b + 1, 7);
    printf("%s|%10s|%-10s|%.3s|%c|%u|", a, a, b, b, a[0], (unsigned)strlen(b));
    printf("%d%d%d|%d\n", strcmp(a, b) < 0, strncmp(a, b, 3) == 0, memcmp(a, b, 8) > 0, atoi(a));
}

void SM_ENTRY(printer) start(void)
{
    printf("%s %u %u %x %d%%", text, table[0]++, table[1], table[2], abs(-5));
}

SM_ENTRY(printer) void fill(uint8_t *data, size_t len)
{
    for (unsigned i = 0; i < data[0] + 256u * data[1]; i++)
        putchar('a' + i % 26);
}
