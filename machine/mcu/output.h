/* SPDX-License-Identifier: Apache-2.0 */
/* What semo-mcu prints: violations as they happen, the result at the end. */
#ifndef SEMO_MCU_OUTPUT_H
#define SEMO_MCU_OUTPUT_H

#include "machine/debug/symbols.h"
#include "machine/mcu/options.h"

#define SEMO_MCU_REPORTS_MAX 16 /* violations that are described; the rest is counted */

enum semo_mcu_end {
    SEMO_MCU_CYCLES,
    SEMO_MCU_ASLEEP,
    SEMO_MCU_CPUOFF,
    SEMO_MCU_VIOLATION,
    SEMO_MCU_KILLED /* by the debugger */
};

struct semo_mcu_reports {
    bool wanted_json; /* objects, or lines */
    char *text[SEMO_MCU_REPORTS_MAX];
    void *json[SEMO_MCU_REPORTS_MAX]; /* json_t */
    unsigned count;                   /* described */
    void *last;
};

/* Right after the violation, while modules are still as it left them. */
void semo_mcu_note(struct semo_mcu_reports *r, const struct semo_machine *m,
                   const struct semo_symbols *s);
void semo_mcu_print(const struct semo_mcu_options *o, struct semo_mcu_reports *r,
                    const struct semo_machine *m, enum semo_mcu_end end);
int semo_mcu_status(enum semo_mcu_end end); /* exit status */

#endif
