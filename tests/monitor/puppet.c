/* SPDX-License-Identifier: Apache-2.0 */
/* An event manager that does what each frame says (attempts.h); the answer is a frame. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "monitor/protocol.h"
#include "tests/monitor/attempts.h"

static uint8_t in[SEMO_MONITOR_MESSAGE_MAX], out[SEMO_MONITOR_MESSAGE_MAX];
static uint8_t image[SEMO_MONITOR_IMAGE_MAX + 4096];
static size_t staged;
static uint8_t *tables;

static void say_with(uint8_t type, const void *bytes, size_t len, const int *fds, size_t count)
{
    char control[CMSG_SPACE(2 * sizeof(int))] = {0};
    uint8_t message[1 + sizeof out];
    message[0] = type;
    memcpy(message + 1, bytes, len);
    struct iovec part = {message, 1 + len};
    struct msghdr h = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        h.msg_control = control;
        h.msg_controllen = CMSG_SPACE(count * sizeof *fds);
        *CMSG_FIRSTHDR(&h) =
            (struct cmsghdr){CMSG_LEN(count * sizeof *fds), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&h)), fds, count * sizeof *fds);
    }
    if (sendmsg(SEMO_MONITOR_SOCKET, &h, 0) < 0)
        exit(1);
}

static void say(uint8_t type, const void *bytes, size_t len, int fd)
{
    say_with(type, bytes, len, &fd, fd >= 0);
}

static void frame(const void *bytes, size_t len)
{
    say(SEMO_EM_OUT, bytes, len, -1);
}

static void forward_result(void)
{
    ssize_t n = recv(SEMO_MONITOR_SOCKET, out, sizeof out, 0);
    if (n < 2 || out[0] != SEMO_EM_RESULT)
        exit(1);
    frame(out + 1, (size_t)n - 1);
}

/* Longer than a frame may be. */
static uint16_t count_answers(const uint8_t *at, size_t len)
{
    uint16_t count = 0;
    for (size_t i = 0; i < len; count++) {
        size_t bytes = len - i >= 3 ? (size_t)(at[i + 1] | at[i + 2] << 8) : len;
        i += 3 + bytes;
        if (i > len)
            return UINT16_MAX;
    }
    return count;
}

static void count_result(void)
{
    ssize_t n = recv(SEMO_MONITOR_SOCKET, out, sizeof out, 0);
    if (n < 2 || out[0] != SEMO_EM_RESULT)
        exit(1);
    uint16_t count = count_answers(out + 2, (size_t)n - 2);
    frame((const uint8_t[]){out[1], (uint8_t)count, (uint8_t)(count >> 8)}, 3);
}

static int sealed(enum seal how)
{
    static const int seals[] = {[SEAL_ALL] =
                                    F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE,
                                [SEAL_NONE] = 0,
                                [SEAL_NO_WRITE] = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW};
    int fd = memfd_create("image", MFD_ALLOW_SEALING);
    if (fd < 0 || write(fd, image, staged) != (ssize_t)staged ||
        fcntl(fd, F_ADD_SEALS, seals[how]) != 0)
        exit(1);
    return fd;
}

static void enable(uint8_t *bytes, size_t len)
{
    enum seal how = bytes[len - 1];
    int fd = how == SEAL_NO_FD ? -1 : how == SEAL_PIPE ? SEMO_MONITOR_SOCKET : sealed(how);
    say(SEMO_EM_ENABLE, bytes, len - 1, fd);
    if (fd > SEMO_MONITOR_TABLES)
        close(fd);
    staged = 0;
    forward_result();
}

