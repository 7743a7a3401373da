/* SPDX-License-Identifier: Apache-2.0 */
/* What most verbs start with: descriptor, state, deployer, and the nodes when they run. */
#ifndef SEMO_SESSION_H
#define SEMO_SESSION_H

#include <time.h>
#include "cli/options.h"
#include "deploy/deploy.h"

struct semo_session {
    const struct semo_options *options;
    struct semo_descriptor *d;
    struct semo_state *state;
    struct semo_deploy *deploy;
    struct semo_link link;
    char *root, *socket, *log;
    struct timespec began;
};

/* Descriptor (warnings go to stderr) and state; flags: SEMO_SESSION_LOCK, SEMO_SESSION_MAKE. */
enum semo_status semo_session_open(struct semo_session *s, const struct semo_options *o,
                                   unsigned flags, struct semo_error *e) SEMO_MUST_CHECK;
/* Joins running nodes and what was deployed on them. */
enum semo_status semo_session_join(struct semo_session *s, struct semo_error *e) SEMO_MUST_CHECK;
/* What modules print meanwhile goes to stderr and into the document. */
void semo_session_show_prints(struct semo_session *s);
/* Prints the error when there is one; the exit code. */
int semo_session_close(struct semo_session *s, const char *verb, enum semo_status status,
                       const struct semo_error *e);
/* All of it around `work`, which is what the verb is about; its exit code. */
enum {
    SEMO_SESSION_LOCK = SEMO_STATE_LOCK, /* this command changes the state */
    SEMO_SESSION_MAKE = SEMO_STATE_MAKE, /* and begins one where there is none */
    SEMO_SESSION_JOIN = 4,
    SEMO_SESSION_STEER = 8 /* joins, and waits until nobody else steers the nodes */
};
typedef enum semo_status semo_session_fn(struct semo_session *s, const struct semo_options *o,
                                         struct semo_error *e);
int semo_session_run(const struct semo_options *o, const char *verb, unsigned how,
                     semo_session_fn *work);
/* Of commands that only compile: their objects have a place, but a named folder must be there. */
unsigned semo_session_compiles(const struct semo_options *o);
/* malloced: what modules are compiled against, the tree of build/bin/semo or the installed one. */
char *semo_session_root(void);
/* Nodes, modules and connections as they stand, into the document. */
void semo_session_print_state(const struct semo_session *s);
/* As an option of deploy: progress lines. */
void semo_session_print(void *context, const char *line);
/* The same for commands that build on the way to something else: on a terminal's stderr, from the
 * second second on. */
void semo_session_whisper(void *context, const char *line);
/* --connection NAME: one from the deployer. */
enum semo_status semo_session_direct(const struct semo_session *s, const char *name,
                                     unsigned *connection, struct semo_error *e) SEMO_MUST_CHECK;
/* An entry of a module that is built, by its name or number; NULL: none. */
const struct semo_io *semo_session_entry(const struct semo_session *s, unsigned module,
                                         const char *entry);
/* --arg HEX. */
enum semo_status semo_session_hex(const char *text, uint8_t *out, unsigned room, unsigned *len,
                                  struct semo_error *e) SEMO_MUST_CHECK;
char *semo_session_to_hex(const uint8_t *bytes, unsigned len); /* malloced */

#endif
