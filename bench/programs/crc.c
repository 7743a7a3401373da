/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-16, bit by bit, over a buffer that changes from round to round. */
#include "bench/programs/program.h"

#define BYTES 256

static uint8_t buffer[BYTES];

static uint16_t crc_byte(uint16_t crc, uint8_t byte)
{
    crc ^= byte;
    for (uint8_t bit = 0; bit < 8; bit++)
        crc = crc & 1 ? (uint16_t)(crc >> 1 ^ 0xA001) : (uint16_t)(crc >> 1);
    return crc;
}

uint16_t program_run(uint16_t rounds)
{
    uint16_t crc = 0xFFFF;
    for (uint16_t i = 0; i < BYTES; i++)
        buffer[i] = (uint8_t)(7 * i + 3);
    for (uint16_t round = 0; round < rounds; round++) {
        buffer[round % BYTES] ^= (uint8_t)crc;
        for (uint16_t i = 0; i < BYTES; i++)
            crc = crc_byte(crc, buffer[i]);
    }
    return crc;
}
