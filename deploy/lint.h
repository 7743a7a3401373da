/* SPDX-License-Identifier: Apache-2.0 */
/* What a descriptor lets happen that its author may not have meant. */
#ifndef SEMO_LINT_H
#define SEMO_LINT_H

#include "deploy/plan.h"

/* `at`: where in the descriptor. */
typedef void semo_lint_fn(void *context, const struct semo_tree *at, const char *text);

/* Does every module find its place on its node? As at deployment, but no node is asked. */
enum semo_status semo_lint_capacity(const struct semo_descriptor *d, struct semo_unit *const *units,
                                    struct semo_error *e) SEMO_MUST_CHECK;
/* Says: entries that anybody may call and the physical outputs that can follow; nodes that nobody
 * can find. The number of warnings. */
unsigned semo_lint_warn(const struct semo_descriptor *d, struct semo_unit *const *units,
                        semo_lint_fn *say, void *context);

#endif
