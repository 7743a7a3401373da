/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: mod: * bytes of private data (stack *, queue 800, 2 connections), the device window has 896; declare a smaller SM_QUEUE
#include <semo/module.h>

SM_DRIVER(mod, SEMO_WINDOW_RELAY);
SM_QUEUE(mod, 800);
SM_OUTPUT_MAX(mod, out, 16);

SM_INPUT_MAX(mod, in, data, len, 16)
{
    out(data, len);
}
