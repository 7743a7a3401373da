/* SPDX-License-Identifier: Apache-2.0 */
/* The end of modules, confirmed by themselves. Steering clients only. */
#ifndef SEMO_RETIRE_H
#define SEMO_RETIRE_H

#include "deploy/deploy.h"

/* The module ends (semo_deploy_disable), and no event finds its way to it or from it. */
enum semo_status semo_deploy_retire(struct semo_deploy *p, unsigned module,
                                    struct semo_error *e) SEMO_MUST_CHECK;
/* Ends every module that runs, then resets the nodes on which nobody else's runs. *e: the first
 * that could not be done. */
enum semo_status semo_deploy_reset(struct semo_deploy *p, struct semo_error *e) SEMO_MUST_CHECK;

#endif
