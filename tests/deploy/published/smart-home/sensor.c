/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(temp_sensor, temperature);

static uint8_t now;

SM_INPUT(temp_sensor, read, data, len)
{
    (void)data, (void)len;
    (void)temperature(&now, 1);
}

SM_ENTRY(temp_sensor, sense, data, len)
{
    (void)data, (void)len;
    now++;
    return 0;
}
