/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <semo/map.h>
#include "deploy/plan.h"

/* ---- what the sources offer ---- */

static void list_io(const struct semo_unit *u, enum semo_io_kind kind, char *out, size_t room)
{
    size_t used = 0;
    snprintf(out, room, "none");
    for (unsigned i = 0; i < u->io_count; i++)
        if (u->io[i].kind == kind && used < room)
            used +=
                (size_t)snprintf(out + used, room - used, "%s%s", used ? ", " : "", u->io[i].name);
}

static enum semo_status want_io(const struct semo_unit *u, enum semo_io_kind kind, const char *what,
                                const struct semo_tree *t, struct semo_error *e)
{
    char known[200];
    if (semo_unit_io(u, kind, t->text))
        return SEMO_OK;
    list_io(u, kind, known, sizeof known);
    return semo_fields_fail(t, e, "module %s has no %s of this name; it has %s", u->name, what,
                            known);
}

/* Either the author stamps the events and the receiver judges them, or nobody does. */
static enum semo_status check_expiry(const struct semo_unit *u,
                                     const struct semo_connection_spec *c, struct semo_error *e)
{
    const struct semo_tree *name = semo_connection_io(c, true);
    bool expires = semo_unit_io(u, SEMO_IO_OUTPUT, name->text)->expires;
    if (expires == c->expires)
        return SEMO_OK;
    return semo_fields_fail(name, e,
                            expires ? "its events expire; add \"expires\": true"
                                    : "its events do not expire; declare it by SM_OUTPUT_UNTIL, or "
                                      "remove \"expires\"");
}

static enum semo_status check_connection(struct semo_unit *const *units,
                                         const struct semo_connection_spec *c, struct semo_error *e)
{
    bool asks = c->policy == SEMO_REQUEST;
    if (c->from >= 0 && want_io(units[c->from], asks ? SEMO_IO_REQUEST : SEMO_IO_OUTPUT,
                                asks ? "request" : "output", semo_connection_io(c, true), e))
        return SEMO_INPUT;
    if (c->to >= 0 && want_io(units[c->to], asks ? SEMO_IO_HANDLER : SEMO_IO_INPUT,
                              asks ? "handler" : "input", semo_connection_io(c, false), e))
        return SEMO_INPUT;
    return c->from >= 0 && !asks ? check_expiry(units[c->from], c, e) : SEMO_OK;
}

static enum semo_status check_ends(const struct semo_descriptor *d, struct semo_unit *const *units,
                                   struct semo_error *e)
{
    for (unsigned i = 0; i < d->connection_count; i++)
        if (check_connection(units, &d->connections[i], e) != SEMO_OK)
            return SEMO_INPUT;
    for (unsigned i = 0; i < d->periodic_count; i++)
        if (want_io(units[d->periodic[i].module], SEMO_IO_ENTRY, "entry",
                    semo_tree_field(d->periodic[i].tree, "entry"), e) != SEMO_OK)
            return SEMO_INPUT;
    return SEMO_OK;
}

/* ---- devices ---- */

static const struct {
    const char *name;
    bool actuator; /* what leaves here is a physical output: the chip must know who may */
} devices[SEMO_WINDOW_COUNT] = {
    [SEMO_WINDOW_METERING] = {"the metering front end", false},
    [SEMO_WINDOW_CLOCK] = {"the clock", false},
    [SEMO_WINDOW_RELAY] = {"the relay", true},
    [SEMO_WINDOW_HAN] = {"the HAN port", true},
    [SEMO_WINDOW_BUTTONS] = {"the buttons", false},
    [SEMO_WINDOW_PANEL] = {"the front panel", true},
};

static const char *device_name(int window)
{
    return devices[window].name ? devices[window].name : "a window without a device";
}

const char *semo_plan_actuator(const struct semo_unit *unit)
{
    return unit->window >= 0 && devices[unit->window].actuator ? device_name(unit->window) : NULL;
}

static enum semo_status check_device(const struct semo_descriptor *d,
                                     struct semo_unit *const *units, unsigned module,
                                     struct semo_error *e)
{
    const struct semo_module_spec *m = &d->modules[module];
    const struct semo_tree *name = semo_tree_field(m->tree, "name");
    int window = units[module]->window;
    if (m->provisioned && window < 0)
        return semo_fields_fail(name, e,
                                "provisioned, but drives no device; remove \"provisioned\"");
    if (window < 0)
        return SEMO_OK;
    if (devices[window].actuator && !m->provisioned)
        return semo_fields_fail(name, e, "drives %s, an actuator; add \"provisioned\": true",
                                device_name(window));
    for (unsigned i = 0; i < module; i++)
        if (d->modules[i].node == m->node && units[i]->window == window)
            return semo_fields_fail(name, e,
                                    "%s of node %s is driven by module %s already; move or remove "
                                    "one of the two",
                                    device_name(window), d->nodes[m->node].name,
                                    d->modules[i].name);
    return SEMO_OK;
}

static const struct {
    unsigned routes, modules; /* a microcontroller says its slots itself */
} limits[] = {
    [SEMO_NODE_MCU] = {SEMO_ROUTES_MAX, UINT_MAX},
    [SEMO_NODE_LINUX] = {SEMO_LINUX_ROUTES_MAX, SEMO_LINUX_MODULES_MAX},
};

static enum semo_status check_modules(const struct semo_descriptor *d, struct semo_error *e)
{
    unsigned modules[SEMO_NODES_MAX] = {0};
    for (unsigned i = 0; i < d->module_count; i++) {
        const struct semo_module_spec *m = &d->modules[i];
        unsigned max = limits[d->nodes[m->node].kind].modules;
        if (++modules[m->node] > max)
            return semo_fields_fail(semo_tree_field(m->tree, "node"), e,
                                    "node too small: it runs %u modules; move a module to another "
                                    "node",
                                    max);
    }
    return SEMO_OK;
}

