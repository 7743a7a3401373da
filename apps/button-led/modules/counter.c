/* SPDX-License-Identifier: Apache-2.0 */
/* COUNTER: keeps how often the button was pressed, and says it to whoever may ask. */
#include <semo/module.h>
#include "presses.h"

static SM_DATA(COUNTER) uint32_t total;

SM_INPUT_MAX(COUNTER, total_in, data, len, TOTAL_LEN)
{
    if (len == TOTAL_LEN)
        total = get_u32(data);
}

SM_HANDLER_MAX(COUNTER, presses, data, len, TOTAL_LEN)
{
    (void)len;
    put_u32(data, total);
    return TOTAL_LEN;
}
