/* SPDX-License-Identifier: Apache-2.0 */
/* What a stranger who comes by TCP may make a node do: what is sealed or harmless. All that changes
 * the node needs its admin key. */
#include <openssl/crypto.h>
#include <string.h>
#include "host/random.h"
#include "lib/bytes/cursor.h"
#include "node/host/daemon.h"

#define REQUEST_HEAD 3

static void answer(struct semo_peer *p, unsigned type, unsigned tag, enum semo_status status,
                   const void *body, unsigned len)
{
    uint8_t frame[2 + SEMO_FRAME_MAX];
    struct semo_cursor w = semo_cursor_over(frame, sizeof frame);
    semo_cursor_put_u16(&w, (uint16_t)(REQUEST_HEAD + 1 + len));
    semo_cursor_put_u8(&w, (uint8_t)(type | SEMO_FRAME_ANSWER));
    semo_cursor_put_u16(&w, (uint16_t)tag);
    semo_cursor_put_u8(&w, (uint8_t)status);
    semo_cursor_put(&w, body, len);
    semo_peer_put(p, frame, (unsigned)(w.at - frame));
}

/* ---- what is for the coordinator ---- */

struct request {
    struct semo_peer *peer;
    struct semo_node *node;
    const uint8_t *frame; /* whole */
    unsigned len;
    unsigned vendor;
    struct semo_cursor body;
};

/* Further vendors only ask, so one is enough to remember. */
static bool admin_key(struct semo_node *n, unsigned vendor, uint8_t key[SEMO_KEY_LEN])
{
    if (!n->admin_known || n->admin_vendor != vendor) {
        n->admin_known = n->class->admin(n, (uint16_t)vendor, n->admin_key) == SEMO_OK;
        n->admin_vendor = vendor;
    }
    memcpy(key, n->admin_key, SEMO_KEY_LEN);
    return n->admin_known;
}

static void forward(const struct request *r)
{
    struct semo_world *w = &r->peer->daemon->world;
    semo_daemon_reach_present(r->peer->daemon);
    semo_world_not_deterministic(w, "a frame came by TCP");
    semo_router_from_client(r->node, r->peer->id, r->frame, r->len);
}

static enum semo_status do_timer(struct request *r)
{
    struct semo_timer t;
    t.module = semo_cursor_u16(&r->body);
    t.entry = semo_cursor_u16(&r->body);
    t.period_ms = semo_cursor_u32(&r->body);
    if (r->body.bad || r->body.left)
        return SEMO_MALFORMED;
    return semo_timer_set(r->node, &t) ? SEMO_OK : SEMO_FULL;
}

static enum semo_status do_peer(struct request *r)
{
    char host[46];
    unsigned connection = semo_cursor_u16(&r->body), port = semo_cursor_u16(&r->body);
    if (r->body.bad || r->body.left >= sizeof host || memchr(r->body.at, 0, r->body.left))
        return SEMO_MALFORMED;
    memcpy(host, r->body.at, r->body.left);
    host[r->body.left] = 0;
    return semo_uplink_route(r->peer->daemon, connection, host, port, r->peer->id);
}

/* Of whichever owner: who connects must take other numbers. */
static void answer_taken(struct request *r, unsigned tag)
{
    uint8_t body[SEMO_FRAME_MAX - REQUEST_HEAD - 1];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    const uint8_t *route = r->node->world->route;
    unsigned from = semo_cursor_u16(&r->body);
    bool bad = r->body.bad || r->body.left;
    semo_cursor_put_u32(&w, r->node->world->life);
    for (unsigned c = from, first = c; !bad && c <= 65536 && w.left >= 4; c++) {
        if (c < 65536 && route[c] != SEMO_CONTROL_FORGET)
            continue;
        if (first < c) {
            semo_cursor_put_u16(&w, (uint16_t)first);
            semo_cursor_put_u16(&w, (uint16_t)(c - 1));
        }
        first = c + 1;
    }
    answer(r->peer, SEMO_FRAME_TAKEN, tag, bad ? SEMO_MALFORMED : SEMO_OK, body,
           (unsigned)(w.at - body));
}

