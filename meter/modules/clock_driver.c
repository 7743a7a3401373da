/* SPDX-License-Identifier: Apache-2.0 */
/* CLOCK: owns the real-time clock and says the time once for each of its ticks: to its neighbours
 * every second, over the wide area network every tenth (the Central System needs no more). */
#include <semo/module.h>
#include "commands.h"
#include "messages.h"

#define UTC_LOW  (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_CLOCK, SEMO_CLOCK_UTC))
#define UTC_HIGH (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_CLOCK, SEMO_CLOCK_UTC + 2))
#define TICKS    (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_CLOCK, SEMO_CLOCK_TICKS))

SM_DRIVER(CLOCK, SEMO_WINDOW_CLOCK);
SM_OUTPUT_MAX(CLOCK, tick, CLOCK_TICK_LEN);
SM_OUTPUT_MAX(CLOCK, slow_tick, CLOCK_TICK_LEN);

/* The last tick said: anybody may call the sample, nobody hears a tick twice. */
static SM_DATA(CLOCK) uint16_t told, since_slow;

SM_SAMPLE(CLOCK, sample, SEMO_WINDOW_CLOCK)
{
    uint8_t m[CLOCK_TICK_LEN];
    put_u16(m, UTC_LOW); /* latches the others */
    put_u16(m + 2, UTC_HIGH);
    if (TICKS == told)
        return;
    told = TICKS;
    tick(m, sizeof m);
    if (++since_slow < CLOCK_SLOW_TICKS)
        return;
    since_slow = 0;
    slow_tick(m, sizeof m);
}
