/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include "node/host/daemon.h"

#define CONNECTIONS_SHOWN 512 /* so that the text fits in one message */

static json_t *number(uint64_t v)
{
    return json_integer((json_int_t)v);
}

static void put_mcu(json_t *o, const struct semo_node *n)
{
    struct semo_mcu_view v;
    semo_mcu_look(n, &v);
    json_object_set_new(o, "cycles", number(v.cycle));
    json_object_set_new(o, "asleep", json_boolean(v.asleep));
    json_object_set_new(o, "violations", number(v.violations));
    json_object_set_new(o, "relay_closed", json_boolean(v.closed));
    json_object_set_new(o, "utc", number(v.utc));
    json_object_set_new(o, "buttons", number(v.held));
    if (v.face[1]) {
        json_object_set_new(o, "lamps", number(v.face[0]));
        json_object_set_new(
            o, "panel",
            json_stringn((const char *)v.face + 1, SEMO_PANEL_ROWS * SEMO_PANEL_COLUMNS));
    }
    if (v.violation_rule)
        json_object_set_new(o, "last_violation",
                            json_pack("{s:s,s:i,s:i,s:i}", "rule", v.violation_rule, "pc",
                                      v.violation_pc, "address", v.violation_address, "module",
                                      v.violation_module));
}

static json_t *node(const struct semo_daemon *d, const struct semo_node *n)
{
    static const char *const types[] = {"mcu", "linux", "serial", "remote"};
    json_t *o = json_object();
    json_object_set_new(o, "name", json_string(n->config->name));
    json_object_set_new(o, "type", json_string(types[n->config->type]));
    json_object_set_new(o, "lost", json_boolean(n->lost));
    json_object_set_new(o, "frames_in", number(n->frames_in));
    json_object_set_new(o, "frames_out", number(n->frames_out));
    json_object_set_new(o, "malformed", number(n->malformed));
    json_object_set_new(o, "dropped", number(n->dropped));
    json_object_set_new(o, "unroutable", number(n->unroutable));
    json_object_set_new(o, "refused", number(n->refused));
    json_object_set_new(o, "unprinted", number(n->unprinted));
    if (d->config.tcp)
        json_object_set_new(o, "port", number(d->tcp[n->index].port));
    json_object_set_new(o, "strangers", number(d->tcp[n->index].strangers));
    if (n->config->type == SEMO_TYPE_LINUX) {
        json_object_set_new(o, "weak", json_boolean(semo_monitored_weak(n)));
        json_object_set_new(o, "landlock", number(semo_monitored_landlock(n)));
        json_object_set_new(o, "killed", number(n->killed));
        json_object_set_new(o, "died", number(n->died));
    } else if (n->config->type == SEMO_TYPE_MCU) {
        put_mcu(o, n);
    }
    return o;
}

static json_t *connections(const struct semo_world *w)
{
    json_t *list = json_array();
    for (unsigned c = 0; c < 65536 && json_array_size(list) < CONNECTIONS_SHOWN; c++) {
        if (w->route[c] == SEMO_CONTROL_FORGET && !w->events[c])
            continue;
        json_t *o = json_object();
        json_object_set_new(o, "connection", number(c));
        if (w->route[c] < w->count)
            json_object_set_new(o, "to", json_string(w->nodes[w->route[c]].config->name));
        json_object_set_new(o, "events", number(w->events[c]));
        json_array_append_new(list, o);
    }
    return list;
}

/* All numbers that have a way, as pairs of first and last: who connects must take others. */
static json_t *taken(const struct semo_world *w)
{
    json_t *list = json_array();
    for (unsigned c = 0, first = 0; c <= 65536; c++) {
        const bool is_taken = c < 65536 && w->route[c] != SEMO_CONTROL_FORGET;
        if (!is_taken && first < c)
            json_array_append_new(list, json_pack("[i,i]", (int)first, (int)c - 1));
        if (!is_taken)
            first = c + 1;
    }
    return list;
}

static json_t *uplinks(const struct semo_daemon *d)
{
    json_t *list = json_array();
    for (const struct semo_uplink *u = d->uplinks; u < d->uplinks + SEMO_UPLINKS_MAX; u++)
        if (u->port)
            json_array_append_new(
                list, json_pack("{s:s,s:i,s:b,s:i,s:I,s:I}", "host", u->host, "port", (int)u->port,
                                "connected", u->connected, "waiting", (int)u->count, "sent",
                                (json_int_t)u->sent, "dropped", (json_int_t)u->dropped));
    return list;
}

char *semo_status_json(const struct semo_daemon *d)
{
    const struct semo_world *w = &d->world;
    json_t *o = json_object(), *nodes = json_array();
    json_object_set_new(o, "time", number(w->now));
    json_object_set_new(o, "running", json_boolean(d->running));
    json_object_set_new(o, "speed", number(d->speed));
    json_object_set_new(o, "seeded", json_boolean(d->config.seeded));
    json_object_set_new(o, "deterministic", json_boolean(!w->why_not_deterministic));
    if (w->why_not_deterministic)
        json_object_set_new(o, "why", json_string(w->why_not_deterministic));
    json_object_set_new(o, "realtime", json_boolean(d->config.realtime));
    json_object_set_new(o, "refused", number(d->refused));
    json_object_set_new(o, "uplinks", uplinks(d));
    json_object_set_new(o, "timers", number(w->timers.count));
    json_object_set_new(o, "steps", number(w->steps));
    for (unsigned i = 0; i < w->count; i++)
        json_array_append_new(nodes, node(d, &w->nodes[i]));
    json_object_set_new(o, "nodes", nodes);
    json_object_set_new(o, "connections", connections(w));
    json_object_set_new(o, "taken", taken(w));
    json_object_set_new(o, "life", number(w->life));
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    return text;
}
