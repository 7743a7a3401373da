/* SPDX-License-Identifier: Apache-2.0 */
/* A driver of the relay's window: reads its contact when it is asked to. */
#include <semo/module.h>

SM_DRIVER(device, SEMO_WINDOW_RELAY);
SM_OUTPUT_MAX(device, contact, 2);
SM_QUEUE(device, 80);

SM_INPUT_MAX(device, coil, data, len, 2)
{
    volatile uint16_t *const coil =
        (volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_RELAY, SEMO_RELAY_COIL);
    if (len == 1 && (data[0] == 1 || data[0] == 2))
        *coil = data[0];
}

SM_SAMPLE(device, look, SEMO_WINDOW_RELAY)
{
    volatile const uint16_t *const contact_register =
        (volatile const uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_RELAY, SEMO_RELAY_CONTACT);
    const uint16_t closed = *contact_register;
    contact(&closed, sizeof closed);
}
