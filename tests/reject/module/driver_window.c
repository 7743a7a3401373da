/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: mod: there is no device window 6
#include <semo/module.h>

SM_DRIVER(mod, 6);

SM_INPUT_MAX(mod, in, data, len, 16)
{
    (void)data;
    (void)len;
}
