/* SPDX-License-Identifier: Apache-2.0 */
/* run.sealed: of the nodes that run now. A module or connection that the descriptor still has finds
 * its own again by name; what runs and has left the descriptor, or is another one there, is
 * refused: it would live on with its keys, and nobody would know. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <openssl/crypto.h>
#include "deploy/state_parts.h"
#include "host/file.h"
#include "lib/bytes/cursor.h"

#define CHANNEL_LEN (2 + 1 + 1 + 8 + 2 + 2 + SEMO_KEY_LEN)

/* ---- write ---- */

static json_t *epoch_json(uint64_t epoch)
{
    uint8_t bytes[8];
    struct semo_cursor w = semo_cursor_over(bytes, sizeof bytes);
    semo_cursor_put_u64(&w, epoch);
    return semo_state_hex(bytes, sizeof bytes);
}

static json_t *module_json(const struct semo_state_module *m, const struct semo_descriptor *d,
                           unsigned i)
{
    json_t *j = json_pack("{s:s,s:s,s:i,s:i,s:o,s:i,s:i,s:I,s:i,s:o}", "name", d->modules[i].name,
                          "node", d->nodes[d->modules[i].node].name, "step", m->step, "id", m->id,
                          "layout", semo_state_layout(&m->layout), "text_len", m->text_len,
                          "data_len", m->data_len, "serial", (json_int_t)m->serial, "connections",
                          m->connections, "room", semo_state_room(&m->room));
    json_object_set_new(j, "key", semo_state_hex(m->key, sizeof m->key));
    json_object_set_new(j, "epoch", epoch_json(m->epoch));
    json_object_set_new(j, "confidential", json_boolean(m->confidential));
    return j;
}

static json_t *channel_json(const struct semo_channel *c)
{
    uint8_t bytes[CHANNEL_LEN];
    struct semo_cursor w = semo_cursor_over(bytes, sizeof bytes);
    semo_cursor_put_u16(&w, c->connection);
    semo_cursor_put_u8(&w, c->io);
    semo_cursor_put_u8(&w, c->kind);
    for (unsigned i = 0; i < 4; i++)
        semo_cursor_put_u16(&w, c->sequence[i]);
    semo_cursor_put_u16(&w, c->gaps);
    semo_cursor_put_u16(&w, c->refused);
    semo_cursor_put(&w, c->key, sizeof c->key);
    json_t *j = semo_state_hex(bytes, sizeof bytes);
    OPENSSL_cleanse(bytes, sizeof bytes);
    return j;
}

/* What a connection is, besides its name; malloced. */
static char *describe(const struct semo_descriptor *d, unsigned i)
{
    static const char *const policies[] = {"newest", "strict", "acknowledged", "request"};
    const struct semo_connection_spec *c = &d->connections[i];
    return semo_format("%s.%s > %s.%s, %s, %s%s", c->from < 0 ? "" : d->modules[c->from].name,
                       c->from_output, c->to < 0 ? "" : d->modules[c->to].name, c->to_input,
                       policies[c->policy], c->aes ? "aes" : "spongent",
                       c->expires ? ", expires" : "");
}

static json_t *connection_json(const struct semo_state_connection *c,
                               const struct semo_descriptor *d, unsigned i)
{
    char *what = describe(d, i);
    json_t *j = json_pack("{s:s,s:s,s:b,s:i,s:i}", "name", d->connections[i].name, "what", what,
                          "connected", c->connected, "number", c->number, "takes", c->takes);
    if (c->channel.connection)
        json_object_set_new(j, "channel", channel_json(&c->channel));
    if (c->back.connection)
        json_object_set_new(j, "back", channel_json(&c->back));
    free(what);
    return j;
}

static json_t *node_json(const struct semo_state_node *n, const char *name)
{
    return json_pack("{s:s,s:b,s:b,s:I}", "name", name, "weak", n->weak, "landlock", n->landlock,
                     "life", (json_int_t)n->life);
}

