/* SPDX-License-Identifier: Apache-2.0 */
/* Modules of the build tool, deployed through the firmware: written, enabled, attested, connected.
 */
#ifndef SEMO_REAL_H
#define SEMO_REAL_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/kdf/kdf.h"
#include "tests/node/peer.h"
#include "toolchain/toolchain.h"

struct real {
    struct semo_unit *unit;
    struct semo_layout layout;
    uint16_t id;
    uint8_t key[16];  /* of the module */
    uint8_t epoch[8]; /* by its attestation */
    uint32_t serial;
};

/* tests/node/modules/NAME.c at a place in program and in data memory. */
struct real real_load(struct peer *p, const char *name, uint16_t ps, uint16_t ss);
/* Asks it to prove itself: SEMO_REFUSED when the tag is not that of this text in this place. */
enum semo_status real_attest(struct peer *p, struct real *m);
/* Gives it a connection; the key follows from the connection number. */
enum semo_status real_connect(struct peer *p, struct real *m, enum semo_io_kind kind,
                              const char *io, uint16_t connection);
enum semo_status real_call(struct peer *p, const struct real *m, const char *entry,
                           struct peer_frame *answer);
void real_free(struct real *m);

#endif
