/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/initial.c:7: count: private data of module foo starts at zero */
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

static int SM_DATA(foo) count = 7;

int SM_ENTRY(foo) foo_count(void)
{
    return count++;
}

int main()
{
    return foo_count();
}
