/* SPDX-License-Identifier: Apache-2.0 */
/* From C sources of a module to a placed, measured flat image. Runs clang, ld.lld (or cc for Linux
 * modules) as child processes. Errors: one line with file, line, symbol and what to do. */
#ifndef SEMO_TOOLCHAIN_H
#define SEMO_TOOLCHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <semo/status.h>
#include "host/error.h"
#include "lib/kdf/kdf.h"

enum semo_target { SEMO_TARGET_MCU, SEMO_TARGET_LINUX };
enum semo_io_kind {
    SEMO_IO_INPUT,
    SEMO_IO_OUTPUT,
    SEMO_IO_ENTRY,
    SEMO_IO_SAMPLE,
    SEMO_IO_REQUEST, /* shares the numbers of the outputs */
    SEMO_IO_HANDLER  /* and of the inputs */
};

struct semo_module_source {
    const char *name;         /* module */
    const char *const *files; /* C files, paths as the compiler shall see them */
    unsigned file_count;
    const char *const *flags; /* -D, -U and -I of the author, for the files only; NULL: none */
    unsigned flag_count;
    bool https; /* with the web server of <semo/https.h>, and BearSSL under it; Linux only */
    enum semo_target target;
    unsigned security;           /* 64, 128 */
    unsigned connections;        /* slots of the connection table, back channels included */
    unsigned opens;              /* of them, outgoing ones that are acknowledged or requests */
    bool prints, values;         /* found out by the build */
    unsigned policies;           /* 1: one is not newest, 2: or events of one expire */
    const char *root;            /* Semo tree or installation: include/, lib/, runtime/ below it */
    const char *objects;         /* folder for objects, created; reused when nothing changed */
    const char *runtime_objects; /* the same, for those that modules share; NULL: objects */
};

struct semo_io {
    enum semo_io_kind kind;
    char name[32];
    uint8_t index; /* input or output index, or entry number (SEMO_ENTRY_USER..) */
    uint16_t max;  /* largest payload */
    int window;    /* samples: device window; else -1 */
    bool expires;  /* outputs: SM_OUTPUT_UNTIL */
};

struct semo_unit { /* a compiled module without a place */
    char name[32];
    enum semo_target target;
    unsigned security;
    unsigned connections;
    uint32_t text_len,
        data_len;       /* bytes, even; text incl. runtime; data without a driver's window */
    uint32_t stack_len; /* static bound, part of data */
    int window;         /* device window, -1 = ordinary data memory */
    bool prints;
    struct semo_io *io;
    unsigned io_count;
    char *folder; /* where its objects are */
};

struct semo_image {            /* a placed module */
    struct semo_layout layout; /* all 0 for Linux */
    uint8_t *text;             /* flat text (Linux: the whole executable file) */
    uint32_t text_len;
};

enum semo_status semo_toolchain_compile(const struct semo_module_source *source,
                                        struct semo_unit **unit,
                                        struct semo_error *e) SEMO_MUST_CHECK;
/* ps, ss: place (mcu); ss is ignored for drivers (their window). */
enum semo_status semo_toolchain_link(const struct semo_unit *unit, uint16_t ps, uint16_t ss,
                                     struct semo_image *image,
                                     struct semo_error *e) SEMO_MUST_CHECK;
/* The same as an ELF file with symbols, for the microcontroller only; *elf is malloced. */
enum semo_status semo_toolchain_link_elf(const struct semo_unit *unit, uint16_t ps, uint16_t ss,
                                         uint8_t **elf, size_t *len,
                                         struct semo_error *e) SEMO_MUST_CHECK;
const struct semo_io *semo_unit_io(const struct semo_unit *u, enum semo_io_kind kind,
                                   const char *name);
void semo_unit_free(struct semo_unit *u);
void semo_image_free(struct semo_image *i);

#endif
