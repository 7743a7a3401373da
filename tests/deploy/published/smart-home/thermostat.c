/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(thermostat, state);

static uint8_t on;

SM_INPUT(thermostat, turn_on, data, len)
{
    (void)data, (void)len;
    on = TARGET;
    (void)state(&on, 1);
}

SM_INPUT(thermostat, turn_off, data, len)
{
    (void)data, (void)len;
    on = 0;
    (void)state(&on, 1);
}