/* Each of these would succeed or fail with another error if it got through. */
static void try_all(void)
{
    static const char root[] = "/", memory[] = "/proc/self/mem";
    uint8_t byte = 0;
    int unread;
    struct iovec part = {&byte, 1};
    pid_t self = getpid();
    const long results[] = {
        open(root, O_RDONLY) < 0 ? errno : 0,
        open(memory, O_RDWR) < 0 ? errno : 0,
        socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0,
        socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0,
        syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0 ? errno : 0,
        ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? errno : 0,
        process_vm_readv(self, &part, 1, &part, 1, 0) < 0 ? errno : 0,
        process_vm_writev(self, &part, 1, &part, 1, 0) < 0 ? errno : 0,
        kill(self, 0) < 0 ? errno : 0,
        syscall(SYS_unshare, 0) < 0 ? errno : 0,
        syscall(SYS_bpf, -1, 0, 0) < 0 ? errno : 0,
        syscall(SYS_io_uring_setup, 0, 0) < 0 ? errno : 0,
        syscall(SYS_pidfd_open, self, 0) < 0 ? errno : 0,
        syscall(SYS_execve, root, 0, 0) < 0 ? errno : 0,
        ioctl(SEMO_MONITOR_SOCKET, FIONREAD, &unread) < 0 ? errno : 0,
    };
    uint8_t refused[sizeof results / sizeof *results];
    for (unsigned i = 0; i < sizeof refused; i++)
        refused[i] = results[i] == EPERM;
    frame(refused, sizeof refused);
}

static void flood(uint8_t type, const void *bytes, size_t len)
{
    for (;;)
        say(type, bytes, len, -1);
}

static _Noreturn void linger(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL); /* nothing that can be ignored ends it */
    say(SEMO_EM_NEXT, "", 0, -1);
    for (;;)
        __asm__ volatile("");
}

static void tell_arguments(char *const *arguments)
{
    int n = snprintf((char *)out, sizeof out, "%s %s", arguments[1], arguments[2]);
    frame(out, (size_t)n);
}

static void obey(char *const *arguments, size_t len)
{
    uint8_t *bytes = in + 4;
    switch (in[3]) {
    case PUPPET_STAGE:
        memcpy(image + staged, bytes, len);
        staged += len;
        break;
    case PUPPET_ENABLE:
        enable(bytes, len);
        break;
    case PUPPET_CALL:
        say(SEMO_EM_CALL, bytes, len, -1);
        forward_result();
        break;
    case PUPPET_COUNT:
        say(SEMO_EM_CALL, bytes, len, -1);
        count_result();
        break;
    case PUPPET_RAW:
        say(bytes[0], bytes + 1, len - 1, -1);
        break;
    case PUPPET_ASK:
        say(bytes[0], bytes + 1, len - 1, -1);
        forward_result();
        break;
    case PUPPET_ARGUMENT:
        tell_arguments(arguments);
        break;
    case PUPPET_REMEMBER:
        memcpy(tables, bytes, len);
        break;
    case PUPPET_RECALL:
        frame(tables, 16);
        break;
    case PUPPET_SHRINK:
        if (ftruncate(SEMO_MONITOR_TABLES, 0) == 0)
            exit(3);
        break;
    case PUPPET_TWO_FILES:
        say_with(SEMO_EM_CALL, "", 0, (int[]){0, 1}, 2);
        forward_result();
        break;
    case PUPPET_TRY:
        try_all();
        break;
    case PUPPET_SILENT:
        for (;;)
            pause();
    case PUPPET_DIE:
        __builtin_trap();
    case PUPPET_FLOOD:
        flood(SEMO_EM_OUT, "x", 1);
        break;
    case PUPPET_FLOOD_CALLS:
        flood(SEMO_EM_CALL, "", 0);
        break;
    case PUPPET_LINGER:
        linger();
    default:
        exit(2);
    }
}

int main(int argc, char **argv)
{
    tables = mmap(NULL, SEMO_MONITOR_TABLES_LEN, PROT_READ | PROT_WRITE, MAP_SHARED,
                  SEMO_MONITOR_TABLES, 0);
    if (argc != 3 || tables == MAP_FAILED)
        return 1;
    for (;;) {
        say(SEMO_EM_NEXT, "", 0, -1);
        ssize_t n = recv(SEMO_MONITOR_SOCKET, in, sizeof in, 0);
        if (n < 4 || in[0] != SEMO_EM_FRAME || 3 + in[1] + 256 * in[2] != n)
            return 1;
        obey(argv, (size_t)n - 4);
    }
}
