/* SPDX-License-Identifier: Apache-2.0 */
/* VIO_AGG: how many cars have stayed too long, on both places together. */
#include <semo/module.h>
#include "messages.h"

SM_OUTPUT_MAX(VIO_AGG, number_out, NUMBER_LEN);

static SM_DATA(VIO_AGG) uint16_t first, second;

static void SM_FUNC(VIO_AGG) say(void)
{
    uint8_t number[NUMBER_LEN];
    put_u16(number, first + second);
    number_out(number, sizeof number);
}

SM_INPUT_MAX(VIO_AGG, first_in, data, len, NUMBER_LEN)
{
    if (len != NUMBER_LEN)
        return;
    first = get_u16(data);
    say();
}

SM_INPUT_MAX(VIO_AGG, second_in, data, len, NUMBER_LEN)
{
    if (len != NUMBER_LEN)
        return;
    second = get_u16(data);
    say();
}
