/* SPDX-License-Identifier: Apache-2.0 */
/* Two modules that call each other: neither measurement can contain the other. */
#include <stdio.h>
#include <sancus_support/sm_io.h>

DECLARE_SM(ping, 1);
DECLARE_SM(pong, 1);

int SM_ENTRY(pong) pong_last(int n);

int SM_ENTRY(ping) ping_start(int n)
{
    return pong_last(n) + 1;
}

int SM_ENTRY(ping) ping_last(int n)
{
    return n + 100;
}

int SM_ENTRY(pong) pong_start(int n)
{
    return ping_last(n) + 2;
}

int SM_ENTRY(pong) pong_last(int n)
{
    return n + 200;
}

int main()
{
    sancus_enable(&ping);
    sancus_enable(&pong);
    printf("%d %d\n", ping_start(1), pong_start(2));
    return 0;
}
