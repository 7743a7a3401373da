/* SPDX-License-Identifier: Apache-2.0 */
/* Child processes: only the file descriptors of the map are handed down; they die with us. */
#ifndef SEMO_PROCESS_H
#define SEMO_PROCESS_H

#include <sys/types.h>
#include "host/error.h"

struct semo_fd_map {
    int child;  /* number in the child */
    int parent; /* number here */
};

/* argv[0] is the path of the program. The child gets standard input from /dev/null, our standard
 * output and error, and the map (which may name 0, 1, 2 as well); SIGINT and friends of the
 * terminal do not reach it (its own process group). */
enum semo_status semo_process_spawn(char *const argv[], const struct semo_fd_map *map,
                                    unsigned count, pid_t *pid,
                                    struct semo_error *e) SEMO_MUST_CHECK;
/* 0..255 = exit code, 256 + n = killed by signal n. */
int semo_process_wait(pid_t pid);
/* malloced: the path of `name` in the folder of the running program. */
char *semo_process_beside(const char *name);
/* malloced: the path of a program or image that belongs to this one, in the tree or installed. */
char *semo_process_part(const char *name);

#endif
