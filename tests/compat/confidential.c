/* SPDX-License-Identifier: Apache-2.0 */
/* The text, constants included, is encrypted until the module is enabled. */
#include <stdio.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>

DECLARE_SM(hidden, 0x1234);

const int SM_DATA(hidden) hidden_constant = 0xBEEF;

unsigned SM_ENTRY(hidden) hidden_value(void)
{
    return (unsigned)hidden_constant ^ sancus_get_self_id();
}

static int is_outside(void *p)
{
    return p < (void *)&__PS(hidden) || p >= (void *)&__PE(hidden);
}

int main()
{
    volatile int *p = (volatile int *)&hidden_constant;
    printf("readable: %d, of the module: %d\n", *p == 0xBEEF, !is_outside((void *)p));
    printf("last before: %d\n", sancus_get_caller_id() == SM_ID_IRQ);
    printf("as it is: %u\n", SM_GET_WRAP_NONCE(hidden) != 0);
    printf("enabled: %u\n",
           sancus_enable_wrapped(&hidden, SM_GET_WRAP_NONCE(hidden), SM_GET_WRAP_TAG(hidden)));
    printf("value %x\n", hidden_value());
    return 0;
}
