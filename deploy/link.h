/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to event managers and loaders, over the control socket of a semo-node on this machine or
 * by TCP to those elsewhere (deploy/remote.h). Answers are not authentic: they can cost
 * availability, and what must be true is checked by attestation. */
#ifndef SEMO_LINK_H
#define SEMO_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <poll.h>
#include "deploy/descriptor.h"
#include "deploy/remote.h"
#include "host/control.h"
#include "host/error.h"
#include "lib/wire/wire.h"

/* An event frame for the deployer: `sealed` has an even address and lives for the call only. */
typedef void semo_link_event_fn(void *context, uint64_t time, unsigned connection, uint8_t *sealed,
                                unsigned len);

struct semo_link {
    struct semo_control_client *client; /* NULL: all nodes are elsewhere */
    struct semo_remote
        *remotes[SEMO_NODES_MAX];     /* by node of the descriptor; NULL: not elsewhere */
    unsigned port_at[SEMO_NODES_MAX]; /* on which a node here hears strangers; 0 = it does not */
    bool elsewhere[SEMO_NODES_MAX];   /* no semo-node here runs it */
    bool listening;                   /* semo_deploy_listen */
    bool realtime;                    /* semo-node says */
    struct semo_control_handlers handlers; /* frame and refused are ours; the rest may be set */
    uint64_t now;                          /* cycles, of the last message */
    bool guest;                            /* somebody else steers the clock */
    uint16_t tag;                          /* of the last request */
    bool waiting;
    unsigned waiting_node;
    bool denied;                    /* the answer: our admin key is not the node's */
    uint8_t answer[SEMO_FRAME_MAX]; /* status u8 | body */
    unsigned answer_len;
    semo_link_event_fn *event;
    void *event_context;
    void (*counters)(void *context, unsigned node, const uint32_t *count, unsigned n);
    /* What a module printed; node: of the descriptor. */
    void (*print)(void *context, uint64_t time, unsigned node, const char *text);
    void *print_context;
    uint8_t node_at[256]; /* what semo-node calls node n of the descriptor; 255 = not there */
    FILE *seal_log;       /* NULL: none; as semo-node's: what the deployer sealed under what */
    uint64_t stray;       /* frames that nobody waited for */
};

/* Connects and learns the time. */
enum semo_status semo_link_open(struct semo_link *l, const char *socket,
                                struct semo_error *e) SEMO_MUST_CHECK;
void semo_link_close(struct semo_link *l);
/* Node n of the descriptor is elsewhere. */
void semo_link_add_remote(struct semo_link *l, unsigned n, const struct semo_node_spec *spec,
                          const uint8_t vendor_key[SEMO_KEY_LEN]);
/* Takes what has come from nodes elsewhere. False: one of them has gone; *e names it. */
bool semo_link_hear(struct semo_link *l, struct semo_error *e);
unsigned semo_link_polls(const struct semo_link *l, struct pollfd polls[SEMO_NODES_MAX]);
/* deploy/join.c. Finds the descriptor's nodes among those that run there, which may be more, or
 * elsewhere. */
enum semo_status semo_link_join(struct semo_link *l, const struct semo_descriptor *d,
                                struct semo_error *e) SEMO_MUST_CHECK;
/* Numbers of connections whose events have a way on these nodes, whoever gave it. */
enum { SEMO_TAKEN = 1, SEMO_TAKEN_ANEW /* where nodes were started anew: not by us */ };
struct semo_taken {
    uint32_t life[SEMO_NODES_MAX]; /* of a node's semo-node: as it was known, 0 = not; as it is */
    bool anew[SEMO_NODES_MAX];     /* those differ */
    uint8_t use[SEMO_BACK];        /* by number; 0: nobody's */
};
enum semo_status semo_link_taken(struct semo_link *l, struct semo_taken *t,
                                 struct semo_error *e) SEMO_MUST_CHECK;
unsigned semo_link_node(const struct semo_link *l, unsigned node); /* as semo-node counts */
/* node: of the descriptor, SEMO_CONTROL_CLIENT or SEMO_CONTROL_FORGET. */
enum semo_status semo_link_route(struct semo_link *l, unsigned connection, unsigned node,
                                 struct semo_error *e) SEMO_MUST_CHECK;
/* Only the events that leave this node elsewhere come to us. */
enum semo_status semo_link_expect(struct semo_link *l, unsigned node, unsigned connection,
                                  struct semo_error *e) SEMO_MUST_CHECK;
/* The node calls that entry once a period from now on; 0: no longer. */
enum semo_status semo_link_timer(struct semo_link *l, unsigned node, const char *who,
                                 unsigned module, unsigned entry, uint32_t period_ms,
                                 struct semo_error *e) SEMO_MUST_CHECK;
enum semo_status semo_link_reset(struct semo_link *l, unsigned node,
                                 struct semo_error *e) SEMO_MUST_CHECK;
/* Runs the clock until the answer is here, ten seconds of virtual time at most. Returns the node's
 * status; on SEMO_OK the body is l->answer + 1, *len bytes (len may be NULL). `who` is for *e. */
enum semo_status semo_link_request(struct semo_link *l, unsigned node, const char *who,
                                   unsigned type, const void *body, unsigned body_len,
                                   unsigned *len, struct semo_error *e) SEMO_MUST_CHECK;
/* CALL of an entry; the answer's payload is l->answer + 1. */
enum semo_status semo_link_call(struct semo_link *l, unsigned node, const char *who,
                                unsigned module, unsigned entry, const void *payload,
                                unsigned payload_len, unsigned *len,
                                struct semo_error *e) SEMO_MUST_CHECK;
/* Without waiting: an event, or a request whose answer goes to l->counters (COUNTERS) or nowhere.
 */
enum semo_status semo_link_event(struct semo_link *l, unsigned node, unsigned connection,
                                 const uint8_t *sealed, unsigned len,
                                 struct semo_error *e) SEMO_MUST_CHECK;
enum semo_status semo_link_post(struct semo_link *l, unsigned node, unsigned type, const void *body,
                                unsigned len, struct semo_error *e) SEMO_MUST_CHECK;

/* Runs the clock until an event handler has set *done, or for that long. SEMO_TIMEOUT: not set. */
enum semo_status semo_link_wait(struct semo_link *l, const bool *done, unsigned ms,
                                struct semo_error *e) SEMO_MUST_CHECK;

/* Before the wrap under key (SEMO_KEY_LEN bytes) leaves this process. For tests of reuse. */
void semo_link_log_seal(const struct semo_link *l, const uint8_t *key, const uint8_t *ad,
                        unsigned ad_len);

struct semo_node_info { /* as the node says */
    unsigned version, kind, security, slots, modules;
    bool weak, fresh, landlock;
    uint16_t text_start, text_end, data_start, data_end;
    unsigned frame_max;
};
enum semo_status semo_link_info(struct semo_link *l, unsigned node, const char *who,
                                struct semo_node_info *info, struct semo_error *e) SEMO_MUST_CHECK;

#endif
