/* SPDX-License-Identifier: Apache-2.0 */
/* expect: module ghost is not declared */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

int SM_ENTRY(ghost) ghost_f(void)
{
    return 1;
}

int main()
{
    return ghost_f();
}
