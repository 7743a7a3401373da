/* SPDX-License-Identifier: Apache-2.0 */
/* expect: __sm_foo_mac_bar: there is no such */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

int main()
{
    return (int)sancus_verify(SM_GET_TAG(foo, bar), &foo);
}
