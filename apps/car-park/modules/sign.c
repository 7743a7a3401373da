/* SPDX-License-Identifier: Apache-2.0 */
/* AVL_SIGN, VIO_SIGN (-DSIGN): shows its application's number behind its word (-DLABEL) on every
 * panel that it is connected to and can take. It takes and shows again at each message, so a panel
 * that was busy or lost a message follows soon. */
#include <semo/module.h>
#include "messages.h"

SM_OUTPUT_MAX(SIGN, panel_out, 1 + PANEL_TEXT);
SM_QUEUE(SIGN, 512); /* take and show, for two panels, twice */

#define TEXT(word)    #word " "
#define LABELED(word) TEXT(word)
static const uint8_t label[] = LABELED(LABEL);
static const uint16_t tens[] = {10000, 1000, 100, 10, 1};

static SM_DATA(SIGN) uint8_t released; /* the owner wants it so */

static void SM_FUNC(SIGN) order(uint8_t opcode)
{
    panel_out(&opcode, 1);
}

/* Decimal, without zeros in front; where it ends. */
static uint8_t SM_FUNC(SIGN) put_number(uint8_t *text, uint8_t at, uint16_t n)
{
    uint8_t begun = 0;
    for (uint8_t i = 0; i < sizeof tens / sizeof *tens; i++) {
        uint8_t digit = '0';
        for (; n >= tens[i]; n -= tens[i])
            digit++;
        begun |= digit != '0' || tens[i] == 1;
        if (begun)
            text[at++] = digit;
    }
    return at;
}

SM_INPUT_MAX(SIGN, number_in, data, len, NUMBER_LEN)
{
    uint8_t message[1 + PANEL_TEXT], at = 0;
    if (len != NUMBER_LEN || released)
        return;
    message[at++] = PANEL_FIRST_ROW;
    for (uint8_t i = 0; label[i]; i++)
        message[at++] = label[i];
    at = put_number(message, at, get_u16(data));
    order(PANEL_TAKE);
    panel_out(message, at);
}

SM_INPUT_MAX(SIGN, owner_in, data, len, 1)
{
    if (len != 1 || data[0] > SIGN_TAKE)
        return;
    released = data[0] == SIGN_RELEASE;
    order(released ? PANEL_RELEASE : PANEL_TAKE);
}
