/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes of one run, their one virtual clock and the network between them.
 *
 * Conservative discrete events: from the earliest activity on, nodes run on their own for one
 * look-ahead (the shortest latency: whatever is sent in it arrives after it). Sleeping nodes are
 * not visited. What an onlooker sees is put in the order of time before it is shown. */
#ifndef SEMO_WORLD_H
#define SEMO_WORLD_H

#include "host/control.h"
#include "node/host/config.h"
#include "node/host/queue.h"

#define SEMO_RANK_CLIENT  255
#define SEMO_ROUTE_AWAY   253   /* as the node of a route: another semo-node, or a stranger */
#define SEMO_TAGS         255   /* requests of clients that wait for an answer, per node */
#define SEMO_TAG_TIMER    255   /* of calls whose answer nobody waits for */
#define SEMO_INBOX_MAX    256   /* frames on their way to a node */
#define SEMO_SUPPLIES_MAX 65536 /* changes of the supply that wait for their time, per node */

struct semo_world;
struct semo_node;

struct semo_node_class { /* next, run, store, close: NULL = it has nothing to do there */
    /* Next cycle at which the node does something by itself, UINT64_MAX = never. */
    uint64_t (*next)(const struct semo_node *n);
    void (*run)(struct semo_node *n, uint64_t until);
    void (*apply)(struct semo_node *n, const struct semo_item *item);
    void (*reset)(struct semo_node *n, unsigned kind);
    /* why: a static sentence when refused. */
    enum semo_status (*manager)(struct semo_node *n, const char *path, const char **why);
    void (*store)(struct semo_node *n); /* what must outlive the process */
    void (*close)(struct semo_node *n);
    /* The admin key of this node for one vendor (lib/kdf/kdf.h). */
    enum semo_status (*admin)(struct semo_node *n, uint16_t vendor, uint8_t key[SEMO_KEY_LEN]);
};

struct semo_tag {    /* a request under way */
    uint32_t client; /* 0 = free */
    uint16_t original;
    uint8_t generation;
};

struct semo_node {
    const struct semo_node_class *class;
    const struct semo_node_config *config;
    struct semo_world *world;
    unsigned index;
    uint8_t rank;   /* place of its name */
    uint64_t due;   /* next activity, its inbox included */
    uint64_t gated; /* nodes (bits) whose metering this node's relay contact gates */
    bool lost;
    bool busy;       /* real time: with what it took from its inbox; it takes no more for now */
    unsigned opened; /* how often its descriptor was, of a node that has one */
    struct semo_queue inbox;
    struct semo_tag tags[SEMO_TAGS];
    unsigned next_tag;
    uint64_t frames_in, frames_out, malformed, dropped, unroutable, killed, died;
    uint64_t refused; /* strangers' frames without the admin key */
    uint64_t print_second, unprinted;
    unsigned prints;  /* in that second */
    bool admin_known; /* of this vendor */
    unsigned admin_vendor;
    uint8_t admin_key[SEMO_KEY_LEN];
    void *state; /* of the class */
};

/* Who looks on; times never decrease. */
struct semo_onlooker {
    void *context;
    void (*frame)(void *context, const struct semo_item *item); /* from, to, client, packet */
    void (*pin)(void *context, const struct semo_item *item);   /* from, flag */
    void (*han)(void *context, const struct semo_item *item);   /* from, packet */
    void (*show)(void *context, const struct semo_item *item);  /* from, packet */
    void (*print)(void *context, const struct semo_item *item); /* from, packet */
    void (*lost)(void *context, uint64_t time, const struct semo_node *n, const char *reason);
    void (*seal)(void *context, uint64_t time, const struct semo_node *n, unsigned module,
                 const uint8_t *key, const uint8_t *ad, unsigned ad_len);
};

struct semo_world {
    const struct semo_config *config;
    struct semo_node nodes[SEMO_NODES_MAX];
    struct semo_node *order[SEMO_NODES_MAX]; /* of running: sources of wires before their sinks */
    unsigned count;
    uint64_t now;
    uint64_t lookahead;
    uint64_t horizon;       /* of the step under way or the last one */
    struct semo_queue seen; /* for the onlooker */
    struct semo_queue timers;
    struct semo_onlooker onlooker;
    uint8_t route[65536];   /* connection -> node, SEMO_CONTROL_CLIENT, SEMO_CONTROL_FORGET */
    uint64_t events[65536]; /* per connection */
    uint64_t steps;
    uint32_t life; /* drawn when it began, never 0: its ways are not those of another */
    const char *why_not_deterministic; /* NULL = deterministic */
};

