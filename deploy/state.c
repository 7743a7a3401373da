/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include "deploy/state.h"
#include "host/file.h"

const char *semo_step_text(enum semo_step step)
{
    static const char *const text[] = {
        [SEMO_STEP_NONE] = "waiting",      [SEMO_STEP_BUILT] = "built",
        [SEMO_STEP_PLACED] = "placed",     [SEMO_STEP_LINKED] = "linked",
        [SEMO_STEP_LOADED] = "loaded",     [SEMO_STEP_ENABLED] = "enabled",
        [SEMO_STEP_ATTESTED] = "attested", [SEMO_STEP_CONNECTED] = "connected",
    };
    return text[step];
}

char *semo_state_default(const char *app)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && state[0] == '/')
        return semo_format("%s/semo/%s", state, app);
    return semo_format("%s/.local/state/semo/%s", home ? home : "", app);
}

char *semo_state_file(const struct semo_state *s, const char *name, const char *suffix)
{
    return semo_format("%s/%s%s", s->folder, name, suffix);
}

/* ---- JSON helpers: every number that does not fit 53 bits, and every key, is hex text ---- */

static json_t *hex(const void *bytes, unsigned len)
{
    char text[2 * 64 + 1];
    for (unsigned i = 0; i < len; i++)
        sprintf(text + 2 * i, "%02x", ((const uint8_t *)bytes)[i]);
    json_t *j = json_string(text);
    OPENSSL_cleanse(text, sizeof text);
    return j;
}

static bool get_hex(const json_t *object, const char *name, void *out, unsigned len)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (!text || strlen(text) != 2 * len)
        return false;
    for (unsigned i = 0; i < len; i++) {
        unsigned byte;
        if (sscanf(text + 2 * i, "%2x", &byte) != 1)
            return false;
        ((uint8_t *)out)[i] = (uint8_t)byte;
    }
    return true;
}

static unsigned get_number(const json_t *object, const char *name)
{
    return (unsigned)json_integer_value(json_object_get(object, name));
}

static json_t *layout_json(const struct semo_layout *l)
{
    return json_pack("[i,i,i,i]", l->ps, l->pe, l->ss, l->se);
}

static void get_layout(const json_t *object, struct semo_layout *l)
{
    const json_t *a = json_object_get(object, "layout");
    l->ps = (uint16_t)json_integer_value(json_array_get(a, 0));
    l->pe = (uint16_t)json_integer_value(json_array_get(a, 1));
    l->ss = (uint16_t)json_integer_value(json_array_get(a, 2));
    l->se = (uint16_t)json_integer_value(json_array_get(a, 3));
}

static enum semo_status write_sealed(const struct semo_state *s, const char *purpose, json_t *j,
                                     struct semo_error *e)
{
    char *text = json_dumps(j, JSON_COMPACT), *path = semo_state_file(s, purpose, ".sealed");
    json_decref(j);
    if (!text)
        abort();
    enum semo_status status =
        semo_seal_write(&s->operator, path, s->app, purpose, text, strlen(text), e);
    OPENSSL_cleanse(text, strlen(text));
    free(text);
    free(path);
    return status;
}

static enum semo_status read_sealed(const struct semo_state *s, const char *purpose, json_t **out,
                                    struct semo_error *e)
{
    uint8_t *text;
    size_t len;
    char *path = semo_state_file(s, purpose, ".sealed");
    enum semo_status status = semo_seal_read(&s->operator, path, s->app, purpose, &text, &len, e);
    if (status == SEMO_OK) {
        *out = json_loadb((const char *)text, len, 0, NULL);
        OPENSSL_cleanse(text, len);
        free(text);
        if (!*out)
            status = semo_error_set(e, SEMO_MALFORMED, SEMO_EXIT_FAILED, path, 0, 0,
                                    "written by another version; use a new --state");
    }
    free(path);
    return status;
}

/* ---- nodes.sealed ---- */

static json_t *node_json(const struct semo_state_node *n, const char *name)
{
    json_t *j = json_pack("{s:s,s:b,s:b}", "name", name, "provisioned", n->provisioned, "imported",
                          n->imported);
    json_object_set_new(j, "vendor_key", hex(n->vendor_key, sizeof n->vendor_key));
    return j;
}

