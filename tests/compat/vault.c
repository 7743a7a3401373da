/* SPDX-License-Identifier: Apache-2.0 */
/* A PIN with three tries, checked in constant time; the state survives what callers do in between.
 */
#include <sancus/sm_support.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

DECLARE_SM(vault, 0xBA4C);
DECLARE_SM(teller, 0xBA4C);

enum result { GRANTED, WRONG, LOCKED, BAD_POINTER };

static const char SM_DATA(vault) pin[4] = {'4', '7', '1', '1'};
static signed char SM_DATA(vault) tries = 3;
static long SM_DATA(vault) balance = 250000L;
static sm_id SM_DATA(vault) owner;

static bool SM_FUNC(vault) is_right(const char *try)
{
    unsigned char differ = 0;
    for (unsigned i = 0; i < sizeof pin; i++)
        differ |= pin[i] ^ try[i];
    return differ == 0;
}

enum result SM_ENTRY(vault) vault_open(const char *try)
{
    char own[sizeof pin];
    if (!sancus_is_outside_sm(vault, try, sizeof pin))
        return BAD_POINTER;
    memcpy(own, try, sizeof own);
    if (tries <= 0)
        return LOCKED;
    tries--;
    if (!is_right(own))
        return WRONG;
    tries = 3;
    owner = sancus_get_caller_id();
    return GRANTED;
}

long SM_ENTRY(vault) vault_take(long amount)
{
    if (sancus_get_caller_id() != owner || amount < 0 || amount > balance)
        return -1;
    return balance -= amount;
}

char buffer_of_all[4];

int SM_ENTRY(teller) teller_open(int right)
{
    memcpy(buffer_of_all, right ? "4711" : "0000", 4);
    return vault_open(buffer_of_all);
}

long SM_ENTRY(teller) teller_take(long amount)
{
    return vault_take(amount);
}

int main()
{
    char tried[] = "1234";
    sancus_enable(&vault);
    sancus_enable(&teller);
    printf("%d %d\n", vault_open(tried), vault_open("4711"));
    printf("%ld %ld\n", vault_take(100), teller_take(100));
    printf("%d\n", teller_open(1));
    printf("%ld %ld %ld\n", vault_take(100), teller_take(50000), teller_take(1000000L));
    printf("%d", vault_open(pin));
    for (int i = 0; i < 4; i++)
        printf(" %d", vault_open(tried));
    printf(" %d\n", vault_open("4711"));
    return 0;
}
