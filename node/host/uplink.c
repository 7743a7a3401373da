/* SPDX-License-Identifier: Apache-2.0 */
/* Events that leave this semo-node: to another one, over a TCP connection that is made anew when it
 * breaks, or to a stranger who asked for them. What does not fit in a queue is dropped and counted,
 * so that nobody waits for a slow or dead peer. */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "host/socket.h"
#include "lib/bytes/cursor.h"
#include "node/host/daemon.h"

#define BACKLOG     65536
#define FULL_ENOUGH 8192 /* bytes on their way to the kernel; the rest stays in the queue */
#define WAIT_MIN_MS 20
#define WAIT_MAX_MS 5000

static void start(struct semo_uplink *u);

static void on_retry(uv_timer_t *timer)
{
    start(timer->data);
}

static void wait_and_retry(struct semo_uplink *u)
{
    if (!u->port)
        return;
    uv_timer_start(&u->retry, on_retry, u->wait_ms, 0);
    u->wait_ms = 2 * u->wait_ms < WAIT_MAX_MS ? 2 * u->wait_ms : WAIT_MAX_MS;
}

/* ---- the connection ---- */

static void pump(struct semo_uplink *u)
{
    while (u->connected && u->count && u->peer->out_len < FULL_ENOUGH) {
        struct semo_packet *packet = u->queue[u->first];
        u->first = (u->first + 1) % SEMO_UPLINK_QUEUE;
        u->count--;
        if (semo_peer_offer(u->peer, packet->bytes, packet->len))
            u->sent++;
        else
            u->dropped++;
        semo_packet_drop(packet);
    }
}

static void on_drained(struct semo_peer *p)
{
    struct semo_uplink *u = p->owner;
    if (u->peer != p)
        return;
    u->connected = true;
    u->wait_ms = WAIT_MIN_MS;
    pump(u);
}

static void on_message(struct semo_peer *p, const uint8_t *bytes, unsigned len)
{
    (void)p, (void)bytes, (void)len; /* events have no answers */
}

static void on_gone(struct semo_peer *p)
{
    struct semo_uplink *u = p->owner;
    if (u->peer != p)
        return;
    u->peer = NULL;
    u->connected = false;
    wait_and_retry(u);
}

static const struct semo_peer_kind kind = {.head_len = 2,
                                           .max = SEMO_ADMIN_FRAME_MAX,
                                           .backlog = BACKLOG,
                                           .message = on_message,
                                           .gone = on_gone,
                                           .drained = on_drained};

static int connect_to(const struct semo_uplink *u)
{
    const int yes = 1;
    struct semo_address a;
    if (!semo_address_parse(u->host, u->port, &a))
        return -1;
    int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(fd, &a.any, a.len) == 0 || errno == EINPROGRESS)
        return fd;
    close(fd);
    return -1;
}

static void start(struct semo_uplink *u)
{
    int fd = connect_to(u);
    u->peer = fd < 0 ? NULL : semo_peer_connecting(u->daemon, fd, &kind);
    if (u->peer)
        u->peer->owner = u;
    else
        wait_and_retry(u);
}

/* ---- who goes where ---- */

static void end(struct semo_uplink *u)
{
    struct semo_peer *p = u->peer;
    u->port = 0;
    u->peer = NULL;
    u->connected = false;
    uv_timer_stop(&u->retry);
    if (p)
        semo_peer_end(p);
    for (; u->count; u->count--, u->first = (u->first + 1) % SEMO_UPLINK_QUEUE)
        semo_packet_drop(u->queue[u->first]);
}

static void release(struct semo_daemon *d, unsigned connection)
{
    struct semo_away *a = &d->away[connection];
    struct semo_uplink *u = a->uplink ? &d->uplinks[a->uplink - 1] : NULL;
    if (u && --u->references == 0)
        end(u);
    *a = (struct semo_away){0};
}

