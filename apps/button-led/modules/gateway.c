/* SPDX-License-Identifier: Apache-2.0 */
/* GATEWAY: hands presses on to the LED, at its pace, and all there were to the counter. */
#include <semo/module.h>
#include "presses.h"

static void toggle(void);

/* Arrived, or nobody knows: the next. */
SM_OUTPUT_RESULT_MAX(GATEWAY, toggle_out, status, PRESSES_LEN)
{
    (void)status;
    toggle();
}

SM_OUTPUT_MAX(GATEWAY, total_out, TOTAL_LEN);

static SM_DATA(GATEWAY) uint32_t total;
static SM_DATA(GATEWAY) uint16_t due; /* presses that the LED has not been told of */

static void SM_FUNC(GATEWAY) toggle(void)
{
    uint8_t message[PRESSES_LEN];
    put_u16(message, due);
    if (due && toggle_out(message, sizeof message) == SEMO_OK)
        due = 0;
}

SM_INPUT_MAX(GATEWAY, pressed_in, data, len, PRESSES_LEN)
{
    uint8_t message[TOTAL_LEN];
    if (len != PRESSES_LEN)
        return;
    due += get_u16(data);
    total += get_u16(data);
    put_u32(message, total);
    total_out(message, sizeof message);
    toggle();
}
