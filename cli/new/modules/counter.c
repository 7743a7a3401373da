/* SPDX-License-Identifier: Apache-2.0 */
/* COUNTER, on the microcontroller: counts presses, one byte each, and tells the gateway. */
#include <semo/module.h>

SM_OUTPUT(COUNTER, count_out);

static uint16_t SM_DATA(COUNTER) presses;

SM_INPUT(COUNTER, press_in, data, len)
{
    uint8_t count[2];
    if (len != 1 || data[0] != 1)
        return;
    presses++;
    count[0] = (uint8_t)presses;
    count[1] = (uint8_t)(presses >> 8);
    count_out(count, sizeof count);
}
