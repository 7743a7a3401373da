/* SPDX-License-Identifier: Apache-2.0 */
/* LAMP: a driver that obeys whoever comes. */
#include <semo/module.h>

SM_DRIVER(LAMP, SEMO_WINDOW_PANEL);

static uint8_t wanted;

SM_ENTRY(LAMP, set, data, len)
{
    wanted = len ? data[0] : 0;
    return 0;
}
