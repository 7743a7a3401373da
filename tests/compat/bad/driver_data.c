/* SPDX-License-Identifier: Apache-2.0 */
/* expect: module foo is a driver: its only data */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_MMIO_SM(foo, 0x90, 0x98, 1);

int SM_DATA(foo) own;

int main()
{
    return 0;
}
