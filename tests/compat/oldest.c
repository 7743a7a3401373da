/* SPDX-License-Identifier: Apache-2.0 */
/* As the first programs for Sancus were written: names in quotation marks, a vector by hand,
 * functions that are not to be optimised; and a call of a module that is not enabled. */
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/timer.h>

DECLARE_SM(foo, 0x1234);
DECLARE_SM(late, 0x1234);

static int SM_DATA("foo") count;
static const int SM_DATA("foo") step = 3;

static int SM_FUNC("foo") foo_step(void)
{
    return count += step;
}

int SM_ENTRY("foo") __attribute__((optnone)) foo_twice(void)
{
    foo_step();
    return foo_step();
}

/* What it does to interrupts holds after its return. */
void SM_ENTRY("foo") foo_interrupts(int on)
{
    if (on)
        eint();
    else
        dint();
}

static unsigned interrupts(void)
{
    unsigned status;
    asm volatile("mov r2, %0" : "=r"(status));
    return status & GIE;
}

void SM_ENTRY("late") late_call(void)
{
}

volatile int ticks;
void tick(void)
{
    timer_disable();
    ticks++;
}

asm(".section __interrupt_vector_9, \"ax\", @progbits\n\t"
    ".word by_hand\n\t"
    ".text");
void __attribute__((naked)) by_hand(void)
{
    asm("push r12\n\tpush r13\n\tpush r14\n\tpush r15\n\t"
        "call #tick\n\t"
        "pop r15\n\tpop r14\n\tpop r13\n\tpop r12\n\treti");
}

int main()
{
    msp430_io_init();
    sancus_enable(&foo);
    printf("%d %d\n", foo_twice(), sancus_get_id(foo.public_start));
    asm("eint");
    timer_irq(60);
    while (!ticks)
        ;
    printf("ticks %d, interrupts %x\n", ticks, interrupts());
    foo_interrupts(0);
    printf("off %x\n", interrupts());
    foo_interrupts(1);
    printf("on %x\n", interrupts());
    late_call();
    puts("reached");
}
