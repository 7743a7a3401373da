/* SPDX-License-Identifier: Apache-2.0 */
/* From a descriptor to attested, connected modules, in steps that can be repeated:
 * build -> (provision) -> info -> place -> link -> load -> enable -> attest -> keys -> routes ->
 * samples. Nothing that a node says is believed before its module was attested in this run. */
#ifndef SEMO_DEPLOY_H
#define SEMO_DEPLOY_H

#include "deploy/link.h"
#include "deploy/offer.h"
#include "deploy/plan.h"
#include "deploy/state.h"

struct semo_deploy {
    const struct semo_descriptor *d;
    struct semo_state *state;
    const char *root; /* Semo tree or installation, for the toolchain */
    struct semo_unit **units;
    struct semo_node_info *infos;
    struct semo_link *link;              /* NULL until nodes run */
    bool attested_now[SEMO_MODULES_MAX]; /* in this process: only then may a module get a key */
    bool linked_now[SEMO_MODULES_MAX];   /* its key is that of the source as it is now */
    bool silent[SEMO_NODES_MAX];         /* kept us waiting: not asked again by this command */
    bool keep;                           /* connections that have their keys are left alone */
    const struct semo_connection_spec *offered;        /* the shared one that needs a number now */
    unsigned offered_number;                           /* this one; 0 = any */
    void (*progress)(void *context, const char *line); /* may be NULL */
    void *progress_context;
};

struct semo_deploy *semo_deploy_new(const struct semo_descriptor *d, struct semo_state *s,
                                    const char *root);
void semo_deploy_free(struct semo_deploy *p);
/* deploy/elsewhere.c: after a join; the nodes that it did not find here. */
enum semo_status semo_deploy_elsewhere(struct semo_deploy *p, struct semo_link *l,
                                       struct semo_error *e) SEMO_MUST_CHECK;
/* Nodes elsewhere send us the events of our connections, over the TCP connection of this process.
 */
enum semo_status semo_deploy_listen(struct semo_deploy *p, struct semo_error *e) SEMO_MUST_CHECK;
/* Compiles every module and checks what the descriptor says about it. */
enum semo_status semo_deploy_build(struct semo_deploy *p, struct semo_error *e) SEMO_MUST_CHECK;
/* New emulated chips: node keys into the chip files, vendor keys and owners into the state.
 * Builds when that was not done. Chips that exist are thrown away: it is a new delivery. */
enum semo_status semo_deploy_provision(struct semo_deploy *p, struct semo_error *e) SEMO_MUST_CHECK;
/* Are the built modules still what the chips were told may drive their actuators? */
enum semo_status semo_deploy_check_owners(struct semo_deploy *p,
                                          struct semo_error *e) SEMO_MUST_CHECK;
/* Places, loads and attests what is not there yet. SEMO_REFUSED (with *e naming the first): one
 * module or more is not what it should be; the others are attested. */
enum semo_status semo_deploy_load(struct semo_deploy *p, struct semo_error *e) SEMO_MUST_CHECK;
/* Challenges every enabled module again. */
enum semo_status semo_deploy_attest(struct semo_deploy *p, struct semo_error *e) SEMO_MUST_CHECK;
/* deploy/number.c: every connection gets a number that nobody uses on these nodes. */
enum semo_status semo_deploy_number(struct semo_deploy *p, struct semo_error *e) SEMO_MUST_CHECK;
/* New keys for every connection whose modules were attested by this process. */
enum semo_status semo_deploy_connect(struct semo_deploy *p, struct semo_error *e) SEMO_MUST_CHECK;
/* Sends a body over the direct connection into (module, input). */
enum semo_status semo_deploy_output(struct semo_deploy *p, unsigned connection, const void *body,
                                    unsigned len, struct semo_error *e) SEMO_MUST_CHECK;
/* The same over a connection that answers: a request, or an acknowledged one (*reply_len 0), which
 * is repeated. reply has room for SEMO_PAYLOAD_MAX + 1. SEMO_TIMEOUT: no answer in time. */
enum semo_status semo_deploy_request(struct semo_deploy *p, unsigned connection, const void *body,
                                     unsigned len, uint8_t *reply, unsigned *reply_len,
                                     struct semo_error *e) SEMO_MUST_CHECK;
/* The module confirms that it ends, and forgets everything. SEMO_REFUSED: whoever answered is not
 * that module. */
enum semo_status semo_deploy_disable(struct semo_deploy *p, unsigned module,
                                     struct semo_error *e) SEMO_MUST_CHECK;
/* Opens an event of a direct connection to the deployer; body has room for SEMO_PAYLOAD_MAX + 1. */
enum semo_status semo_deploy_input(struct semo_deploy *p, unsigned connection,
                                   const uint8_t *sealed, unsigned sealed_len, uint8_t *body,
                                   unsigned *len) SEMO_MUST_CHECK;

/* deploy/share.c: one end of a connection is ours, the other one another owner's. Offering makes
 * new keys and a number (that one, unless it is 0), gives them to our end and forgets them; whoever
 * accepts does the same for the other end. */
enum semo_status semo_deploy_offer(struct semo_deploy *p, unsigned connection, unsigned number,
                                   struct semo_offer *offer, struct semo_error *e) SEMO_MUST_CHECK;
enum semo_status semo_deploy_accept(struct semo_deploy *p, unsigned connection,
                                    const struct semo_offer *offer,
                                    struct semo_error *e) SEMO_MUST_CHECK;

/* deploy/secrets.c: the two protocols in which the deployer uses a module key. */
void semo_node_hash(const char *name, uint8_t hash[SEMO_NODE_HASH_LEN]);
enum semo_status semo_attest_module(struct semo_link *l, unsigned node, const char *node_name,
                                    const char *who, struct semo_state_module *m,
                                    struct semo_error *e) SEMO_MUST_CHECK;
enum semo_status semo_disable_module(struct semo_link *l, unsigned node, const char *node_name,
                                     const char *who, struct semo_state_module *m,
                                     struct semo_error *e) SEMO_MUST_CHECK;
enum semo_status semo_set_key(struct semo_link *l, unsigned node, const char *node_name,
                              const char *who, struct semo_state_module *m, unsigned connection,
                              unsigned io, unsigned kind, const uint8_t *key,
                              struct semo_error *e) SEMO_MUST_CHECK;

#endif
