/* SPDX-License-Identifier: Apache-2.0 */
/* expect: the program memory is full */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

const char SM_DATA(foo) large[42000] = {1};

int SM_ENTRY(foo) foo_in(int i)
{
    return large[i];
}

int main()
{
    return foo_in(0);
}