static void begin(struct semo_daemon *d, struct semo_uplink *u, const char *host, unsigned port)
{
    if (!u->daemon)
        uv_timer_init(&d->loop, &u->retry);
    *u = (struct semo_uplink){.daemon = d, .port = port, .retry = u->retry, .wait_ms = WAIT_MIN_MS};
    strcpy(u->host, host);
    u->retry.data = u;
    start(u);
}

/* With one reference more; NULL: too many. */
static struct semo_uplink *find(struct semo_daemon *d, const char *host, unsigned port)
{
    struct semo_uplink *free_place = NULL;
    for (struct semo_uplink *u = d->uplinks; u < d->uplinks + SEMO_UPLINKS_MAX; u++)
        if (u->port == port && strcmp(u->host, host) == 0) {
            u->references++;
            return u;
        } else if (!u->port && !free_place) {
            free_place = u;
        }
    if (free_place) {
        begin(d, free_place, host, port);
        free_place->references = 1;
    }
    return free_place;
}

enum semo_status semo_uplink_route(struct semo_daemon *d, unsigned connection, const char *host,
                                   unsigned port, uint32_t stranger)
{
    struct semo_address ignored;
    struct semo_away new = {0};
    uint8_t *route = &d->world.route[connection];
    if (strlen(host) >= sizeof d->uplinks[0].host ||
        (*host && port && !semo_address_parse(host, port, &ignored)))
        return SEMO_INPUT;
    if (*host && port) {
        struct semo_uplink *u = find(d, host, port);
        if (!u)
            return SEMO_FULL;
        new.uplink = (uint8_t)(u - d->uplinks + 1);
    } else if (*host) {
        new.stranger = stranger;
    }
    release(d, connection);
    d->away[connection] = new;
    if (*host)
        *route = SEMO_ROUTE_AWAY;
    else if (*route == SEMO_ROUTE_AWAY)
        *route = SEMO_CONTROL_FORGET;
    return SEMO_OK;
}

/* ---- events ---- */

static void to_uplink(struct semo_uplink *u, struct semo_packet *packet)
{
    if (u->count == SEMO_UPLINK_QUEUE) {
        u->dropped++;
        return;
    }
    u->queue[(u->first + u->count++) % SEMO_UPLINK_QUEUE] = semo_packet_share(packet);
    pump(u);
}

static void to_stranger(struct semo_daemon *d, uint32_t id, const struct semo_packet *packet)
{
    struct semo_peer *p = semo_peer_find(d, id);
    if (!p || !semo_peer_offer(p, packet->bytes, packet->len))
        d->away_dropped++;
}

/* A remote node of the configuration: its first event makes the connection. */
static struct semo_uplink *of_node(struct semo_daemon *d, unsigned node)
{
    const struct semo_node_config *c = &d->config.nodes[node];
    if (!d->remotes[node])
        d->remotes[node] = find(d, c->host, (unsigned)c->port);
    return d->remotes[node];
}

void semo_uplink_event(struct semo_daemon *d, const struct semo_item *item)
{
    struct semo_cursor c = semo_cursor_from(item->packet->bytes + 1, 2);
    const struct semo_away *a = &d->away[semo_cursor_u16(&c)];
    bool remote = item->to < d->world.count && d->config.nodes[item->to].type == SEMO_TYPE_REMOTE;
    if (!remote && item->to != SEMO_ROUTE_AWAY)
        return;
    struct semo_uplink *u = remote      ? of_node(d, item->to)
                            : a->uplink ? &d->uplinks[a->uplink - 1]
                                        : NULL;
    if (u)
        to_uplink(u, item->packet);
    else
        to_stranger(d, a->stranger, item->packet);
}

void semo_uplinks_close(struct semo_daemon *d)
{
    for (unsigned i = 0; i < SEMO_UPLINKS_MAX; i++)
        if (d->uplinks[i].port)
            end(&d->uplinks[i]);
}
