/* SPDX-License-Identifier: Apache-2.0 */
/* The program that semo-mcu runs. */
#ifndef SEMO_MCU_IMAGE_H
#define SEMO_MCU_IMAGE_H

#include <stddef.h>
#include <stdint.h>
#include "machine/mcu/options.h"

struct semo_mcu_file {
    uint8_t *bytes;
    size_t len;
};

/* A whole file, or one line and exit status 2. */
struct semo_mcu_file semo_mcu_read(const char *path);
/* Puts the image into the machine, or says in one line why not. */
void semo_mcu_load(struct semo_machine *m, const struct semo_mcu_options *o,
                   const struct semo_mcu_file *image);

#endif
