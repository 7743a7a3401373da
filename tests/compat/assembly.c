/* SPDX-License-Identifier: Apache-2.0 */
/* Assembly inside module functions: decimal addition, flags, bytes swapped, a loop. */
#include <sancus/sm_support.h>
#include <stdio.h>

DECLARE_SM(bcd, 0x1234);

static unsigned SM_DATA(bcd) clock_time = 0x2358;

static inline unsigned add_decimal(unsigned a, unsigned b)
{
    unsigned result;
    asm("clrc\n\tdadd %2, %0" : "=r"(result) : "0"(a), "r"(b));
    return result;
}

SM_FUNC(bcd) unsigned swap(unsigned n)
{
    asm volatile("swpb %0" : "+r"(n));
    return n;
}

unsigned SM_ENTRY(bcd) bcd_minute(void)
{
    clock_time = add_decimal(clock_time, 1);
    if ((clock_time & 0xFF) == 0x60)
        clock_time = add_decimal(clock_time & 0xFF00, 0x100);
    if (clock_time == 0x2400)
        clock_time = 0;
    return clock_time;
}

unsigned SM_ENTRY(bcd) bcd_of(unsigned n)
{
    unsigned result = 0;
    asm volatile("mov #16, r11\n"
                 "1: rla %1\n\t"
                 "dadd %0, %0\n\t"
                 "dec r11\n\t"
                 "jnz 1b"
                 : "+r"(result), "+r"(n)
                 :
                 : "r11");
    return result;
}

unsigned SM_ENTRY(bcd) bcd_swapped(unsigned n)
{
    return swap(n);
}

int main(void)
{
    sancus_enable(&bcd);
    for (int i = 0; i < 4; i++)
        printf("%04x ", bcd_minute());
    printf("\n%x %x %x\n", bcd_of(1234), bcd_of(9999), bcd_of(0));
    printf("%x\n", bcd_swapped(0x1234));
    return 0;
}
