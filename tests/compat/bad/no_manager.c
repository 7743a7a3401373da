/* SPDX-License-Identifier: Apache-2.0 */
/* expect: undefined symbol: reactive_handle_output */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);
SM_OUTPUT(foo, out);

int SM_ENTRY(foo) foo_in(void)
{
    return (int)out("ab", 2);
}

int main()
{
    return foo_in();
}
