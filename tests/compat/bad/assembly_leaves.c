/* SPDX-License-Identifier: Apache-2.0 */
/* expect: foo_out: module foo goes to outside */
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

void __attribute__((noinline, used)) outside(void)
{
}

void SM_ENTRY(foo) foo_out(void)
{
    __asm__ __volatile__("call #outside");
}

int main()
{
    foo_out();
    outside();
    return 0;
}
