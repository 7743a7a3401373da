/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket (host/control.h): what clients may say, and what they are told. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "host/socket.h"
#include "lib/bytes/cursor.h"
#include "node/host/daemon.h"

#define BACKLOG (1 << 20)

/* ---- out ---- */

void semo_server_tell(struct semo_peer *p, unsigned type, const void *head, unsigned head_len,
                      const void *tail, unsigned tail_len)
{
    uint8_t start[5];
    struct semo_cursor w = semo_cursor_over(start, sizeof start);
    semo_cursor_put_u32(&w, 1 + head_len + tail_len);
    semo_cursor_put_u8(&w, (uint8_t)type);
    semo_peer_put(p, start, sizeof start);
    semo_peer_put(p, head, head_len);
    if (tail_len)
        semo_peer_put(p, tail, tail_len);
}

static void tell_timed(struct semo_peer *p, unsigned type, uint64_t time, unsigned node,
                       const void *tail, unsigned tail_len)
{
    uint8_t head[9];
    struct semo_cursor w = semo_cursor_over(head, sizeof head);
    semo_cursor_put_u64(&w, time);
    semo_cursor_put_u8(&w, (uint8_t)node);
    semo_server_tell(p, type, head, sizeof head, tail, tail_len);
}

static void tell_hop(struct semo_peer *p, const struct semo_item *item)
{
    const uint8_t tail[3] = {item->to, item->packet->bytes[1], item->packet->bytes[2]};
    tell_timed(p, SEMO_CONTROL_HOP, item->time, item->from, tail, sizeof tail);
}

static void see_frame(void *context, const struct semo_item *item)
{
    struct semo_daemon *d = context;
    const struct semo_packet *frame = item->packet;
    bool event = semo_frame_is_event(frame);
    semo_trace_frame(d, item);
    if (event && d->steering)
        tell_hop(d->steering, item);
    if (event)
        semo_uplink_event(d, item);
    if (item->to != SEMO_CONTROL_CLIENT)
        return;
    struct semo_peer *to = event ? d->steering : semo_peer_find(d, item->client);
    if (!to)
        return;
    if (to->kind->head_len == 2) /* a stranger */
        semo_bridge_answer(to, frame);
    else
        tell_timed(to, SEMO_CONTROL_FRAME, item->time, item->from, frame->bytes, frame->len);
    if (to == d->steering)
        d->frame_seen = true;
}

static void see_pin(void *context, const struct semo_item *item)
{
    struct semo_daemon *d = context;
    const uint8_t closed = item->closed;
    semo_trace_pin(d, item);
    if (d->steering)
        tell_timed(d->steering, SEMO_CONTROL_PIN, item->time, item->from, &closed, 1);
}

static void see_han(void *context, const struct semo_item *item)
{
    struct semo_daemon *d = context;
    semo_han_write(d, item->from, item->packet->bytes, item->packet->len);
    if (d->steering)
        tell_timed(d->steering, SEMO_CONTROL_HAN_BYTES, item->time, item->from, item->packet->bytes,
                   item->packet->len);
}

static void see_show(void *context, const struct semo_item *item)
{
    struct semo_daemon *d = context;
    semo_trace_show(d, item);
    if (d->steering)
        tell_timed(d->steering, SEMO_CONTROL_SHOW, item->time, item->from, item->packet->bytes,
                   item->packet->len);
}

static void see_print(void *context, const struct semo_item *item)
{
    struct semo_daemon *d = context;
    const struct semo_packet *text = item->packet;
    semo_note_print(d, item);
    if (d->steering)
        tell_timed(d->steering, SEMO_CONTROL_PRINT, item->time, item->from, text->bytes, text->len);
}

static void see_lost(void *context, uint64_t time, const struct semo_node *n, const char *reason)
{
    struct semo_daemon *d = context;
    fprintf(stderr, "semo-node: %s: %s\n", n->config->name, reason);
    semo_note(d, time, n, reason);
    if (d->steering)
        tell_timed(d->steering, SEMO_CONTROL_LOST, time, n->index, reason,
                   (unsigned)strlen(reason));
}

