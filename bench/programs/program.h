/* SPDX-License-Identifier: Apache-2.0 */
/* What the four programs are to those who run them. The same file is built for the microcontroller
 * and, for the result to be checked, for the host; so only types of fixed width count. Plain
 * numbers for the assembler. */
#ifndef SEMO_BENCH_PROGRAM_H
#define SEMO_BENCH_PROGRAM_H

/* Places that no program moves (program.ld). */
#define PROGRAM_TEXT   0x5C00 /* start in unprotected state, and entry of the module */
#define PROGRAM_RAM    0x0200
#define PROGRAM_STACK  0x1200 /* end of RAM, exclusive */
#define PROGRAM_INSIDE 0xF000 /* start that first makes a module of text and RAM */
#define PROGRAM_DONE   0xF080 /* CPUOFF, result in r12 */
#define PROGRAM_AFTER  0xF084 /* behind it, for emulators that do not stop at CPUOFF */
#define PROGRAM_ROUNDS 0xF0C0 /* word: how often; may be poked */

#ifndef __ASSEMBLER__
#include <stdint.h>

/* The whole work, `rounds` times; the result depends on all of it. */
uint16_t program_run(uint16_t rounds);

static inline uint16_t program_crc(uint16_t crc, uint16_t word)
{
    for (uint8_t bit = 0; bit < 16; bit++) {
        uint16_t feedback = (crc ^ word) & 1;
        crc >>= 1;
        word >>= 1;
        if (feedback)
            crc ^= 0xA001;
    }
    return crc;
}
#endif
#endif
