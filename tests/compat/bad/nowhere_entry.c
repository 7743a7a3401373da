/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/nowhere_entry.c:17: entry foo_g of module foo is declared, but */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

int SM_ENTRY(foo) foo_g(void);
int SM_ENTRY(foo) foo_h(void)
{
    return 1;
}

int main()
{
    sancus_enable(&foo);
    return foo_g();
}
