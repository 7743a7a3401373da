/* SPDX-License-Identifier: Apache-2.0 */
/* An application as a picture (after the paper's figure 2): nodes, their untrusted event managers,
 * the shaded modules that are trusted, and connections from output to input. */
#ifndef SEMO_GRAPH_H
#define SEMO_GRAPH_H

#include <stdio.h>
#include "deploy/descriptor.h"

/* SVG 1.1; the same bytes for the same descriptor. SEMO_SYSTEM: not written. */
enum semo_status semo_graph_write(const struct semo_descriptor *d, FILE *out) SEMO_MUST_CHECK;

#endif
