/* SPDX-License-Identifier: Apache-2.0 */
/* expect: foo_in: module foo is a driver, whose functions */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_MMIO_SM(foo, 0x90, 0x98, 1);

int SM_ENTRY(foo) foo_in(void)
{
    return 1;
}

int main()
{
    return foo_in();
}
