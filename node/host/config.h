/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file of semo-node: JSON, written by semo up. */
#ifndef SEMO_CONFIG_H
#define SEMO_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include "host/error.h"
#include "lib/wire/wire.h"

#define SEMO_NODES_MAX 32

enum semo_node_type {
    SEMO_TYPE_MCU,    /* emulated */
    SEMO_TYPE_LINUX,  /* processes behind a monitor */
    SEMO_TYPE_SERIAL, /* a board on a serial line */
    SEMO_TYPE_REMOTE  /* somewhere else: what is sent to it goes there by TCP */
};

struct semo_node_config {
    char name[SEMO_NAME_MAX + 1];
    enum semo_node_type type;
    bool weak;
    const char *chip;
    const char *firmware;     /* mcu */
    const char *monitor, *em; /* linux */
    const char *serial;       /* path of the line */
    const char *host;         /* remote; numeric */
    uint64_t port;
    uint64_t latency_cycles; /* of every hop to this node */
};

struct semo_config {
    const char *socket, *trace, *seal_log, *log; /* the last three may be NULL */
    bool seeded, tcp;
    bool alone;         /* listens by itself: nobody's child */
    bool realtime;      /* the host's clock, not a virtual one */
    const char *listen; /* numeric address on which strangers may connect; tcp: there is one */
    uint64_t port;      /* of the first node, the others follow; 0 = any */
    uint64_t seed;
    unsigned monitor_ms; /* how long a monitor may be silent, host time */
    unsigned count;
    struct semo_node_config nodes[SEMO_NODES_MAX];
    void *document; /* owns the strings */
};

enum semo_status semo_config_read(const char *path, struct semo_config *config,
                                  struct semo_error *e) SEMO_MUST_CHECK;
void semo_config_free(struct semo_config *config);

#endif
