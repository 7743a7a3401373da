/* SPDX-License-Identifier: Apache-2.0 */
/* expect: module foo goes to a computed label */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

int SM_ENTRY(foo) foo_in(int i)
{
    static void *to[] = {&&one, &&two};
    goto *to[i & 1];
one:
    return 1;
two:
    return 2;
}

int main()
{
    return foo_in(0);
}
