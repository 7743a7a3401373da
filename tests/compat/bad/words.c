/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/words.c:7: foo_sum: an entry takes at most 4 words in registers */
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

int SM_ENTRY(foo) foo_sum(long a, long b, int c)
{
    return (int)(a + b) + c;
}

int main()
{
    return foo_sum(1, 2, 3);
}
