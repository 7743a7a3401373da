/* SPDX-License-Identifier: Apache-2.0 */
// expect :11:1: input in is declared twice
#include <semo/module.h>

SM_INPUT(mod, in, data, len)
{
    (void)data;
    (void)len;
}

SM_INPUT(mod, in, data, len)
{
    (void)data;
    (void)len;
}