static void see_seal(void *context, uint64_t time, const struct semo_node *n, unsigned module,
                     const uint8_t *key, const uint8_t *ad, unsigned ad_len)
{
    semo_trace_seal(context, time, n->config->name, module, key, ad, ad_len);
}

const struct semo_onlooker semo_server_onlooker = {.frame = see_frame,
                                                   .pin = see_pin,
                                                   .han = see_han,
                                                   .show = see_show,
                                                   .print = see_print,
                                                   .lost = see_lost,
                                                   .seal = see_seal};

static void tell_text(struct semo_peer *p, const char *text)
{
    size_t len = strlen(text);
    if (len >= SEMO_CONTROL_MAX)
        len = SEMO_CONTROL_MAX - 1;
    semo_server_tell(p, SEMO_CONTROL_TEXT, "", 0, text, (unsigned)len);
}

/* ---- in: each returns NULL, or why it is refused ---- */

#define MALFORMED "the message has not the shape that its type demands"

struct request {
    struct semo_daemon *d;
    struct semo_peer *peer;
    struct semo_cursor c;
    struct semo_node *node; /* of those that begin with one */
};

static const char *do_send(struct request *r)
{
    if (r->peer != r->d->steering)
        semo_world_not_deterministic(&r->d->world, "a second client sent a frame");
    if (r->c.left == 0 || r->c.left > SEMO_FRAME_MAX)
        return MALFORMED;
    semo_router_from_client(r->node, r->peer->id, r->c.at, r->c.left);
    return NULL;
}

static const char *do_run(struct request *r)
{
    uint64_t until = semo_cursor_u64(&r->c);
    unsigned flags = semo_cursor_u8(&r->c);
    if (r->c.bad || r->c.left)
        return MALFORMED;
    semo_daemon_start(r->d, until, flags & SEMO_CONTROL_RUN_FRAME);
    return NULL;
}

static const char *do_speed(struct request *r)
{
    uint32_t factor = semo_cursor_u32(&r->c);
    if (r->c.bad || r->c.left)
        return MALFORMED;
    semo_daemon_speed(r->d, factor);
    return NULL;
}

static const char *do_route(struct request *r)
{
    unsigned connection = semo_cursor_u16(&r->c), node = semo_cursor_u8(&r->c);
    if (r->c.bad || r->c.left)
        return MALFORMED;
    if (node >= r->d->world.count && node != SEMO_CONTROL_CLIENT && node != SEMO_CONTROL_FORGET)
        return "no such node";
    r->d->world.route[connection] = (uint8_t)node;
    return NULL;
}

static const char *do_press(struct request *r)
{
    unsigned button = semo_cursor_u8(&r->c), down = semo_cursor_u8(&r->c);
    uint64_t at = semo_cursor_u64(&r->c);
    if (r->c.bad || r->c.left || down > 1)
        return MALFORMED;
    if (button >= SEMO_BUTTONS_COUNT)
        return "no such button";
    return semo_mcu_press(r->node, button, down, at) ? NULL : "too many presses wait";
}

static const char *do_clock(struct request *r)
{
    struct semo_world *w = &r->d->world;
    uint32_t utc = semo_cursor_u32(&r->c);
    if (r->c.bad || r->c.left)
        return MALFORMED;
    for (unsigned i = 0; i < w->count; i++)
        if (w->nodes[i].config->type == SEMO_TYPE_MCU && !w->nodes[i].lost)
            semo_mcu_clock(&w->nodes[i], utc);
    return NULL;
}

static const char *do_supply(struct request *r)
{
    struct semo_supply s;
    uint64_t at = semo_cursor_u64(&r->c);
    s.power_w = semo_cursor_u32(&r->c);
    s.reactive_var = (int16_t)semo_cursor_u16(&r->c);
    s.voltage_10mv = semo_cursor_u16(&r->c);
    s.current_10ma = semo_cursor_u16(&r->c);
    s.frequency_10mhz = semo_cursor_u16(&r->c);
    if (r->c.bad || r->c.left)
        return MALFORMED;
    return semo_mcu_supply(r->node, &s, at) ? NULL : "too many supply changes wait";
}

