/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: wide: payload of 1025 bytes, at most 1024
#include <semo/module.h>

SM_ENTRY_MAX(mod, wide, data, len, 1025)
{
    (void)data;
    return len;
}
