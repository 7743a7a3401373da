/* SPDX-License-Identifier: Apache-2.0 */
/* What the events of this application carry, little endian. To GATEWAY and LED: presses u16 that
 * happened since the event before; a connection that is busy gets them with its next event. To and
 * from COUNTER: all presses u32, so that the next event makes up for one that was lost. */
#ifndef BUTTON_LED_PRESSES_H
#define BUTTON_LED_PRESSES_H

#include <stdint.h>

#define PRESSES_LEN 2
#define TOTAL_LEN   4

static inline uint16_t get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] | (uint16_t)at[1] << 8);
}

static inline void put_u16(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)v;
    at[1] = (uint8_t)(v >> 8);
}

static inline uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)get_u16(at + 2) << 16 | get_u16(at);
}

static inline void put_u32(uint8_t *at, uint32_t v)
{
    put_u16(at, (uint16_t)v);
    put_u16(at + 2, (uint16_t)(v >> 16));
}

#endif
