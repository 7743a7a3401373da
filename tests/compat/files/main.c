/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "counter.h"

DECLARE_SM(user, 0x1234);

static int twice(int n)
{
    return n + n + 1;
}

int SM_ENTRY(user) user_run(int n)
{
    counter_count(n);
    return twice(counter_value());
}

int main()
{
    sancus_enable(&counter);
    sancus_enable(&user);
    printf("%d\n", user_run(20));
    printf("%d\n", user_run(1));
    return 0;
}
