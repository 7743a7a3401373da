/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(web, db_increment);

static uint8_t shown;

SM_REQUEST(web, db_get, status, data, len)
{
    if (status == SEMO_OK && len == 1)
        shown = data[0];
}

SM_HANDLER(web, certificate, data, len)
{
    (void)len;
    data[0] = shown;
    (void)db_increment(data, 1);
    (void)db_get(data, 1);
    return 1;
}