static const char *do_wire(struct request *r)
{
    struct semo_world *w = &r->d->world;
    unsigned to = semo_cursor_u8(&r->c);
    if (r->c.bad || r->c.left)
        return MALFORMED;
    if (to >= w->count || w->nodes[to].config->type != SEMO_TYPE_MCU)
        return "no such emulated node";
    semo_world_wire(w, r->node, &w->nodes[to]);
    return NULL;
}

/* The rest of the message as a path. */
static const char *take_path(struct request *r, char *path, size_t room)
{
    if (r->c.left >= room || memchr(r->c.at, 0, r->c.left))
        return MALFORMED;
    memcpy(path, r->c.at, r->c.left);
    path[r->c.left] = 0;
    return NULL;
}

static const char *do_manager(struct request *r)
{
    char path[1024];
    const char *why = take_path(r, path, sizeof path);
    if (why)
        return why;
    if (r->node->class->manager(r->node, path, &why) != SEMO_OK)
        return why;
    semo_note(r->d, r->d->world.now, r->node,
              path[0] ? "another event manager" : "its own event manager");
    return NULL;
}

static const char *do_stick(struct request *r)
{
    unsigned stuck = semo_cursor_u8(&r->c);
    if (r->c.bad || r->c.left || stuck > 1)
        return MALFORMED;
    semo_mcu_stick(r->node, stuck);
    return NULL;
}

static const char *do_reset(struct request *r)
{
    unsigned kind = semo_cursor_u8(&r->c);
    if (r->c.bad || r->c.left || kind > 1)
        return MALFORMED;
    r->node->class->reset(r->node, kind);
    semo_note(r->d, r->d->world.now, r->node, kind ? "reset" : "power cycle");
    return NULL;
}

static const char *do_status(struct request *r)
{
    if (r->c.left)
        return MALFORMED;
    char *text = semo_status_json(r->d);
    if (!text)
        return "no memory";
    tell_text(r->peer, text);
    free(text);
    return NULL;
}

static const char *do_quit(struct request *r)
{
    if (r->c.left)
        return MALFORMED;
    r->d->quit = true;
    return NULL;
}

static const char *do_han(struct request *r)
{
    char path[108];
    const char *offered = NULL;
    unsigned kind = semo_cursor_u8(&r->c);
    const char *why = r->c.bad || kind > 1 ? MALFORMED : take_path(r, path, sizeof path);
    if (why)
        return why;
    enum semo_status status = semo_han_offer(r->d, r->node->index, kind == 1, path, &offered);
    if (status != SEMO_OK)
        return status == SEMO_BUSY ? "this port is offered already" : "cannot offer it there";
    tell_text(r->peer, offered);
    return NULL;
}

static const char *do_timer(struct request *r)
{
    struct semo_timer t;
    t.module = semo_cursor_u16(&r->c);
    t.entry = semo_cursor_u16(&r->c);
    t.period_ms = semo_cursor_u32(&r->c);
    if (r->c.bad || r->c.left)
        return MALFORMED;
    return semo_timer_set(r->node, &t) ? NULL : "too many timers; at most 4096";
}

enum demand {
    STRANGER = 1, /* other clients may, too */
    NODE = 2,     /* begins with a node */
    MCU = 4,      /* which must be an emulated one */
    KEEPS_ON = 8  /* does not end a RUN */
};

static const struct {
    const char *(*act)(struct request *r);
    unsigned demands;
} table[] = {
    [SEMO_CONTROL_SEND] = {do_send, STRANGER | NODE},
    [SEMO_CONTROL_RUN] = {do_run, 0},
    [SEMO_CONTROL_SPEED] = {do_speed, KEEPS_ON},
    [SEMO_CONTROL_ROUTE] = {do_route, 0},
    [SEMO_CONTROL_CLOCK] = {do_clock, 0},
    [SEMO_CONTROL_SUPPLY] = {do_supply, NODE | MCU},
    [SEMO_CONTROL_WIRE] = {do_wire, NODE | MCU},
    [SEMO_CONTROL_MANAGER] = {do_manager, NODE},
    [SEMO_CONTROL_STICK] = {do_stick, NODE | MCU},
    [SEMO_CONTROL_RESET] = {do_reset, NODE},
    [SEMO_CONTROL_STATUS] = {do_status, STRANGER | KEEPS_ON},
    [SEMO_CONTROL_QUIT] = {do_quit, 0},
    [SEMO_CONTROL_HAN] = {do_han, NODE | MCU},
    [SEMO_CONTROL_PRESS] = {do_press, NODE | MCU},
    [SEMO_CONTROL_TIMER] = {do_timer, NODE},
};

