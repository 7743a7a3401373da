/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

static unsigned char led;

SM_INPUT(led_driver, toggle_led, data, len)
{
    (void)data, (void)len;
    led = (unsigned char)(led ? 0 : LED_FIRST);
}
