/* SPDX-License-Identifier: Apache-2.0 */
/* CLOCK: owns the real-time clock and says the time once for each of its ticks. */
#include <semo/module.h>
#include "commands.h"
#include "messages.h"

#define UTC_LOW  (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_CLOCK, SEMO_CLOCK_UTC))
#define UTC_HIGH (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_CLOCK, SEMO_CLOCK_UTC + 2))
#define TICKS    (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_CLOCK, SEMO_CLOCK_TICKS))

SM_DRIVER(CLOCK, SEMO_WINDOW_CLOCK);
SM_OUTPUT_MAX(CLOCK, tick, CLOCK_TICK_LEN);

static SM_DATA(
    CLOCK) uint16_t told; /* the last tick said; anybody may call, nobody hears it twice */

SM_SAMPLE(CLOCK, sample, SEMO_WINDOW_CLOCK)
{
    uint8_t m[CLOCK_TICK_LEN];
    put_u16(m, UTC_LOW); /* latches the others */
    put_u16(m + 2, UTC_HIGH);
    if (TICKS == told)
        return;
    told = TICKS;
    tick(m, sizeof m);
}
