/* SPDX-License-Identifier: Apache-2.0 */
/* One interrupt after so many cycles of a run through modules, calls out and pointers: at every
 * cycle, into an ordinary function, a third module, and the module that is cut. */
#include <msp430.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/timer.h>
#include <stdio.h>

#ifndef STEP
#define STEP 37
#endif

DECLARE_SM(first, 0x1234);
DECLARE_SM(second, 0x1234);
DECLARE_SM(third, 0x1234);
#if WHERE == 1
SM_HANDLE_IRQ(third, 9);
#elif WHERE == 2
SM_HANDLE_IRQ(first, 9);
#elif WHERE == 3
SM_HANDLE_IRQ(second, 9);
#endif

static unsigned SM_DATA(first) state = 3;
static unsigned SM_DATA(second) state2 = 5;
static unsigned SM_DATA(third) cuts;
static volatile unsigned cut, outside_calls;

static unsigned outside(unsigned a, unsigned b, unsigned c, unsigned d)
{
    outside_calls++;
    return a + 2 * b + 3 * c + 4 * d;
}

unsigned SM_ENTRY(third) third_note(void)
{
    return ++cuts;
}

static void SM_FUNC(first) helper(void)
{
    state += 0;
}

unsigned SM_ENTRY(second) second_mix(unsigned a, unsigned long b)
{
    state2 += a;
    unsigned (*go)(unsigned, unsigned, unsigned, unsigned) = outside;
    return go(a, (unsigned)b, (unsigned)(b >> 16), state2);
}

unsigned SM_ENTRY(first) first_run(unsigned n)
{
    unsigned sum = state;
    state = 3;
    for (unsigned i = 0; i < 2; i++) {
        helper();
        sum += second_mix(sum, (unsigned long)n * 70000) % 1000;
        sum ^= outside(1, 2, 3, sum);
    }
    return sum;
}

unsigned SM_ENTRY(second) second_reset(void)
{
    state2 = 5;
    return 0;
}

#if WHERE == 0
void __attribute__((interrupt(TIMERA0_VECTOR))) on_timer(void)
{
    TACTL = TACCTL0 = 0;
    cut++;
    third_note();
}
#elif WHERE == 1
SM_ISR(third, n)
{
    TACTL = TACCTL0 = 0;
    outside(n, cuts, 0, 0);
    outside_calls--;
    cut++;
}
#elif WHERE == 2
SM_ISR(first, n)
{
    TACTL = TACCTL0 = 0;
    outside(n, state, 0, 0);
    outside_calls--;
    cut++;
}
#else
SM_ISR(second, n)
{
    TACTL = TACCTL0 = 0;
    third_note();
    cut++;
}
#endif

int main()
{
    unsigned bad = 0, runs = 0;
    msp430_io_init();
    sancus_enable(&first);
    sancus_enable(&second);
    sancus_enable(&third);
    unsigned wanted = first_run(9);
    for (unsigned after = 20; after < 3000; after += STEP) {
        second_reset();
        cut = outside_calls = 0;
        TACTL = TACLR;
        TACCR0 = after;
        TACCTL0 = CCIE;
        TACTL = TASSEL_2 + MC_1;
        __eint();
        unsigned got = first_run(9);
        while (!cut)
            ;
        __dint();
        runs++;
        if (got != wanted || outside_calls != 4 || cut != 1) {
            if (bad++ < 3)
                printf("after %u: %u, not %u; %u calls\n", after, got, wanted, outside_calls);
        }
    }
    printf("%s, %u wrong\n", runs > 50 ? "many runs" : "few runs", bad);
    return 0;
}
