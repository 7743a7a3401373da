/* SPDX-License-Identifier: Apache-2.0 */
/* Wakes nodes when their lines, or their monitors, have something for them. */
#include <stdlib.h>
#include "node/host/daemon.h"

static const struct follower {
    int (*fd)(const struct semo_node *n);
    void (*serve)(struct semo_node *n);
    bool (*waits)(const struct semo_node *n); /* to send; NULL: never */
} followers[] = {
    [SEMO_TYPE_SERIAL] = {semo_serial_fd, semo_serial_serve, semo_serial_waits},
    [SEMO_TYPE_LINUX] = {semo_monitored_fd, semo_monitored_serve, NULL},
};

/* NULL: of another type. */
static const struct follower *follower_of(const struct semo_node *n)
{
    const unsigned type = n->config->type;
    return type < sizeof followers / sizeof *followers && followers[type].fd ? &followers[type]
                                                                             : NULL;
}

static void on_line(uv_poll_t *poll, int status, int events)
{
    struct semo_line *l = poll->data;
    struct semo_node *n = &l->daemon->world.nodes[l - l->daemon->lines];
    (void)status, (void)events;
    semo_daemon_reach_present(l->daemon);
    follower_of(n)->serve(n);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

/* The line has gone, or is there anew. */
static void change(struct semo_daemon *d, struct semo_line *l, unsigned opened, int fd)
{
    if (l->poll) {
        uv_poll_stop(l->poll);
        uv_close((uv_handle_t *)l->poll, on_closed);
    }
    *l = (struct semo_line){.daemon = d, .fd = -1, .opened = opened};
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
        const struct follower *f = follower_of(n);
        if (!f)
            continue;
        int fd = f->fd(n);
        if (fd != l->fd || n->opened != l->opened || (fd >= 0 && !l->poll))
            change(d, l, n->opened, fd);
        int wanted = UV_READABLE | (f->waits && f->waits(n) ? UV_WRITABLE : 0);
        if (fd >= 0 && wanted != l->events)
            uv_poll_start(l->poll, l->events = wanted, on_line);
        if (n->busy)
            semo_monitored_check(n);
    }
}
