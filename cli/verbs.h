/* SPDX-License-Identifier: Apache-2.0 */
/* Each verb is one file with one function; adding one is a line in the table of cli/semo.c. */
#ifndef SEMO_VERBS_H
#define SEMO_VERBS_H

#include "cli/options.h"

#define SEMO_COMMON "state operator-key json"
#define SEMO_NODES  " nodes" /* of commands that need them running */

/* Returns an exit code (semo/status.h) after saying why on stderr, in one line. */
typedef int semo_verb_fn(const struct semo_options *o);

struct semo_verb {
    const char *name, *arguments, *summary, *options, *example;
    semo_verb_fn *run;
};

semo_verb_fn semo_verb_init, semo_verb_provision, semo_verb_import_key, semo_verb_build,
    semo_verb_deploy, semo_verb_attest, semo_verb_connect, semo_verb_call, semo_verb_output,
    semo_verb_status, semo_verb_tcb, semo_verb_graph, semo_verb_lint, semo_verb_new, semo_verb_up,
    semo_verb_down, semo_verb_cc, semo_verb_vendor_key, semo_verb_offer, semo_verb_accept,
    semo_verb_request, semo_verb_disable, semo_verb_logs, semo_verb_reset;

#endif
