/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes that somebody else runs: which they are, and what is in use there. All of this is what an
 * untrusted process says; it decides over places and numbers, never over keys. */
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "deploy/link.h"
#include "lib/bytes/cursor.h"

#define ANSWER_MS 10000

static void on_text(void *context, const char *text)
{
    json_t **status = context;
    if (!*status)
        *status = json_loads(text, 0, NULL);
}

static enum semo_status ask_status(struct semo_link *l, json_t **status, struct semo_error *e)
{
    const struct semo_control_handlers h = {.context = status, .text = on_text};
    unsigned type = 0;
    *status = NULL;
    enum semo_status sent = semo_control_status(l->client);
    while (sent == SEMO_OK && type != SEMO_CONTROL_TEXT)
        sent = semo_control_next(l->client, &h, ANSWER_MS, &type);
    if (*status)
        return SEMO_OK;
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, "semo-node", 0, 0,
                          "does not say which nodes it runs; start them with semo up");
}

static unsigned find_node(const json_t *nodes, const char *name)
{
    unsigned i = 0;
    for (; i < json_array_size(nodes); i++) {
        const json_t *other = json_object_get(json_array_get(nodes, i), "name");
        if (json_is_string(other) && strcmp(json_string_value(other), name) == 0)
            break;
    }
    return i;
}

static bool is_remote(const json_t *node)
{
    const json_t *type = json_object_get(node, "type");
    return json_is_string(type) && strcmp(json_string_value(type), "remote") == 0;
}

static enum semo_status place_node(struct semo_link *l, unsigned n,
                                   const struct semo_node_spec *spec, const json_t *nodes,
                                   struct semo_error *e)
{
    unsigned at = find_node(nodes, spec->name);
    const json_t *node = json_array_get(nodes, at);
    if (at < json_array_size(nodes) && at < SEMO_CONTROL_FORGET) {
        l->node_at[n] = (uint8_t)at;
        l->elsewhere[n] = is_remote(node);
        l->port_at[n] = (unsigned)json_integer_value(json_object_get(node, "port"));
        return SEMO_OK;
    }
    l->elsewhere[n] = spec->host && !spec->emulated;
    if (l->elsewhere[n])
        return SEMO_OK;
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, spec->name, 0, 0,
                          "no node of this name runs there; correct the name, or start "
                          "the nodes anew with semo up");
}

enum semo_status semo_link_join(struct semo_link *l, const struct semo_descriptor *d,
                                struct semo_error *e)
{
    json_t *root = NULL;
    enum semo_status status = l->client ? ask_status(l, &root, e) : SEMO_OK;
    if (status != SEMO_OK)
        return status;
    const json_t *nodes = json_object_get(root, "nodes");
    l->realtime = !l->client || json_is_true(json_object_get(root, "realtime"));
    memset(l->node_at, SEMO_CONTROL_CLIENT, sizeof l->node_at);
    for (unsigned n = 0; n < d->node_count && status == SEMO_OK; n++)
        status = place_node(l, n, &d->nodes[n], nodes, e);
    json_decref(root);
    return status;
}

/* What node n says of its life. */
static void note_life(struct semo_taken *t, unsigned n, uint32_t life)
{
    t->anew[n] = t->anew[n] || (t->life[n] && t->life[n] != life);
    t->life[n] = life;
}

static void note_range(struct semo_taken *t, bool anew, uint32_t number, uint32_t last)
{
    for (; number <= last && number <= UINT16_MAX; number++)
        if (anew || !t->use[number % SEMO_BACK])
            t->use[number % SEMO_BACK] = anew ? SEMO_TAKEN_ANEW : SEMO_TAKEN;
}

/* Page by page, as they fit in frames. */
static enum semo_status ask_elsewhere(struct semo_link *l, unsigned n, struct semo_taken *t,
                                      struct semo_error *e)
{
    const char *who = semo_remote_name(l->remotes[n]);
    unsigned len = 8;
    for (uint32_t from = 0; len > 4 && from <= UINT16_MAX;) {
        const uint8_t body[2] = {(uint8_t)from, (uint8_t)(from >> 8)};
        enum semo_status status =
            semo_link_request(l, n, who, SEMO_FRAME_TAKEN, body, sizeof body, &len, e);
        if (status != SEMO_OK)
            return status;
        struct semo_cursor c = semo_cursor_from(l->answer + 1, len);
        note_life(t, n, semo_cursor_u32(&c));
        while (c.left >= 4) {
            uint32_t number = semo_cursor_u16(&c), last = semo_cursor_u16(&c);
            c.bad |= number < from || last < number;
            note_range(t, t->anew[n], number, last);
            from = last + 1;
        }
        if (c.bad || c.left)
            return semo_error_set(e, SEMO_MALFORMED, SEMO_EXIT_FAILED, who, 0, 0,
                                  "TAKEN: the answer has not its shape");
    }
    return SEMO_OK;
}

/* All nodes that semo-node runs here begin and end together. */
static void take_here(const struct semo_link *l, const json_t *root, struct semo_taken *t)
{
    uint32_t life = (uint32_t)json_integer_value(json_object_get(root, "life"));
    bool anew = false;
    const json_t *range;
    size_t i;
    for (unsigned n = 0; n < SEMO_NODES_MAX; n++) {
        if (l->remotes[n])
            continue;
        note_life(t, n, life);
        anew = anew || t->anew[n];
    }
    json_array_foreach(json_object_get(root, "taken"), i, range)
        note_range(t, anew, (uint32_t)json_integer_value(json_array_get(range, 0)),
                   (uint32_t)json_integer_value(json_array_get(range, 1)));
}

enum semo_status semo_link_taken(struct semo_link *l, struct semo_taken *t, struct semo_error *e)
{
    json_t *root = NULL;
    enum semo_status status = l->client ? ask_status(l, &root, e) : SEMO_OK;
    if (status == SEMO_OK && l->client)
        take_here(l, root, t);
    json_decref(root);
    for (unsigned n = 0; n < SEMO_NODES_MAX && status == SEMO_OK; n++)
        if (l->remotes[n])
            status = ask_elsewhere(l, n, t, e);
    return status;
}
