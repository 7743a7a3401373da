/* SPDX-License-Identifier: Apache-2.0 */
/* What a violation says: who, what, where, and the rule that was broken. */
#ifndef SEMO_REPORT_H
#define SEMO_REPORT_H

#include <jansson.h>
#include <semo/machine.h>
#include "machine/debug/symbols.h"

/* "text of module 2", "data memory", ... */
const char *semo_report_region(const struct semo_machine *m, uint16_t address, char *out,
                               size_t room);
/* The violation of the instruction that was just executed, as one line or as an object; s may be
 * NULL. */
const char *semo_report_violation(const struct semo_machine *m, const struct semo_symbols *s,
                                  char *out, size_t room);
json_t *semo_report_json(const struct semo_machine *m, const struct semo_symbols *s);

#endif
