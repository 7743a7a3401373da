/* SPDX-License-Identifier: Apache-2.0 */
/* One line for the user: file:line:column: word: what is wrong; what to do. */
#ifndef SEMO_ERROR_H
#define SEMO_ERROR_H

#include <semo/status.h>

struct semo_error {
    char text[512]; /* "" = none */
    enum semo_exit code;
};

/* Fills *e and returns `status`, so that `return semo_error_set(...)` reads well. file may be NULL,
 * line and column 0 = not known. Newlines and control characters in the text become '?'. */
enum semo_status semo_error_set(struct semo_error *e, enum semo_status status, enum semo_exit code,
                                const char *file, unsigned line, unsigned column,
                                const char *format, ...) __attribute__((format(printf, 7, 8)));

/* The sentence of the table in semo/status.h; also for numbers that a peer made up. */
const char *semo_status_text(enum semo_status status);

#endif