/* The network learns it, too: what other nodes here send on this connection is for this node. */
static void learn_route(const struct request *r)
{
    struct semo_cursor body = r->body;
    unsigned connection = semo_cursor_u16(&body), module = semo_cursor_u16(&body);
    uint8_t *route = &r->node->world->route[connection];
    if (body.bad || body.left)
        return;
    if (module)
        *route = (uint8_t)r->node->index;
    else if (*route == r->node->index)
        *route = SEMO_CONTROL_FORGET;
}

/* The vendor's own modules only: whoever loads for another could not attest them anyway. */
static bool is_of_other_vendor(const struct request *r)
{
    struct semo_cursor body = r->body;
    return r->frame[0] == SEMO_FRAME_ENABLE && semo_cursor_u16(&body) != r->vendor;
}

/* A process cannot reset its node; the chip of a microcontroller does it. */
static bool is_for_monitor(const struct request *r)
{
    return r->frame[0] == SEMO_FRAME_RESET && r->node->config->type == SEMO_TYPE_LINUX;
}

static void act(struct request *r)
{
    struct semo_daemon *d = r->peer->daemon;
    unsigned type = r->frame[0], tag = r->frame[1] | (unsigned)r->frame[2] << 8;
    if (type == SEMO_FRAME_ADMIN || type == SEMO_FRAME_CHALLENGE || is_of_other_vendor(r)) {
        r->node->refused++;
        answer(r->peer, type, tag, SEMO_REFUSED, "", 0);
        return;
    }
    if (type == SEMO_FRAME_TAKEN) {
        answer_taken(r, tag);
        return;
    }
    semo_daemon_reach_present(d);
    semo_world_not_deterministic(&d->world, "a frame came by TCP");
    if (type == SEMO_FRAME_TIMER || type == SEMO_FRAME_PEER) {
        answer(r->peer, type, tag, type == SEMO_FRAME_TIMER ? do_timer(r) : do_peer(r), "", 0);
        return;
    }
    if (is_for_monitor(r)) {
        r->node->class->reset(r->node, 1);
        return;
    }
    if (type == SEMO_FRAME_ROUTE)
        learn_route(r);
    forward(r);
}

/* ---- the door ---- */

static void refuse(const struct request *r)
{
    r->node->refused++;
    if (r->len >= REQUEST_HEAD && r->frame[0] < SEMO_FRAME_EVENT)
        answer(r->peer, r->frame[0], r->frame[1] | (unsigned)r->frame[2] << 8, SEMO_REFUSED, "", 0);
}

static void challenge(const struct request *r)
{
    struct semo_peer *p = r->peer;
    if (r->len != REQUEST_HEAD) {
        refuse(r);
        return;
    }
    if (!p->challenged)
        semo_random_fill_unseeded(p->admin.challenge, sizeof p->admin.challenge);
    p->challenged = true;
    answer(p, SEMO_FRAME_CHALLENGE, r->frame[1] | (unsigned)r->frame[2] << 8, SEMO_OK,
           p->admin.challenge, sizeof p->admin.challenge);
}

static void administrate(struct request *r)
{
    struct semo_admin_frame f;
    uint8_t key[SEMO_KEY_LEN];
    if (!r->peer->challenged || semo_admin_parse(r->frame, r->len, &f) != SEMO_OK ||
        !admin_key(r->node, f.vendor, key) ||
        semo_admin_accept(&r->peer->admin, key, &f) != SEMO_OK) {
        OPENSSL_cleanse(key, sizeof key);
        refuse(r);
        return;
    }
    OPENSSL_cleanse(key, sizeof key);
    r->frame = f.inner;
    r->len = f.inner_len;
    r->vendor = f.vendor;
    r->body = semo_cursor_from(f.inner + REQUEST_HEAD, f.inner_len - REQUEST_HEAD);
    act(r);
}

void semo_admin_take(struct semo_peer *p, const uint8_t *frame, unsigned len)
{
    struct request r = {
        .peer = p, .node = &p->daemon->world.nodes[p->node], .frame = frame, .len = len};
    if (frame[0] == SEMO_FRAME_CHALLENGE)
        challenge(&r);
    else if (frame[0] == SEMO_FRAME_ADMIN)
        administrate(&r);
    else if (semo_admin_is_needed(frame, len))
        refuse(&r);
    else if (len > SEMO_FRAME_MAX)
        r.node->malformed++;
    else
        forward(&r);
}
