/* SPDX-License-Identifier: Apache-2.0 */
/* A monitor with the event manager that users get, and the way of a deployer to it. */
#ifndef SEMO_APP_RIG_H
#define SEMO_APP_RIG_H

#include "tests/monitor/app.h"
#include "tests/monitor/rig.h"

struct app_rig {
    struct app_port port;
    struct rig r;
};

void app_rig_start(struct app_rig *a, unsigned flags, unsigned limit_ms);
void app_rig_stop(struct app_rig *a);
/* One turn with many frames, each len u16 | frame, or with one. */
void app_rig_turn(struct app_rig *a, const void *frames, unsigned len);
void app_rig_frame(struct app_rig *a, const void *frame, unsigned len);

#endif
