/* SPDX-License-Identifier: Apache-2.0 */
/* A deployer of few lines: loads, attests and connects modules by the frames of a Linux node's
 * event manager, under a rig whose event manager is build/bin/semo-em. */
#ifndef SEMO_APP_H
#define SEMO_APP_H

#include "lib/channel/channel.h"
#include "tests/monitor/rig.h"

#define APP_VENDOR 0x1234

struct app_image {
    uint8_t *bytes;
    unsigned len;
    uint8_t key[SEMO_KEY_LEN]; /* of a module of it, on the rig's chip */
};

struct app_module {
    const struct app_image *image;
    uint16_t id;
    uint32_t serial;
    uint64_t epoch; /* of the last attestation, 0 = none that was right */
};

/* Builds the module `name` of that file for Linux; fails the test when it cannot. */
struct app_image app_build(const char *name, const char *file, unsigned connections);
void app_rig(struct rig *r); /* instead of rig_prepare; before rig_start */
void app_rig_remove(struct rig *r);

/* One request frame; the status of its answer, whose body is at r->frame + 4. */
enum semo_status app_ask(struct rig *r, uint8_t type, const void *body, unsigned len);
enum semo_status app_load(struct rig *r, const struct app_image *image, struct app_module *m);
enum semo_status app_call(struct rig *r, const struct app_module *m, uint16_t entry,
                          const void *payload, unsigned len);
bool app_attest(struct rig *r, struct app_module *m);
/* That end of a connection; a receiver gets its route as well. */
void app_connect(struct rig *r, struct app_module *m, const struct semo_channel *c);
/* EVENT frame at `frame`; its length. */
unsigned app_event(struct semo_channel *from, const void *body, unsigned len, uint8_t *frame);

/* Many frames in one turn, each len u16 | frame. */
void app_turn(struct rig *r, const void *frames, unsigned len);
void app_frame(struct rig *r, const void *frame, unsigned len);

#endif
