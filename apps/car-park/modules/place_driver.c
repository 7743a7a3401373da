/* SPDX-License-Identifier: Apache-2.0 */
/* PLACE1, PLACE2 (the descriptor's -DDRIVER says which): owns the buttons of one node; button 0
 * lies under the wheels of the car on the place. It says how the place is once for each tick and
 * each change, to whoever is connected. */
#include <semo/module.h>
#include "messages.h"

#define REG(name) (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_BUTTONS, (name)))

SM_DRIVER(DRIVER, SEMO_WINDOW_BUTTONS);
SM_OUTPUT_MAX(DRIVER, place_out, PLACE_LEN);

/* Anybody may call the sample; what was told is not told again. */
static SM_DATA(DRIVER) uint8_t told[PLACE_LEN];

SM_SAMPLE(DRIVER, sample, SEMO_WINDOW_BUTTONS)
{
    uint8_t occupied = REG(SEMO_BUTTONS_LEVEL) & 1; /* latches the others */
    uint16_t tick = REG(SEMO_BUTTONS_TICKS), moves = REG(SEMO_BUTTONS_EDGES(0));
    if (get_u16(told + PLACE_SESSION) && tick == get_u16(told + PLACE_TICK) &&
        moves == get_u16(told + PLACE_MOVES))
        return;
    if (!get_u16(told + PLACE_SESSION))
        put_u16(told + PLACE_SESSION, *(volatile uint16_t *)SEMO_RANDOM | 1);
    put_u16(told + PLACE_TICK, tick);
    put_u16(told + PLACE_MOVES, moves);
    told[PLACE_OCCUPIED] = occupied;
    place_out(told, sizeof told);
}
