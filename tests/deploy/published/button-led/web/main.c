/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

static uint8_t shown;

SM_REQUEST(web, get_presses, status, data, len)
{
    if (status == SEMO_OK && len == 1)
        shown = data[0];
}

SM_HANDLER(web, certificate, data, len)
{
    (void)len;
    data[0] = shown;
    (void)get_presses(data, 1);
    return 1;
}
