/* SPDX-License-Identifier: Apache-2.0 */
/* COUNTER: counts presses, and says how many there were to whoever may ask. */
#include <semo/module.h>
#include "presses.h"

static SM_DATA(COUNTER) uint32_t total;

SM_INPUT_MAX(COUNTER, increment_in, data, len, PRESSES_LEN)
{
    if (len == PRESSES_LEN)
        total += get_u16(data);
}

SM_HANDLER_MAX(COUNTER, presses, data, len, TOTAL_LEN)
{
    (void)len;
    put_u16(data, (uint16_t)total);
    put_u16(data + 2, (uint16_t)(total >> 16));
    return TOTAL_LEN;
}
