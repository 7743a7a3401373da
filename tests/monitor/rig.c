/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "lib/bytes/cursor.h"
#include "machine/chip.h"
#include "tests/monitor/rig.h"

#define NOBODY 65534

const uint8_t rig_node_key[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

uint8_t *rig_read(const char *path, size_t *len)
{
    struct stat s;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &s) == 0);
    uint8_t *bytes = malloc((size_t)s.st_size);
    assert_int_equal(read(fd, bytes, (size_t)s.st_size), s.st_size);
    close(fd);
    *len = (size_t)s.st_size;
    return bytes;
}

static void copy_program(const char *from, const char *to)
{
    size_t len;
    uint8_t *bytes = rig_read(from, &len);
    int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    assert_true(fd >= 0 && fchmod(fd, 0755) == 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
    free(bytes);
}

void rig_prepare(struct rig *r)
{
    struct semo_chip_state state = {.epoch_limit = 1};
    memset(r, 0, sizeof *r);
    strcpy(r->folder, "build/tests/monitor.XXXXXX");
    assert_non_null(mkdtemp(r->folder));
    snprintf(r->chip, sizeof r->chip, "%s/chip", r->folder);
    snprintf(r->em, sizeof r->em, "%s/puppet", r->folder);
    snprintf(r->says, sizeof r->says, "%s/says", r->folder);
    snprintf(r->monitor, sizeof r->monitor, "%s/monitor", r->folder);
    memcpy(state.node_key, rig_node_key, sizeof rig_node_key);
    assert_int_equal(semo_chip_create(r->chip, &state), SEMO_OK);
    copy_program("build/tests/monitor/puppet", r->em);
    copy_program("build/bin/semo-monitor", r->monitor);
}

void rig_remove(struct rig *r)
{
    unlink(r->chip);
    unlink(r->says);
    unlink(r->em);
    unlink(r->monitor);
    rmdir(r->folder);
}

/* What a container without privileges looks like: no namespace can be made, nothing mounted. */
static void refuse_namespaces(void)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
    struct scmp_arg_cmp any = SCMP_A0_64(SCMP_CMP_MASKED_EQ, 0x20000000, 0x20000000);
    if (!f || seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, any) != 0 ||
        seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0) != 0 || seccomp_load(f))
        _exit(100);
}

static void listen_to(const struct rig *r)
{
    int file = open(r->says, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || dup2(file, STDERR_FILENO) < 0)
        _exit(104);
    close(file);
}

static void allow_few_files(void)
{
    const struct rlimit few = {48, 48};
    if (setrlimit(RLIMIT_NOFILE, &few) != 0)
        _exit(105);
}

/* An older kernel. */
static void refuse_landlock(void)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
    const int create_ruleset = 444;
    if (!f || seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), create_ruleset, 0) != 0 ||
        seccomp_load(f))
        _exit(106);
}

