/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

static uint8_t open_today;

SM_ENTRY(GUARD, tell, data, len)
{
    open_today = len ? data[0] : 0;
    return 0;
}

SM_HANDLER(GUARD, permit, data, len)
{
    (void)len;
    data[0] = open_today;
    return 1;
}
