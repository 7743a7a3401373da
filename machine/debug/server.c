/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "machine/debug/server.h"

enum { SLICE = 20000 }; /* instructions between two looks at the socket */

struct connection {
    int fd;
    bool lost;
    void (*violated)(void *context);
    void *context;
};

static void send_all(void *context, const uint8_t *bytes, size_t len)
{
    struct connection *c = context;
    while (len && !c->lost) {
        ssize_t n = send(c->fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            c->lost = true;
            return;
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static void pass_on(void *context)
{
    struct connection *c = context;
    if (c->violated)
        c->violated(c->context);
}

/* Nobody but this computer: the protocol knows no passwords. */
static int listen_at(uint16_t port, FILE *say)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    fprintf(say, "gdb: listening on 127.0.0.1:%u\n", ntohs(at.sin_port));
    fflush(say);
    return fd;
}

static int accept_one(int listening)
{
    int one = 1, fd;
    do
        fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void receive(struct semo_gdb *g, struct connection *c)
{
    bool running = semo_gdb_state(g) == SEMO_GDB_RUNNING;
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    uint8_t bytes[1024];
    if (poll(&p, 1, running ? 0 : -1) <= 0)
        return;
    ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
    if (n > 0)
        semo_gdb_feed(g, bytes, (size_t)n);
    else if (n == 0 || errno != EINTR)
        c->lost = true;
}

static enum semo_gdb_state talk(struct semo_gdb *g, struct connection *c)
{
    while (!c->lost && semo_gdb_state(g) <= SEMO_GDB_RUNNING) {
        receive(g, c);
        semo_gdb_run(g, SLICE);
    }
    return semo_gdb_state(g) <= SEMO_GDB_RUNNING ? SEMO_GDB_KILLED : semo_gdb_state(g);
}

int semo_debug_serve(const struct semo_gdb_config *config, uint16_t port, FILE *say,
                     enum semo_gdb_state *state, enum semo_stop *end)
{
    struct semo_gdb_config wired = *config;
    struct connection c = {.violated = config->violated, .context = config->context};
    int listening = listen_at(port, say);
    c.fd = listening < 0 ? -1 : accept_one(listening);
    if (listening >= 0)
        close(listening);
    if (c.fd < 0)
        return -1;
    wired.send = send_all;
    wired.violated = pass_on;
    wired.context = &c;
    struct semo_gdb *g = semo_gdb_new(&wired);
    if (!g) {
        close(c.fd);
        errno = ENOMEM;
        return -1;
    }
    *state = talk(g, &c);
    *end = semo_gdb_end(g);
    semo_gdb_free(g);
    close(c.fd);
    return 0;
}
