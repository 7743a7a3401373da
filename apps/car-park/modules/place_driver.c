/* SPDX-License-Identifier: Apache-2.0 */
/* PLACE1, PLACE2 (the descriptor's -DDRIVER says which): owns the buttons of one node; button 0
 * lies under the wheels of the car on the place. It says how the place is once for each tick and
 * each change, to whoever is connected. */
#include <semo/module.h>
#include "messages.h"

#define REG(name) (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_BUTTONS, (name)))

SM_DRIVER(DRIVER, SEMO_WINDOW_BUTTONS);
SM_OUTPUT_MAX(DRIVER, place_out, PLACE_LEN);

static SM_DATA(DRIVER) uint32_t moves;
static SM_DATA(DRIVER) uint16_t session, told_tick, told_edges;

/* Anybody may call the sample; what was told is not told again. */
SM_SAMPLE(DRIVER, sample, SEMO_WINDOW_BUTTONS)
{
    uint8_t message[PLACE_LEN];
    uint8_t occupied = REG(SEMO_BUTTONS_LEVEL) & 1; /* latches the others */
    uint16_t tick = REG(SEMO_BUTTONS_TICKS), edges = REG(SEMO_BUTTONS_EDGES(0));
    if (session && tick == told_tick && edges == told_edges)
        return;
    if (!session)
        session = *(volatile uint16_t *)SEMO_RANDOM | 1;
    moves += (uint16_t)(edges - told_edges);
    told_tick = tick;
    told_edges = edges;
    put_u16(message + PLACE_SESSION, session);
    put_u16(message + PLACE_MOVES, (uint16_t)moves);
    put_u16(message + PLACE_MOVES + 2, (uint16_t)(moves >> 16));
    put_u16(message + PLACE_TICK, tick);
    message[PLACE_OCCUPIED] = occupied;
    place_out(message, sizeof message);
}
