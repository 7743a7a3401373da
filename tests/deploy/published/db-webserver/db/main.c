/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

static uint8_t count;

SM_INPUT(db, increment, data, len)
{
    (void)data, (void)len;
    count++;
}

SM_HANDLER(db, get, data, len)
{
    (void)len;
    data[0] = count;
    return 1;
}
