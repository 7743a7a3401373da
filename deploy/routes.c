/* SPDX-License-Identifier: Apache-2.0 */
/* What coordinators of nodes have to know, those here and those elsewhere: where the events of a
 * connection go, and what to call periodically. */
#include <string.h>
#include "deploy/link.h"
#include "lib/bytes/cursor.h"

#define TO_US    "-"
#define PIN      1 /* kind of a reset */
#define BODY_MAX (4 + SEMO_REMOTE_ADDRESS_LEN)

static bool is_remote(const struct semo_link *l, unsigned node)
{
    return node < SEMO_NODES_MAX && l->remotes[node];
}

static enum semo_status fail_gone(struct semo_error *e)
{
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, "semo-node", 0, 0, "gone");
}

/* Where a node elsewhere reaches `to`. */
static enum semo_status find_way(struct semo_link *l, struct semo_remote *from, unsigned to,
                                 char host[SEMO_REMOTE_ADDRESS_LEN], unsigned *port,
                                 struct semo_error *e)
{
    *port = 0;
    strcpy(host, to == SEMO_CONTROL_CLIENT ? TO_US : "");
    if (to >= SEMO_NODES_MAX)
        return SEMO_OK;
    *port = is_remote(l, to) ? semo_remote_port(l->remotes[to]) : l->port_at[to];
    if (!*port)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_FAILED, semo_remote_name(from), 0, 0,
                              "has events for a node that cannot be reached by TCP; start those "
                              "here with semo up --tcp");
    return is_remote(l, to) ? semo_remote_address(l->remotes[to], false, host, e)
                            : semo_remote_address(from, true, host, e);
}

static enum semo_status tell_remote(struct semo_link *l, unsigned from, unsigned connection,
                                    unsigned to, struct semo_error *e)
{
    char host[SEMO_REMOTE_ADDRESS_LEN];
    uint8_t body[BODY_MAX];
    unsigned port;
    enum semo_status status = find_way(l, l->remotes[from], to, host, &port, e);
    if (status != SEMO_OK)
        return status;
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, (uint16_t)connection);
    semo_cursor_put_u16(&w, (uint16_t)port);
    semo_cursor_put(&w, host, (unsigned)strlen(host));
    return semo_link_request(l, from, semo_remote_name(l->remotes[from]), SEMO_FRAME_PEER, body,
                             (unsigned)(w.at - body), NULL, e);
}

enum semo_status semo_link_route(struct semo_link *l, unsigned connection, unsigned node,
                                 struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    if (l->client && semo_control_route(l->client, connection, semo_link_node(l, node)) != SEMO_OK)
        return fail_gone(e);
    for (unsigned from = 0; from < SEMO_NODES_MAX && status == SEMO_OK; from++)
        if (l->remotes[from] && from != node)
            status = tell_remote(l, from, connection, node, e);
    return status;
}

enum semo_status semo_link_expect(struct semo_link *l, unsigned node, unsigned connection,
                                  struct semo_error *e)
{
    return is_remote(l, node) ? tell_remote(l, node, connection, SEMO_CONTROL_CLIENT, e) : SEMO_OK;
}

enum semo_status semo_link_timer(struct semo_link *l, unsigned node, const char *who,
                                 unsigned module, unsigned entry, uint32_t period_ms,
                                 struct semo_error *e)
{
    uint8_t body[8];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    if (!is_remote(l, node))
        return l->client && semo_control_timer(l->client, semo_link_node(l, node), module, entry,
                                               period_ms) == SEMO_OK
                   ? SEMO_OK
                   : fail_gone(e);
    semo_cursor_put_u16(&w, (uint16_t)module);
    semo_cursor_put_u16(&w, (uint16_t)entry);
    semo_cursor_put_u32(&w, period_ms);
    return semo_link_request(l, node, who, SEMO_FRAME_TIMER, body, sizeof body, NULL, e);
}

enum semo_status semo_link_reset(struct semo_link *l, unsigned node, struct semo_error *e)
{
    if (is_remote(l, node))
        return semo_link_post(l, node, SEMO_FRAME_RESET, NULL, 0, e);
    return l->client && semo_control_reset(l->client, semo_link_node(l, node), PIN) == SEMO_OK
               ? SEMO_OK
               : fail_gone(e);
}
