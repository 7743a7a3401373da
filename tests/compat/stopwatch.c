/* SPDX-License-Identifier: Apache-2.0 */
#include <msp430.h>
#include <stdio.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/tsc.h>
DECLARE_TSC_TIMER(timer);
int main(void)
{
    msp430_io_init();
    TSC_TIMER_START(timer);
    for (volatile int i = 0; i < 10; i++)
        ;
    TSC_TIMER_END(timer);
    timer_print_interval();
    printf("%d\n", timer_get_interval() > 20);
    return 0;
}
