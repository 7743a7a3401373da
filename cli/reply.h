/* SPDX-License-Identifier: Apache-2.0 */
/* What a command says on standard output: text for people or, with --json, one JSON document and
 * nothing else. Every verb prints its text and fills the document; which of the two is seen is
 * decided here. */
#ifndef SEMO_REPLY_H
#define SEMO_REPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include "host/error.h"

/* json: from here on what is printed to stdout is for nobody, also what children print. */
void semo_reply_open(bool json);
/* The document, an object; borrowed. */
json_t *semo_reply(void);
/* Adds the fields of a JSON text; false: it is none. */
bool semo_reply_merge(const char *text);
/* Is this a terminal, where secrets stay for all to see? */
bool semo_reply_on_terminal(void);
/* Where progress goes: stdout, or stderr beside a document. */
FILE *semo_reply_progress(void);
/* One line on stderr, and in the document; the exit code. */
int semo_reply_error(const char *verb, const struct semo_error *e);
/* Writes the document; the exit code: `code`, or another one when it cannot be written. Once. */
int semo_reply_close(int code);

#endif
