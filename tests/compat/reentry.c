/* SPDX-License-Identifier: Apache-2.0 */
/* A module waits for a function outside that calls the module: refused, whatever it waits for. */
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <stdio.h>

DECLARE_SM(safe, 0x1234);
static int SM_DATA(safe) balance;

int SM_ENTRY(safe) safe_balance(void)
{
    return balance;
}

static void (*hook)(void);

void observer(int n)
{
    printf("observed %d\n", n);
    if (hook)
        hook();
}

int SM_ENTRY(safe) safe_add(int n)
{
    int old = balance;
    observer(n);
    balance = old + n;
    return balance;
}

static void attack(void)
{
    puts("again");
    safe_add(1000);
    puts("reached");
}

int main()
{
    sancus_enable(&safe);
    printf("%d\n", safe_add(5));
    printf("%d\n", safe_add(6));
    hook = attack;
    printf("%d\n", safe_add(7));
    return 0;
}
