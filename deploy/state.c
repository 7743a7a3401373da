/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <openssl/crypto.h>
#include "deploy/state_parts.h"
#include "host/file.h"

#define VERSION 1 /* of what is in sealed files */

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

json_t *semo_state_hex(const void *bytes, unsigned len)
{
    char text[2 * 64 + 1];
    for (unsigned i = 0; i < len; i++)
        sprintf(text + 2 * i, "%02x", ((const uint8_t *)bytes)[i]);
    json_t *j = json_string(text);
    OPENSSL_cleanse(text, sizeof text);
    return j;
}

bool semo_state_get_hex(const json_t *object, const char *name, void *out, unsigned len)
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

unsigned semo_state_get_number(const json_t *object, const char *name)
{
    return (unsigned)json_integer_value(json_object_get(object, name));
}

const char *semo_state_get_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

json_t *semo_state_layout(const struct semo_layout *l)
{
    return json_pack("[i,i,i,i]", l->ps, l->pe, l->ss, l->se);
}

void semo_state_get_layout(const json_t *object, struct semo_layout *l)
{
    const json_t *a = json_object_get(object, "layout");
    l->ps = (uint16_t)json_integer_value(json_array_get(a, 0));
    l->pe = (uint16_t)json_integer_value(json_array_get(a, 1));
    l->ss = (uint16_t)json_integer_value(json_array_get(a, 2));
    l->se = (uint16_t)json_integer_value(json_array_get(a, 3));
}

json_t *semo_state_room(const struct semo_room *r)
{
    return json_pack("[i,i,i]", r->slots, r->opens, r->policies);
}

void semo_state_get_room(const json_t *object, struct semo_room *r)
{
    const json_t *a = json_object_get(object, "room");
    r->slots = (unsigned)json_integer_value(json_array_get(a, 0));
    r->opens = (unsigned)json_integer_value(json_array_get(a, 1));
    r->policies = (unsigned)json_integer_value(json_array_get(a, 2));
}

