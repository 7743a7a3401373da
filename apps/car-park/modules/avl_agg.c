/* SPDX-License-Identifier: Apache-2.0 */
/* AVL_AGG: how many places are free, said whenever a place says something. */
#include <semo/module.h>
#include "messages.h"

#define PLACES 2

SM_OUTPUT_MAX(AVL_AGG, number_out, NUMBER_LEN);

static SM_DATA(AVL_AGG) uint8_t taken[PLACES];

static void SM_FUNC(AVL_AGG) hear(uint8_t place, const uint8_t *data, unsigned len)
{
    uint8_t number[NUMBER_LEN];
    uint16_t available = PLACES;
    if (len != 1 || data[0] > EXIT)
        return;
    taken[place] = data[0] == OCCUPIED || data[0] == ENTER;
    for (uint8_t i = 0; i < PLACES; i++)
        available -= taken[i];
    put_u16(number, available);
    number_out(number, sizeof number);
}

SM_INPUT_MAX(AVL_AGG, first_in, data, len, 1)
{
    hear(0, data, len);
}

SM_INPUT_MAX(AVL_AGG, second_in, data, len, 1)
{
    hear(1, data, len);
}
