/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of the car park. Each connection carries one kind of message of one exact length, but
 * for the panel's; everything else is ignored. Integers are little endian. */
#ifndef CAR_PARK_MESSAGES_H
#define CAR_PARK_MESSAGES_H

#include <stdint.h>

/* PLACE*.place_out, at each tick and each change: session u16 (of the driver, by chance) | moves
 * u32 (cars that came or went in this session) | tick u16 (seconds, wraps) | occupied u8. Two
 * messages with the same stay, session and moves: nobody came or went between them. */
#define PLACE_LEN      9
#define PLACE_SESSION  0
#define PLACE_MOVES    2
#define PLACE_STAY_LEN 6
#define PLACE_TICK     6
#define PLACE_OCCUPIED 8

/* AVL_P*.moved_out: one byte. ENTER and EXIT when it happens, FREE and OCCUPIED at the ticks. */
enum { FREE = 0, OCCUPIED = 1, ENTER = 2, EXIT = 3 };

/* VIO_P*.overstays_out and *_AGG.number_out: u16. */
#define NUMBER_LEN 2

/* To a panel's port: take and release are one byte, show is row u8 | up to PANEL_TEXT characters.
 * A port shows nothing before it has taken the panel, and nobody takes it from it. */
enum { PANEL_FIRST_ROW = 0, PANEL_SECOND_ROW = 1, PANEL_TAKE = 2, PANEL_RELEASE = 3 };
#define PANEL_TEXT 15

/* *_SIGN.owner_in, from the application's owner: one byte. */
enum { SIGN_RELEASE = 0, SIGN_TAKE = 1 };

/* A car may stay this many ticks. */
#define MAX 2

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
