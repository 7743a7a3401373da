/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "monitor/linux/sandbox.h"
#include "monitor/protocol.h"

#define NAMESPACES                                                                                 \
    (CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWCGROUP)
#define NOBODY 65534

static const unsigned long clone_flags[] = {
    [SEMO_ISOLATED] = NAMESPACES,
    [SEMO_ISOLATED_BY_USER] = NAMESPACES | CLONE_NEWUSER,
    [SEMO_WEAK] = 0,
};

/* An empty, read-only root; the old one is gone from the mount namespace. The user of an unmapped
 * user namespace cannot create files, so nothing may have to be created. */
static int empty_root(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "/tmp", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
              "size=4k,nr_inodes=1") != 0 ||
        chdir("/tmp") != 0)
        return -1;
    if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0)
        return -1;
    return chdir("/");
}

/* Needs a capability itself, so it comes first; without that one there is little to bound. */
static void bound_capabilities(void)
{
    for (unsigned long cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0;)
        cap++;
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static int drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    static const struct __user_cap_data_struct none[2];
    return (int)syscall(SYS_capset, &header, none);
}

/* Root becomes nobody. In a user namespace of our making nobody is mapped, so there is no one else
 * to become; it has no more rights than its maker, who is not root.
 * A container may have no nobody either: that is one more weakness. */
static int drop_user(enum semo_isolation isolation)
{
    if (geteuid() != 0 || isolation == SEMO_ISOLATED_BY_USER)
        return 0;
    return setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
                   setresuid(NOBODY, NOBODY, NOBODY) != 0
               ? -1
               : 0;
}

/* The order matters: a change of user clears the death signal and would need the capabilities; the
 * limit on descriptors would refuse the dup2. */
static int confine(enum semo_isolation isolation, enum semo_kind kind)
{
    if (isolation != SEMO_WEAK && empty_root() != 0)
        return -1;
    bound_capabilities();
    if ((drop_user(isolation) != 0 && isolation != SEMO_WEAK) || drop_capabilities() != 0)
        return -1;
    char byte;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
        recv(SEMO_MONITOR_SOCKET, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) /* already orphaned */
        return -1;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        semo_landlock_restrict(SEMO_CHILD_PROGRAM) != 0 || semo_limits_set(kind) != 0)
        return -1;
    return semo_filter_load(kind);
}

/* Descriptors 0 to 5 of the child; none of ours are that low (semo_sandbox_init). */
static int arrange_descriptors(enum semo_kind kind, int socket, int program, int tables)
{
    const int null = SEMO_MONITOR_TABLES;            /* so far */
    for (int fd = 0; fd < SEMO_MONITOR_SOCKET; fd++) /* for a libc that wants its standard files */
        if (kind == SEMO_KIND_MANAGER ? dup2(null, fd) < 0 : close(fd) != 0)
            return -1;
    if (kind == SEMO_KIND_MANAGER ? dup2(tables, SEMO_MONITOR_TABLES) < 0 : close(null) != 0)
        return -1;
    if (dup2(socket, SEMO_MONITOR_SOCKET) < 0 || dup3(program, SEMO_CHILD_PROGRAM, O_CLOEXEC) < 0)
        return -1;
    return (int)syscall(SYS_close_range, SEMO_CHILD_LAST + 1, ~0U, 0);
}

/* What a child that was not executed tells; no message of a program has these types. */
enum { NOT_CONFINED = 0, NOT_EXECUTED = 2 };

static _Noreturn void child(enum semo_isolation isolation, enum semo_kind kind, int socket,
                            int program, int tables)
{
    char *arguments[] = {kind == SEMO_KIND_MANAGER ? "semo-em" : "semo-module",
                         isolation == SEMO_WEAK ? "weak" : "isolated",
                         semo_landlock_version() > 0 ? "landlock" : "", NULL};
    static char *environment[] = {NULL};
    char failed = NOT_CONFINED;
    if (arrange_descriptors(kind, socket, program, tables) == 0 && confine(isolation, kind) == 0) {
        failed = NOT_EXECUTED;
        syscall(SYS_execveat, SEMO_CHILD_PROGRAM, "", arguments, environment, AT_EMPTY_PATH);
    }
    if (write(SEMO_MONITOR_SOCKET, &failed, 1) != 1)
        _exit(2);
    _exit(1);
}

/* CLONE_VFORK: we go on when the child is executed or has ended, so its complaint is there by now.
 */
enum semo_status semo_sandbox_start(enum semo_isolation isolation, enum semo_kind kind, int program,
                                    int tables, struct semo_process *out)
{
    int pair[2];
    char said = NOT_EXECUTED; /* stays so when it has ended without a word: it was a bad file */
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return SEMO_SYSTEM;
    unsigned long flags = clone_flags[isolation] | CLONE_VFORK | SIGCHLD;
    pid_t pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
    if (pid == 0)
        child(isolation, kind, pair[1], program, tables);
    const bool crowded = pid < 0 && errno == EAGAIN;
    close(pair[1]);
    struct semo_process started = {.pid = pid, .socket = pair[0]};
    if (pid < 0)
        said = NOT_CONFINED;
    else if (recv(pair[0], &said, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
        said = SEMO_EM_NEXT; /* nothing yet: it runs */
    if (said == NOT_CONFINED || said == NOT_EXECUTED) {
        semo_process_end(&started);
        return crowded ? SEMO_FULL : said == NOT_EXECUTED ? SEMO_INPUT : SEMO_UNSUPPORTED;
    }
    semo_process_limit(&started);
    *out = started;
    return SEMO_OK;
}

void semo_process_end(struct semo_process *p)
{
    if (p->limited)
        timer_delete(p->timer);
    if (p->pid > 0) {
        kill(p->pid, SIGKILL);
        while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (p->pid != 0)
        close(p->socket);
    *p = (struct semo_process){.socket = -1};
}

/* Descriptors 0 to 5 are taken from here on, so that none of ours is where a child's will be. */
enum semo_status semo_sandbox_init(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= SEMO_CHILD_LAST; fd++)
        if (fd != SEMO_MONITOR_SOCKET && (fd > SEMO_MONITOR_SOCKET || fcntl(fd, F_GETFD) < 0) &&
            fd != null && dup2(null, fd) < 0)
            return SEMO_SYSTEM;
    if (null > SEMO_CHILD_LAST)
        close(null);
    return semo_filter_build() ? SEMO_OK : SEMO_SYSTEM;
}