static json_t *owner_json(const struct semo_owner *o, const char *name)
{
    json_t *j = json_pack("{s:s,s:i,s:o}", "name", name, "window", o->window, "layout",
                          layout_json(&o->layout));
    json_object_set_new(j, "measurement", hex(o->measurement, sizeof o->measurement));
    return j;
}

enum semo_status semo_state_write_nodes(struct semo_state *s, const struct semo_descriptor *d,
                                        struct semo_error *e)
{
    json_t *nodes = json_array(), *owners = json_array();
    for (unsigned i = 0; i < s->node_count; i++)
        if (s->nodes[i].provisioned || s->nodes[i].imported)
            json_array_append_new(nodes, node_json(&s->nodes[i], d->nodes[i].name));
    for (unsigned i = 0; i < s->module_count; i++)
        if (s->owners[i].set)
            json_array_append_new(owners, owner_json(&s->owners[i], d->modules[i].name));
    enum semo_status status = write_sealed(
        s, "nodes",
        json_pack("{s:b,s:o,s:o}", "insecure", s->insecure, "nodes", nodes, "owners", owners), e);
    if (status == SEMO_OK)
        s->provisioned = true;
    return status;
}

static const char *get_name(const json_t *j)
{
    const char *name = json_string_value(json_object_get(j, "name"));
    return name ? name : "";
}

/* What the descriptor no longer has is forgotten at the next write. */
static enum semo_status read_nodes(struct semo_state *s, const struct semo_descriptor *d,
                                   struct semo_error *e)
{
    json_t *root, *j;
    size_t i;
    enum semo_status status = read_sealed(s, "nodes", &root, e);
    if (status != SEMO_OK)
        return status;
    s->provisioned = true;
    s->insecure = json_is_true(json_object_get(root, "insecure"));
    json_array_foreach(json_object_get(root, "nodes"), i, j)
    {
        int n = semo_descriptor_node(d, get_name(j));
        if (n >= 0 && get_hex(j, "vendor_key", s->nodes[n].vendor_key, 16)) {
            s->nodes[n].provisioned = json_is_true(json_object_get(j, "provisioned"));
            s->nodes[n].imported = json_is_true(json_object_get(j, "imported"));
        }
    }
    json_array_foreach(json_object_get(root, "owners"), i, j)
    {
        int m = semo_descriptor_module(d, get_name(j));
        if (m >= 0 && get_hex(j, "measurement", s->owners[m].measurement, 16)) {
            s->owners[m].window = get_number(j, "window");
            get_layout(j, &s->owners[m].layout);
            s->owners[m].set = true;
        }
    }
    json_decref(root);
    return SEMO_OK;
}

/* ---- run.sealed ---- */

static json_t *module_json(const struct semo_state_module *m, const char *name)
{
    json_t *j =
        json_pack("{s:s,s:i,s:i,s:o,s:i,s:i,s:I,s:i}", "name", name, "step", m->step, "id", m->id,
                  "layout", layout_json(&m->layout), "text_len", m->text_len, "data_len",
                  m->data_len, "serial", (json_int_t)m->serial, "connections", m->connections);
    json_object_set_new(j, "key", hex(m->key, sizeof m->key));
    json_object_set_new(j, "epoch", hex(&m->epoch, sizeof m->epoch));
    return j;
}

static json_t *connection_json(const struct semo_state_connection *c, const char *name)
{
    json_t *j = json_pack("{s:s,s:b}", "name", name, "connected", c->connected);
    if (c->channel.connection)
        json_object_set_new(j, "channel", hex(&c->channel, sizeof c->channel));
    return j;
}

enum semo_status semo_state_write_run(const struct semo_state *s, const struct semo_descriptor *d,
                                      struct semo_error *e)
{
    json_t *modules = json_array(), *connections = json_array();
    for (unsigned i = 0; i < s->module_count; i++)
        json_array_append_new(modules, module_json(&s->modules[i], d->modules[i].name));
    for (unsigned i = 0; i < s->connection_count; i++)
        json_array_append_new(connections,
                              connection_json(&s->connections[i], d->connections[i].name));
    return write_sealed(s, "run",
                        json_pack("{s:o,s:o}", "modules", modules, "connections", connections), e);
}

