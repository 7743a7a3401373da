/* SPDX-License-Identifier: Apache-2.0 */
/* Each node's door to the outside: anybody may connect and send it frames (length u16 | frame), and
 * gets the answers. Nothing here can be trusted, or needs to be. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "host/file.h"
#include "lib/bytes/cursor.h"
#include "node/host/daemon.h"

#define BACKLOG 65536

static void on_message(struct semo_peer *p, const uint8_t *bytes, unsigned len)
{
    semo_admin_take(p, bytes, len);
}

static void on_gone(struct semo_peer *p)
{
    p->daemon->strangers--;
}

static const struct semo_peer_kind kind = {2, SEMO_ADMIN_FRAME_MAX, BACKLOG, on_message, on_gone};

void semo_bridge_answer(struct semo_peer *p, const struct semo_packet *frame)
{
    const uint8_t head[2] = {(uint8_t)frame->len, (uint8_t)(frame->len >> 8)};
    semo_peer_put(p, head, sizeof head);
    semo_peer_put(p, frame->bytes, frame->len);
}

static void on_stranger(uv_poll_t *poll, int status, int events)
{
    struct semo_listener *l = poll->data;
    struct semo_daemon *d = l->daemon;
    const int yes = 1;
    (void)events;
    int fd = status < 0 ? -1 : accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (d->strangers == SEMO_STRANGERS_MAX) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct semo_peer *p = semo_peer_new(d, fd, &kind);
    if (!p)
        return;
    p->node = l->node;
    d->strangers++;
}

static bool listen_on_any_port(struct semo_daemon *d, struct semo_listener *l)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(l->fd, SEMO_STRANGERS_MAX) != 0 ||
        getsockname(l->fd, (struct sockaddr *)&address, &len) != 0 ||
        uv_poll_init(&d->loop, &l->poll, l->fd) != 0)
        return false;
    l->port = ntohs(address.sin_port);
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
    for (unsigned i = 0; d->config.tcp && i < d->world.count; i++) {
        d->tcp[i].daemon = d;
        d->tcp[i].node = i;
        if (!listen_on_any_port(d, &d->tcp[i]))
            return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, NULL, 0, 0,
                                  "cannot listen on 127.0.0.1: %s", strerror(errno));
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
