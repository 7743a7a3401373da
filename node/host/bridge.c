/* SPDX-License-Identifier: Apache-2.0 */
/* Each node's door to the outside: anybody may connect and send it frames (length u16 | frame), and
 * gets the answers. Nothing here can be trusted, or needs to be. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "host/file.h"
#include "host/socket.h"
#include "lib/bytes/cursor.h"
#include "node/host/daemon.h"

#define BACKLOG 65536

static void on_message(struct semo_peer *p, const uint8_t *bytes, unsigned len)
{
    semo_admin_take(p, bytes, len);
}

static void on_gone(struct semo_peer *p)
{
    p->daemon->tcp[p->node].strangers--;
}

/* What would be dropped may as well wait where it comes from; and nobody is to wait for a node that
 * is busy because a stranger wants something of it. */
static bool is_held(const struct semo_peer *p)
{
    const struct semo_node *n = &p->daemon->world.nodes[p->node];
    return n->busy || n->inbox.count >= SEMO_INBOX_MAX / 2;
}

static const struct semo_peer_kind kind = {.head_len = 2,
                                           .max = SEMO_ADMIN_FRAME_MAX,
                                           .backlog = BACKLOG,
                                           .message = on_message,
                                           .gone = on_gone,
                                           .is_held = is_held};

void semo_bridge_answer(struct semo_peer *p, const struct semo_packet *frame)
{
    const uint8_t head[2] = {(uint8_t)frame->len, (uint8_t)(frame->len >> 8)};
    semo_peer_put(p, head, sizeof head);
    semo_peer_put(p, frame->bytes, frame->len);
}

/* Without descriptors a connection could be neither taken nor refused, and would wake us for ever.
 */
static void turn_away(struct semo_daemon *d, int listener)
{
    close(d->spare);
    close(accept(listener, NULL, NULL));
    d->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_stranger(uv_poll_t *poll, int status, int events)
{
    struct semo_listener *l = poll->data;
    struct semo_daemon *d = l->daemon;
    const int yes = 1;
    (void)events;
    int fd = status < 0 ? -1 : accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && status >= 0 && (errno == EMFILE || errno == ENFILE))
        turn_away(d, l->fd);
    if (fd < 0)
        return;
    if (l->strangers == SEMO_STRANGERS_MAX) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct semo_peer *p = semo_peer_new(d, fd, &kind);
    if (!p)
        return;
    p->node = l->node;
    l->strangers++;
}

static bool start_to_listen(struct semo_daemon *d, struct semo_listener *l)
{
    const int yes = 1;
    struct semo_address a, got;
    unsigned port = d->config.port ? (unsigned)d->config.port + l->node : 0;
    socklen_t len = sizeof got.in6;
    if (!semo_address_parse(d->config.listen, port, &a))
        return false;
    l->fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(l->fd, &a.any, a.len) != 0 || listen(l->fd, SEMO_STRANGERS_MAX) != 0 ||
        getsockname(l->fd, &got.any, &len) != 0 || uv_poll_init(&d->loop, &l->poll, l->fd) != 0)
        return false;
    l->port = ntohs(got.any.sa_family == AF_INET ? got.in.sin_port : got.in6.sin6_port);
    l->poll.data = l;
    uv_poll_start(&l->poll, UV_READABLE, on_stranger);
    return true;
}

static enum semo_status write_ports(const struct semo_daemon *d, struct semo_error *e)
{
    char text[SEMO_NODES_MAX * (SEMO_NAME_MAX + 8)];
    size_t len = 0;
    for (unsigned i = 0; i < d->world.count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s %u\n", d->config.nodes[i].name,
                                d->tcp[i].port);
    char *path = semo_format("%s.ports", d->config.socket);
    enum semo_status status = semo_file_write(path, text, len, 0600, e);
    free(path);
    return status;
}

enum semo_status semo_bridge_open(struct semo_daemon *d, struct semo_error *e)
{
    d->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    for (unsigned i = 0; d->config.tcp && i < d->world.count; i++) {
        d->tcp[i].daemon = d;
        d->tcp[i].node = i;
        if (d->config.nodes[i].type == SEMO_TYPE_REMOTE)
            continue;
        if (!start_to_listen(d, &d->tcp[i]))
            return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, d->config.nodes[i].name, 0, 0,
                                  "cannot listen on %s: %s", d->config.listen, strerror(errno));
    }
    return d->config.tcp ? write_ports(d, e) : SEMO_OK;
}

void semo_bridge_close(struct semo_daemon *d)
{
    for (unsigned i = 0; i < SEMO_NODES_MAX; i++)
        if (d->tcp[i].fd >= 0)
            close(d->tcp[i].fd);
    if (!d->config.tcp)
        return;
    char *path = semo_format("%s.ports", d->config.socket);
    unlink(path);
    free(path);
}
