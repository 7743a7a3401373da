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

/* Page by page, as they fit in frames. */
static enum semo_status ask_elsewhere(struct semo_link *l, unsigned n, bool *taken,
                                      struct semo_error *e)
{
    const char *who = semo_remote_name(l->remotes[n]);
    enum semo_status status = SEMO_OK;
    unsigned len = 1;
    for (uint32_t from = 0; status == SEMO_OK && len && from <= UINT16_MAX;) {
        const uint8_t body[2] = {(uint8_t)from, (uint8_t)(from >> 8)};
        status = semo_link_request(l, n, who, SEMO_FRAME_TAKEN, body, sizeof body, &len, e);
        if (status != SEMO_OK)
            return status;
        if (len % 4)
            return semo_error_set(e, SEMO_MALFORMED, SEMO_EXIT_FAILED, who, 0, 0,
                                  "TAKEN: the answer has not its shape");
        struct semo_cursor c = semo_cursor_from(l->answer + 1, len);
        while (c.left >= 4) {
            uint32_t number = semo_cursor_u16(&c), last = semo_cursor_u16(&c);
            if (number < from || last < number)
                return semo_error_set(e, SEMO_MALFORMED, SEMO_EXIT_FAILED, who, 0, 0,
                                      "TAKEN: the answer has not its shape");
            for (; number <= last; number++)
                taken[number % SEMO_BACK] = true;
            from = last + 1;
        }
    }
    return status;
}

enum semo_status semo_link_taken(struct semo_link *l, bool *taken, struct semo_error *e)
{
    json_t *root = NULL;
    const json_t *range;
    size_t i;
    enum semo_status status = l->client ? ask_status(l, &root, e) : SEMO_OK;
    for (unsigned n = 0; n < SEMO_NODES_MAX && status == SEMO_OK; n++)
        if (l->remotes[n])
            status = ask_elsewhere(l, n, taken, e);
    if (status != SEMO_OK) {
        json_decref(root);
        return status;
    }
    json_array_foreach(json_object_get(root, "taken"), i, range)
    {
        json_int_t number = json_integer_value(json_array_get(range, 0)),
                   last = json_integer_value(json_array_get(range, 1));
        for (; number >= 0 && number <= last && number <= UINT16_MAX; number++)
            taken[number % SEMO_BACK] = true;
    }
    json_decref(root);
    return SEMO_OK;
}
