/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of semo-mcu. */
#ifndef SEMO_MCU_OPTIONS_H
#define SEMO_MCU_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/machine.h>

#define SEMO_MCU_DUMPS_MAX 64

struct semo_mcu_options {
    struct semo_machine_config config;
    const char *image, *trace, *vcd, *fileio_in, *fileio_out, *key_file;
    uint64_t max_cycles;
    bool frames; /* the verb, instead of run */
    bool bus, json, stop, flat, gdb;
    uint16_t base, gdb_port; /* of flat, gdb */
    struct {
        uint16_t address;
        uint32_t len;
    } dump[SEMO_MCU_DUMPS_MAX];
    unsigned dumps;
};

/* Fills *o; prints and ends the program for --help, --version and anything wrong. */
void semo_mcu_parse(struct semo_mcu_options *o, int argc, char **argv);
/* One line "semo-mcu: subject: what" and exit status 2. */
void semo_mcu_fail(const char *subject, const char *what) __attribute__((noreturn));

#endif
