/* SPDX-License-Identifier: Apache-2.0 */
/* VIO_P1, VIO_P2 (-DSENSOR) of A_Vio: counts cars that stay longer than MAX ticks. A stay is proven
 * by two messages of the driver's that lie that far apart and agree on its session and moves:
 * whatever the network lost or held back in between, the place was occupied all the time. */
#include <semo/module.h>
#include "messages.h"

SM_OUTPUT_MAX(SENSOR, overstays_out, NUMBER_LEN);

static SM_DATA(SENSOR) uint8_t stay[PLACE_LEN]; /* the message that began it; occupied 0: none */
static SM_DATA(SENSOR) uint8_t counted;         /* this stay */
static SM_DATA(SENSOR) uint16_t overstays;

static uint8_t SM_FUNC(SENSOR) goes_on(const uint8_t *data)
{
    for (uint8_t i = 0; i < PLACE_STAY_LEN; i++)
        if (data[i] != stay[i])
            return 0;
    return stay[PLACE_OCCUPIED];
}

SM_INPUT_MAX(SENSOR, place_in, data, len, PLACE_LEN)
{
    uint8_t number[NUMBER_LEN];
    if (len != PLACE_LEN)
        return;
    if (!goes_on(data)) {
        for (uint8_t i = 0; i < PLACE_LEN; i++)
            stay[i] = data[i];
        counted = 0;
    } else if (!counted &&
               (uint16_t)(get_u16(data + PLACE_TICK) - get_u16(stay + PLACE_TICK)) > MAX) {
        counted = 1;
        overstays++;
    }
    put_u16(number, overstays);
    overstays_out(number, sizeof number);
}
