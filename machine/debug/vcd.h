/* SPDX-License-Identifier: Apache-2.0 */
/* Value Change Dump (IEEE 1364, clause 18) of a run, for GTKWave: made of its trace lines, so it
 * costs nothing when nobody asks for it. */
#ifndef SEMO_VCD_H
#define SEMO_VCD_H

#include <stdio.h>
#include <semo/machine.h>

struct semo_vcd;

/* Writes the header; NULL: no memory. out and m stay the caller's. */
struct semo_vcd *semo_vcd_new(FILE *out, struct semo_machine *m);
/* A line of the trace with bus accesses, while it is given out. */
void semo_vcd_line(struct semo_vcd *v, const char *line);
/* The last changes, and the time of the end. */
void semo_vcd_free(struct semo_vcd *v);

#endif
