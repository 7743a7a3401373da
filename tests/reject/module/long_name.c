/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: input.mod.a_name_with_more_than_31_characters: a name of more than 31 characters
#include <semo/module.h>

SM_INPUT(mod, a_name_with_more_than_31_characters, data, len)
{
    (void)data;
    (void)len;
}
