/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between the Central System, the load switch, the meter core, the HAN gateway and the
 * operator (paper section 4; opcodes of the published meter). A message is
 *     number u16 | opcode u8 | fields
 * with one exact length for each opcode and direction; everything else is refused and counted. */
#ifndef SEMO_METER_COMMANDS_H
#define SEMO_METER_COMMANDS_H

#include <stdint.h>

enum opcode {
    ENABLE_SPLY = 0x01,
    DISABLE_SPLY = 0x02,
    GET_SPLY_STAT = 0x04,
    GET_LOG = 0x08,
    GET_CONSUMPTION = 0x10
};

enum supply { SPLY_ENABLED = 0, SPLY_DISABLED = 1, SPLY_UNKNOWN = 2 };
enum outcome { OUTCOME_DONE = 0, OUTCOME_FAILED = 1, OUTCOME_BUSY = 2, OUTCOME_REFUSED = 3 };

/* Commands: operator -> CS -> HASM_LS, ESME -> HASM_LS (GET_SPLY_STAT only), CS -> ESME
 * (GET_CONSUMPTION only). GET_LOG carries how many entries back, 0 = newest. */
#define COMMAND_LEN 3
#define GET_LOG_LEN 4 /* | back u8 */

/* Answers carry the number and opcode of the command; number 0 = sent without being asked. */
#define ACK_LEN   5  /* ENABLE_SPLY, DISABLE_SPLY: | outcome u8 | supply u8 */
#define STATE_LEN 4  /* GET_SPLY_STAT: | supply u8 */
#define LOG_LEN   14 /* GET_LOG: | back u8 | entries u16 | entry, LOG_ENTRY_LEN bytes */
/* Entry: utc u32 | number u16 | opcode u8 (0 = moved without a command) | outcome u8. An index past
 * the end is answered with entries and an entry of zeros. */
#define LOG_ENTRY_LEN 8
#define REPORT_LEN    22 /* GET_CONSUMPTION: | the report below without its own opcode */

/* Report of the meter core. To the HAN gateway: opcode u8 | utc u32 | supply u8 | power_w u24 |
 * import_wh u32 | remainder_ws u16 (15 bytes). To the Central System:
 * number u16 | opcode u8 | utc u32 | supply u8 | power_w u32 | import_wh u32 | remainder_ws u16 |
 * voltage_10mv u16 | current_10ma u16. */
#define HAN_REPORT_LEN 15

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

static inline void put_head(uint8_t *at, uint16_t number, uint8_t opcode)
{
    put_u16(at, number);
    at[2] = opcode;
}

#endif
