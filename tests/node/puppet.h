/* SPDX-License-Identifier: Apache-2.0 */
/* Modules without runtime or crypto (puppet_module.S), and how to make them do things. */
#ifndef SEMO_PUPPET_H
#define SEMO_PUPPET_H

#include "tests/node/peer.h"

enum { /* entries */
       PUPPET_EMIT = 8,
       PUPPET_TELL,
       PUPPET_VIOLATE,
       PUPPET_LIE,
       PUPPET_SAMPLE,
       PUPPET_LEAVE,
       PUPPET_BIG,
       PUPPET_SPIN
};

extern const uint32_t puppet_place_a[4], puppet_place_b[4]; /* ps, -, ss, se */

/* name: "puppet-a" or "puppet-b". Returns the module. */
uint16_t puppet_load(struct peer *p, const char *name, const uint32_t place[4]);
/* So many events for a connection are to be taken, each with so many hops to go. */
enum semo_status puppet_emit(struct peer *p, unsigned module, unsigned connection, unsigned hops,
                             unsigned events);

struct puppet_told {
    unsigned accepted, last, sent, sampled;
};
struct puppet_told puppet_tell(struct peer *p, unsigned module);

#endif
