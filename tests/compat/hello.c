/* SPDX-License-Identifier: Apache-2.0 */
#include <msp430.h>
#include <stdio.h>
#include <sancus_support/sm_io.h>

int main()
{
    msp430_io_init();
    printf("hello %s, %d %5u|%-4x|%04x %c %%\n", "world", -7, 42u, 0xAB, 0xBEEF & 0xFFF, '!');
    printf("%ld %lu %lx %p\n", -100000L, 4000000000UL, 0x12345678L, (void *)0x5c00);
    puts("done");
    return 0;
}
