/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "host/file.h"
#include "lib/bytes/cursor.h"
#include "node/host/daemon.h"

#define EAGER   16384 /* written at once, not when the loop comes by */
#define AHEAD   8192  /* read at a time, where messages are shorter */
#define AT_ONCE 64    /* messages of one peer before another's turn */

void semo_peer_end(struct semo_peer *p)
{
    if (p->dead)
        return;
    p->dead = true;
    p->daemon->any_dead = true;
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
    int events = (is_congested(p) || p->held ? 0 : UV_READABLE) |
                 (p->out_len || p->connecting ? UV_WRITABLE : 0);
    if (p->dead || events == p->events)
        return;
    p->events = events;
    if (events)
        uv_poll_start(&p->poll, events, on_ready);
    else
        uv_poll_stop(&p->poll);
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

/* False: there was nothing that might be taken. */
static bool take_messages(struct semo_peer *p)
{
    unsigned at = 0, len, done = 0;
    p->held = false;
    while (!p->dead && !is_congested(p) &&
           (len = first_message(p, p->in + at, p->in_len - at)) != 0) {
        p->held = p->kind->is_held && (p->kind->is_held(p) || done == AT_ONCE);
        if (p->held)
            break;
        p->kind->message(p, p->in + at + p->kind->head_len, len - p->kind->head_len);
        at += len;
        done++;
    }
    p->daemon->any_held |= p->held;
    p->in_len -= at;
    memmove(p->in, p->in + at, p->in_len);
    return done > 0;
}

static void on_readable(struct semo_peer *p)
{
    unsigned room = p->in_room - p->in_len;
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
    if (events & UV_WRITABLE) {
        p->connecting = false;
        semo_peer_flush(p);
    }
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
    if (p->kind->drained && !p->dead && p->out_len < EAGER / 2)
        p->kind->drained(p);
}

void semo_peers_flush(struct semo_daemon *d)
{
    while (d->unsent) {
        struct semo_peer *p = d->unsent;
        d->unsent = p->next_unsent;
        p->unsent = false;
        if (!(p->events & UV_WRITABLE))
            semo_peer_flush(p);
    }
}

bool semo_peers_resume(struct semo_daemon *d)
{
    bool any = false;
    if (!d->any_held)
        return false;
    d->any_held = false;
    for (struct semo_peer *p = d->peers; p; p = p->next)
        if (p->held && !p->dead) {
            any |= take_messages(p);
            watch(p);
        }
    return any;
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
    if (!p->unsent) {
        p->unsent = true;
        p->next_unsent = p->daemon->unsent;
        p->daemon->unsent = p;
    }
    if (p->out_len >= EAGER && !(p->events & UV_WRITABLE))
        semo_peer_flush(p);
}

bool semo_peer_offer(struct semo_peer *p, const uint8_t *frame, unsigned len)
{
    const uint8_t head[2] = {(uint8_t)len, (uint8_t)(len >> 8)};
    if (p->dead || p->out_len + sizeof head + len > p->kind->backlog)
        return false;
    semo_peer_put(p, head, sizeof head);
    semo_peer_put(p, frame, len);
    return true;
}

/* ---- life ---- */

static struct semo_peer **same_id(struct semo_daemon *d, uint32_t id)
{
    return &d->by_id[id % SEMO_PEER_LISTS];
}

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
    p->in_room = kind->head_len + kind->max > AHEAD ? kind->head_len + kind->max : AHEAD;
    p->in = semo_allocate(1, p->in_room);
    p->next = d->peers;
    d->peers = p;
    p->next_of_id = *same_id(d, p->id);
    *same_id(d, p->id) = p;
    watch(p);
    return p;
}

struct semo_peer *semo_peer_connecting(struct semo_daemon *d, int fd,
                                       const struct semo_peer_kind *kind)
{
    struct semo_peer *p = semo_peer_new(d, fd, kind);
    if (p) {
        p->connecting = true;
        watch(p);
    }
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

static void forget_id(struct semo_daemon *d, struct semo_peer *p)
{
    struct semo_peer **at = same_id(d, p->id);
    while (*at != p)
        at = &(*at)->next_of_id;
    *at = p->next_of_id;
}

void semo_peers_reap(struct semo_daemon *d)
{
    semo_peers_flush(d); /* so that none of them waits there */
    if (!d->any_dead)
        return;
    d->any_dead = false;
    for (struct semo_peer **at = &d->peers; *at;) {
        struct semo_peer *p = *at;
        if (!p->dead) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        forget_id(d, p);
        uv_close((uv_handle_t *)&p->poll, on_closed);
    }
}

struct semo_peer *semo_peer_find(const struct semo_daemon *d, uint32_t id)
{
    for (struct semo_peer *p = d->by_id[id % SEMO_PEER_LISTS]; p; p = p->next_of_id)
        if (p->id == id && !p->dead)
            return p;
    return NULL;
}
