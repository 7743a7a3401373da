/* SPDX-License-Identifier: Apache-2.0 */
/* <sancus_support/...>: the devices of the simulated board. */
#include <msp430.h>
#include <sancus_support/fileio.h>
#include <sancus_support/led_digits.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/timer.h>
#include <sancus_support/uart.h>

#define FILE_STATUS SEMO_REGISTER8(0xC0)
#define FILE_DATA   SEMO_REGISTER8(0xC2)

void msp430_io_init(void)
{
    WDTCTL = WDTPW + WDTHOLD;
    uart_init();
}

/* ---- uart ---- */

void uart_init(void)
{
}

void uart_set_receive_cb(uart_receive_cb callback)
{
    (void)callback; /* the port receives nothing */
}

size_t uart_available(void)
{
    return 0;
}

/* Not putchar, which may be the program's own and come here. */
void uart_write_byte(unsigned char byte)
{
    SEMO_REGISTER8(0x84) = byte;
}

void uart2_write_byte(unsigned char byte)
{
    uart_write_byte(byte);
}

void uart_write(const unsigned char *bytes, size_t size)
{
    while (size--)
        uart_write_byte(*bytes++);
}

unsigned char uart_read_byte(void)
{
    for (;;)
        __nop();
}

void uart_read(unsigned char *bytes, size_t size)
{
    while (size--)
        *bytes++ = uart_read_byte();
}

void uart_flush(void)
{
}

/* ---- file device ---- */

int fileio_available(void)
{
    return FILE_STATUS & 1;
}

unsigned char fileio_getc(void)
{
    while (!fileio_available())
        ;
    return FILE_DATA;
}

void fileio_putc(unsigned char c)
{
    FILE_DATA = c;
}

/* ---- timer A on the cycle clock ---- */

uint16_t __isr_stack[ISR_STACK_SIZE];
void *__isr_sp = &__isr_stack[ISR_STACK_SIZE - 1];

void timer_disable(void)
{
    TACTL = TACTL_DISABLE;
    TACCTL0 = TACCTL_DISABLE;
}

void timer_init(void)
{
    timer_disable();
}

void timer_irq(int interval)
{
    TACTL = TACTL_DISABLE;
    TACCR0 = (unsigned)interval;
    TACTL = TACTL_ENABLE;
}

void timer_irqc(int interval)
{
    TACTL = TACTL_DISABLE;
    TACCR0 = (unsigned)interval;
    TACCTL0 = CCIE;
    TACTL = TACTL_CONTINUOUS;
}

void timer_tsc_start(void)
{
    TACTL = TACTL_DISABLE;
    TACTL = TACTL_CONTINUOUS;
}

int timer_tsc_end(void)
{
    return (int)TAR;
}

/* ---- LED digits: bit 0 is segment a, ... bit 6 segment g ---- */

static unsigned char segments(char c)
{
    static const char shown[] = "0123456789AbCdEFHLnoPrStUy-_";
    static const unsigned char bits[] = {0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F,
                                         0x77, 0x7C, 0x39, 0x5E, 0x79, 0x71, 0x76, 0x38, 0x54, 0x5C,
                                         0x73, 0x50, 0x6D, 0x78, 0x3E, 0x6E, 0x40, 0x08};
    for (unsigned i = 0; shown[i]; i++)
        if (shown[i] == c || (shown[i] ^ 0x20) == c)
            return bits[i];
    return 0;
}

void led_digits_update(char c1, char c2, char c3, char c4, char c5, char c6, char c7, char c8)
{
    const char text[8] = {c1, c2, c3, c4, c5, c6, c7, c8};
    for (unsigned i = 0; i < 8; i++)
        SEMO_REGISTER8(0x90 + i) = segments(text[i]);
}
