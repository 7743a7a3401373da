/* SPDX-License-Identifier: Apache-2.0 */
/* A byte of the callee is changed before it is enabled: the caller stops before it calls. */
#include <stdio.h>
#include <sancus_support/sm_io.h>

DECLARE_SM(honest, 1);
DECLARE_SM(victim, 1);

int SM_ENTRY(victim) victim_value(void)
{
    return 42;
}

int SM_ENTRY(honest) honest_ask(void)
{
    return victim_value();
}

int main()
{
    ((volatile char *)victim.public_end)[-1] ^= 1;
    sancus_enable(&honest);
    sancus_enable(&victim);
    puts("asking");
    printf("answer %d\n", honest_ask());
    return 0;
}
