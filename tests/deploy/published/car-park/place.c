/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(SMNAME, taken);

static uint8_t ticks, inside;

SM_INPUT(SMNAME, pressed, data, len)
{
    (void)data, (void)len;
    inside = 1;
    ticks = 0;
}

SM_ENTRY(SMNAME, tick, data, len)
{
    (void)data, (void)len;
    if (inside && ++ticks == 3)
        (void)taken(&ticks, 1);
    return 0;
}
