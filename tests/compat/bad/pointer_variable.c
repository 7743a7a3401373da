/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/pointer_variable.c:11: module foo calls through a pointer with more than 4 words */
#include <stdio.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

int SM_ENTRY(foo) foo_in(void)
{
    int (*volatile print)(const char *, ...) = printf;
    return print("%d", 1);
}

int main()
{
    return foo_in();
}
