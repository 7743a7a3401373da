/* SPDX-License-Identifier: Apache-2.0 */
/* AVL_P1, AVL_P2 (-DSENSOR) of A_Avl: makes of what the driver says whether a car came, went,
 * stands or does not. */
#include <semo/module.h>
#include "messages.h"

SM_OUTPUT_MAX(SENSOR, moved_out, 1);

static SM_DATA(SENSOR) uint8_t was; /* occupied */

SM_INPUT_MAX(SENSOR, place_in, data, len, PLACE_LEN)
{
    uint8_t event;
    if (len != PLACE_LEN || data[PLACE_OCCUPIED] > 1)
        return;
    event = data[PLACE_OCCUPIED] ? OCCUPIED : FREE;
    if (data[PLACE_OCCUPIED] != was)
        event = was ? EXIT : ENTER;
    was = data[PLACE_OCCUPIED];
    moved_out(&event, 1);
}