static void get_module(const json_t *j, struct semo_state_module *m)
{
    if (!get_hex(j, "key", m->key, sizeof m->key) ||
        !get_hex(j, "epoch", &m->epoch, sizeof m->epoch))
        return;
    unsigned step = get_number(j, "step");
    m->step = step <= SEMO_STEP_CONNECTED ? (enum semo_step)step : SEMO_STEP_NONE;
    m->id = get_number(j, "id");
    m->text_len = get_number(j, "text_len");
    m->data_len = get_number(j, "data_len");
    m->serial = get_number(j, "serial");
    m->connections = get_number(j, "connections");
    get_layout(j, &m->layout);
}

enum semo_status semo_state_read_run(struct semo_state *s, const struct semo_descriptor *d,
                                     struct semo_error *e)
{
    json_t *root, *j;
    size_t i;
    enum semo_status status = read_sealed(s, "run", &root, e);
    if (status != SEMO_OK)
        return status;
    json_array_foreach(json_object_get(root, "modules"), i, j)
    {
        int m = semo_descriptor_module(d, get_name(j));
        if (m >= 0)
            get_module(j, &s->modules[m]);
    }
    json_array_foreach(json_object_get(root, "connections"), i, j)
    {
        if (i >= s->connection_count || strcmp(get_name(j), d->connections[i].name) != 0)
            continue;
        s->connections[i].connected = json_is_true(json_object_get(j, "connected"));
        if (json_object_get(j, "channel") &&
            !get_hex(j, "channel", &s->connections[i].channel, sizeof s->connections[i].channel))
            memset(&s->connections[i].channel, 0, sizeof s->connections[i].channel);
    }
    json_decref(root);
    return SEMO_OK;
}

void semo_state_forget_run(struct semo_state *s)
{
    char *path = semo_state_file(s, "run", ".sealed");
    unlink(path);
    free(path);
    OPENSSL_cleanse(s->modules, s->module_count * sizeof *s->modules);
    OPENSSL_cleanse(s->connections, s->connection_count * sizeof *s->connections);
}

/* ---- status.json ---- */

static json_t *status_node(const struct semo_state *s, const struct semo_descriptor *d, unsigned i)
{
    bool mcu = d->nodes[i].kind == SEMO_NODE_MCU;
    json_t *j = json_pack(
        "{s:s,s:s,s:s,s:b}", "name", d->nodes[i].name, "type", mcu ? "sancus" : "linux", "back_end",
        mcu ? "sancus (emulated)" : "process", "provisioned", s->nodes[i].provisioned);
    if (!mcu)
        json_object_set_new(j, "isolation", json_string(s->nodes[i].weak ? "weak" : "namespaces"));
    return j;
}

static json_t *status_module(const struct semo_state *s, const struct semo_descriptor *d,
                             unsigned i)
{
    const struct semo_state_module *m = &s->modules[i];
    json_t *j = json_pack("{s:s,s:s,s:s,s:b,s:i,s:i,s:i,s:o,s:I,s:i}", "name", d->modules[i].name,
                          "node", d->nodes[d->modules[i].node].name, "step",
                          semo_step_text(m->step), "failed", m->failed, "id", m->id, "text_bytes",
                          m->text_len, "data_bytes", m->data_len, "layout", layout_json(&m->layout),
                          "epoch", (json_int_t)m->epoch, "connections", m->connections);
    if (m->failed)
        json_object_set_new(j, "problem", json_string(m->problem));
    return j;
}

static json_t *status_connection(const struct semo_state *s, const struct semo_descriptor *d,
                                 unsigned i)
{
    const struct semo_connection_spec *c = &d->connections[i];
    return json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:b,s:b}", "number", i + 1, "name", c->name,
                     "from_module", c->from < 0 ? "" : d->modules[c->from].name, "from_output",
                     c->from_output, "to_module", c->to < 0 ? "" : d->modules[c->to].name,
                     "to_input", c->to_input, "direct", c->from < 0 || c->to < 0, "connected",
                     s->connections[i].connected);
}

