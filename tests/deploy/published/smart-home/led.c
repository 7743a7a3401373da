/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

static uint8_t on;

SM_INPUT(SMNAME, toggle, data, len)
{
    (void)data, (void)len;
    on = !on;
}
