/* SPDX-License-Identifier: Apache-2.0 */
/* The paper's Table 1 for any application: what has to be trusted, in lines (neither blank nor
 * comment) and bytes. Every file of the product and of the application is in exactly one row. */
#ifndef SEMO_TCB_H
#define SEMO_TCB_H

#include <stdbool.h>
#include "deploy/descriptor.h"
#include "toolchain/toolchain.h"

#define SEMO_TCB_ROWS 96

struct semo_tcb_row {
    char component[64];
    const char *deployed; /* "once", "per node", "per module", "deployer", "hardware", "n/a" */
    bool trusted;
    bool application; /* written for this application: the paper's 291 lines */
    unsigned lines;
    unsigned long bytes; /* 0: not a binary of its own */
    char **files;        /* malloced names */
    unsigned file_count;
};

struct semo_tcb {
    struct semo_tcb_row row[SEMO_TCB_ROWS];
    unsigned count;
};

/* Lines of C, assembly, linker script or JSON text that hold more than white space and comments. */
unsigned semo_tcb_count_lines(const char *text);
/* root: the Semo tree; units: built modules, in descriptor order. */
enum semo_status semo_tcb_measure(const struct semo_descriptor *d, struct semo_unit *const *units,
                                  const char *root, struct semo_tcb *t,
                                  struct semo_error *e) SEMO_MUST_CHECK;
void semo_tcb_free(struct semo_tcb *t);

#endif
