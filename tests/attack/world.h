/* SPDX-License-Identifier: Apache-2.0 */
/* The deployer, as it is, against nodes that are all the attacker's but for their modules: event
 * managers, loaders and network are here, in place of semo-node behind host/control.h. */
#ifndef SEMO_WORLD_H
#define SEMO_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <semo/machine.h>
#include "deploy/deploy.h"

enum { WORLD_NODES = 2, LEFT = 0, RIGHT = 1, WORLD_FRAMES = 64 };

struct world_frame {
    unsigned node, len;
    uint8_t at[SEMO_FRAME_MAX];
};

struct world {
    struct semo_descriptor *d;
    struct semo_state *state;
    struct semo_deploy *deploy;
    struct semo_link link;
    struct semo_error e;
    char *folder;
    struct world_node {
        struct semo_machine *machine;
        uint64_t epoch;
        uint16_t module, ps; /* of the last one enabled */
        unsigned count;      /* places from which on all is free */
        uint8_t text[0x4000];
        unsigned text_len;
        uint16_t enabled[5];              /* vendor, ps, pe, ss, se */
        uint8_t seal[SEMO_CONCEALED_LEN]; /* of an encrypted text; nonce 0: it is none */
    } nodes[WORLD_NODES];
    struct world_frame waiting[WORLD_FRAMES]; /* for the deployer */
    unsigned waiting_count;
    uint64_t now;
    bool crowded;        /* somebody has joined: what ways there are is told */
    bool way[SEMO_BACK]; /* by number */
    /* What the attacker does to a request, and to its answer; false: it is lost. May be NULL. */
    bool (*request)(struct world *w, struct world_frame *f);
    bool (*answer)(struct world *w, struct world_frame *f);
    void *context;
};

/* Provisioned and compiled; nothing is loaded. One at a time. */
void world_open(struct world *w);
void world_open_as(struct world *w, const char *file); /* of another descriptor */
void world_close(struct world *w);
/* Another deployer on the same nodes, who has the keys of its own vendor. */
struct world_guest {
    struct semo_descriptor *d;
    struct semo_state *state;
    struct semo_deploy *deploy;
    struct semo_link link;
    struct semo_error e;
};
void world_join(struct world *w, struct world_guest *g, const char *file);
void world_leave(struct world_guest *g);
/* The deployer begins anew, with what its folder says; forget: with its chips' keys only. */
void world_restart(struct world *w, bool forget);
/* As whoever can reach the node: the answer of the module loaded last. */
enum semo_status world_call(struct world *w, unsigned node, unsigned entry, const void *payload,
                            unsigned len, uint8_t *answer, unsigned *answer_len);
void world_reset(struct world *w, unsigned node);
/* Reset, and loaded again as it was. */
void world_reload(struct world *w, unsigned node);
/* LEFT says a number, the network carries it: does RIGHT hear it? */
bool world_hears(struct world *w);
/* The loader's part again, with what `enabled` and `seal` say by now. */
void world_enable(struct world_node *n);
/* The slot of the connection of this number; connection 0: it has none. */
struct semo_channel world_slot(struct world *w, unsigned node, unsigned connection);

#endif
