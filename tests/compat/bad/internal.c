/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/internal.c:15: inside is an internal function of module foo: only SM_ENTRY functions
 */
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

int SM_FUNC(foo) inside(int n)
{
    return n;
}

int main()
{
    sancus_enable(&foo);
    return inside(1);
}
