/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "host/file.h"
#include "host/process.h"

#define MAP_MAX 8

/* Between fork and exec. First everything out of the way of the numbers it shall get, then down. */
static void take_map(const struct semo_fd_map *map, unsigned count)
{
    int high[MAP_MAX];
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    for (unsigned i = 0; i < count; i++) {
        high[i] = fcntl(map[i].parent, F_DUPFD_CLOEXEC, 64);
        if (high[i] < 0)
            _exit(SEMO_EXIT_RESOURCE);
    }
    if (null < 0 || dup2(null, 0) < 0)
        _exit(SEMO_EXIT_RESOURCE);
    for (unsigned i = 0; i < count; i++)
        if (dup2(high[i], map[i].child) < 0)
            _exit(SEMO_EXIT_RESOURCE);
}

static void run_child(char *const argv[], const struct semo_fd_map *map, unsigned count,
                      pid_t parent, int report)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the line above */
        _exit(SEMO_EXIT_RESOURCE);
    take_map(map, count);
    execv(argv[0], argv);
    int why = errno;
    if (write(report, &why, sizeof why) < 0)
        _exit(SEMO_EXIT_RESOURCE);
    _exit(SEMO_EXIT_RESOURCE);
}

enum semo_status semo_process_spawn(char *const argv[], const struct semo_fd_map *map,
                                    unsigned count, pid_t *pid, struct semo_error *e)
{
    int report[2], why = 0;
    pid_t parent = getpid(), child = -1;
    if (count > MAP_MAX || pipe2(report, O_CLOEXEC) != 0)
        return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, argv[0], 0, 0,
                              "cannot start it: no pipe");
    /* The report's number must be none of the map's. */
    int report_end = fcntl(report[1], F_DUPFD_CLOEXEC, 128);
    close(report[1]);
    if (report_end >= 0)
        child = fork();
    if (child == 0)
        run_child(argv, map, count, parent, report_end);
    if (child < 0)
        why = errno;
    close(report_end);
    while (child > 0 && read(report[0], &why, sizeof why) < 0 && errno == EINTR)
        ;
    close(report[0]);
    if (why != 0) {
        if (child > 0)
            waitpid(child, NULL, 0);
        return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, argv[0], 0, 0,
                              "cannot start it: %s", strerror(why));
    }
    *pid = child;
    return SEMO_OK;
}

int semo_process_wait(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return SEMO_EXIT_RESOURCE;
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

char *semo_process_beside(const char *name)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0)
        return semo_format("%s", name);
    self[n] = 0;
    char *slash = strrchr(self, '/');
    *slash = 0;
    return semo_format("%s/%s", self, name);
}

char *semo_process_part(const char *name)
{
    static const char *const folders[] = {".", "../mcu", "../lib/semo"};
    for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *below = semo_format("%s/%s", folders[i], name), *path = semo_process_beside(below);
        free(below);
        if (access(path, F_OK) == 0)
            return path;
        free(path);
    }
    return semo_process_beside(name); /* whoever uses it says that it is missing */
}
