/* SPDX-License-Identifier: Apache-2.0 */
/* LED: owns the front panel; its lamp 0 changes with each press. */
#include <semo/module.h>
#include "presses.h"

#define REG(name) (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_PANEL, (name)))

SM_DRIVER(LED, SEMO_WINDOW_PANEL);

SM_INPUT_MAX(LED, toggle_in, data, len, PRESSES_LEN)
{
    if (len != PRESSES_LEN)
        return;
    REG(SEMO_PANEL_LAMPS) = (uint16_t)((REG(SEMO_PANEL_LAMPS) ^ get_u16(data)) & 1);
    REG(SEMO_PANEL_SHOW) = 1;
}
