/* SPDX-License-Identifier: Apache-2.0 */
/* semo-node: the world, who looks on, and who may touch it. */
#ifndef SEMO_DAEMON_H
#define SEMO_DAEMON_H

#include <stdio.h>
#include <uv.h>
#include "node/host/peer.h"
#include "lib/bytes/cursor.h"
#include "node/host/world.h"

#define SEMO_CLIENTS_MAX   16   /* on the control socket */
#define SEMO_STRANGERS_MAX 1100 /* on TCP, of each node */
#define SEMO_PEER_LISTS    1024
#define SEMO_UPLINKS_MAX   64  /* other semo-nodes */
#define SEMO_UPLINK_QUEUE  256 /* events that wait for one of them */
#define SEMO_HAN_READERS   4

struct semo_listener {
    struct semo_daemon *daemon;
    uv_poll_t poll;
    int fd; /* -1 = not listening */
    unsigned node;
    unsigned port;
    unsigned strangers;
};

struct semo_uplink { /* to another semo-node; events only */
    struct semo_daemon *daemon;
    char host[46];
    unsigned port;          /* 0: the place is free */
    unsigned references;    /* connections whose events go there */
    struct semo_peer *peer; /* NULL: not connected */
    bool connected;
    uv_timer_t retry;
    unsigned wait_ms; /* before the next attempt */
    struct semo_packet *queue[SEMO_UPLINK_QUEUE];
    unsigned first, count;
    uint64_t sent, dropped;
};

struct semo_line { /* of a serial node, or of a monitor */
    struct semo_daemon *daemon;
    uv_poll_t *poll; /* NULL: lost */
    unsigned opened; /* of its node, then */
    int fd, events;
};

struct semo_away {     /* where the events of a connection leave this semo-node */
    uint8_t uplink;    /* index + 1 */
    uint32_t stranger; /* or a TCP connection that strangers made */
};

struct semo_han { /* where the bytes of a HAN port go to; what readers do not read is lost */
    int terminal, other_end; /* pseudo-terminal, -1 = none; the other end is kept open */
    struct semo_listener listener;
    int readers[SEMO_HAN_READERS];
    char path[4096];
};

struct semo_daemon {
    uv_loop_t loop;
    uv_signal_t signals[3];
    uv_timer_t pace, keep;
    struct semo_config config;
    struct semo_world world;
    FILE *trace, *seal_log;
    unsigned violations[SEMO_NODES_MAX]; /* of each microcontroller, in the log already */
    struct semo_listener control, tcp[SEMO_NODES_MAX];
    struct semo_han han[SEMO_NODES_MAX];
    struct semo_peer *peers, *unsent, *by_id[SEMO_PEER_LISTS];
    bool any_dead, any_held;
    int spare; /* a descriptor for the moment when there are no more */
    struct semo_uplink uplinks[SEMO_UPLINKS_MAX];
    struct semo_away away[65536];
    struct semo_uplink *remotes[SEMO_NODES_MAX]; /* of remote nodes; NULL: no event yet */
    struct semo_line lines[SEMO_NODES_MAX];
    uint64_t away_dropped;
    struct semo_peer *steering; /* NULL = the next to come */
    uint32_t last_id;
    unsigned clients;
    uint64_t refused; /* messages */
    /* the run under way */
    bool running, stop_at_frame, frame_seen, quit;
    uint64_t until;
    uint32_t speed;                   /* 0 = as fast as it goes */
    uint64_t pace_host, pace_virtual; /* nanoseconds, cycles: where the pace counts from */
    uint64_t stored;                  /* virtual time of the last store */
};

/* daemon.c */
enum semo_status semo_daemon_open(struct semo_daemon *d, const char *config,
                                  struct semo_error *e) SEMO_MUST_CHECK;
void semo_daemon_run(struct semo_daemon *d);
void semo_daemon_close(struct semo_daemon *d);
void semo_daemon_start(struct semo_daemon *d, uint64_t until, bool stop_at_frame);
void semo_daemon_stop(struct semo_daemon *d, enum semo_control_stop reason);
/* Before something from outside happens. */
void semo_daemon_reach_present(struct semo_daemon *d);
void semo_daemon_speed(struct semo_daemon *d, uint32_t factor);

/* server.c: the control socket */
enum semo_status semo_server_open(struct semo_daemon *d, struct semo_error *e) SEMO_MUST_CHECK;
void semo_server_close(struct semo_daemon *d);
/* Head and tail together are the body. */
void semo_server_tell(struct semo_peer *p, unsigned type, const void *head, unsigned head_len,
                      const void *tail, unsigned tail_len);
extern const struct semo_onlooker semo_server_onlooker; /* context: the daemon */

/* notes.c: n NULL: of the whole; time in cycles. */
void semo_note(const struct semo_daemon *d, uint64_t time, const struct semo_node *n,
               const char *text);
void semo_note_violations(struct semo_daemon *d);
void semo_note_print(const struct semo_daemon *d, const struct semo_item *item);

/* bridge.c */
enum semo_status semo_bridge_open(struct semo_daemon *d, struct semo_error *e) SEMO_MUST_CHECK;
void semo_bridge_close(struct semo_daemon *d);
void semo_bridge_answer(struct semo_peer *p, const struct semo_packet *frame);

/* admin.c: a frame that a stranger sent to the node of his port. */
void semo_admin_take(struct semo_peer *p, const uint8_t *frame, unsigned len);

/* uplink.c: events that leave this semo-node. A host is numeric. */
/* An empty host: nowhere; port 0: to the stranger with this id. */
enum semo_status semo_uplink_route(struct semo_daemon *d, unsigned connection, const char *host,
                                   unsigned port, uint32_t stranger) SEMO_MUST_CHECK;
void semo_uplink_event(struct semo_daemon *d, const struct semo_item *item);
void semo_uplinks_close(struct semo_daemon *d);

void semo_lines_follow(struct semo_daemon *d); /* line.c */

/* han.c */
/* *offered: the path under which readers find it. */
enum semo_status semo_han_offer(struct semo_daemon *d, unsigned node, bool socket, const char *path,
                                const char **offered) SEMO_MUST_CHECK;
void semo_han_write(struct semo_daemon *d, unsigned node, const void *bytes, unsigned len);
void semo_han_close(struct semo_daemon *d, unsigned node);

/* trace.c */
void semo_trace_frame(const struct semo_daemon *d, const struct semo_item *item);
void semo_trace_pin(const struct semo_daemon *d, const struct semo_item *item);
void semo_trace_show(const struct semo_daemon *d, const struct semo_item *item);
void semo_trace_seal(const struct semo_daemon *d, uint64_t time, const char *node, unsigned module,
                     const uint8_t *key, const uint8_t *ad, unsigned ad_len);

/* status.c */
char *semo_status_json(const struct semo_daemon *d); /* malloced */

#endif
