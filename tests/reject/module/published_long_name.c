/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: a_name_that_is_longer_than_31_signs: a name of more than 31 characters
#include <sancus/reactive.h>

void SM_ENTRY(mod) a_name_that_is_longer_than_31_signs(void)
{
}
