/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel refuses a process, however it came to ask: resources beyond its share, and with
 * Landlock every file and every port. The system call filter refuses most of it first; these hold
 * where a hole in one of the two is found. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "monitor/linux/packet.h"
#include "monitor/linux/sandbox.h"
#include "monitor/protocol.h"

/* ---- resources ---- */

struct limit {
    int resource;
    rlim_t value[2]; /* of enum semo_kind */
};
/* A module's memory is that of its file and its stack: it has no call to get more. An event manager
 * needs descriptors and file size for the images that it stages. */
static const struct limit limits[] = {
    {RLIMIT_AS, {16 << 20, 256 << 20}},
    {RLIMIT_STACK, {1 << 20, 8 << 20}},
    {RLIMIT_NOFILE, {0, 64}},
    {RLIMIT_FSIZE, {0, 2 * SEMO_MONITOR_IMAGE_MAX}},
    {RLIMIT_NPROC, {0, 0}},
    {RLIMIT_CORE, {0, 0}},
    {RLIMIT_MEMLOCK, {0, 0}},
    {RLIMIT_MSGQUEUE, {0, 0}},
};

/* Where the host allows less already, it stays with that. */
int semo_limits_set(enum semo_kind kind)
{
    for (unsigned i = 0; i < sizeof limits / sizeof *limits; i++) {
        const __rlimit_resource_t resource = (__rlimit_resource_t)limits[i].resource;
        struct rlimit r;
        if (getrlimit(resource, &r) != 0)
            return -1;
        if (limits[i].value[kind] < r.rlim_max)
            r.rlim_max = limits[i].value[kind];
        r.rlim_cur = r.rlim_max;
        if (setrlimit(resource, &r) != 0)
            return -1;
    }
    return 0;
}

/* ---- time of the processor ---- */

/* RLIMIT_CPU would not do: it counts a life, not a turn, and to raise it for another user's process
 * takes a capability. A zombie keeps its number until semo_process_end. */
static void on_expiry(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    kill(info->si_value.sival_int, SIGKILL);
}

bool semo_process_limit(struct semo_process *p)
{
    const struct sigaction action = {.sa_sigaction = on_expiry,
                                     .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sigevent event = {
        .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = p->pid};
    clockid_t clock;
    p->limited = sigaction(SIGUSR1, &action, NULL) == 0 &&
                 clock_getcpuclockid(p->pid, &clock) == 0 &&
                 timer_create(clock, &event, &p->timer) == 0;
    return p->limited;
}

void semo_process_renew(struct semo_process *p, unsigned cpu_s)
{
    const struct itimerspec t = {.it_value.tv_sec = cpu_s};
    const int64_t now = semo_now_ms();
    if (!p->limited || (p->renewed_ms != 0 && now - p->renewed_ms < 1000))
        return;
    p->renewed_ms = now;
    timer_settime(p->timer, 0, &t, NULL);
}

/* ---- Landlock ---- */

/* linux/landlock.h of Debian 12 ends at version 2. */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
enum { VERSION = 1, PATH_BENEATH = 1, EXECUTE_AND_READ = 5 };

struct ruleset {
    uint64_t files, ports, scopes;
};
struct __attribute__((packed)) beneath {
    uint64_t allowed;
    int32_t fd;
};

/* All that there is to refuse, by version; the last for all that come later. */
static const struct ruleset refused[] = {
    {0, 0, 0},      {0x1FFF, 0, 0}, {0x3FFF, 0, 0}, {0x7FFF, 0, 0},
    {0x7FFF, 3, 0}, {0xFFFF, 3, 0}, {0xFFFF, 3, 3},
};
#define LAST (int)(sizeof refused / sizeof *refused - 1)

int semo_landlock_version(void)
{
    const long version = syscall(CREATE_RULESET, NULL, 0, VERSION);
    return version < 1 ? 0 : version > LAST ? LAST : (int)version;
}

/* The rule fails, and is not needed, for a memfd: that is in no directory. */
int semo_landlock_restrict(int program)
{
    const struct ruleset *r = &refused[semo_landlock_version()];
    const struct beneath rule = {EXECUTE_AND_READ, program};
    if (r->files == 0)
        return 0;
    const long set = syscall(CREATE_RULESET, r, r->scopes ? 24 : r->ports ? 16 : 8, 0);
    if (set < 0)
        return -1;
    syscall(ADD_RULE, set, PATH_BENEATH, &rule, 0);
    const long done = syscall(RESTRICT_SELF, set, 0);
    close((int)set);
    return (int)done;
}
