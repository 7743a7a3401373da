/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(web, set_temperature);
SM_OUTPUT(web, enable_heating);
SM_OUTPUT(web, enable_switch);

static uint8_t shown;

SM_REQUEST(web, get_status, status, data, len)
{
    if (status == SEMO_OK && len == 1)
        shown = data[0];
}

SM_HANDLER(web, certificate, data, len)
{
    (void)len;
    data[0] = shown;
    (void)get_status(data, 1);
    (void)set_temperature(data, 1);
    (void)enable_heating(data, 1);
    (void)enable_switch(data, 1);
    return 1;
}