static _Noreturn void become_monitor(struct rig *r, int socket, unsigned flags, unsigned limit_ms)
{
    char limit[16], *arguments[16] = {r->monitor, "--chip", r->chip,      "--em", r->em,
                                      "--node",   "node3",  "--limit-ms", limit};
    unsigned n = 9;
    snprintf(limit, sizeof limit, "%u", limit_ms);
    if (flags & RIG_WEAK)
        arguments[n++] = "--weak";
    if (flags & RIG_SEAL_LOG)
        arguments[n++] = "--seal-log";
    if (dup2(socket, SEMO_MONITOR_SOCKET) < 0)
        _exit(101);
    if (socket != SEMO_MONITOR_SOCKET)
        close(socket);
    if ((flags & RIG_NOBODY) && (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
        _exit(102);
    if (flags & (RIG_FEW_FILES | RIG_NO_LANDLOCK))
        listen_to(r);
    if (flags & RIG_FEW_FILES)
        allow_few_files();
    if (flags & RIG_NO_LANDLOCK)
        refuse_landlock();
    if (flags & RIG_NO_NAMESPACES)
        refuse_namespaces();
    execv(r->monitor, arguments);
    _exit(103);
}

void rig_start(struct rig *r, unsigned flags, unsigned limit_ms)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    uid_t owner = flags & RIG_NOBODY ? NOBODY : geteuid();
    assert_int_equal(chown(r->folder, owner, (gid_t)-1), 0);
    assert_int_equal(chown(r->chip, owner, (gid_t)-1), 0);
    fflush(NULL);
    r->pid = fork();
    assert_true(r->pid >= 0);
    if (r->pid == 0)
        become_monitor(r, pair[1], flags, limit_ms);
    close(pair[1]);
    r->socket = pair[0];
}

int rig_stop(struct rig *r)
{
    int status;
    close(r->socket);
    assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static bool receive(struct rig *r)
{
    uint8_t p[2 * SEMO_MONITOR_MESSAGE_MAX];
    ssize_t n = recv(r->socket, p, sizeof p, 0);
    if (n < 1)
        fail_msg("the monitor ended");
    if (p[0] == SEMO_MONITOR_OUT) {
        r->frames++;
        r->len = (unsigned)n - 1;
        memcpy(r->frame, p + 1, r->len);
    } else if (p[0] == SEMO_MONITOR_SEAL) {
        r->seals++;
        r->seal_len = (unsigned)n - 1;
        memcpy(r->seal, p + 1, r->seal_len);
    } else if (p[0] == SEMO_MONITOR_ADMIN_KEY) {
        assert_int_equal(n, 1 + sizeof r->admin_key);
        r->admin_keys++;
        memcpy(r->admin_key, p + 1, sizeof r->admin_key);
    } else {
        assert_int_equal(p[0], SEMO_MONITOR_DONE);
        assert_int_equal(n, 5);
        r->killed = p[1];
        r->died = p[2];
        r->weak = p[3];
        r->landlock = p[4];
    }
    return p[0] != SEMO_MONITOR_DONE;
}

void rig_turn(struct rig *r, uint8_t type, const void *bytes, size_t len)
{
    uint8_t message[2 * SEMO_MONITOR_MESSAGE_MAX];
    message[0] = type;
    memcpy(message + 1, bytes, len);
    r->frames = r->seals = r->admin_keys = r->len = 0;
    if (send(r->socket, message, 1 + len, MSG_NOSIGNAL) != (ssize_t)(1 + len))
        fail_msg("the monitor does not listen");
    while (receive(r))
        ;
}

void rig_puppet(struct rig *r, enum puppet order, const void *bytes, size_t len)
{
    uint8_t body[SEMO_MONITOR_MESSAGE_MAX]; /* time u64 | len u16 | frame */
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u64(&c, r->time);
    semo_cursor_put_u16(&c, (uint16_t)(1 + len));
    semo_cursor_put_u8(&c, (uint8_t)order);
    semo_cursor_put(&c, bytes, (unsigned)len);
    rig_turn(r, SEMO_MONITOR_FRAME, body, (size_t)(c.at - body));
}

static enum semo_status result(const struct rig *r)
{
    assert_int_equal(r->frames, 1);
    assert_true(r->len >= 1);
    return (enum semo_status)r->frame[0];
}

enum semo_status rig_enable(struct rig *r, const void *image, size_t len, uint16_t vendor,
                            enum seal seal, uint16_t *module)
{
    const uint8_t *at = image;
    for (size_t n; len > 0; at += n, len -= n) {
        n = len < 1000 ? len : 1000;
        rig_puppet(r, PUPPET_STAGE, at, n);
    }
    uint8_t order[3] = {(uint8_t)vendor, (uint8_t)(vendor >> 8), (uint8_t)seal};
    rig_puppet(r, PUPPET_ENABLE, order, sizeof order);
    enum semo_status status = result(r);
    if (status == SEMO_OK) {
        assert_int_equal(r->len, 3);
        *module = (uint16_t)(r->frame[1] | r->frame[2] << 8);
    }
    return status;
}

enum semo_status rig_calls(struct rig *r, uint16_t module, const void *calls, size_t len)
{
    uint8_t order[SEMO_MONITOR_MESSAGE_MAX] = {(uint8_t)module, (uint8_t)(module >> 8)};
    memcpy(order + 2, calls, len);
    rig_puppet(r, PUPPET_CALL, order, 2 + len);
    return result(r);
}

enum semo_status rig_call(struct rig *r, uint16_t module, uint16_t entry, const void *payload,
                          size_t len)
{
    uint8_t call[SEMO_MONITOR_MESSAGE_MAX];
    struct semo_cursor c = semo_cursor_over(call, sizeof call);
    const struct semo_gate_call head = {.entry = entry, .len = (uint16_t)len};
    semo_cursor_put(&c, &head, sizeof head);
    semo_cursor_put(&c, payload, (unsigned)len);
    enum semo_status status = rig_calls(r, module, call, (size_t)(c.at - call));
    if (status != SEMO_OK)
        return status;
    c = semo_cursor_over(r->frame + 1, r->len - 1);
    status = (enum semo_status)semo_cursor_u8(&c);
    r->len = 1 + semo_cursor_u16(&c);
    const uint8_t *answer = semo_cursor_take(&c, r->len - 1);
    if (c.bad || c.left != 0) /* no events were asked for */
        return SEMO_MALFORMED;
    r->frame[0] = (uint8_t)status;
    memmove(r->frame + 1, answer, r->len - 1);
    return status;
}

unsigned rig_children(const struct rig *r, pid_t *pids, unsigned max)
{
    char path[64];
    unsigned n = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", r->pid, r->pid);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (n < max && fscanf(f, "%d", &pids[n]) == 1)
        n++;
    fclose(f);
    return n;
}
