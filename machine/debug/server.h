/* SPDX-License-Identifier: Apache-2.0 */
/* The debugger's end on a TCP port of 127.0.0.1. */
#ifndef SEMO_DEBUG_SERVER_H
#define SEMO_DEBUG_SERVER_H

#include <stdio.h>
#include "machine/debug/gdb.h"

/* Prints `gdb: listening on 127.0.0.1:PORT` to `say`, waits for one debugger and serves it until
 * the program ends, or it is killed, left or lost. Fills in config->send. -1: the port cannot be
 * had, errno says why. *end: how the program ended, if it did. */
int semo_debug_serve(const struct semo_gdb_config *config, uint16_t port, FILE *say,
                     enum semo_gdb_state *state, enum semo_stop *end);

#endif
