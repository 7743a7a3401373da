/* SPDX-License-Identifier: Apache-2.0 */
/* expect: module foo has no registers */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_MMIO_SM(foo, 0x98, 0x90, 1);

int main()
{
    return 0;
}