enum semo_status semo_state_write_run(const struct semo_state *s, const struct semo_descriptor *d,
                                      struct semo_error *e)
{
    json_t *nodes = json_array(), *modules = json_array(), *connections = json_array();
    for (unsigned i = 0; i < s->node_count; i++)
        if (s->nodes[i].asked)
            json_array_append_new(nodes, node_json(&s->nodes[i], d->nodes[i].name));
    for (unsigned i = 0; i < s->module_count; i++)
        json_array_append_new(modules, module_json(&s->modules[i], d, i));
    for (unsigned i = 0; i < s->connection_count; i++)
        json_array_append_new(connections, connection_json(&s->connections[i], d, i));
    for (unsigned i = 0; i < s->ghost_count; i++)
        json_array_append_new(connections, json_pack("{s:s,s:i}", "name", s->ghosts[i].name,
                                                     "number", s->ghosts[i].number));
    return semo_state_write_sealed(
        s, "run",
        json_pack("{s:o,s:o,s:o}", "nodes", nodes, "modules", modules, "connections", connections),
        e);
}

/* ---- read ---- */

static void get_module(const json_t *j, struct semo_state_module *m)
{
    uint8_t epoch[8];
    if (!semo_state_get_hex(j, "key", m->key, sizeof m->key) ||
        !semo_state_get_hex(j, "epoch", epoch, sizeof epoch))
        return;
    struct semo_cursor c = semo_cursor_from(epoch, sizeof epoch);
    unsigned step = semo_state_get_number(j, "step");
    m->step = step <= SEMO_STEP_CONNECTED ? (enum semo_step)step : SEMO_STEP_NONE;
    m->epoch = semo_cursor_u64(&c);
    m->id = semo_state_get_number(j, "id");
    m->text_len = semo_state_get_number(j, "text_len");
    m->data_len = semo_state_get_number(j, "data_len");
    m->serial = semo_state_get_number(j, "serial");
    m->connections = semo_state_get_number(j, "connections");
    m->confidential = json_is_true(json_object_get(j, "confidential"));
    semo_state_get_room(j, &m->room);
    semo_state_get_layout(j, &m->layout);
}

static void get_channel(const json_t *j, const char *name, struct semo_channel *out)
{
    uint8_t bytes[CHANNEL_LEN] = {0};
    struct semo_cursor c = semo_cursor_from(bytes, sizeof bytes);
    if (!semo_state_get_hex(j, name, bytes, sizeof bytes))
        return;
    out->connection = semo_cursor_u16(&c);
    out->io = semo_cursor_u8(&c);
    out->kind = semo_cursor_u8(&c);
    for (unsigned i = 0; i < 4; i++)
        out->sequence[i] = semo_cursor_u16(&c);
    out->gaps = semo_cursor_u16(&c);
    out->refused = semo_cursor_u16(&c);
    memcpy(out->key, semo_cursor_take(&c, sizeof out->key), sizeof out->key);
    OPENSSL_cleanse(bytes, sizeof bytes);
}

static void read_node(struct semo_state *s, const struct semo_descriptor *d, const json_t *j)
{
    int n = semo_descriptor_node(d, semo_state_get_text(j, "name"));
    if (n < 0)
        return;
    s->nodes[n].asked = true;
    s->nodes[n].life = semo_state_get_number(j, "life");
    s->nodes[n].weak = json_is_true(json_object_get(j, "weak"));
    s->nodes[n].landlock = json_is_true(json_object_get(j, "landlock"));
}

static enum semo_status read_module(struct semo_state *s, const struct semo_descriptor *d,
                                    const json_t *j, struct semo_error *e)
{
    const char *name = semo_state_get_text(j, "name"), *node = semo_state_get_text(j, "node");
    int m = semo_descriptor_module(d, name);
    bool same = m >= 0 && strcmp(d->nodes[d->modules[m].node].name, node) == 0;
    if (same)
        get_module(j, &s->modules[m]);
    if (same || semo_state_get_number(j, "step") < SEMO_STEP_ENABLED)
        return SEMO_OK;
    return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_USAGE, d->paths[0], 0, 0,
                          "module %s runs on %s, and the descriptor no longer says so; bring it "
                          "back, and end it with semo disable before you take it away",
                          name, node);
}

