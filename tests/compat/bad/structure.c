/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/structure.c:11: foo_in: an entry takes at most 4 words */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

struct pair {
    int a, b;
};
int SM_ENTRY(foo) foo_in(struct pair p)
{
    return p.a;
}

int main()
{
    return foo_in((struct pair){1, 2});
}
