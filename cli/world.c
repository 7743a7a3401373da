/* SPDX-License-Identifier: Apache-2.0 */
/* The physical world of a run: what the house draws reaches the metering front ends row by row, and
 * what the relay did to it is kept, so that the register can be checked against the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "cli/up.h"
#include "host/file.h"

#define GRACE_CYCLES ((uint64_t)15 * SEMO_CLOCK_HZ) /* a report every 10 s, and its way */

static bool is_metering(const struct semo_up *u, unsigned node)
{
    const struct semo_descriptor *d = u->session->d;
    for (unsigned i = 0; i < d->module_count; i++)
        if (d->modules[i].node == node &&
            u->session->deploy->units[i]->window == SEMO_WINDOW_METERING)
            return true;
    return false;
}

static enum semo_status fail_gone(struct semo_error *e)
{
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, "semo-node", 0, 0, "gone");
}

enum semo_status semo_world_open(struct semo_up *u, struct semo_error *e)
{
    const struct semo_options *o = u->options;
    if (!o->data)
        return SEMO_OK;
    struct semo_house *house = semo_allocate(1, sizeof *house);
    enum semo_status status = semo_house_load(o->data, o->timezone, house, e);
    if (status != SEMO_OK) {
        e->code = SEMO_EXIT_USAGE; /* also when the file that was named is not there */
        free(house);
        return status;
    }
    u->house = house;
    for (size_t i = 0; i < house->notes; i++) {
        char text[160];
        semo_house_note_text(&house->note[i], text, sizeof text);
        fprintf(stderr, "%s: %s\n", o->data, text);
    }
    return SEMO_OK;
}

/* So that the modules wake up knowing the time, and the first row comes when its time comes. */
enum semo_status semo_world_set_clocks(struct semo_up *u, struct semo_error *e)
{
    if (u->house &&
        semo_control_clock(u->session->link.client,
                           u->house->row[0].utc - SEMO_LEAD_CYCLES / SEMO_CLOCK_HZ) != SEMO_OK)
        return fail_gone(e);
    return SEMO_OK;
}

static void take_status(void *context, const char *text)
{
    struct semo_up *u = context;
    const struct semo_descriptor *d = u->session->d;
    json_t *root = json_loads(text, 0, NULL), *node;
    size_t i;
    json_array_foreach(json_object_get(root, "nodes"), i, node)
    {
        if (d->wire_count && i == d->wires[0].from)
            u->contact_at_start = json_is_true(json_object_get(node, "relay_closed"));
    }
    json_decref(root);
}

/* The contact may have been left open by the run before: the relay latches. */
static enum semo_status ask_contact(struct semo_up *u, struct semo_error *e)
{
    struct semo_link *l = &u->session->link;
    struct semo_control_handlers h = l->handlers;
    unsigned type = 0;
    h.context = u;
    h.frame = NULL;
    h.stopped = NULL;
    h.refused = NULL;
    h.text = take_status;
    u->contact_at_start = true;
    enum semo_status status = semo_control_status(l->client);
    while (status == SEMO_OK && type != SEMO_CONTROL_TEXT)
        status = semo_control_next(l->client, &h, -1, &type);
    return status == SEMO_OK ? SEMO_OK : fail_gone(e);
}

enum semo_status semo_world_check(const struct semo_up *u, struct semo_error *e)
{
    bool meters = false, has_han = false;
    for (unsigned n = 0; n < u->session->d->node_count; n++)
        meters |= is_metering(u, n);
    for (unsigned i = 0; i < u->session->d->module_count; i++)
        has_han |= u->session->deploy->units[i]->window == SEMO_WINDOW_HAN;
    if (u->house && !meters)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "--data: no module of this application meters; leave it out");
    if (u->options->han && !has_han)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "--han: no module of this application has that port; leave it out");
    return SEMO_OK;
}

enum semo_status semo_world_start(struct semo_up *u, struct semo_error *e)
{
    const struct semo_descriptor *d = u->session->d;
    struct semo_control_client *client = u->session->link.client;
    for (unsigned i = 0; i < d->wire_count; i++)
        if (semo_control_wire(client, d->wires[i].from, d->wires[i].to) != SEMO_OK)
            return fail_gone(e);
    if (!u->house)
        return SEMO_OK;
    /* deployment took longer than the lead: the clocks jump back to the first row */
    if (u->start != SEMO_LEAD_CYCLES && semo_control_clock(client, u->house->row[0].utc) != SEMO_OK)
        return fail_gone(e);
    u->end = semo_house_cycle(u->house, u->house->rows, u->start) + GRACE_CYCLES;
    return ask_contact(u, e);
}

static enum semo_status send_row(struct semo_up *u, const struct semo_control_supply *row)
{
    enum semo_status status = SEMO_OK;
    for (unsigned n = 0; n < u->session->d->node_count && status == SEMO_OK; n++)
        if (is_metering(u, n))
            status = semo_control_supply(u->session->link.client, n, row);
    return status;
}

enum semo_status semo_world_feed(struct semo_up *u, uint64_t until, uint64_t *next,
                                 struct semo_error *e)
{
    *next = UINT64_MAX;
    if (!u->house)
        return SEMO_OK;
    for (; u->row_next <= u->house->rows; u->row_next++) {
        uint64_t at = semo_house_cycle(u->house, u->row_next, u->start);
        struct semo_control_supply s = {.at = at, .frequency_10mhz = SEMO_HOUSE_FREQUENCY_10MHZ};
        if (at > until) {
            *next = at;
            return SEMO_OK;
        }
        if (u->row_next < u->house->rows) { /* behind the last one the house draws nothing */
            const struct semo_house_row *r = &u->house->row[u->row_next];
            s.power_w = r->power_w;
            s.reactive_var = r->reactive_var;
            s.voltage_10mv = r->voltage_10mv;
            s.current_10ma = r->current_10ma;
        }
        if (send_row(u, &s) != SEMO_OK)
            return fail_gone(e);
    }
    return SEMO_OK;
}

void semo_world_pin(struct semo_up *u, uint64_t now, unsigned node, bool closed)
{
    const struct semo_descriptor *d = u->session->d;
    if (!u->house || d->wire_count == 0 || d->wires[0].from != node)
        return;
    u->contacts = realloc(u->contacts, (u->contact_count + 1) * sizeof *u->contacts);
    if (!u->contacts)
        abort();
    u->contacts[u->contact_count++] = (struct semo_house_contact){.at = now, .closed = closed};
}

struct semo_house_energy semo_world_expected(const struct semo_up *u)
{
    return semo_house_integrate(u->house, u->start, u->contact_at_start, u->contacts,
                                u->contact_count);
}

void semo_world_close(struct semo_up *u)
{
    if (u->house)
        semo_house_free(u->house);
    free(u->house);
    free(u->contacts);
}
