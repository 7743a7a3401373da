/* SPDX-License-Identifier: Apache-2.0 */
/* The coordinator's end of a monitor under test. */
#ifndef SEMO_RIG_H
#define SEMO_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <semo/status.h>
#include "monitor/protocol.h"
#include "tests/monitor/attempts.h"

enum {
    RIG_WEAK = 1,
    RIG_NOBODY = 2,
    RIG_SEAL_LOG = 4,
    RIG_NO_NAMESPACES = 8,
    /* with these what the monitor has to say goes into the file `says` */
    RIG_FEW_FILES = 16, /* 48 descriptors */
    RIG_NO_LANDLOCK = 32
};

struct rig {
    char folder[64], chip[80], em[80], monitor[80], says[80];
    pid_t pid;
    int socket;
    uint64_t time; /* of the next frames */
    /* of the last turn */
    unsigned frames, killed, died, weak, landlock, len;
    uint8_t frame[SEMO_MONITOR_MESSAGE_MAX]; /* the last one out */
    uint8_t admin_key[18];
    unsigned admin_keys;
    unsigned seals, seal_len;
    uint8_t seal[SEMO_MONITOR_MESSAGE_MAX]; /* the last one */
};

extern const uint8_t rig_node_key[16];

/* A folder with a new chip, and the programs where any user reaches them. */
void rig_prepare(struct rig *r);
void rig_start(struct rig *r, unsigned flags, unsigned limit_ms);
/* Closes the socket; the exit code of the monitor, 256 + n = signal n. */
int rig_stop(struct rig *r);
void rig_remove(struct rig *r);

/* One message to the monitor and everything up to DONE. */
void rig_turn(struct rig *r, uint8_t type, const void *bytes, size_t len);
/* A frame puppet | bytes. */
void rig_puppet(struct rig *r, enum puppet order, const void *bytes, size_t len);
/* The status of the RESULT that the puppet sent on. */
enum semo_status rig_enable(struct rig *r, const void *image, size_t len, uint16_t vendor,
                            enum seal seal, uint16_t *module);
enum semo_status rig_call(struct rig *r, uint16_t module, uint16_t entry, const void *payload,
                          size_t len); /* answer: r->frame + 1, r->len - 1 bytes */

/* The status of the whole; what the module returned is at r->frame + 1. */
enum semo_status rig_calls(struct rig *r, uint16_t module, const void *calls, size_t len);

uint8_t *rig_read(const char *path, size_t *len); /* malloced */
/* Direct children of the monitor, at most max. */
unsigned rig_children(const struct rig *r, pid_t *pids, unsigned max);

#endif