enum semo_status semo_state_write_sealed(const struct semo_state *s, const char *purpose, json_t *j,
                                         struct semo_error *e)
{
    json_object_set_new(j, "version", json_integer(VERSION));
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

enum semo_status semo_state_read_sealed(const struct semo_state *s, const char *purpose,
                                        json_t **out, struct semo_error *e)
{
    uint8_t *text;
    size_t len;
    char *path = semo_state_file(s, purpose, ".sealed");
    enum semo_status status = semo_seal_read(&s->operator, path, s->app, purpose, &text, &len, e);
    if (status == SEMO_OK) {
        *out = json_loadb((const char *)text, len, 0, NULL);
        OPENSSL_cleanse(text, len);
        free(text);
        unsigned version = semo_state_get_number(*out, "version");
        if (version != VERSION) {
            json_decref(*out);
            status = semo_error_set(e, SEMO_MALFORMED, SEMO_EXIT_FAILED, path, 0, 0,
                                    "written by another version of semo (%u, this is %d); use a "
                                    "new --state",
                                    version, VERSION);
        }
    }
    free(path);
    return status;
}

/* ---- nodes.sealed ---- */

static json_t *node_json(const struct semo_state_node *n, const char *name)
{
    json_t *j = json_pack("{s:s,s:b,s:b}", "name", name, "provisioned", n->provisioned, "imported",
                          n->imported);
    json_object_set_new(j, "vendor_key", semo_state_hex(n->vendor_key, sizeof n->vendor_key));
    return j;
}

static json_t *owner_json(const struct semo_owner *o, const char *name)
{
    json_t *j = json_pack("{s:s,s:i,s:o,s:o}", "name", name, "window", o->window, "room",
                          semo_state_room(&o->room), "layout", semo_state_layout(&o->layout));
    json_object_set_new(j, "measurement", semo_state_hex(o->measurement, sizeof o->measurement));
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
    enum semo_status status = semo_state_write_sealed(
        s, "nodes",
        json_pack("{s:b,s:o,s:o}", "insecure", s->insecure, "nodes", nodes, "owners", owners), e);
    if (status == SEMO_OK)
        s->provisioned = true;
    return status;
}

/* What the descriptor no longer has is forgotten at the next write. */
static enum semo_status read_nodes(struct semo_state *s, const struct semo_descriptor *d,
                                   struct semo_error *e)
{
    json_t *root, *j;
    size_t i;
    enum semo_status status = semo_state_read_sealed(s, "nodes", &root, e);
    if (status != SEMO_OK)
        return status;
    s->provisioned = true;
    s->insecure = json_is_true(json_object_get(root, "insecure"));
    json_array_foreach(json_object_get(root, "nodes"), i, j)
    {
        int n = semo_descriptor_node(d, semo_state_get_text(j, "name"));
        if (n >= 0 && semo_state_get_hex(j, "vendor_key", s->nodes[n].vendor_key, 16)) {
            s->nodes[n].provisioned = json_is_true(json_object_get(j, "provisioned"));
            s->nodes[n].imported = json_is_true(json_object_get(j, "imported"));
        }
    }
    json_array_foreach(json_object_get(root, "owners"), i, j)
    {
        int m = semo_descriptor_module(d, semo_state_get_text(j, "name"));
        if (m >= 0 && semo_state_get_hex(j, "measurement", s->owners[m].measurement, 16)) {
            s->owners[m].window = semo_state_get_number(j, "window");
            semo_state_get_room(j, &s->owners[m].room);
            semo_state_get_layout(j, &s->owners[m].layout);
            s->owners[m].set = true;
        }
    }
    json_decref(root);
    return SEMO_OK;
}

/* ---- open and close ---- */

static bool is_sealed(const struct semo_state *s, const char *purpose)
{
    char *path = semo_state_file(s, purpose, ".sealed");
    bool exists = semo_file_exists(path);
    free(path);
    return exists;
}

/* A new key only where nothing is sealed yet: else a wrong path would hide what is there. */
static enum semo_status load_operator(struct semo_state *s, const char *key_file, unsigned flags,
                                      struct semo_error *e)
{
    const char *sealed = is_sealed(s, "nodes") ? "nodes" : is_sealed(s, "run") ? "run" : NULL;
    char *path = key_file ? semo_format("%s", key_file) : semo_operator_path();
    enum semo_status status = semo_operator_load(path, &s->operator, e);
    if (status == SEMO_MISSING && sealed)
        semo_error_set(e, SEMO_MISSING, SEMO_EXIT_RESOURCE, path, 0, 0,
                       "no operator key here, but %s/%s.sealed needs one; name it by "
                       "--operator-key",
                       s->folder, sealed);
    else if (status == SEMO_MISSING)
        status = flags ? semo_operator_create(path, &s->operator, e) : SEMO_OK;
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

/* A folder that nobody named may be missing when a command only reads. */
static enum semo_status find_folder(const struct semo_state *s, bool named, unsigned flags,
                                    struct semo_error *e)
{
    if (flags & SEMO_STATE_MAKE)
        return semo_file_make_folder(s->folder, 0700, e);
    if (semo_file_exists(s->folder) || (!named && !flags))
        return SEMO_OK;
    return semo_error_set(e, SEMO_MISSING, named ? SEMO_EXIT_USAGE : SEMO_EXIT_FAILED, s->folder, 0,
                          0, "no such folder: nothing was deployed from there; %s",
                          named ? "name the right one by --state" : "run semo up or semo deploy");
}

static enum semo_status read_folder(struct semo_state *s, const struct semo_descriptor *d,
                                    const char *key_file, unsigned flags, struct semo_error *e)
{
    enum semo_status status = check_folder(s->folder, e);
    if (status == SEMO_OK && flags & SEMO_STATE_LOCK) {
        char *path = semo_state_file(s, "lock", "");
        status = semo_file_lock(path, &s->lock, e);
        free(path);
    }
    if (status == SEMO_OK)
        status = load_operator(s, key_file, flags, e);
    if (status == SEMO_OK) {
        status = read_nodes(s, d, e);
        if (status == SEMO_MISSING)
            status = SEMO_OK;
    }
    return status;
}

enum semo_status semo_state_open(const struct semo_descriptor *d, const char *folder,
                                 const char *key_file, unsigned flags, struct semo_state **out,
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
    enum semo_status status = find_folder(s, folder, flags, e);
    if (status == SEMO_OK && semo_file_exists(s->folder))
        status = read_folder(s, d, key_file, flags, e);
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
    for (unsigned i = 0; i < s->ghost_count; i++)
        free(s->ghosts[i].name);
    free(s->ghosts);
    free(s->owners);
    free(s->folder);
    wipe_free(s, sizeof *s);
}
