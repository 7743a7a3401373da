/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that can do nothing but compute and talk to us over one socket. */
#ifndef SEMO_SANDBOX_H
#define SEMO_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>
#include <semo/status.h>

enum semo_kind { SEMO_KIND_MODULE, SEMO_KIND_MANAGER };

/* How a child gets namespaces of its own: because we may, by a user namespace, or not at all. */
enum semo_isolation { SEMO_ISOLATED, SEMO_ISOLATED_BY_USER, SEMO_WEAK };

struct semo_process {
    pid_t pid; /* 0 = none */
    int socket;
    bool limited; /* its time of the processor, by a timer that was last set at renewed_ms */
    timer_t timer;
    int64_t renewed_ms;
};

/* To be called once, before any file is opened. */
enum semo_status semo_sandbox_init(void) SEMO_MUST_CHECK;
/* Executes the file `program` (a static ELF program; nothing else can be executed in there).
 * tables: handed down to an event manager. SEMO_UNSUPPORTED: the kernel does not let us isolate it
 * this way; SEMO_INPUT: it is no such program; SEMO_FULL: the host has no room for another
 * process. */
enum semo_status semo_sandbox_start(enum semo_isolation isolation, enum semo_kind kind, int program,
                                    int tables, struct semo_process *out) SEMO_MUST_CHECK;
/* Kills it, and with it everything in its process namespace. Safe on a dead one and on none. */
void semo_process_end(struct semo_process *p);

/* limits.c. The first two are for the child itself, without privileges left to gain. 0 = done. */
int semo_limits_set(enum semo_kind kind);
int semo_landlock_restrict(int program); /* no file but to execute that one, no port, no signal */
int semo_landlock_version(void);         /* 0 = this kernel has none */
/* Its time of the processor is bounded from now on. */
bool semo_process_limit(struct semo_process *p);
/* From now on it may use so much, then it is killed. At most once a second: until then, what it had
 * holds. */
void semo_process_renew(struct semo_process *p, unsigned cpu_s);

/* filter.c: numbers of the descriptors that a child has until it is executed. */
#define SEMO_CHILD_PROGRAM 5
#define SEMO_CHILD_LAST    5
bool semo_filter_build(void);
/* By the child itself, as its last step before it executes the program. 0 = done. */
int semo_filter_load(enum semo_kind kind);

#endif
