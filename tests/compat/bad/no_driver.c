/* SPDX-License-Identifier: Apache-2.0 */
/* expect: foo_in: module foo is not a driver */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

void SM_MMIO_ENTRY(foo) foo_in(void)
{
    __asm__("nop");
}

int main()
{
    foo_in();
    return 0;
}
