/* SPDX-License-Identifier: Apache-2.0 */
/* GATEWAY: hands presses on to the LED and to the counter, each at its own pace. */
#include <semo/module.h>
#include "presses.h"

static void for_led(void);
static void for_counter(void);

SM_OUTPUT_RESULT_MAX(GATEWAY, toggle_out, status, PRESSES_LEN)
{
    (void)status;
    for_led();
}

SM_OUTPUT_RESULT_MAX(GATEWAY, increment_out, status, PRESSES_LEN)
{
    (void)status;
    for_counter();
}

static SM_DATA(GATEWAY) uint16_t led_due, counter_due;

static void SM_FUNC(GATEWAY) for_led(void)
{
    uint8_t message[PRESSES_LEN];
    put_u16(message, led_due);
    if (led_due && toggle_out(message, sizeof message) == SEMO_OK)
        led_due = 0;
}

static void SM_FUNC(GATEWAY) for_counter(void)
{
    uint8_t message[PRESSES_LEN];
    put_u16(message, counter_due);
    if (counter_due && increment_out(message, sizeof message) == SEMO_OK)
        counter_due = 0;
}

SM_INPUT_MAX(GATEWAY, pressed_in, data, len, PRESSES_LEN)
{
    if (len != PRESSES_LEN)
        return;
    led_due += get_u16(data);
    counter_due += get_u16(data);
    for_led();
    for_counter();
}
