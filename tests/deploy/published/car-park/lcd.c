/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

static uint8_t shown;

SM_INPUT(lcd, show, data, len)
{
    shown = len ? data[0] : shown;
}
