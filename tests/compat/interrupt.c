/* SPDX-License-Identifier: Apache-2.0 */
/* Timer A: one vector goes into a module, the other to an ordinary function. */
#include <msp430.h>
#include <stdio.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/timer.h>

DECLARE_SM(clock, 0x1234);
SM_HANDLE_IRQ(clock, 9);

static unsigned SM_DATA(clock) ticks;
static unsigned SM_DATA(clock) from;

SM_ISR(clock, num)
{
    ticks++;
    from = num + 16 * (sancus_get_caller_id() & 15);
    TACCTL0 = 0;
    puts("tick");
}

unsigned SM_ENTRY(clock) clock_ticks(void)
{
    return ticks;
}

unsigned SM_ENTRY(clock) clock_from(void)
{
    return from;
}

static volatile unsigned others;

static void on_timer(void)
{
    timer_disable();
    others++;
}
TIMER_ISR_ENTRY(on_timer)

static unsigned deep(unsigned n)
{
    volatile unsigned keep = n;
    if (n == 0) {
        TACTL = TACLR;
        TACCR0 = 300;
        TACCTL0 = CCIE;
        TACTL = TASSEL_2 + MC_1;
        for (volatile unsigned i = 0; i < 200; i++)
            ;
        TACTL = 0;
        return 0;
    }
    return deep(n - 1) + keep;
}

int main()
{
    msp430_io_init();
    sancus_enable(&clock);
    printf("before %u\n", clock_ticks());
    __eint();
    printf("sum %u\n", deep(10));
    printf("after %u, number and caller %x\n", clock_ticks(), clock_from());
    timer_irq(100);
    while (!others)
        ;
    printf("others %u, ticks %u\n", others, clock_ticks());
    return 0;
}
