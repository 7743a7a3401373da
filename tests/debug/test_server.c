/* SPDX-License-Identifier: Apache-2.0 */
/* The debugger's port: a debugger that speaks nonsense, leaves, or is somebody else's. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "machine/debug/server.h"
#include "tests/machine/rig.h"

struct served {
    pid_t pid;
    uint16_t port;
    FILE *said;
};

static int connect_to(uint32_t host, uint16_t port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(host)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

/* The child ends with the state in which the debugger has left it. */
static struct served serve(uint16_t port)
{
    struct served s = {.port = 0};
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    s.pid = fork();
    assert_true(s.pid >= 0);
    if (s.pid == 0) {
        struct semo_machine *m = rig_machine(SEMO_COMPAT, 64);
        const struct semo_gdb_config config = {.machine = m, .max_cycles = UINT64_MAX};
        enum semo_gdb_state state;
        enum semo_stop end;
        FILE *say = fdopen(fds[1], "w");
        RIG_WORDS(m, RIG_CODE, 0x3FFF);
        if (semo_debug_serve(&config, port, say, &state, &end) != 0)
            _exit(errno == EADDRINUSE ? 100 : 101);
        _exit((int)state);
    }
    close(fds[1]);
    s.said = fdopen(fds[0], "r");
    unsigned given = 0;
    if (fscanf(s.said, "gdb: listening on 127.0.0.1:%u", &given) == 1)
        s.port = (uint16_t)given;
    return s;
}

static int finished(struct served *s)
{
    int status;
    fclose(s->said);
    assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Until the wanted text has come. */
static void ask(int fd, const char *text, const char *wanted)
{
    char answer[512] = "";
    size_t len = 0;
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    while (!strstr(answer, wanted)) {
        ssize_t n = read(fd, answer + len, sizeof answer - 1 - len);
        assert_true(n > 0);
        len += (size_t)n;
        answer[len] = 0;
    }
}

static void a_debugger_that_leaves(void **state)
{
    (void)state;
    struct served s = serve(0);
    int fd = connect_to(INADDR_LOOPBACK, s.port);
    ask(fd, "GET / HTTP/1.1\r\n\r\n$qC#b4", "+$QC1#c5");
    assert_int_equal(connect_to(INADDR_LOOPBACK, s.port), -1); /* one, and only one */
    close(fd);
    assert_int_equal(finished(&s), SEMO_GDB_KILLED);
}

static void a_running_program_is_stopped(void **state)
{
    (void)state;
    struct served s = serve(0);
    int fd = connect_to(INADDR_LOOPBACK, s.port);
    ask(fd, "$QStartNoAckMode#b0", "+$OK#9a");
    ask(fd, "$c#63", "");
    ask(fd, "\x03", "$T02thread:1;");
    ask(fd, "$D#44", "$OK#9a");
    close(fd);
    assert_int_equal(finished(&s), SEMO_GDB_DETACHED);
}

static void a_running_program_loses_its_debugger(void **state)
{
    (void)state;
    struct served s = serve(0);
    int fd = connect_to(INADDR_LOOPBACK, s.port);
    ask(fd, "$c#63", "+");
    close(fd);
    assert_int_equal(finished(&s), SEMO_GDB_KILLED);
}

static void only_this_computer(void **state)
{
    (void)state;
    struct served s = serve(0), second = serve(s.port);
    assert_int_equal(second.port, 0);
    assert_int_equal(finished(&second), 100); /* the port is taken */
    int fd = connect_to(INADDR_LOOPBACK, s.port);
    ask(fd, "$k#6b", "+");
    close(fd);
    assert_int_equal(finished(&s), SEMO_GDB_KILLED);
    s = serve(0); /* bound to 127.0.0.1, so not to the others of this computer */
    assert_int_equal(connect_to(INADDR_LOOPBACK + 1, s.port), -1);
    fd = connect_to(INADDR_LOOPBACK, s.port);
    close(fd);
    assert_int_equal(finished(&s), SEMO_GDB_KILLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_debugger_that_leaves),
        cmocka_unit_test(a_running_program_is_stopped),
        cmocka_unit_test(a_running_program_loses_its_debugger),
        cmocka_unit_test(only_this_computer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
