/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on their way from one command to another: by pipe or file, never on a screen, a command line
 * or in a log. */
#ifndef SEMO_SECRET_H
#define SEMO_SECRET_H

#include <stdbool.h>
#include "host/error.h"

/* vendor_key.c: a line to the file (mode 0600), or to standard output; also as that field of the
 * document. what: "semo import-key", which reads it. */
enum semo_status semo_secret_hand_over(const char *path, const char *line, const char *field,
                                       const char *what, struct semo_error *e) SEMO_MUST_CHECK;
/* import_key.c: a line of standard input, without its end; prompt: for a terminal. */
bool semo_secret_read(char *line, int room, const char *prompt);

#endif
