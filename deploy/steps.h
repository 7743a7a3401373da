/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of a deployment share; for the files of deploy/ only. */
#ifndef SEMO_STEPS_H
#define SEMO_STEPS_H

#include "deploy/deploy.h"

const struct semo_module_spec *semo_deploy_spec(const struct semo_deploy *p, unsigned module);
const char *semo_deploy_node_name(const struct semo_deploy *p, unsigned module);
/* One line for the user, when somebody listens. */
void semo_deploy_progress(struct semo_deploy *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* status.json follows each step, so that semo status and the reader of a crash see it. */
enum semo_status semo_deploy_reach(struct semo_deploy *p, unsigned module, enum semo_step step,
                                   struct semo_error *e) SEMO_MUST_CHECK;
/* What an earlier command loaded is judged by the key of that time: it may be of another source by
 * now, with other inputs under the same numbers. */
enum semo_status semo_deploy_check_source(struct semo_deploy *p, unsigned module,
                                          struct semo_error *e) SEMO_MUST_CHECK;
/* Do the connections of a module that runs find room in it? */
bool semo_deploy_has_room(const struct semo_deploy *p, unsigned module);
/* connect.c. The event manager learns the receiving module, the router the receiving node; to: a
 * module or SEMO_DEPLOYER. */
enum semo_status semo_deploy_route(struct semo_deploy *p, unsigned connection, int to,
                                   struct semo_error *e) SEMO_MUST_CHECK;
/* The node calls a module that opens events or requests, so that what is open ends. */
enum semo_status semo_deploy_tick(struct semo_deploy *p, unsigned module,
                                  struct semo_error *e) SEMO_MUST_CHECK;
/* One bad module must not hide the others; the first is the one that *e names. */
void semo_deploy_note_failure(struct semo_deploy *p, unsigned i, const struct semo_error *why,
                              enum semo_status *worst, enum semo_status status,
                              struct semo_error *e);

#endif
