/* SPDX-License-Identifier: Apache-2.0 */
/* BUTTON: owns the buttons; says how often button 0 was pressed since it last said so. */
#include <semo/module.h>
#include "presses.h"

#define REG(name) (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_BUTTONS, (name)))

SM_DRIVER(BUTTON, SEMO_WINDOW_BUTTONS);

static void tell(void);

/* Arrived, or nobody knows: the next. */
SM_OUTPUT_RESULT_MAX(BUTTON, pressed_out, status, PRESSES_LEN)
{
    (void)status;
    tell();
}

static SM_DATA(BUTTON) uint16_t told;

/* A press is an edge that leaves the button down: of n edges it is every other one, and of an odd
 * number the last decides. The counts start with the button up. */
static void SM_FUNC(BUTTON) tell(void)
{
    uint8_t message[PRESSES_LEN];
    uint16_t down = REG(SEMO_BUTTONS_LEVEL) & 1; /* latches the count */
    uint16_t presses = (uint16_t)(REG(SEMO_BUTTONS_EDGES(0)) + down) / 2;
    if (presses == told)
        return;
    put_u16(message, (uint16_t)(presses - told));
    if (pressed_out(message, sizeof message) == SEMO_OK)
        told = presses;
}

SM_SAMPLE(BUTTON, sample, SEMO_WINDOW_BUTTONS)
{
    tell();
}
