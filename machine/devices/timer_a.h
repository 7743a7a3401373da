/* SPDX-License-Identifier: Apache-2.0 */
/* The counter of timer A. It is brought up to date only when somebody looks or something happens; a
 * tick in cycle t shows from cycle t+1. */
#ifndef SEMO_TIMER_A_H
#define SEMO_TIMER_A_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/device.h>

enum { TAIFG = 1, TAIE = 2, TACLR = 4, CCIFG = 1, CCIE = 0x10, CAP = 0x100 };
enum { STOP, UP, CONTINUOUS, UP_DOWN };

struct semo_timer {
    uint64_t ticks; /* SMCLK ticks up to which the counter is right */
    uint16_t control, tar, cctl[3], ccr[3];
    uint8_t phase; /* of the divider, in ticks */
    bool down;
};

static inline unsigned semo_timer_mode(const struct semo_timer *s)
{
    return s->control >> 4 & 3;
}

/* The timer with its basic clock as host. To the state at the start of cycle `now`. */
void semo_timer_settle(struct semo_device *d, uint64_t now);
/* Past cycle `now`. Returns the flags that it set, whatever was set before: bit n = CCIFGn, bit 3 =
 * TAIFG. They are kept by a write of that cycle. */
unsigned semo_timer_tick(struct semo_device *d, uint64_t now);
/* The next cycle before which a flag may be set or the counter may turn; UINT64_MAX = never. */
uint64_t semo_timer_next(const struct semo_device *d);

#endif
