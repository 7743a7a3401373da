/* SPDX-License-Identifier: Apache-2.0 */
/* HAN_GW: the one-way gateway to the home. It owns a serial port that can only transmit, and has no
 * output to any other module: nothing in the home can influence the meter. One line a report:
 *     utc=1166286240 supply=on power_w=4216 import_wh=12 remainder_ws=345 CR LF */
#include <semo/module.h>
#include "commands.h"

#define DATA     (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_HAN, SEMO_HAN_DATA))
#define STATUS   (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_HAN, SEMO_HAN_STATUS))
#define LINE_MAX 96 /* bytes of the longest line */

SM_DRIVER(HAN_GW, SEMO_WINDOW_HAN);

static SM_DATA(HAN_GW) uint16_t refused, dropped;

static void SM_FUNC(HAN_GW) print(const char *text)
{
    while (*text)
        DATA = (uint8_t)*text++;
}

static void SM_FUNC(HAN_GW) print_number(const char *name, uint32_t v)
{
    char digits[11];
    uint8_t i = sizeof digits - 1;
    digits[i] = 0;
    do {
        digits[--i] = (char)('0' + (uint8_t)(v % 10));
        v /= 10;
    } while (v != 0);
    print(name);
    print(digits + i);
}

SM_INPUT_MAX(HAN_GW, esme_in, data, len, HAN_REPORT_LEN)
{
    if (len != HAN_REPORT_LEN || data[0] != GET_CONSUMPTION || data[5] > SPLY_UNKNOWN) {
        refused++;
        return;
    }
    if (STATUS < LINE_MAX) {
        dropped++; /* a whole line or none */
        return;
    }
    print_number("utc=", get_u32(data + 1));
    print(" supply=");
    print(data[5] == SPLY_ENABLED ? "on" : data[5] == SPLY_DISABLED ? "off" : "unknown");
    print_number(" power_w=", (uint32_t)data[8] << 16 | get_u16(data + 6));
    print_number(" import_wh=", get_u32(data + 9));
    print_number(" remainder_ws=", get_u16(data + 13));
    print("\r\n");
}
