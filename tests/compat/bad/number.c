/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/number.c:15: __sm_foo_entry_other_idx: there is no such entry */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

int SM_ENTRY(foo) foo_h(void)
{
    return 1;
}

int main()
{
    return SM_GET_ENTRY_IDX(foo, other);
}
