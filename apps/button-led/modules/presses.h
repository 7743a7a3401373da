/* SPDX-License-Identifier: Apache-2.0 */
/* What every event of this application carries: presses u16, little endian, that happened since the
 * one before. A connection that is busy gets them with its next event. */
#ifndef BUTTON_LED_PRESSES_H
#define BUTTON_LED_PRESSES_H

#include <stdint.h>

#define PRESSES_LEN 2
#define TOTAL_LEN   4 /* COUNTER.presses: u32 */

static inline uint16_t get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] | (uint16_t)at[1] << 8);
}

static inline void put_u16(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)v;
    at[1] = (uint8_t)(v >> 8);
}

#endif
