/* SPDX-License-Identifier: Apache-2.0 */
/* HEAR: counts the orders that came in time. */
#include <semo/module.h>

SM_CLOCK(HEAR);

static uint8_t SM_DATA(HEAR) orders;

SM_INPUT(HEAR, order_in, data, len)
{
    (void)data;
    (void)len;
    orders++;
}

SM_HANDLER(HEAR, count, data, len)
{
    (void)len;
    data[0] = orders;
    return 1;
}
