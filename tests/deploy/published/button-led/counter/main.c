/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

static uint8_t presses_seen;

SM_INPUT(counter, increment, data, len)
{
    (void)data, (void)len;
    presses_seen++;
}

SM_HANDLER(counter, presses, data, len)
{
    (void)len;
    data[0] = presses_seen;
    return 1;
}
