/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of the drivers. Each connection carries one kind of message, each kind has one exact
 * length; everything else is refused and counted. Integers are little endian (commands.h). */
#ifndef SEMO_METER_MESSAGES_H
#define SEMO_METER_MESSAGES_H

/* CLOCK.tick, once a second: utc u32, seconds since 1970-01-01T00:00:00Z. */
#define CLOCK_TICK_LEN 4
/* CLOCK.slow_tick: the same, once in this many ticks. */
#define CLOCK_SLOW_TICKS 10

/* METERING.reading, once a second: energy_ws u48 since power-on | power_w u32 | voltage_10mv u16 |
 * current_10ma u16 | frequency_10mhz u16. */
#define METERING_READING_LEN 16

/* RELAY.command_in: number u16 | wanted u8. A new (number, wanted) pulses the coil; a repeat of the
 * last one never does and gets its answer again as soon as there is one. */
#define RELAY_COMMAND_LEN 3
#define RELAY_OPEN        0
#define RELAY_CLOSE       1
#define RELAY_REPORT      2 /* moves nothing: asks for the answer that has number 0 */

/* RELAY.result_out: number u16 | wanted u8 | contact u8 (1 closed) | result u8 | stamp_ms u16.
 * Exactly one for a command: confirmed once the contact agrees and has been stable for
 * RELAY_STABLE_MS, failed when it does not RELAY_LIMIT_MS after the pulse; stamp = ms since the
 * pulse. Number 0: the contact moved without a command (or was asked for); wanted = contact, stamp
 * = ms since it last moved. */
#define RELAY_RESULT_LEN 7
#define RELAY_CONFIRMED  1
#define RELAY_FAILED     2
#define RELAY_STABLE_MS  20
#define RELAY_LIMIT_MS   200

#endif
