/* SPDX-License-Identifier: Apache-2.0 */
/* expect: the text of this module is encrypted: give its vendor key */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);

int SM_ENTRY(foo) foo_in(void)
{
    return 1;
}

int main()
{
    sancus_enable_wrapped(&foo, SM_GET_WRAP_NONCE(foo), SM_GET_WRAP_TAG(foo));
    return foo_in();
}
