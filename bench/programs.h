/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of bench/programs in a machine. */
#ifndef SEMO_BENCH_PROGRAMS_H
#define SEMO_BENCH_PROGRAMS_H

#include <semo/machine.h>
#include "bench/programs/program.h"

struct bench_program {
    const char *name, *elf;
    uint16_t (*on_host)(uint16_t rounds); /* the result that is right */
};

#define BENCH_PROGRAMS 4
extern const struct bench_program bench_programs[BENCH_PROGRAMS];

/* Where it starts: plain, or as a module with its RAM as private data. */
enum bench_start { BENCH_PLAIN = PROGRAM_TEXT, BENCH_INSIDE = PROGRAM_INSIDE };

/* A hardened machine (128 bit) before its first instruction; ends at CPUOFF. rounds 0: as built.
 * Ends the bench when the image is not there. */
struct semo_machine *bench_program_load(const struct bench_program *p, enum bench_start start,
                                        uint16_t rounds);
uint16_t bench_program_rounds(const struct semo_machine *m);
void bench_program_run(struct semo_machine *m); /* to the end */
/* Ends the bench when the program did not end well or its result is wrong. */
void bench_program_check(const struct bench_program *p, const struct semo_machine *m);

#endif