static enum semo_status count_route(const struct semo_descriptor *d,
                                    const struct semo_connection_spec *c, int end, unsigned *routes,
                                    struct semo_error *e)
{
    if (end == SEMO_DEPLOYER)
        return SEMO_OK;
    const struct semo_node_spec *n = &d->nodes[d->modules[end].node];
    if (++routes[d->modules[end].node] <= limits[n->kind].routes)
        return SEMO_OK;
    return semo_fields_fail(c->tree, e,
                            "node too small: %u connections end on %s already; move the module to "
                            "another node",
                            limits[n->kind].routes, n->name);
}

/* A connection ends at its receiver, its back channel at its sender. */
static enum semo_status check_routes(const struct semo_descriptor *d, struct semo_error *e)
{
    unsigned routes[SEMO_NODES_MAX] = {0};
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *c = &d->connections[i];
        if (count_route(d, c, c->to, routes, e) != SEMO_OK)
            return SEMO_INPUT;
        if (c->policy != SEMO_NEWEST && count_route(d, c, c->from, routes, e) != SEMO_OK)
            return SEMO_INPUT;
    }
    return SEMO_OK;
}

enum semo_status semo_plan_limits(const struct semo_descriptor *d, struct semo_error *e)
{
    enum semo_status status = check_modules(d, e);
    return status == SEMO_OK ? check_routes(d, e) : status;
}

enum semo_status semo_plan_check(const struct semo_descriptor *d, struct semo_unit *const *units,
                                 struct semo_error *e)
{
    for (unsigned i = 0; i < d->module_count; i++)
        if (check_device(d, units, i, e) != SEMO_OK)
            return SEMO_INPUT;
    return check_ends(d, units, e);
}

/* ---- places ---- */

void semo_plan_provisioned(const struct semo_descriptor *d, struct semo_unit *const *units,
                           unsigned node, struct semo_place *places)
{
    uint32_t at = SEMO_PROGRAM_START;
    for (unsigned i = 0; i < d->module_count; i++) {
        if (d->modules[i].node != node || !d->modules[i].provisioned)
            continue;
        places[i].ps = (uint16_t)at;
        places[i].ss = (uint16_t)SEMO_WINDOW(units[i]->window);
        at += units[i]->text_len;
    }
}

static enum semo_status fail_small(const struct semo_descriptor *d, unsigned module,
                                   const char *memory, uint32_t need, uint32_t have,
                                   struct semo_error *e)
{
    const struct semo_module_spec *m = &d->modules[module];
    return semo_fields_fail(
        semo_tree_field(m->tree, "node"), e,
        "node too small: module %s needs %u bytes of %s memory and %u are free; "
        "move a module to another node",
        m->name, (unsigned)need, memory, (unsigned)have);
}

static enum semo_status place_node(const struct semo_descriptor *d, struct semo_unit *const *units,
                                   unsigned node, const struct semo_node_info *info,
                                   const bool *there, struct semo_place *places,
                                   struct semo_error *e)
{
    uint32_t text = info->text_start, data = info->data_start;
    unsigned slots = info->slots - (info->modules < info->slots ? info->modules : info->slots);
    semo_plan_provisioned(d, units, node, places);
    for (unsigned i = 0; i < d->module_count; i++)
        if (d->modules[i].node == node && d->modules[i].provisioned && !(there && there[i]) &&
            places[i].ps + units[i]->text_len > text)
            text = places[i].ps + units[i]->text_len;
    for (unsigned i = 0; i < d->module_count; i++) {
        const struct semo_module_spec *m = &d->modules[i];
        if (m->node != node || (there && there[i]))
            continue;
        if (slots-- == 0)
            return semo_fields_fail(semo_tree_field(m->tree, "node"), e,
                                    "node too small: it protects %u modules; move a module to "
                                    "another node",
                                    info->slots);
        if (m->provisioned && text <= info->text_end)
            continue;
        uint32_t need = units[i]->window < 0 ? units[i]->data_len : 0;
        if (m->provisioned || text + units[i]->text_len > info->text_end)
            return fail_small(d, i, "program", units[i]->text_len,
                              text < info->text_end ? info->text_end - text : 0, e);
        if (data + need > info->data_end)
            return fail_small(d, i, "data", need, info->data_end - data, e);
        places[i].ps = (uint16_t)text;
        places[i].ss = (uint16_t)(need ? data : (uint32_t)SEMO_WINDOW(units[i]->window));
        text += units[i]->text_len;
        data += need;
    }
    return SEMO_OK;
}

enum semo_status semo_plan_place(const struct semo_descriptor *d, struct semo_unit *const *units,
                                 const struct semo_node_info *infos, const bool *there,
                                 struct semo_place *places, struct semo_error *e)
{
    memset(places, 0, d->module_count * sizeof *places);
    for (unsigned n = 0; n < d->node_count; n++)
        if (d->nodes[n].kind == SEMO_NODE_MCU &&
            place_node(d, units, n, &infos[n], there, places, e) != SEMO_OK)
            return SEMO_INPUT;
    return SEMO_OK;
}

void semo_plan_emulated(struct semo_node_info *info)
{
    *info = (struct semo_node_info){.slots = SEMO_FIRMWARE_SLOTS,
                                    .text_start = SEMO_PROGRAM_START,
                                    .text_end = SEMO_FIRMWARE_TEXT,
                                    .data_start = SEMO_DATA_START,
                                    .data_end = SEMO_FIRMWARE_DATA};
}