char *semo_state_status(const struct semo_state *s, const struct semo_descriptor *d)
{
    json_t *nodes = json_array(), *modules = json_array(), *connections = json_array();
    for (unsigned i = 0; i < s->node_count; i++)
        json_array_append_new(nodes, status_node(s, d, i));
    for (unsigned i = 0; i < s->module_count; i++)
        json_array_append_new(modules, status_module(s, d, i));
    for (unsigned i = 0; i < s->connection_count; i++)
        json_array_append_new(connections, status_connection(s, d, i));
    json_t *root = json_pack("{s:s,s:b,s:b,s:o,s:o,s:o}", "application", d->name, "provisioned",
                             s->provisioned, "insecure", s->insecure, "nodes", nodes, "modules",
                             modules, "connections", connections);
    char *text = json_dumps(root, JSON_INDENT(1));
    json_decref(root);
    if (!text)
        abort();
    return text;
}

enum semo_status semo_state_write_status(const struct semo_state *s,
                                         const struct semo_descriptor *d, struct semo_error *e)
{
    char *text = semo_state_status(s, d), *path = semo_state_file(s, "status", ".json");
    enum semo_status status = semo_file_write(path, text, strlen(text), 0644, e);
    free(text);
    free(path);
    return status;
}

/* ---- open and close ---- */

/* A new key only where nothing is sealed yet: else a wrong path would hide what is there. */
static enum semo_status load_operator(struct semo_state *s, const char *key_file,
                                      struct semo_error *e)
{
    char *nodes = semo_state_file(s, "nodes", ".sealed"), *path;
    bool exists = semo_file_exists(nodes);
    path = key_file ? semo_format("%s", key_file) : semo_operator_path();
    enum semo_status status = semo_operator_load(path, &s->operator, e);
    if (status == SEMO_MISSING && !exists)
        status = semo_operator_create(path, &s->operator, e);
    else if (status == SEMO_MISSING)
        semo_error_set(e, SEMO_MISSING, SEMO_EXIT_RESOURCE, path, 0, 0,
                       "no operator key here, but %s needs one; name it by --operator-key", nodes);
    free(nodes);
    free(path);
    return status;
}

/* Chips, objects and sockets are in it. */
static enum semo_status check_folder(const char *folder, struct semo_error *e)
{
    struct stat about;
    if (stat(folder, &about) == 0 && (about.st_mode & 022) == 0)
        return SEMO_OK;
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_RESOURCE, folder, 0, 0,
                          "others may write to it; chmod go-w, or choose another path");
}

enum semo_status semo_state_open(const struct semo_descriptor *d, const char *folder,
                                 const char *key_file, bool lock, struct semo_state **out,
                                 struct semo_error *e)
{
    struct semo_state *s = semo_allocate(1, sizeof *s);
    s->folder = folder ? semo_format("%s", folder) : semo_state_default(d->name);
    s->app = d->name;
    s->lock = -1;
    s->node_count = d->node_count;
    s->module_count = d->module_count;
    s->connection_count = d->connection_count;
    s->nodes = semo_allocate(d->node_count, sizeof *s->nodes);
    s->owners = semo_allocate(d->module_count, sizeof *s->owners);
    s->modules = semo_allocate(d->module_count, sizeof *s->modules);
    s->connections = semo_allocate(d->connection_count, sizeof *s->connections);
    enum semo_status status = semo_file_make_folder(s->folder, 0700, e);
    if (status == SEMO_OK)
        status = check_folder(s->folder, e);
    if (status == SEMO_OK && lock) {
        char *path = semo_state_file(s, "lock", "");
        status = semo_file_lock(path, &s->lock, e);
        free(path);
    }
    if (status == SEMO_OK)
        status = load_operator(s, key_file, e);
    if (status == SEMO_OK) {
        status = read_nodes(s, d, e);
        if (status == SEMO_MISSING)
            status = SEMO_OK;
    }
    if (status == SEMO_OK)
        *out = s;
    else
        semo_state_close(s);
    return status;
}

static void wipe_free(void *p, size_t len)
{
    OPENSSL_cleanse(p, len);
    free(p);
}

void semo_state_close(struct semo_state *s)
{
    if (!s)
        return;
    if (s->lock >= 0)
        close(s->lock);
    wipe_free(s->nodes, s->node_count * sizeof *s->nodes);
    wipe_free(s->modules, s->module_count * sizeof *s->modules);
    wipe_free(s->connections, s->connection_count * sizeof *s->connections);
    free(s->owners);
    free(s->folder);
    wipe_free(s, sizeof *s);
}
