/* SPDX-License-Identifier: Apache-2.0 */
/* GATE, OFFICE (-DDRIVER): owns a front panel and lends it to one port at a time. Each port is one
 * connection, so the port is who speaks. Lamp 0 says that the first has the panel, lamp 1 that the
 * second has. */
#include <semo/module.h>
#include "messages.h"

#define REG(name) (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_PANEL, (name)))

SM_DRIVER(DRIVER, SEMO_WINDOW_PANEL);

enum { NOBODY, FIRST, SECOND };
static SM_DATA(DRIVER) uint8_t taker;

static void SM_FUNC(DRIVER) put_row(uint8_t row, const uint8_t *text, unsigned len)
{
    volatile uint8_t *to = (volatile uint8_t *)SEMO_WINDOW_REG(SEMO_WINDOW_PANEL, SEMO_PANEL_TEXT);
    for (unsigned i = 0; i < SEMO_PANEL_COLUMNS; i++)
        to[row * SEMO_PANEL_COLUMNS + i] = i < len ? text[i] : ' ';
}

/* Dark but for the lamp of whoever has it now. */
static void SM_FUNC(DRIVER) lend(uint8_t port)
{
    taker = port;
    put_row(PANEL_FIRST_ROW, 0, 0);
    put_row(PANEL_SECOND_ROW, 0, 0);
    REG(SEMO_PANEL_LAMPS) = port;
    REG(SEMO_PANEL_SHOW) = 1;
}

static void SM_FUNC(DRIVER) hear(uint8_t port, const uint8_t *data, unsigned len)
{
    if (len == 1 && data[0] == PANEL_TAKE && taker == NOBODY)
        lend(port);
    if (taker != port || len == 0)
        return;
    if (len == 1 && data[0] == PANEL_RELEASE)
        lend(NOBODY);
    if (data[0] > PANEL_SECOND_ROW)
        return;
    put_row(data[0], data + 1, len - 1);
    REG(SEMO_PANEL_SHOW) = 1;
}

SM_INPUT_MAX(DRIVER, first_in, data, len, 1 + PANEL_TEXT)
{
    hear(FIRST, data, len);
}

SM_INPUT_MAX(DRIVER, second_in, data, len, 1 + PANEL_TEXT)
{
    hear(SECOND, data, len);
}

/* From the owner of the panel: whoever has it loses it (it may be dead). */
SM_INPUT_MAX(DRIVER, free_in, data, len, 1)
{
    (void)data;
    if (len == 0)
        lend(NOBODY);
}
