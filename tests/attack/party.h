/* SPDX-License-Identifier: Apache-2.0 */
/* Modules with connections of every policy (tests/attack/modules/party.c), each in a machine of its
 * own; everything between them is the test's. */
#ifndef SEMO_PARTY_H
#define SEMO_PARTY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/channel/policy.h"
#include "tests/runtime/rig.h"

/* Connections, by policy; BACKWARD leads from b to a and is newest. */
enum { PLAIN = 1, STRICT, SURE, ASK, BACKWARD, PARTY_CONNECTIONS = BACKWARD, PARTY_SLOTS = 8 };
enum { PARTY_LOG = 24 };

struct party_tally { /* as the module answers */
    uint8_t heard, others, answered, ok, gap, unknown, timeout;
    uint8_t log[PARTY_LOG], answers[PARTY_LOG];
};

struct party_frame { /* connection | sealed event */
    unsigned len;
    uint8_t at[SEMO_FRAME_MAX];
};

struct pair {
    struct rig *a, *b; /* a sends to b */
    uint32_t serial;   /* of the last key, at both */
};

struct rig *party_new(void);
/* Attested, and keys for every connection. */
void pair_open(struct pair *p);
void pair_close(struct pair *p);
/* Says `number`, and what it is told at once. */
enum semo_status party_say(struct rig *r, unsigned connection, uint8_t number);
bool party_take(struct rig *r, struct party_frame *f); /* false: nothing waits */
unsigned party_drain(struct rig *r);
enum semo_status party_give(struct rig *r, const struct party_frame *f);
void party_tick(struct rig *r);
void party_cancel(struct rig *r);
struct party_tally party_tally(struct rig *r);
/* Frames are carried both ways until none waits. */
void pair_settle(struct pair *p);
/* The slot of a connection in the module's table, past all protection. */
struct semo_channel party_slot(struct rig *r, unsigned connection);
void party_set_sequence(struct rig *r, unsigned connection, uint64_t sequence);
unsigned party_io(struct rig *r, enum semo_io_kind kind, const char *name);

/* An order under the module key, as set-key and disable have it. Returns its length. */
unsigned party_order(struct rig *r, uint8_t domain, unsigned connection, unsigned io, unsigned kind,
                     uint32_t serial, uint8_t *out);
/* Reset, and the same module enabled again in the same place. */
void party_reload(struct rig *r);

uint64_t party_random(void);
int party_seed(void **state);

#endif
