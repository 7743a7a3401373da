/* SPDX-License-Identifier: Apache-2.0 */
/* A deployer of few lines: loads, attests and connects modules of a Linux node by frames, whoever
 * carries them. It fails the test where something is refused that must not be. */
#ifndef SEMO_APP_H
#define SEMO_APP_H

#include <stdbool.h>
#include "lib/channel/channel.h"

#define APP_VENDOR 0x1234

struct app_image {
    uint8_t *bytes;
    unsigned len;
};

struct app_port { /* a way to a node */
    /* One request; the status of its answer, whose bytes are then at `answer`. */
    enum semo_status (*ask)(struct app_port *p, uint8_t type, const void *body, unsigned len);
    const uint8_t *answer;
    unsigned len;
    uint8_t node_key[SEMO_KEY_LEN];
    /* the key of the image that was loaded last */
    const struct app_image *image;
    uint8_t key[SEMO_KEY_LEN];
};

struct app_module {
    uint16_t id;
    uint32_t serial;
    uint64_t epoch; /* of the last attestation, 0 = none that was right */
    uint8_t key[SEMO_KEY_LEN];
};

/* Builds the module `name` of that file for Linux. */
struct app_image app_build(const char *name, const char *file, unsigned connections);
enum semo_status app_load(struct app_port *p, const struct app_image *image, struct app_module *m);
enum semo_status app_call(struct app_port *p, const struct app_module *m, uint16_t entry,
                          const void *payload, unsigned len);
bool app_attest(struct app_port *p, struct app_module *m);
/* That end of a connection; a receiver gets its route as well. */
void app_connect(struct app_port *p, struct app_module *m, const struct semo_channel *end);
/* EVENT frame at `frame`; its length. */
unsigned app_event(struct semo_channel *from, const void *body, unsigned len, uint8_t *frame);

#endif
