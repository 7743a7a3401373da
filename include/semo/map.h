/* SPDX-License-Identifier: Apache-2.0 */
/* The reference microcontroller as software sees it: memories, windows, registers, interrupt lines.
 * Shared by the machine, the firmware, the drivers and docs/devices.md. Plain numbers only, so that
 * assembly can include it. Addresses are byte addresses; "word" = 16 bits, little endian. */
#ifndef SEMO_MAP_H
#define SEMO_MAP_H

#define SEMO_CLOCK_HZ 20000000 /* the unit of virtual time is one cycle of this clock */

#define SEMO_DATA_START    0x0200 /* data memory, 16 KiB */
#define SEMO_DATA_END      0x4200 /* exclusive */
#define SEMO_PROGRAM_START 0x5C00 /* program memory, 41 KiB, to 0xFFFF */
#define SEMO_VECTORS       0xFFE0 /* 16 words; word n = interrupt n */

/* What the event manager and loader of a node keep for themselves; modules get what is below. */
#define SEMO_FIRMWARE_TEXT  0xE800 /* to the end of program memory */
#define SEMO_FIRMWARE_DATA  0x3800 /* to the end of data memory */
#define SEMO_FIRMWARE_SLOTS 16     /* modules that they keep account of */

/* Ownable devices: windows of 1 KiB in the unmapped space, private RAM first, registers last. */
#define SEMO_WINDOW_START     0x4200
#define SEMO_WINDOW_SIZE      0x0400
#define SEMO_WINDOW_COUNT     6
#define SEMO_WINDOW_REGISTERS 0x0380 /* offset of the registers in the window; below it is RAM */
#define SEMO_WINDOW(n)        (SEMO_WINDOW_START + (n)*SEMO_WINDOW_SIZE)
#define SEMO_WINDOW_REG(n, o) (SEMO_WINDOW(n) + SEMO_WINDOW_REGISTERS + (o))

#define SEMO_WINDOW_METERING 0
#define SEMO_WINDOW_CLOCK    1
#define SEMO_WINDOW_RELAY    2
#define SEMO_WINDOW_HAN      3
#define SEMO_WINDOW_BUTTONS  4
#define SEMO_WINDOW_PANEL    5

/* Metering front end (window 0). Reading word 0 of ENERGY latches all the others. */
#define SEMO_METERING_ENERGY    0x00 /* watt-seconds since power-on, 64 bits, 4 words */
#define SEMO_METERING_POWER     0x08 /* W, 32 bits, 2 words */
#define SEMO_METERING_VOLTAGE   0x0C /* 10 mV */
#define SEMO_METERING_CURRENT   0x0E /* 10 mA */
#define SEMO_METERING_REACTIVE  0x10 /* var, signed */
#define SEMO_METERING_FREQUENCY 0x12 /* 10 mHz */
#define SEMO_METERING_TICKS     0x14 /* ticks (1 s) since power-on, 16 bits, wraps */

/* Real-time clock (window 1). Reading word 0 latches word 1 and TICKS. */
#define SEMO_CLOCK_UTC   0x00 /* seconds since 1970-01-01T00:00:00Z, 32 bits, 2 words */
#define SEMO_CLOCK_TICKS 0x04 /* ticks (1 s) since power-on, 16 bits, wraps */

/* Latching relay (window 2). */
#define SEMO_RELAY_COIL    0x00 /* write 1: pulse to close, 2: pulse to open; reads 0 */
#define SEMO_RELAY_CONTACT 0x02 /* feedback contact: 1 closed, 0 open */
#define SEMO_RELAY_STABLE  0x04 /* ms since the contact last changed, saturates at 65535 */
#define SEMO_RELAY_SINCE   0x06 /* ms since the last coil pulse, saturates at 65535 */

/* Transmit-only HAN port (window 3). There is no receive register. */
#define SEMO_HAN_DATA   0x00 /* write: low byte goes to the FIFO, lost when full */
#define SEMO_HAN_STATUS 0x02 /* free bytes in the FIFO (512 when idle) */

/* Push buttons (window 4). Reading LEVEL latches all the others. */
#define SEMO_BUTTONS_LEVEL    0x00             /* bit n: button n is down, debounced */
#define SEMO_BUTTONS_TICKS    0x02             /* ticks (1 s) since power-on, 16 bits, wraps */
#define SEMO_BUTTONS_EDGES(n) (0x10 + 2 * (n)) /* times it went down or up since reset, wraps */
#define SEMO_BUTTONS_COUNT    8

/* Front panel (window 5): lamps and two rows of characters. */
#define SEMO_PANEL_LAMPS   0x00 /* bit n: lamp n; reads the lamps that are lit */
#define SEMO_PANEL_SHOW    0x02 /* write 1: all that was written since appears at once; reads 0 */
#define SEMO_PANEL_TEXT    0x10 /* bytes, row after row; write only */
#define SEMO_PANEL_COLUMNS 16
#define SEMO_PANEL_ROWS    2

/* Shared devices, in nobody's private section (docs/devices.md). */
#define SEMO_LINK_DATA                                                                             \
    0x00A0 /* byte. read: oldest received, 0 when none; write: to transmit FIFO */
#define SEMO_LINK_RX_COUNT 0x00A2 /* word: bytes waiting, 0..SEMO_LINK_FIFO */
#define SEMO_LINK_TX_FREE  0x00A4 /* word: room in the transmit FIFO */
/* Word: bit 0 receive interrupt, bit 1 transmit-empty interrupt, bits 15:8 trigger level (0 = 1).
 */
#define SEMO_LINK_CONTROL 0x00A6
#define SEMO_LINK_FIFO    256
#define SEMO_RANDOM       0x00B0 /* word: a fresh random word for each read */
#define SEMO_EPOCH        0x00B8 /* 4 words; reading word 0 draws and latches, per module */
#define SEMO_EVENT_FLAGS  0x00E0 /* word: bit n = event of window n; write 1 to clear */
#define SEMO_EVENT_ENABLE 0x00E2 /* word: bit n lets it interrupt */

#define SEMO_IRQ_EVENT     5 /* any enabled bit of SEMO_EVENT_FLAGS (level) */
#define SEMO_IRQ_LINK      7 /* link UART (level) */
#define SEMO_IRQ_VIOLATION 13

/* Link UART: 115,200 baud, 10 bits a byte. */
#define SEMO_LINK_BYTE_CYCLES 1736

#endif
