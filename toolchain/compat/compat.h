/* SPDX-License-Identifier: Apache-2.0 */
/* Programs and modules in the style of the published Sancus tool chain: from C files with several
 * modules and unprotected code in each to an executable for the microcontroller. docs/sancus.md. */
#ifndef SEMO_COMPAT_H
#define SEMO_COMPAT_H

#include <stdbool.h>
#include <stdio.h>
#include "host/error.h"

struct semo_compat_request {
    char *const *arguments; /* files, and options of the compiler and of the published tools */
    unsigned count;
    const char *output;     /* NULL: a.out, or FILE.o with -c */
    unsigned security;      /* 64, 128 */
    unsigned stack;         /* bytes of the stack of each module, unless told otherwise */
    const char *vendor_key; /* hexadecimal, of modules that are loaded encrypted; or NULL */
    const char *root;       /* Semo tree or installation */
    bool main_is_optional;  /* without one the program enables its modules and ends */
    const char *module;     /* what {name} in sources stands for; or NULL */
    unsigned vendor;        /* of modules that then nobody declares, as for the published loader */
    FILE *listing;          /* what the program consists of; NULL: not wanted */
};

enum semo_status semo_compat_build(const struct semo_compat_request *r,
                                   struct semo_error *e) SEMO_MUST_CHECK;

#endif
