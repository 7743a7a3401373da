/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

#include "switch.h"

SM_OUTPUT(light_switch, toggled);

static uint8_t enabled;

SM_INPUT(light_switch, enable, data, len)
{
    enabled = ENABLED;
    (void)toggled(data, len);
}

SM_INPUT(light_switch, disable, data, len)
{
    (void)data, (void)len;
    enabled = 0;
}
