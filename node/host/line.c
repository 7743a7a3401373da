/* SPDX-License-Identifier: Apache-2.0 */
/* Wakes serial nodes when their lines have something for them. */
#include <stdlib.h>
#include "node/host/daemon.h"

static void on_line(uv_poll_t *poll, int status, int events)
{
    struct semo_line *l = poll->data;
    (void)status, (void)events;
    semo_daemon_reach_present(l->daemon);
    semo_serial_serve(&l->daemon->world.nodes[l - l->daemon->lines]);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

/* The line has gone, or is there anew. */
static void change(struct semo_daemon *d, struct semo_line *l, int fd)
{
    if (l->poll) {
        uv_poll_stop(l->poll);
        uv_close((uv_handle_t *)l->poll, on_closed);
    }
    *l = (struct semo_line){.daemon = d, .fd = -1};
    if (fd < 0)
        return;
    l->poll = malloc(sizeof *l->poll);
    if (!l->poll || uv_poll_init(&d->loop, l->poll, fd) != 0)
        abort();
    l->poll->data = l;
    l->fd = fd;
}

void semo_lines_follow(struct semo_daemon *d)
{
    for (unsigned i = 0; d->config.realtime && i < d->world.count; i++) {
        struct semo_node *n = &d->world.nodes[i];
        struct semo_line *l = &d->lines[i];
        if (n->config->type != SEMO_TYPE_SERIAL)
            continue;
        int fd = semo_serial_fd(n);
        if (fd != l->fd || (fd >= 0 && !l->poll))
            change(d, l, fd);
        int wanted = UV_READABLE | (semo_serial_waits(n) ? UV_WRITABLE : 0);
        if (fd >= 0 && wanted != l->events)
            uv_poll_start(l->poll, l->events = wanted, on_line);
    }
}
