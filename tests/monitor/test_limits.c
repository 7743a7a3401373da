/* SPDX-License-Identifier: Apache-2.0 */
/* What limits.c refuses a process that no system call filter holds back. Everything is tried twice:
 * without the limits it must work, or the second time would show nothing. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <mqueue.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "monitor/linux/sandbox.h"

#define NOBODY 65534
#define FOLDER "build/tests"

static char file[] = FOLDER "/limits.XXXXXX";
static int file_fd;

/* Each returns 0 or errno. */
static int use_memory(void)
{
    return mmap(NULL, 300u << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
               ? errno
               : 0;
}

static int use_descriptors(void)
{
    for (int i = 0; i < 100; i++)
        if (dup(file_fd) < 0)
            return errno;
    return 0;
}

static int use_file_size(void)
{
    signal(SIGXFSZ, SIG_IGN);
    return pwrite(file_fd, "x", 1, 3 << 20) < 0 ? errno : 0;
}

static int use_processes(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    if (child < 0)
        return errno;
    waitpid(child, NULL, 0);
    return 0;
}

static int use_locked_memory(void)
{
    static char page[8192];
    return syscall(SYS_mlock, page, sizeof page) != 0 ? errno : 0; /* sanitizers replace mlock */
}

static int use_message_queues(void)
{
    struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 8};
    char name[32];
    snprintf(name, sizeof name, "/semo.%d", getpid());
    mqd_t q = mq_open(name, O_CREAT | O_RDWR, 0600, &a);
    if (q == (mqd_t)-1)
        return errno;
    mq_unlink(name);
    return 0;
}

static int use_stack_limit(void)
{
    struct rlimit r;
    getrlimit(RLIMIT_STACK, &r);
    r.rlim_cur = r.rlim_max = 64 << 20;
    return setrlimit(RLIMIT_STACK, &r) != 0 ? errno : 0; /* what was lowered stays low */
}

/* In a child, which may be somebody without privileges. */
static int in_child(bool as_nobody, int (*limit)(void), int (*attempt)(void))
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (as_nobody && geteuid() == 0 && (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
            _exit(250);
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || (limit && limit() != 0))
            _exit(251);
        _exit(attempt());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int limit_module(void)
{
    return semo_limits_set(SEMO_KIND_MODULE);
}

static int limit_manager(void)
{
    return semo_limits_set(SEMO_KIND_MANAGER);
}

static const struct {
    const char *what;
    int (*attempt)(void);
    int error;
} uses[] = {
    {"memory", use_memory, ENOMEM},
    {"descriptors", use_descriptors, EMFILE},
    {"file size", use_file_size, EFBIG},
    {"processes", use_processes, EAGAIN},
    {"message queues", use_message_queues, EMFILE},
    {"stack", use_stack_limit, EPERM},
};

static void test_resources(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof uses / sizeof *uses; i++) {
        int before = in_child(true, NULL, uses[i].attempt);
        if (before != 0) {
            print_message("# SKIP %s: %s even without a limit\n", uses[i].what, strerror(before));
            continue;
        }
        int module = in_child(true, limit_module, uses[i].attempt);
        int manager = in_child(true, limit_manager, uses[i].attempt);
        if (module != uses[i].error || manager != uses[i].error)
            fail_msg("%s: module %s, event manager %s", uses[i].what, strerror(module),
                     strerror(manager));
    }
}

/* Its error depends on the limit being 0 or merely too low. */
static void test_locked_memory(void **state)
{
    (void)state;
    if (in_child(true, NULL, use_locked_memory) != 0)
        skip();
    assert_int_equal(in_child(true, limit_module, use_locked_memory), EPERM);
    assert_int_equal(in_child(true, limit_manager, use_locked_memory), EPERM);
}

static bool leaves_core(bool limited)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
        if (chdir(FOLDER) != 0 || (limited ? limit_module() : setrlimit(RLIMIT_CORE, &all)) != 0)
            _exit(1);
        raise(SIGQUIT);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    return WCOREDUMP(status);
}

static void test_core(void **state)
{
    (void)state;
    assert_false(leaves_core(true));
    if (!leaves_core(false))
        print_message("# SKIP no core files here, limited or not\n");
    unlink(FOLDER "/core");
}

/* ---- Landlock ---- */

static int open_file(void)
{
    return open(file, O_RDONLY) < 0 ? errno : 0;
}

static int list_root(void)
{
    return open("/", O_RDONLY | O_DIRECTORY) < 0 ? errno : 0;
}

static int make_file(void)
{
    return open(FOLDER "/limits.made", O_WRONLY | O_CREAT, 0600) < 0 ? errno : 0;
}

static int bind_port(void)
{
    const struct sockaddr_in any = {.sin_family = AF_INET};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    return bind(s, (const struct sockaddr *)&any, sizeof any) != 0 ? errno : 0;
}

static int connect_port(void)
{
    struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_port = htons(1)};
    nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    connect(s, (const struct sockaddr *)&nobody, sizeof nobody);
    return errno == EACCES ? EACCES : 0; /* refused by the peer is let through by Landlock */
}

static int signal_parent(void)
{
    return kill(getppid(), 0) != 0 ? errno : 0;
}

static int confine(void)
{
    return semo_landlock_restrict(-1);
}

static int confine_but_own_program(void)
{
    return semo_landlock_restrict(open("/proc/self/exe", O_RDONLY));
}

static int execute_other(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return errno;
}

static int open_program(void)
{
    return open("/proc/self/exe", O_RDONLY) < 0 ? errno : 0;
}

static const struct {
    const char *what;
    int (*attempt)(void);
    int version, error;
} accesses[] = {
    {"open a file", open_file, 1, EACCES}, {"list a folder", list_root, 1, EACCES},
    {"make a file", make_file, 1, EACCES}, {"execute", execute_other, 1, EACCES},
    {"bind a port", bind_port, 4, EACCES}, {"connect", connect_port, 4, EACCES},
    {"signal", signal_parent, 6, EPERM},
};

static void test_landlock(void **state)
{
    int version = semo_landlock_version();
    (void)state;
    print_message("# Landlock version %d\n", version);
    for (unsigned i = 0; i < sizeof accesses / sizeof *accesses; i++) {
        if (version < accesses[i].version) {
            print_message("# SKIP %s: since version %d\n", accesses[i].what, accesses[i].version);
            continue;
        }
        int before = in_child(false, NULL, accesses[i].attempt);
        int after = in_child(false, confine, accesses[i].attempt);
        if (before != 0 || after != accesses[i].error)
            fail_msg("%s: %s, then %s", accesses[i].what, strerror(before), strerror(after));
    }
    if (version > 0) { /* the one file that a rule lets through */
        assert_int_equal(in_child(false, confine, open_program), EACCES);
        assert_int_equal(in_child(false, confine_but_own_program, open_program), 0);
        assert_int_equal(in_child(false, confine_but_own_program, open_file), EACCES);
    }
    unlink(FOLDER "/limits.made");
}

static int make_one(void **state)
{
    (void)state;
    file_fd = mkstemp(file);
    return file_fd >= 0 && fchmod(file_fd, 0666) == 0 ? 0 : -1;
}

static int remove_it(void **state)
{
    (void)state;
    return unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resources),
        cmocka_unit_test(test_locked_memory),
        cmocka_unit_test(test_core),
        cmocka_unit_test(test_landlock),
    };
    return cmocka_run_group_tests_name("limits", tests, make_one, remove_it);
}
