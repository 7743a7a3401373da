/* SPDX-License-Identifier: Apache-2.0 */
/* expect: module foo and an ordinary function want */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);
SM_HANDLE_IRQ(foo, 9);

void __attribute__((interrupt(18))) on_timer(void)
{
}

int main()
{
    return 0;
}
