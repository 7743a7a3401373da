/* SPDX-License-Identifier: Apache-2.0 */
/* The options of all verbs: one table, so that a word means the same everywhere. */
#ifndef SEMO_OPTIONS_H
#define SEMO_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "host/error.h"

#define SEMO_OPTIONS_LIST_MAX 32

struct semo_options {
    char **files; /* what is not an option, in order */
    unsigned file_count;
    const char *state, *operator_key, *data, *timezone, *script, *trace, *seal_log, *module, *entry,
        *connection, *argument, *out, *node, *speed, *seed, *run_ms, *han, *security, *stack,
        *vendor_key, *nodes, *listen, *number;
    const char *event_managers[SEMO_OPTIONS_LIST_MAX]; /* NODE=IMAGE */
    unsigned event_manager_count;
    bool json, weak, headless, only_nodes, realtime, emulate, tcp, again, follow, compat;
};

/* `allowed`: names separated by blanks. argv[0] is the verb. */
enum semo_status semo_options_read(int argc, char **argv, const char *allowed,
                                   struct semo_options *o, struct semo_error *e) SEMO_MUST_CHECK;
void semo_options_print_help(FILE *to, const char *allowed);
/* Whole text a number? */
bool semo_options_number(const char *text, uint64_t max, uint64_t *value);

#endif
