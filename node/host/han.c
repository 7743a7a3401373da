/* SPDX-License-Identifier: Apache-2.0 */
/* The home's side of a HAN port: a pseudo-terminal or a Unix socket. Nothing is ever read from it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>
#include "host/socket.h"
#include "node/host/daemon.h"

void semo_han_close(struct semo_daemon *d, unsigned node)
{
    struct semo_han *h = &d->han[node];
    for (unsigned i = 0; i < SEMO_HAN_READERS; i++)
        if (h->readers[i] >= 0)
            close(h->readers[i]);
    if (h->terminal >= 0)
        close(h->terminal);
    if (h->other_end >= 0)
        close(h->other_end);
    if (h->listener.fd >= 0) {
        uv_poll_stop(&h->listener.poll);
        close(h->listener.fd);
        unlink(h->path);
    }
    h->terminal = h->other_end = h->listener.fd = -1;
    memset(h->readers, -1, sizeof h->readers);
}

/* Raw, so that no byte is changed on its way; our own end of it stays open, so that readers may
 * come and go. */
static bool open_terminal(struct semo_han *h)
{
    struct termios raw;
    h->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (h->terminal < 0 || grantpt(h->terminal) != 0 || unlockpt(h->terminal) != 0 ||
        ptsname_r(h->terminal, h->path, sizeof h->path) != 0)
        return false;
    h->other_end = open(h->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (h->other_end < 0 || tcgetattr(h->other_end, &raw) != 0)
        return false;
    cfmakeraw(&raw);
    return tcsetattr(h->other_end, TCSANOW, &raw) == 0;
}

static void on_reader(uv_poll_t *poll, int status, int events)
{
    struct semo_listener *l = poll->data;
    struct semo_han *h = &l->daemon->han[l->node];
    (void)events;
    int fd = status < 0 ? -1 : accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    for (unsigned i = 0; fd >= 0 && i < SEMO_HAN_READERS; i++)
        if (h->readers[i] < 0) {
            h->readers[i] = fd;
            return;
        }
    if (fd >= 0)
        close(fd);
}

static bool open_socket(struct semo_daemon *d, struct semo_han *h, const char *path)
{
    if (strlen(path) >= sizeof h->path)
        return false;
    strcpy(h->path, path);
    int fd = semo_socket_listen(path, SEMO_HAN_READERS);
    if (fd < 0 || uv_poll_init(&d->loop, &h->listener.poll, fd) != 0) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    h->listener.fd = fd;
    h->listener.poll.data = &h->listener;
    uv_poll_start(&h->listener.poll, UV_READABLE, on_reader);
    return true;
}

enum semo_status semo_han_offer(struct semo_daemon *d, unsigned node, bool socket, const char *path,
                                const char **offered)
{
    struct semo_han *h = &d->han[node];
    if (h->terminal >= 0 || h->listener.fd >= 0)
        return SEMO_BUSY;
    h->listener.daemon = d;
    h->listener.node = node;
    if (!(socket ? open_socket(d, h, path) : open_terminal(h))) {
        semo_han_close(d, node);
        return SEMO_SYSTEM;
    }
    *offered = h->path;
    return SEMO_OK;
}

void semo_han_write(struct semo_daemon *d, unsigned node, const void *bytes, unsigned len)
{
    struct semo_han *h = &d->han[node];
    if (h->terminal >= 0 && write(h->terminal, bytes, len) < 0)
        return; /* nobody reads: lost */
    for (unsigned i = 0; i < SEMO_HAN_READERS; i++) {
        if (h->readers[i] < 0)
            continue;
        if (send(h->readers[i], bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN) {
            close(h->readers[i]);
            h->readers[i] = -1;
        }
    }
}
