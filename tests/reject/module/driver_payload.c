/* SPDX-License-Identifier: Apache-2.0 */
// expect :7: in: payload of 17 bytes in a driver, at most 16
#include <semo/module.h>

SM_DRIVER(mod, SEMO_WINDOW_RELAY);

SM_INPUT_MAX(mod, in, data, len, 17)
{
    (void)data;
    (void)len;
}
