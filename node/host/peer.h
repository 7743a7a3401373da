/* SPDX-License-Identifier: Apache-2.0 */
/* One connected socket with length-prefixed messages in both directions. All buffers are bounded.
 */
#ifndef SEMO_PEER_H
#define SEMO_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>
#include "host/admin.h"

struct semo_daemon;
struct semo_peer;

struct semo_peer_kind {
    unsigned head_len; /* bytes of the length, little endian: 2 or 4 */
    unsigned max;      /* of a message, > 0 */
    unsigned backlog;  /* bytes that wait to be read by the peer before it is dropped */
    void (*message)(struct semo_peer *p, const uint8_t *bytes, unsigned len);
    void (*gone)(struct semo_peer *p);
    /* May be NULL. Whom it would send to has no room: it is not heard for now. */
    bool (*is_held)(const struct semo_peer *p);
    void (*drained)(struct semo_peer *p); /* may be NULL: there is room again */
};

struct semo_peer {
    const struct semo_peer_kind *kind;
    struct semo_daemon *daemon;
    struct semo_peer *next, *next_of_id, *next_unsent;
    uv_poll_t poll;
    int fd;
    uint32_t id;             /* never given twice in a run */
    unsigned node;           /* bridge: whose port it came to */
    struct semo_admin admin; /* bridge */
    bool challenged;
    bool dead, unsent, held;
    bool connecting; /* by us, and not there yet: nothing may be put */
    void *owner;     /* for the kind */
    int events;      /* watched */
    bool patient;    /* never dropped for its backlog: it is not heard until it has read */
    uint8_t *in, *out;
    unsigned in_len, in_room, out_start, out_len, out_room;
};

/* Takes over fd; puts itself in the daemon's list. NULL: no memory or descriptors; fd is closed. */
struct semo_peer *semo_peer_new(struct semo_daemon *d, int fd, const struct semo_peer_kind *kind);
/* The same of a socket whose connect is under way; `drained` is called when it is there. */
struct semo_peer *semo_peer_connecting(struct semo_daemon *d, int fd,
                                       const struct semo_peer_kind *kind);
/* Queues bytes; nothing happens to a dead peer. */
void semo_peer_put(struct semo_peer *p, const void *bytes, unsigned len);
/* False, and nothing is queued: its backlog has no room for it. */
bool semo_peer_offer(struct semo_peer *p, const uint8_t *frame,
                     unsigned len); /* length u16 first */
void semo_peer_flush(struct semo_peer *p);
void semo_peers_flush(struct semo_daemon *d);  /* what was put since */
bool semo_peers_resume(struct semo_daemon *d); /* who was held, and need not be; true: any */
void semo_peer_end(struct semo_peer *p);       /* marks it dead; freed by semo_peers_reap */
void semo_peers_reap(struct semo_daemon *d);
struct semo_peer *semo_peer_find(const struct semo_daemon *d, uint32_t id); /* NULL = gone */

#endif
