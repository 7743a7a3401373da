/* SPDX-License-Identifier: Apache-2.0 */
/* What the deployer keeps between commands, in one folder per application:
 *   lock            held by the one that deploys
 *   nodes.sealed    from provisioning: vendor keys, owners of actuators (written last: it counts)
 *   run.sealed      of the running nodes: places, module keys, keys of direct connections
 *   <node>.chip     the emulated chip (machine/chip.h)
 *   status.json     for semo status: no secrets
 *   node.json, control.sock   for semo-node
 *   objects/        compiled modules */
#ifndef SEMO_STATE_H
#define SEMO_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include "deploy/descriptor.h"
#include "deploy/offer.h"
#include "deploy/seal.h"
#include "lib/channel/channel.h"
#include "lib/kdf/kdf.h"

enum semo_step { /* each includes those before */
                 SEMO_STEP_NONE,
                 SEMO_STEP_BUILT,
                 SEMO_STEP_PLACED,
                 SEMO_STEP_LINKED,
                 SEMO_STEP_LOADED,
                 SEMO_STEP_ENABLED,
                 SEMO_STEP_ATTESTED,
                 SEMO_STEP_CONNECTED
};
const char *semo_step_text(enum semo_step step);

struct semo_room {     /* of a module, for its connections: part of what it is */
    unsigned slots;    /* ends */
    unsigned opens;    /* of connections on which an event of its own can be open */
    unsigned policies; /* as semo_module_source */
};

struct semo_owner { /* of an actuator: what the chip lets drive it */
    bool set;
    unsigned window;
    struct semo_room room;
    struct semo_layout layout;
    uint8_t measurement[16];
};

struct semo_state_node {
    bool provisioned, imported; /* by us; by semo import-key */
    uint8_t vendor_key[16];
    bool asked, weak, fresh, landlock; /* as the node says; shown only */
    unsigned slots;
    uint32_t life; /* of the semo-node at which our connections have ways; 0 = none yet */
};

struct semo_state_module {
    enum semo_step step;
    bool failed;
    char problem[200];
    unsigned id;
    struct semo_layout layout;
    uint32_t text_len, data_len;
    uint8_t key[16];
    uint64_t epoch;
    uint32_t serial;
    unsigned connections;         /* keys that it has, authenticated by its answers */
    struct semo_room room, built; /* as it was loaded; as it was compiled by this process */
    bool confidential;            /* as it was loaded */
    bool reborn;                  /* by this process seen in another epoch than the one known */
};

struct semo_state_connection {
    bool connected;
    unsigned number;             /* on the wire; 0 = none was chosen yet */
    unsigned wish;               /* the number it had before it left the descriptor; 0 = none */
    unsigned takes;              /* what the input of a direct one takes, plus 1; 0 = not known */
    struct semo_channel channel; /* the deployer's end of a direct connection */
    struct semo_channel back;    /* of its back channel, unless the policy is newest */
};

/* A connection that has left the descriptor. A module at its other end may still have a slot of its
 * number, which is its own again when it comes back. */
struct semo_ghost {
    char *name;
    unsigned number;
};

struct semo_state {
    char *folder;
    const char *app; /* borrowed from the descriptor */
    struct semo_operator operator;
    int lock;                                            /* file descriptor, -1 = not held */
    bool provisioned;                                    /* nodes.sealed exists */
    bool insecure;                                       /* made with --seed */
    unsigned node_count, module_count, connection_count; /* of the descriptor */
    struct semo_state_node *nodes;
    struct semo_owner *owners; /* by module */
    struct semo_state_module *modules;
    struct semo_state_connection *connections;
    struct semo_ghost *ghosts;
    unsigned ghost_count;
};

/* malloced: $XDG_STATE_HOME/semo/<app> */
char *semo_state_default(const char *app);
enum {
    SEMO_STATE_LOCK = 1, /* refuse when another one has it */
    SEMO_STATE_MAKE =
        2 /* a folder, and an operator key, when there is none and nothing is sealed */
};
/* Opens the folder, reads what is there. Without flags a folder that nobody named may be missing:
 * then nothing has happened yet. key_file: the operator key. */
enum semo_status semo_state_open(const struct semo_descriptor *d, const char *folder,
                                 const char *key_file, unsigned flags, struct semo_state **out,
                                 struct semo_error *e) SEMO_MUST_CHECK;
void semo_state_close(struct semo_state *s);
char *semo_state_file(const struct semo_state *s, const char *name,
                      const char *suffix); /* malloced */
enum semo_status semo_state_write_nodes(struct semo_state *s, const struct semo_descriptor *d,
                                        struct semo_error *e) SEMO_MUST_CHECK;
enum semo_status semo_state_write_run(const struct semo_state *s, const struct semo_descriptor *d,
                                      struct semo_error *e) SEMO_MUST_CHECK;
/* Fills modules and connections from run.sealed. SEMO_MISSING: nothing was deployed yet;
 * SEMO_REFUSED: something runs that has left the descriptor. */
enum semo_status semo_state_read_run(struct semo_state *s, const struct semo_descriptor *d,
                                     struct semo_error *e) SEMO_MUST_CHECK;
void semo_state_forget_run(struct semo_state *s);
void semo_state_forget_nodes(struct semo_state *s); /* the files only; and what ran on them */
/* deploy/state_offers.c. SEMO_STALE: that offer was accepted before. Else it counts as accepted. */
enum semo_status semo_state_use_offer(const struct semo_state *s, const struct semo_offer *o,
                                      struct semo_error *e) SEMO_MUST_CHECK;
/* The connection of this number on the wire (or of its back channel); -1: none of ours. */
int semo_state_connection(const struct semo_state *s, unsigned number);
/* Forgets keys; the connection keeps its number. */
void semo_state_lose_connection(struct semo_state_connection *c);
/* malloced JSON text; also written to status.json. */
char *semo_state_status(const struct semo_state *s, const struct semo_descriptor *d);
enum semo_status semo_state_write_status(const struct semo_state *s,
                                         const struct semo_descriptor *d,
                                         struct semo_error *e) SEMO_MUST_CHECK;

#endif
