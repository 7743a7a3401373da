/* SPDX-License-Identifier: Apache-2.0 */
/* A folder for the files of one process, in memory where there is such a place. */
#ifndef SEMO_FUZZ_SCRATCH_H
#define SEMO_FUZZ_SCRATCH_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/fuzz/fuzz.h"

static char fuzz_folder[64];

static inline void fuzz_remove_folder(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", fuzz_folder);
    if (system(command) != 0)
        fprintf(stderr, "%s: not removed\n", fuzz_folder);
}

static inline void fuzz_make_folder(void)
{
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(fuzz_folder, sizeof fuzz_folder, "%s/semo-fuzz-XXXXXX", place);
    FUZZ_MUST(mkdtemp(fuzz_folder));
    atexit(fuzz_remove_folder);
}

/* The path of a file of that name; lives until the next call but three. */
static inline const char *fuzz_path(const char *name)
{
    static char paths[4][128];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", fuzz_folder, name);
    return path;
}

static inline const char *fuzz_file(const char *name, const void *bytes, size_t len)
{
    const char *path = fuzz_path(name);
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    FUZZ_MUST(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && close(fd) == 0);
    return path;
}

#endif