static int find_connection(const struct semo_descriptor *d, const char *name)
{
    for (unsigned i = 0; i < d->connection_count; i++)
        if (strcmp(d->connections[i].name, name) == 0)
            return (int)i;
    return -1;
}

static void remember(struct semo_state *s, const char *name, unsigned number)
{
    if (!number)
        return;
    struct semo_ghost *all = semo_allocate(s->ghost_count + 1, sizeof *all);
    if (s->ghosts)
        memcpy(all, s->ghosts, s->ghost_count * sizeof *all);
    free(s->ghosts);
    s->ghosts = all;
    s->ghosts[s->ghost_count].name = semo_format("%s", name);
    s->ghosts[s->ghost_count++].number = number;
}

static enum semo_status read_connection(struct semo_state *s, const struct semo_descriptor *d,
                                        const json_t *j, struct semo_error *e)
{
    const char *name = semo_state_get_text(j, "name"), *what = semo_state_get_text(j, "what");
    int c = find_connection(d, name);
    char *now = c >= 0 ? describe(d, (unsigned)c) : NULL;
    bool same = now && strcmp(now, what) == 0,
         connected = json_is_true(json_object_get(j, "connected"));
    unsigned number = semo_state_get_number(j, "number");
    free(now);
    if (same) {
        s->connections[c].connected = connected;
        s->connections[c].number = number;
        s->connections[c].takes = semo_state_get_number(j, "takes");
        get_channel(j, "channel", &s->connections[c].channel);
        get_channel(j, "back", &s->connections[c].back);
    }
    if (!same && !connected && c < 0)
        remember(s, name, number);
    else if (!same && !connected)
        s->connections[c].wish = number;
    if (same || !connected)
        return SEMO_OK;
    return semo_error_set(
        e, SEMO_REFUSED, SEMO_EXIT_USAGE, d->paths[0], 0, 0,
        "connection %s (%s) is in use, and the descriptor no longer has it; bring "
        "it back, and end one of its modules with semo disable before you take "
        "it away",
        name, what);
}

enum semo_status semo_state_read_run(struct semo_state *s, const struct semo_descriptor *d,
                                     struct semo_error *e)
{
    json_t *root, *j;
    size_t i;
    enum semo_status status = semo_state_read_sealed(s, "run", &root, e);
    if (status != SEMO_OK)
        return status;
    json_array_foreach(json_object_get(root, "nodes"), i, j)
    {
        read_node(s, d, j);
    }
    json_array_foreach(json_object_get(root, "modules"), i, j)
    {
        if (status == SEMO_OK)
            status = read_module(s, d, j, e);
    }
    json_array_foreach(json_object_get(root, "connections"), i, j)
    {
        if (status == SEMO_OK)
            status = read_connection(s, d, j, e);
    }
    json_decref(root);
    return status;
}

static void forget(const struct semo_state *s, const char *purpose)
{
    char *path = semo_state_file(s, purpose, ".sealed");
    unlink(path);
    free(path);
}

void semo_state_forget_nodes(struct semo_state *s)
{
    forget(s, "run");
    forget(s, "nodes");
}

void semo_state_forget_run(struct semo_state *s)
{
    forget(s, "run");
    OPENSSL_cleanse(s->modules, s->module_count * sizeof *s->modules);
    OPENSSL_cleanse(s->connections, s->connection_count * sizeof *s->connections);
}

/* ---- numbers ---- */

int semo_state_connection(const struct semo_state *s, unsigned number)
{
    for (unsigned i = 0; number && i < s->connection_count; i++)
        if (s->connections[i].number == (number & ~SEMO_BACK))
            return (int)i;
    return -1;
}

void semo_state_lose_connection(struct semo_state_connection *c)
{
    struct semo_state_connection fresh = {.number = c->number, .wish = c->wish};
    OPENSSL_cleanse(c, sizeof *c);
    *c = fresh;
}
