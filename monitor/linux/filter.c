/* SPDX-License-Identifier: Apache-2.0 */
/* Which system calls are left. Filters are inherited and never lifted, so the filter must be in
 * force before the program is executed, and must let that one execveat through. It lets through
 * exactly execveat(5, ...): descriptor 5 closes itself on success and no allowed call can make a
 * new descriptor of that number in a module, so a module's later execveat finds nothing to execute.
 * Nothing rests on what the module's own start-up does. An event manager could put another
 * descriptor there and execute it: it would stay under this filter, in this sandbox, and is the
 * attacker anyway. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "monitor/linux/sandbox.h"
#include "monitor/protocol.h"

enum { SET_FS = 0x1002 }; /* of arch_prctl, which x86-64 has */

static struct sock_fprog filters[2]; /* of enum semo_kind */

/* A module: anything else kills it. A library in it may want its register fs (runtime/https). */
static bool build_module(scmp_filter_ctx f)
{
    const struct scmp_arg_cmp on_socket = SCMP_A0_32(SCMP_CMP_EQ, SEMO_MONITOR_SOCKET);
    const struct scmp_arg_cmp to_fs = SCMP_A0_32(SCMP_CMP_EQ, SET_FS);
    return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(read), 1, on_socket) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, on_socket) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(arch_prctl), 1, to_fs) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(exit_group), 0) == 0;
}

/* An event manager: what a static program on libc and libuv needs to compute, wait and keep memory.
 * No open, no socket, no fork, no kill, no ptrace, no process_vm_*: a refused call fails with
 * EPERM.
 */
static const int manager_calls[] = {
    SCMP_SYS(read),         SCMP_SYS(write),           SCMP_SYS(readv),
    SCMP_SYS(writev),       SCMP_SYS(recvfrom),        SCMP_SYS(recvmsg),
    SCMP_SYS(sendto),       SCMP_SYS(sendmsg),         SCMP_SYS(poll),
    SCMP_SYS(ppoll),        SCMP_SYS(epoll_create1),   SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),   SCMP_SYS(epoll_pwait),     SCMP_SYS(eventfd2),
    SCMP_SYS(memfd_create), SCMP_SYS(ftruncate),       SCMP_SYS(fcntl),
    SCMP_SYS(fstat),        SCMP_SYS(newfstatat),      SCMP_SYS(lseek),
    SCMP_SYS(pread64),      SCMP_SYS(pwrite64),        SCMP_SYS(close),
    SCMP_SYS(mmap),         SCMP_SYS(munmap),          SCMP_SYS(mremap),
    SCMP_SYS(mprotect),     SCMP_SYS(madvise),         SCMP_SYS(brk),
    SCMP_SYS(getrandom),    SCMP_SYS(futex),           SCMP_SYS(arch_prctl),
    SCMP_SYS(rseq),         SCMP_SYS(set_tid_address), SCMP_SYS(set_robust_list),
    SCMP_SYS(prlimit64),    SCMP_SYS(rt_sigaction),    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(pipe2),           SCMP_SYS(getpid),
    SCMP_SYS(gettid),       SCMP_SYS(clock_gettime),   SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),    SCMP_SYS(sched_yield),     SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

static bool build_manager(scmp_filter_ctx f)
{
    const struct scmp_arg_cmp not_to_block = SCMP_A1_32(SCMP_CMP_EQ, FIONBIO);
    bool ok = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, not_to_block) == 0;
    for (unsigned i = 0; i < sizeof manager_calls / sizeof *manager_calls; i++)
        ok = ok && seccomp_rule_add(f, SCMP_ACT_ALLOW, manager_calls[i], 0) == 0;
    return ok;
}

/* Compiled here, once: the child that loads it has no memory to spare. */
static bool compile(scmp_filter_ctx f, struct sock_fprog *out)
{
    static struct sock_filter code[2][256];
    static unsigned count;
    int file = memfd_create("filter", MFD_CLOEXEC);
    struct sock_filter *room = code[count++];
    ssize_t len = -1;
    if (file >= 0 && seccomp_export_bpf(f, file) == 0)
        len = pread(file, room, sizeof code[0], 0);
    close(file);
    *out = (struct sock_fprog){(unsigned short)(len / (ssize_t)sizeof *room), room};
    return len > 0 && len < (ssize_t)sizeof code[0];
}

static bool build(uint32_t otherwise, bool (*rules)(scmp_filter_ctx), struct sock_fprog *out)
{
    scmp_filter_ctx f = seccomp_init(otherwise);
    const struct scmp_arg_cmp program = SCMP_A0_32(SCMP_CMP_EQ, SEMO_CHILD_PROGRAM);
    bool ok = f && seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
              seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(execveat), 1, program) == 0 &&
              rules(f) && compile(f, out);
    seccomp_release(f);
    return ok;
}

bool semo_filter_build(void)
{
    return build(SCMP_ACT_KILL_PROCESS, build_module, &filters[SEMO_KIND_MODULE]) &&
           build(SCMP_ACT_ERRNO(EPERM), build_manager, &filters[SEMO_KIND_MANAGER]);
}

int semo_filter_load(enum semo_kind kind)
{
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filters[kind], 0, 0);
}
