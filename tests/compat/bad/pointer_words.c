/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/pointer_words.c:10: module foo calls through a pointer with more than 4 words */
#include <stdio.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

int SM_ENTRY(foo) foo_in(int (*to)(long, long, int))
{
    return to(1, 2, 3);
}

int main()
{
    return foo_in(0);
}
