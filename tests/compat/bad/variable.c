/* SPDX-License-Identifier: Apache-2.0 */
/* expect: foo_in: an entry takes at most 4 words */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

int SM_ENTRY(foo) foo_in(int n, ...)
{
    return n;
}

int main()
{
    return foo_in(1, 2);
}
