/* SPDX-License-Identifier: Apache-2.0 */
// expect :7:1: queue room is declared twice
#include <semo/module.h>

SM_DRIVER(mod, SEMO_WINDOW_RELAY);
SM_QUEUE(mod, 64);
SM_QUEUE(mod, 64);

SM_INPUT_MAX(mod, in, data, len, 16)
{
    (void)data;
    (void)len;
}
