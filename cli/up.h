/* SPDX-License-Identifier: Apache-2.0 */
/* A run of semo up after deployment, and what an application may add to it: its display, its keys,
 * its words in scripts. All times are cycles since power-on (SEMO_CLOCK_HZ a second). */
#ifndef SEMO_UP_H
#define SEMO_UP_H

#include <sys/types.h>

#include "cli/session.h"
#include "meter/house/house.h"

struct semo_up;

/* Any member may be NULL. `context` is what start returned. */
struct semo_application {
    const char *name; /* of the descriptor */
    /* After deployment, before the first cycle of the data. NULL: *e says why not. */
    void *(*start)(struct semo_up *u, struct semo_error *e);
    /* An authentic event of the direct connection with this index. */
    void (*event)(void *context, uint64_t now, unsigned connection, const uint8_t *body,
                  unsigned len);
    void (*han)(void *context, uint64_t now, unsigned node, const uint8_t *bytes, unsigned len);
    void (*pin)(void *context, uint64_t now, unsigned node, bool closed);
    void (*hop)(void *context, uint64_t now, unsigned connection); /* number on the wire */
    void (*counters)(void *context, unsigned node, const uint32_t *count, unsigned n);
    void (*attack)(void *context, bool on);
    void (*note)(void *context, const char *line); /* else: a line on stderr */
    bool (*key)(void *context, int key);           /* false: not one of mine */
    /* A script's action that begins with one of `words` (NULL ends them). */
    const char *const *words;
    const char *(*problem)(const char *words); /* NULL: none; asked before anything starts */
    enum semo_status (*action)(void *context, const char *words, struct semo_error *e);
    void (*tick)(void *context, uint64_t now); /* ten times a second, or every virtual minute */
    /* The run is over; close the terminal, print what there is to say. An exit code. */
    int (*end)(void *context, uint64_t now);
};

/* cli/applications.c: NULL for an application without anything of its own. */
const struct semo_application *semo_application_find(const char *name);

struct semo_script_line {
    uint64_t at_ms;
    unsigned line, column; /* of the action */
    char *words;
};

struct semo_up {
    struct semo_session *session;
    const struct semo_options *options;
    const struct semo_application *application; /* never NULL */
    void *context;
    struct semo_house *house; /* NULL: no data */
    size_t row_next;          /* to be sent to the front ends */
    bool contact_at_start;
    struct semo_house_contact *contacts;
    size_t contact_count;
    uint64_t start; /* time of the first row, of script time 0 */
    uint64_t end;   /* UINT64_MAX: until somebody ends it */
    unsigned speed; /* 0 = max */
    bool terminal;  /* not headless, and a terminal at both ends */
    bool attack, quit, stopped, han_refused;
    int signal; /* that ended the run, or 0 */
    int lost;   /* nodes that died */
    struct semo_script_line *script;
    unsigned script_count, script_next;
    uint64_t tick_at;
};

/* What an application may do. All are safe from any of its functions but end. */
enum semo_status semo_up_output(struct semo_up *u, const char *module, const char *input,
                                const void *body, unsigned len,
                                struct semo_error *e) SEMO_MUST_CHECK;
void semo_up_attack(struct semo_up *u,
                    bool on); /* every event manager: the attacker's, or Semo's */
void semo_up_quit(struct semo_up *u);
void semo_up_note(struct semo_up *u, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* `SECONDS what CONNECTION HEX`, or in the reply's list of events. */
void semo_up_print(const struct semo_up *u, uint64_t time, const char *what, unsigned connection,
                   const uint8_t *body, unsigned len);
/* `SECONDS answer MODULE.ENTRY HEX`, of a call, in the same list. */
void semo_up_print_answer(const struct semo_up *u, const char *module, const char *entry,
                          const uint8_t *body, unsigned len);
void semo_up_ask_counters(struct semo_up *u); /* answers come to `counters` */

/* cli/nodes.c */
enum semo_status semo_nodes_start(struct semo_session *s, const struct semo_options *o, pid_t *pid,
                                  struct semo_error *e) SEMO_MUST_CHECK;
/* Does each --event-manager name a node and a file? */
enum semo_status semo_nodes_check(const struct semo_session *s, const struct semo_options *o,
                                  struct semo_error *e) SEMO_MUST_CHECK;
/* The event manager of this node, or the attacker's: an image or a program; malloced. */
char *semo_nodes_manager(const struct semo_session *s, unsigned node, bool hostile);

/* cli/script.c */
enum semo_status semo_script_read(const char *path, struct semo_up *u,
                                  struct semo_error *e) SEMO_MUST_CHECK;
/* Once the modules are built: do they have the entries that the script calls? */
enum semo_status semo_script_check_calls(const struct semo_up *u,
                                         struct semo_error *e) SEMO_MUST_CHECK;
/* Does what one line says. */
enum semo_status semo_script_do(struct semo_up *u, const char *words,
                                struct semo_error *e) SEMO_MUST_CHECK;

/* cli/run.c */
enum semo_status semo_run_data(struct semo_up *u, struct semo_error *e) SEMO_MUST_CHECK;
/* cli/world.c: the physical world of the data file. */
enum semo_status semo_world_open(struct semo_up *u, struct semo_error *e) SEMO_MUST_CHECK;
#define SEMO_LEAD_CYCLES ((uint64_t)10 * SEMO_CLOCK_HZ) /* from power-on to the first row */
enum semo_status semo_world_set_clocks(struct semo_up *u, struct semo_error *e) SEMO_MUST_CHECK;
/* Once the modules are built: has the data a use? */
enum semo_status semo_world_check(const struct semo_up *u, struct semo_error *e) SEMO_MUST_CHECK;
enum semo_status semo_world_start(struct semo_up *u, struct semo_error *e) SEMO_MUST_CHECK;
/* Sends the rows that begin up to `until`. Returns when the next one begins, UINT64_MAX = no more.
 */
enum semo_status semo_world_feed(struct semo_up *u, uint64_t until, uint64_t *next,
                                 struct semo_error *e) SEMO_MUST_CHECK;
void semo_world_pin(struct semo_up *u, uint64_t now, unsigned node, bool closed);
/* What must have been counted, exactly; also for applications. */
struct semo_house_energy semo_world_expected(const struct semo_up *u);
void semo_world_close(struct semo_up *u);

#endif
