/* SPDX-License-Identifier: Apache-2.0 */
/* expect: module bar and another module want the same */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);
DECLARE_SM(bar, 1);
SM_HANDLE_IRQ(foo, 9);
SM_HANDLE_IRQ(bar, 9);

int main()
{
    return 0;
}
