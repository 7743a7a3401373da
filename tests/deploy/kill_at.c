/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into the host programs: kills the process (SIGKILL) right before its n-th call of a
 * kind. SEMO_KILL=program:kind:n      kind: file (a state file becomes visible or durable), child
 * (a process starts), frame (a message leaves) SEMO_KILL_COUNT=FILE          appends "program:kind"
 * for each call instead */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static void count(const char *kind)
{
    static int calls[3];
    char word[80];
    const char *kill_at = getenv("SEMO_KILL"), *file = getenv("SEMO_KILL_COUNT");
    int *n = &calls[kind[0] == 'f' ? kind[1] == 'i' : 2];
    ++*n;
    if (file) {
        int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        int len = snprintf(word, sizeof word, "%s:%s\n", program_invocation_short_name, kind);
        if (fd < 0 || write(fd, word, (size_t)len) != len)
            abort();
        close(fd);
    }
    snprintf(word, sizeof word, "%s:%s:%d", program_invocation_short_name, kind, *n);
    if (kill_at && strcmp(kill_at, word) == 0)
        kill(getpid(), SIGKILL);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int rename(const char *from, const char *to)
{
    count("file");
    return REAL(rename)(from, to);
}

int link(const char *from, const char *to)
{
    count("file");
    return REAL(link)(from, to);
}

/* semo writes whole files: for a killed process only their rename matters. Chips are written in
 * place. */
int fsync(int fd)
{
    if (strcmp(program_invocation_short_name, "semo") != 0)
        count("file");
    return REAL(fsync)(fd);
}

int fdatasync(int fd)
{
    count("file");
    return REAL(fdatasync)(fd);
}

pid_t fork(void)
{
    count("child");
    return REAL(fork)();
}

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
    count("frame");
    return REAL(send)(fd, bytes, len, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    count("frame");
    return REAL(sendmsg)(fd, message, flags);
}
