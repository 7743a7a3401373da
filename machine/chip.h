/* SPDX-License-Identifier: Apache-2.0 */
/* Non-volatile state of one emulated chip: node key, epoch counter, relay position, clock, owner
 * configuration. One file, mode 0600: two alternating checksummed records, synced before a value
 * becomes visible. Epochs are reserved in blocks: a crash skips, never repeats. */
#ifndef SEMO_CHIP_H
#define SEMO_CHIP_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/map.h>
#include <semo/status.h>

struct semo_chip_state {
    uint8_t node_key[16];
    uint64_t epoch_limit; /* epochs below this may have been drawn */
    bool relay_closed;
    uint32_t utc; /* last stored clock */
    bool owned[SEMO_WINDOW_COUNT];
    uint8_t owner[SEMO_WINDOW_COUNT][16];
};

struct semo_chip; /* an open state file, locked: a second open fails with SEMO_BUSY */

enum semo_status semo_chip_create(const char *path,
                                  const struct semo_chip_state *s) SEMO_MUST_CHECK;
enum semo_status semo_chip_open(const char *path, struct semo_chip **out) SEMO_MUST_CHECK;
/* What the file says, also while somebody has it open. */
enum semo_status semo_chip_peek(const char *path, struct semo_chip_state *s) SEMO_MUST_CHECK;
const struct semo_chip_state *semo_chip_state(const struct semo_chip *c);
/* Durable when it returns SEMO_OK. */
enum semo_status semo_chip_store(struct semo_chip *c,
                                 const struct semo_chip_state *s) SEMO_MUST_CHECK;
/* > 0, never the same twice; aborts if it cannot be made durable. */
uint64_t semo_chip_epoch(struct semo_chip *c);
void semo_chip_close(struct semo_chip *c);

#endif
