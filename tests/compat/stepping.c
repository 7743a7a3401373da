/* SPDX-License-Identifier: Apache-2.0 */
/* A timer cuts a module again and again: it goes on each time, at every place. */
#include <msp430.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/timer.h>
#include <stdio.h>

DECLARE_SM(work, 0x1234);
DECLARE_SM(helper, 0x1234);

static unsigned SM_DATA(work) runs;

unsigned SM_ENTRY(helper) helper_half(unsigned n)
{
    volatile unsigned half = 0;
    while (n > 1) {
        n -= 2;
        half++;
    }
    return half;
}

static unsigned SM_FUNC(work) collatz(unsigned n)
{
    unsigned steps = 0;
    while (n != 1) {
        n = n % 2 ? 3 * n + 1 : helper_half(n);
        steps++;
    }
    return steps;
}

unsigned SM_ENTRY(work) work_collatz(unsigned n)
{
    runs++;
    return collatz(n);
}

static volatile unsigned ticks, inside;
static unsigned interval;

static void on_tick(void)
{
    ticks++;
    timer_irq(interval);
}
TIMER_ISR_ENTRY(on_tick)

int main()
{
    msp430_io_init();
    sancus_enable(&work);
    sancus_enable(&helper);
    printf("quiet %u\n", work_collatz(7));
    for (interval = 300; interval < 360; interval += 7) {
        ticks = 0;
        timer_irq(interval);
        __eint();
        unsigned steps = work_collatz(7);
        __dint();
        timer_disable();
        printf("%u%s\n", steps, ticks > 10 ? "" : ", never cut");
    }
    return 0;
}
