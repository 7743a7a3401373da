/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/bytes/cursor.h"
#include "node/host/daemon.h"

#define EAGER 16384 /* written at once, not when the loop comes by */

void semo_peer_end(struct semo_peer *p)
{
    if (p->dead)
        return;
    p->dead = true;
    uv_poll_stop(&p->poll);
    p->kind->gone(p);
}

static bool is_congested(const struct semo_peer *p)
{
    return p->out_len > p->kind->backlog;
}

static void on_ready(uv_poll_t *poll, int status, int events);

static void watch(struct semo_peer *p)
{
    int events = (is_congested(p) ? 0 : UV_READABLE) | (p->out_len ? UV_WRITABLE : 0);
    if (p->dead || events == p->events)
        return;
    p->events = events;
    uv_poll_start(&p->poll, events, on_ready);
}

/* ---- in ---- */

/* 0: not whole yet. */
static unsigned first_message(struct semo_peer *p, const uint8_t *at, unsigned left)
{
    if (left < p->kind->head_len)
        return 0;
    struct semo_cursor c = semo_cursor_from(at, left);
    uint32_t len = p->kind->head_len == 2 ? semo_cursor_u16(&c) : semo_cursor_u32(&c);
    if (len == 0 || len > p->kind->max) {
        semo_peer_end(p);
        return 0;
    }
    return c.left >= len ? p->kind->head_len + len : 0;
}

static void take_messages(struct semo_peer *p)
{
    unsigned at = 0, len;
    while (!p->dead && !is_congested(p) &&
           (len = first_message(p, p->in + at, p->in_len - at)) != 0) {
        p->kind->message(p, p->in + at + p->kind->head_len, len - p->kind->head_len);
        at += len;
    }
    p->in_len -= at;
    memmove(p->in, p->in + at, p->in_len);
}

static void on_readable(struct semo_peer *p)
{
    unsigned room = p->kind->head_len + p->kind->max - p->in_len;
    if (!room)
        return;
    ssize_t n = recv(p->fd, p->in + p->in_len, room, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        semo_peer_end(p);
        return;
    }
    p->in_len += (unsigned)n;
    take_messages(p);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct semo_peer *p = poll->data;
    if (status < 0) {
        semo_peer_end(p);
        return;
    }
    if (events & UV_WRITABLE)
        semo_peer_flush(p);
    if (!p->dead && events & UV_READABLE)
        on_readable(p);
    else if (!p->dead && p->in_len)
        take_messages(p); /* what had to wait for room */
    watch(p);
}

/* ---- out ---- */

void semo_peer_flush(struct semo_peer *p)
{
    while (!p->dead && p->out_len) {
        ssize_t n = send(p->fd, p->out + p->out_start, p->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0) {
            semo_peer_end(p);
            return;
        }
        p->out_start += (unsigned)n;
        p->out_len -= (unsigned)n;
    }
    if (!p->out_len)
        p->out_start = 0;
    watch(p);
}

static void make_room(struct semo_peer *p, unsigned len)
{
    if (p->out_start + p->out_len + len <= p->out_room)
        return;
    if (p->out_len)
        memmove(p->out, p->out + p->out_start, p->out_len);
    p->out_start = 0;
    while (p->out_len + len > p->out_room)
        p->out_room = p->out_room ? 2 * p->out_room : 4096;
    p->out = realloc(p->out, p->out_room);
    if (!p->out)
        abort();
}

void semo_peer_put(struct semo_peer *p, const void *bytes, unsigned len)
{
    if (p->dead)
        return;
    if (!p->patient && p->out_len + len > p->kind->backlog) {
        semo_peer_end(p);
        return;
    }
    make_room(p, len);
    memcpy(p->out + p->out_start + p->out_len, bytes, len);
    p->out_len += len;
    if (p->out_len >= EAGER && !(p->events & UV_WRITABLE))
        semo_peer_flush(p);
}

/* ---- life ---- */

struct semo_peer *semo_peer_new(struct semo_daemon *d, int fd, const struct semo_peer_kind *kind)
{
    struct semo_peer *p = calloc(1, sizeof *p);
    if (!p || uv_poll_init(&d->loop, &p->poll, fd) != 0) {
        close(fd);
        free(p);
        return NULL;
    }
    *p = (struct semo_peer){.kind = kind, .daemon = d, .poll = p->poll, .fd = fd};
    p->poll.data = p;
    p->id = ++d->last_id;
    p->in = malloc(kind->head_len + kind->max);
    if (!p->in)
        abort();
    p->next = d->peers;
    d->peers = p;
    watch(p);
    return p;
}

static void on_closed(uv_handle_t *handle)
{
    struct semo_peer *p = handle->data;
    close(p->fd);
    free(p->in);
    free(p->out);
    free(p);
}

void semo_peers_reap(struct semo_daemon *d)
{
    for (struct semo_peer **at = &d->peers; *at;) {
        struct semo_peer *p = *at;
        if (!p->dead) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        uv_close((uv_handle_t *)&p->poll, on_closed);
    }
}

struct semo_peer *semo_peer_find(const struct semo_daemon *d, uint32_t id)
{
    for (struct semo_peer *p = d->peers; p; p = p->next)
        if (p->id == id && !p->dead)
            return p;
    return NULL;
}
