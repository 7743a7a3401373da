/* SPDX-License-Identifier: Apache-2.0 */
/* expect: module foo wants an interrupt that there is not */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);
SM_HANDLE_IRQ(foo, 16);

SM_ISR(foo, n)
{
}

int main()
{
    return 0;
}
