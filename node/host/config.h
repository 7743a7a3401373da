/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file of semo-node: JSON, written by semo up. */
#ifndef SEMO_CONFIG_H
#define SEMO_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include "host/error.h"
#include "lib/wire/wire.h"

#define SEMO_NODES_MAX 32

struct semo_node_config {
    char name[SEMO_NAME_MAX + 1];
    bool is_linux, weak;
    const char *chip;
    const char *firmware;     /* mcu */
    const char *monitor, *em; /* linux */
    uint64_t latency_cycles;  /* of every hop to this node */
};

struct semo_config {
    const char *socket, *trace, *seal_log; /* the last two may be NULL */
    bool seeded, tcp;
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
