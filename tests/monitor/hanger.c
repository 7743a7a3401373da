/* SPDX-License-Identifier: Apache-2.0 */
/* A module for tests: one of its entries never returns, the other counts. */
#include <semo/module.h>

static SM_DATA(Hanger) volatile uint32_t count;

SM_ENTRY(Hanger, hang, data, len)
{
    while (data)
        count = len;
    return 0;
}

SM_ENTRY(Hanger, tell, data, len)
{
    (void)len;
    count++;
    data[0] = (uint8_t)count;
    data[1] = (uint8_t)(count >> 8);
    return 2;
}
