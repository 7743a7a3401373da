/* SPDX-License-Identifier: Apache-2.0 */
/* CLOCK: answers what the real-time clock says. */
#include <semo/module.h>

SM_DRIVER(CLOCK, SEMO_WINDOW_CLOCK);

#define UTC(word)                                                                                  \
    (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_CLOCK, SEMO_CLOCK_UTC + (word)))

SM_HANDLER_MAX(CLOCK, now, data, len, 4)
{
    uint16_t low = UTC(0), high = UTC(2); /* the first latches the other */
    (void)len;
    data[0] = (uint8_t)low;
    data[1] = (uint8_t)(low >> 8);
    data[2] = (uint8_t)high;
    data[3] = (uint8_t)(high >> 8);
    return 4;
}
