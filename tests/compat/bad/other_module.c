/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/other_module.c:15: inside is an internal function of module bar: only SM_ENTRY
 * functions can be called from foo */
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);
DECLARE_SM(bar, 1);

int SM_FUNC(bar) inside(void)
{
    return 1;
}

int SM_ENTRY(foo) foo_ask(void)
{
    return inside();
}

int main()
{
    return foo_ask();
}
