/* SPDX-License-Identifier: Apache-2.0 */
/* Where each module goes. Pure and deterministic: descriptor, compiled units, what the nodes said.
 */
#ifndef SEMO_PLAN_H
#define SEMO_PLAN_H

#include "deploy/descriptor.h"
#include "deploy/link.h"
#include "toolchain/toolchain.h"

struct semo_place {
    uint16_t ps, ss; /* 0, 0 on a Linux node */
};

/* More modules or routes than a node of that kind has, known before anything is built. */
enum semo_status semo_plan_limits(const struct semo_descriptor *d,
                                  struct semo_error *e) SEMO_MUST_CHECK;
/* What cannot work whatever the nodes say: unknown inputs, outputs and entries, two drivers on one
 * device, an actuator that is not provisioned. */
enum semo_status semo_plan_check(const struct semo_descriptor *d, struct semo_unit *const *units,
                                 struct semo_error *e) SEMO_MUST_CHECK;
/* Of the provisioned modules of one node: one after the other from the start of program memory. */
void semo_plan_provisioned(const struct semo_descriptor *d, struct semo_unit *const *units,
                           unsigned node, struct semo_place *places);
/* Fills places[module]; provisioned modules keep what semo_plan_provisioned gives them. Those that
 * are `there` (by module; NULL: none) run already: what the nodes say is free lies beside them. */
enum semo_status semo_plan_place(const struct semo_descriptor *d, struct semo_unit *const *units,
                                 const struct semo_node_info *infos, const bool *there,
                                 struct semo_place *places, struct semo_error *e) SEMO_MUST_CHECK;
/* Memory and slots that an emulated node offers, as its firmware would say when asked. */
void semo_plan_emulated(struct semo_node_info *info);
/* The physical output that a module drives ("the relay"); NULL: none. */
const char *semo_plan_actuator(const struct semo_unit *unit);

#endif
