/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of <sancus_support/...> from modules and from everybody: files, digits, uart, clock.
 */
#include <sancus/sm_support.h>
#include <sancus_support/fileio.h>
#include <sancus_support/led_digits.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/timer.h>
#include <sancus_support/tsc.h>
#include <sancus_support/uart.h>
#include <stdio.h>

DECLARE_SM(scrambler, 0x2020);

static unsigned char SM_DATA(scrambler) key[4] = {0x13, 0x37, 0xC0, 0xDE};
static unsigned SM_DATA(scrambler) at;

unsigned char SM_ENTRY(scrambler) scramble(unsigned char c)
{
    return c ^ key[at++ % sizeof key];
}

void SM_ENTRY(scrambler) scramble_line(void)
{
    while (fileio_available()) {
        unsigned char c = fileio_getc();
        fileio_putc(scramble(c) ^ key[(at - 1) % sizeof key] ^ 0x20);
        if (c == '\n')
            return;
    }
}

static int SM_FUNC(scrambler) busy(unsigned n)
{
    volatile unsigned i;
    for (i = 0; i < n; i++)
        ;
    return (int)i;
}

unsigned long SM_ENTRY(scrambler) scramble_cycles(unsigned n)
{
    tsc_t start = tsc_read();
    busy(n);
    return (unsigned long)(tsc_read() - start);
}

int main()
{
    static const unsigned char text[] = {'u', 'a', 'r', 't', '\n'};
    msp430_io_init();
    uart_init();
    sancus_enable(&scrambler);
    for (int i = 0; i < 2; i++)
        scramble_line();
    uart_write(text, sizeof text);
    uart_write_byte('!');
    uart2_write_byte('\n');
    led_digits_update('S', 'A', 'n', 'c', 'u', 'S', '4', '2');
    for (unsigned i = 0; i < 8; i++)
        printf("%02x ", *(volatile unsigned char *)(0x90 + i));
    printf("\n%u\n", uart_available());
    unsigned long few = scramble_cycles(10), many = scramble_cycles(1010);
    printf("%d\n", many > few + 9000 && many < few + 40000);
    timer_tsc_start();
    printf("%d\n", timer_tsc_end() > 0);
    return 0;
}
