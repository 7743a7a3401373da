/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt functions that look for a cut module themselves, as naked assembly, and the second
 * vector. */
#include <msp430.h>
#include <stdio.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/timer.h>

DECLARE_SM(busy, 0x1234);

static unsigned SM_DATA(busy) rounds;

unsigned SM_ENTRY(busy) busy_work(unsigned n)
{
    while (n--)
        rounds += n & 1;
    return rounds;
}

static volatile unsigned first, second;

__attribute__((used)) static void on_first(void)
{
    timer_disable();
    first++;
}

__attribute__((naked, interrupt(TIMER_IRQ_VECTOR))) void by_hand(void)
{
    asm("tst r1\n\t"
        "jnz 1f\n\t"
        "mov &__unprotected_sp, r1\n\t"
        "push r15\n\t"
        "push #0\n"
        "1:\n\t"
        "push r15\n\tpush r14\n\tpush r13\n\tpush r12\n\tpush r11\n\t"
        "call #on_first\n\t"
        "pop r11\n\tpop r12\n\tpop r13\n\tpop r14\n\tpop r15\n\t"
        "reti");
}

static void on_second(void)
{
    timer_disable();
    second++;
}
TIMER_ISR_ENTRY2(on_second)

int main()
{
    msp430_io_init();
    sancus_enable(&busy);
    __eint();
    timer_irq(400);
    printf("%u\n", busy_work(1000));
    timer_irqc(400);
    printf("%u\n", busy_work(1000));
    timer_irq(100);
    for (volatile unsigned i = 0; i < 100; i++)
        ;
    printf("%u %u\n", first, second);
    return 0;
}
