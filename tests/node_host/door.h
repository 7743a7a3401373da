/* SPDX-License-Identifier: Apache-2.0 */
/* A TCP connection to a node, and the admin key of the node of one vendor. */
#ifndef SEMO_NODE_DOOR_H
#define SEMO_NODE_DOOR_H

#include "host/admin.h"
#include "tests/node_host/rig.h"

#define DOOR_VENDOR 0x1234

struct door {
    struct rig *rig; /* NULL: real time */
    unsigned node;   /* chips as the rig makes them: byte `node` + 1 */
    int fd;
    struct semo_admin admin;
    uint8_t key[SEMO_KEY_LEN];
    uint8_t answer[SEMO_FRAME_MAX];
    unsigned answer_len;
};

void door_derive(unsigned node, unsigned vendor, uint8_t key[SEMO_KEY_LEN]);
int door_connect(unsigned port); /* on loopback */
/* Asks for the challenge. */
struct door door_open(struct rig *r, unsigned node, int fd);
struct door door_knock(struct rig *r, unsigned node);
void door_say(struct door *d, const uint8_t *frame, unsigned len);
/* Waits, or lets time pass, until a frame is here. Returns its fourth byte: an answer's status. */
unsigned door_hear(struct door *d);
unsigned door_request(uint8_t *frame, unsigned type, const void *body, unsigned len);
/* Within an ADMIN frame; `ask` returns the status. */
void door_say_admin(struct door *d, unsigned type, const void *body, unsigned len);
unsigned door_ask_admin(struct door *d, unsigned type, const void *body, unsigned len);

#endif
