/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: in: payload of 1025 bytes, at most 1024
#include <semo/module.h>

SM_INPUT_MAX(mod, in, data, len, 1025)
{
    (void)data;
    (void)len;
}
