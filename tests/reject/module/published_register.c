/* SPDX-License-Identifier: Apache-2.0 */
// expect :9:15: light: the register 0x21 of the microcontroller; drivers have the windows of <semo/map.h>, programs of semo cc all registers
#include <msp430.h>
#include <sancus/reactive.h>

SM_INPUT(mod, light, data, len)
{
    if (len)
        P1OUT = data[0];
}
