/* SPDX-License-Identifier: Apache-2.0 */
/* semo-node as its clients see it: a folder of its own, emulated nodes with the real firmware. */
#ifndef SEMO_NODE_RIG_H
#define SEMO_NODE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <cmocka.h>
#include <semo/map.h>
#include "host/control.h"
#include "lib/wire/wire.h"

#define SECOND   ((uint64_t)SEMO_CLOCK_HZ)
#define LATENCY  20000
#define RIG_PINS 64

struct rig_options {
    const char *linux_monitor;   /* a third node behind this monitor; NULL = none */
    int seed;                    /* < 0: none */
    bool trace, seal_log, fresh; /* fresh: new chips */
};

struct rig {
    char folder[64], socket[96];
    pid_t pid;
    struct semo_control_client *client;
    struct semo_control_handlers handlers;
    uint64_t now;
    /* heard since the last rig_run */
    uint8_t frame[SEMO_FRAME_MAX];
    unsigned frame_len, frame_node, frames, hops, lost, refused, reason;
    uint64_t first_hop, last_hop;
    char text[SEMO_CONTROL_MAX];
    uint16_t tag;
    struct {
        uint64_t time;
        unsigned node;
        bool closed;
    } pins[RIG_PINS]; /* all, not only since the last rig_run */
    unsigned pin_count;
};

void rig_start(struct rig *r, const struct rig_options *o);
void rig_stop(struct rig *r);                          /* by QUIT; fails unless it ends with 0 */
void rig_remove(struct rig *r);                        /* the folder */
char *rig_path(const struct rig *r, const char *name); /* malloced */
/* Spawns semo-node on this configuration; waits until it listens (true) or has ended. */
bool rig_spawn(const char *config, pid_t *pid);
int rig_spawn_wait(const char *config, char *says, size_t room); /* exit code, standard error */

struct semo_control_client *rig_connect(const struct rig *r);
void rig_run(struct rig *r, uint64_t until, unsigned flags);
/* Sends a request and runs until its answer; bytes behind the status in r->frame + 4. */
enum semo_status rig_ask(struct rig *r, unsigned node, unsigned type, const void *body,
                         unsigned len);
const char *rig_status(struct rig *r);
void *rig_json(struct rig *r); /* STATUS as json_t */
long rig_count(struct rig *r, unsigned node, const char *field);
int rig_door(const struct rig *r, const char *node); /* TCP */

/* build/mcu/NAME.bin as the module with that private data; its number is 1 on a fresh node. */
void rig_load(struct rig *r, unsigned node, const char *name, uint32_t ps, uint32_t ss,
              uint32_t se);
enum semo_status rig_call(struct rig *r, unsigned node, unsigned entry, const uint16_t *words,
                          unsigned count);

/* The puppet modules of tests/node: a on node 0, b on node 1; connection 5 goes to b, 6 to a. */
void rig_puppets(struct rig *r);
unsigned rig_puppet_accepted(struct rig *r, unsigned node);
/* a sends an event that is handed on `hops` times. */
void rig_bounce(struct rig *r, unsigned hops);

#endif