static const char *check(struct request *r, unsigned type)
{
    struct semo_world *w = &r->d->world;
    if (type >= sizeof table / sizeof *table || !table[type].act)
        return "no such message";
    unsigned demands = table[type].demands;
    if (r->peer != r->d->steering && !(demands & STRANGER))
        return "only the steering client may";
    if (!(demands & NODE))
        return NULL;
    unsigned node = semo_cursor_u8(&r->c);
    if (r->c.bad)
        return MALFORMED;
    if (node >= w->count)
        return "no such node";
    r->node = &w->nodes[node];
    if (r->node->config->type == SEMO_TYPE_REMOTE)
        return "this node runs elsewhere";
    if (!(demands & MCU))
        return NULL;
    return r->node->config->type != SEMO_TYPE_MCU ? "no such emulated node" : NULL;
}

static void on_message(struct semo_peer *p, const uint8_t *bytes, unsigned len)
{
    struct semo_daemon *d = p->daemon;
    struct request r = {.d = d, .peer = p, .c = semo_cursor_from(bytes, len)};
    unsigned type = semo_cursor_u8(&r.c);
    const char *why = check(&r, type);
    semo_daemon_reach_present(d);
    if (!why && p == d->steering && d->running && !(table[type].demands & KEEPS_ON)) {
        semo_world_not_deterministic(&d->world, "the steering client interrupted a run");
        semo_daemon_stop(d, SEMO_CONTROL_INTERRUPTED);
    }
    if (!why)
        why = table[type].act(&r);
    if (!why)
        return;
    const uint8_t head = (uint8_t)type;
    d->refused++;
    semo_server_tell(p, SEMO_CONTROL_REFUSED, &head, 1, why, (unsigned)strlen(why));
}

/* ---- life ---- */

static void on_gone(struct semo_peer *p)
{
    struct semo_daemon *d = p->daemon;
    d->clients--;
    if (p == d->steering) {
        d->steering = NULL;
        d->running = false;
    }
}

static const struct semo_peer_kind kind = {.head_len = 4,
                                           .max = SEMO_CONTROL_MAX,
                                           .backlog = BACKLOG,
                                           .message = on_message,
                                           .gone = on_gone};

/* It may have left before it connected again, and the loop may learn that in the other order. */
static void let_go_who_left(struct semo_daemon *d)
{
    char byte;
    if (d->steering && recv(d->steering->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        semo_peer_end(d->steering);
}

static void on_client(uv_poll_t *poll, int status, int events)
{
    struct semo_daemon *d = ((struct semo_listener *)poll->data)->daemon;
    (void)events;
    int fd = status < 0 ? -1 : accept4(d->control.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    let_go_who_left(d);
    if (d->clients == SEMO_CLIENTS_MAX) {
        close(fd);
        return;
    }
    struct semo_peer *p = semo_peer_new(d, fd, &kind);
    if (!p)
        return;
    d->clients++;
    if (!d->steering) {
        d->steering = p;
        p->patient = !d->config.realtime; /* time does not wait for who does not read */
    }
}

/* A socket left by a run that was killed is in nobody's way: the chips' locks say who runs. */
static int listen_at(const char *path)
{
    unlink(path);
    return semo_socket_listen(path, SEMO_CLIENTS_MAX);
}

enum semo_status semo_server_open(struct semo_daemon *d, struct semo_error *e)
{
    const char *path = d->config.socket;
    struct semo_listener *l = &d->control;
    l->daemon = d;
    l->fd = listen_at(path);
    if (l->fd < 0 || uv_poll_init(&d->loop, &l->poll, l->fd) != 0)
        return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, path, 0, 0,
                              "cannot listen there: %s", strerror(errno));
    l->poll.data = l;
    uv_poll_start(&l->poll, UV_READABLE, on_client);
    return SEMO_OK;
}

void semo_server_close(struct semo_daemon *d)
{
    if (d->control.fd < 0)
        return;
    close(d->control.fd);
    unlink(d->config.socket);
}
