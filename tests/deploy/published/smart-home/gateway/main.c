/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(gateway, read_temperature);
SM_OUTPUT(gateway, heating_on);
SM_OUTPUT(gateway, heating_off);
SM_OUTPUT(gateway, switch_on);
SM_OUTPUT(gateway, switch_off);

static uint8_t wanted, measured, lit;

SM_INPUT(gateway, set_temperature, data, len)
{
    wanted = len ? data[0] : wanted;
}

SM_INPUT(gateway, enable_heating, data, len)
{
    (void)(data[0] ? heating_on(data, len) : heating_off(data, len));
}

SM_INPUT(gateway, enable_switch, data, len)
{
    (void)(data[0] ? switch_on(data, len) : switch_off(data, len));
}

SM_INPUT(gateway, temperature, data, len)
{
    measured = len ? data[0] : measured;
    (void)(measured < wanted ? heating_on(data, 0) : heating_off(data, 0));
}

SM_INPUT(gateway, heating_state, data, len)
{
    (void)data, (void)len;
}

SM_INPUT(gateway, switch_toggled, data, len)
{
    (void)data, (void)len;
    lit = !lit;
}

SM_HANDLER(gateway, status, data, len)
{
    (void)len;
    data[0] = lit;
    return 1;
}

SM_ENTRY(gateway, control, data, len)
{
    (void)data, (void)len;
    (void)read_temperature(data, 0);
    return 0;
}
