/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/out_words.c:14: module foo calls five with more than 4 words of arguments */
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

int __attribute__((noinline)) five(int a, int b, int c, int d, int e)
{
    return a + b + c + d + e;
}

int SM_ENTRY(foo) foo_five(void)
{
    return five(1, 2, 3, 4, 5);
}

int main()
{
    return foo_five();
}