/* On failure the world is closed. */
enum semo_status semo_world_open(struct semo_world *w, const struct semo_config *config,
                                 const struct semo_onlooker *onlooker,
                                 struct semo_error *e) SEMO_MUST_CHECK;
void semo_world_close(struct semo_world *w); /* stores what must outlive the process */
void semo_world_store(struct semo_world *w);
/* One look-ahead, never past `until`. */
void semo_world_step(struct semo_world *w, uint64_t until);
/* Start of the next activity, UINT64_MAX = none. */
uint64_t semo_world_next(const struct semo_world *w);
/* The same without the nodes that are awake: what somebody waits for. */
uint64_t semo_world_queued(const struct semo_world *w);
void semo_world_wire(struct semo_world *w, struct semo_node *from, struct semo_node *to);
void semo_world_contact(struct semo_node *n, bool closed, uint64_t at); /* it changed */
/* After a power cut: what node n had not sent wholly by now never was. */
void semo_world_cut(struct semo_node *n);
void semo_world_not_deterministic(struct semo_world *w, const char *why);
/* Something changed outside of the clock: ask the node again when it is due. */
void semo_node_touch(struct semo_node *n);
/* False: no room. */
bool semo_node_push(struct semo_node *n, const struct semo_item *item);
void semo_node_lose(struct semo_node *n, const char *reason);

/* What is shown of a line that a module printed: each byte takes up to four characters. */
#define SEMO_PRINT_SHOWN (4 * (SEMO_NAME_MAX + 2 + SEMO_PRINT_LINE))
#define SEMO_PRINT_RATE  200 /* lines a second that are shown of one node */

/* router.c. `at`: the last bit has left the sender. */
void semo_router_from_node(struct semo_node *n, const uint8_t *frame, unsigned len, uint64_t at);
void semo_router_from_client(struct semo_node *n, uint32_t client, const uint8_t *frame,
                             unsigned len);
void semo_router_from_timer(struct semo_node *n, const uint8_t *frame, unsigned len, uint64_t at);
static inline bool semo_frame_is_event(const struct semo_packet *p)
{
    return p->len >= 3 && p->bytes[0] == SEMO_FRAME_EVENT;
}

/* timer.c. Period 0: stop it. False: too many. */
bool semo_timer_set(struct semo_node *n, const struct semo_timer *t);
void semo_timer_fire(struct semo_world *w, uint64_t horizon); /* all that is due before */

/* mcu.c: an emulated node */
enum semo_status semo_mcu_open(struct semo_node *n, struct semo_error *e) SEMO_MUST_CHECK;
/* False: too many wait. */
bool semo_mcu_supply(struct semo_node *n, const struct semo_supply *s, uint64_t at);
/* False: too many wait. */
bool semo_mcu_press(struct semo_node *n, unsigned button, bool down, uint64_t at);
void semo_mcu_gate(struct semo_node *n, bool closed, uint64_t at);
void semo_mcu_clock(struct semo_node *n, uint32_t utc);
void semo_mcu_stick(struct semo_node *n, bool stuck);
bool semo_mcu_contact(const struct semo_node *n);
struct semo_mcu_view {
    uint64_t cycle; /* virtual time it has reached */
    bool asleep;
    unsigned violations;
    uint16_t violation_pc, violation_address, violation_module;
    const char *violation_rule; /* NULL = none */
    bool closed;
    uint32_t utc;
    unsigned held;       /* buttons that are down, as a finger would say */
    const uint8_t *face; /* lamps, characters of the panel; the first character 0: never lit */
};
void semo_mcu_look(const struct semo_node *n, struct semo_mcu_view *v);

/* monitored.c: a Linux node behind its monitor */
enum semo_status semo_monitored_open(struct semo_node *n, struct semo_error *e) SEMO_MUST_CHECK;
bool semo_monitored_weak(const struct semo_node *n);
unsigned semo_monitored_landlock(const struct semo_node *n); /* version, 0 = none, or no turn yet */
int semo_monitored_fd(const struct semo_node *n);            /* -1: lost */
void semo_monitored_serve(struct semo_node *n);              /* takes what has come */
void semo_monitored_check(struct semo_node *n);              /* loses it if it is late */

/* remote.c: a node elsewhere, known by its name and address only */
enum semo_status semo_remote_open(struct semo_node *n, struct semo_error *e) SEMO_MUST_CHECK;

/* serial.c: a board on a serial line */
enum semo_status semo_serial_open(struct semo_node *n, struct semo_error *e) SEMO_MUST_CHECK;
int semo_serial_fd(const struct semo_node *n);     /* -1: lost */
void semo_serial_serve(struct semo_node *n);       /* takes what has come, sends what waits */
bool semo_serial_waits(const struct semo_node *n); /* to send */

#endif
