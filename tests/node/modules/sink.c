/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the numbers that come, and those that are not greater than the one before. */
#include <semo/module.h>

SM_DATA(sink) static uint16_t last, came, wrong;

SM_INPUT_MAX(sink, number, data, len, 2)
{
    const uint16_t number = (uint16_t)(data[0] | (uint16_t)data[1] << 8);
    if (len != 2 || number <= last)
        wrong++;
    last = number;
    came++;
}

SM_ENTRY(sink, tell, data, len)
{
    (void)len;
    data[0] = (uint8_t)last;
    data[1] = (uint8_t)(last >> 8);
    data[2] = (uint8_t)came;
    data[3] = (uint8_t)(came >> 8);
    data[4] = (uint8_t)wrong;
    data[5] = (uint8_t)(wrong >> 8);
    return 6;
}
