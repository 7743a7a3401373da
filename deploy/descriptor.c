/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "deploy/descriptor.h"
#include "host/file.h"

#define FILES_MAX          16
#define LATENCY_US_DEFAULT 1000
#define LATENCY_US_MIN     87 /* one byte time: SEMO_LINK_BYTE_CYCLES */

#define REFUSED(name, hint)                                                                        \
    {                                                                                              \
        name, SEMO_FIELD_REFUSED, 0, false, 0, 0, hint                                             \
    }
#define FIELD(type, kind, member, need)                                                            \
    SEMO_FIELD_##kind, offsetof(struct type, member), need, 0, 0, NULL
#define NUMBER(type, member, need, low, high)                                                      \
    SEMO_FIELD_NUMBER, offsetof(struct type, member), need, low, high, NULL
#define END                                                                                        \
    {                                                                                              \
        NULL, SEMO_FIELD_REFUSED, 0, false, 0, 0, NULL                                             \
    }
#define NO_KEYS "keys and state are never in a descriptor; remove it"

/* ---- one file ---- */

struct document {
    char name[SEMO_NAME_MAX + 1];
    const struct semo_tree *include, *nodes, *modules, *connections, *periodic, *world, *never;
};

static const struct semo_field document_fields[] = {
    {"name", FIELD(document, NAME, name, false)},
    {"include", FIELD(document, TREE, include, false)},
    {"nodes", FIELD(document, TREE, nodes, false)},
    {"modules", FIELD(document, TREE, modules, false)},
    {"connections", FIELD(document, TREE, connections, false)},
    {"periodic-events", FIELD(document, TREE, periodic, false)},
    {"world", FIELD(document, TREE, world, false)},
    {"never", FIELD(document, TREE, never, false)},
    REFUSED("manager", "there is no attestation manager; the deployer attests, remove it"),
    REFUSED("connections_current_id", NO_KEYS),
    REFUSED("events_current_id", NO_KEYS),
    END};

static const struct semo_field world_fields[] = {{"wires", SEMO_FIELD_TREE, 0, false, 0, 0, NULL},
                                                 END};

static void add_warning(struct semo_descriptor *d, const struct semo_tree *t, const char *text)
{
    d->warnings = realloc(d->warnings, (d->warning_count + 1) * sizeof *d->warnings);
    if (!d->warnings)
        abort();
    d->warnings[d->warning_count++] =
        semo_format("%s:%u:%u: %s: warning: %s", t->file, t->line, t->column, t->key, text);
}

/* Where both names stood, so that the reader finds the other one. */
static enum semo_status fail_twice(const struct semo_tree *here, const struct semo_tree *other,
                                   struct semo_error *e)
{
    return semo_fields_fail(here, e, "given twice, first in %s:%u; rename or remove one",
                            other->file, other->line);
}

/* ---- nodes ---- */

struct node_text {
    char name[SEMO_NAME_MAX + 1];
    const char *type, *ip_address, *host, *serial, *vendor_key;
    unsigned reactive_port, deploy_port, vendor_id, latency_us;
    bool emulated;
};

static const struct semo_field node_fields[] = {
    {"type", FIELD(node_text, TEXT, type, true)},
    {"name", FIELD(node_text, NAME, name, true)},
    {"ip_address", FIELD(node_text, TEXT, ip_address, false)},
    {"host", FIELD(node_text, TEXT, host, false)},
    {"reactive_port", NUMBER(node_text, reactive_port, false, 1, 65535)},
    {"deploy_port", NUMBER(node_text, deploy_port, false, 1, 65535)},
    {"serial", FIELD(node_text, TEXT, serial, false)},
    {"emulated", FIELD(node_text, BOOLEAN, emulated, false)},
    {"vendor_id", NUMBER(node_text, vendor_id, true, 1, 65535)},
    {"vendor_key", FIELD(node_text, TEXT, vendor_key, false)},
    {"latency_us", NUMBER(node_text, latency_us, false, LATENCY_US_MIN, 1000000)},
    REFUSED("node_key", NO_KEYS),
    REFUSED("module_id", "numbers are given by the node; remove it"),
    REFUSED("aesm_host", "there is no SGX back end; use type sancus or linux"),
    REFUSED("aesm_port", "there is no SGX back end; use type sancus or linux"),
    END};

static enum semo_status read_kind(const struct semo_tree *map, enum semo_node_kind *kind,
                                  struct semo_error *e)
{
    const struct semo_tree *type = semo_tree_field(map, "type");
    if (strcmp(type->text, "sancus") == 0)
        *kind = SEMO_NODE_MCU;
    else if (strcmp(type->text, "linux") == 0)
        *kind = SEMO_NODE_LINUX;
    else
        return semo_fields_fail(type, e, "no back end of this type; write sancus or linux");
    return SEMO_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const char *text, uint8_t *out, size_t len)
{
    if (strlen(text) != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* The key itself must not come back in a message, so the field's name is the word. */
static enum semo_status read_vendor_key(struct semo_descriptor *d, const struct semo_tree *map,
                                        const char *text, struct semo_node_spec *n,
                                        struct semo_error *e)
{
    const struct semo_tree *t = semo_tree_field(map, "vendor_key");
    if (!read_hex(text, n->vendor_key, sizeof n->vendor_key))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, t->file, t->line, t->column,
                              "vendor_key: not a key; write \"...\" and use semo import-key");
    if (semo_key_is_published(n->vendor_key, n->vendor))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, t->file, t->line, t->column,
                              "vendor_key: a key of the published tests, which protects nothing; "
                              "use another");
    n->has_vendor_key = true;
    add_warning(d, t, "a key in clear; write \"...\" and use semo import-key");
    return SEMO_OK;
}

/* Where it is: on this machine, behind an address, at the end of a line. */
static enum semo_status read_address(const struct semo_tree *map, const struct node_text *t,
                                     struct semo_node_spec *n, struct semo_error *e)
{
    const struct semo_tree *emulated = semo_tree_field(map, "emulated");
    n->host = t->host ? t->host : t->ip_address;
    n->serial = t->serial;
    n->emulated = emulated ? t->emulated : !n->host && !n->serial;
    n->reactive_port = t->reactive_port;
    n->deploy_port = t->deploy_port ? t->deploy_port : t->reactive_port;
    if (t->host && t->ip_address && strcmp(t->host, t->ip_address) != 0)
        return semo_fields_fail(semo_tree_field(map, "host"), e,
                                "contradicts ip_address; give one of the two");
    if (n->serial && n->kind != SEMO_NODE_MCU)
        return semo_fields_fail(semo_tree_field(map, "serial"), e,
                                "only a board of type sancus hangs on a line; give host");
    if (n->serial && n->host)
        return semo_fields_fail(semo_tree_field(map, "serial"), e,
                                "contradicts the node's address; give one of the two");
    if (!n->emulated && !n->host && !n->serial)
        return semo_fields_fail(emulated, e, "where is it then? add host or serial, or remove it");
    return SEMO_OK;
}

static enum semo_status read_node(struct semo_descriptor *d, const struct semo_tree *map,
                                  struct semo_error *e)
{
    struct node_text text = {.latency_us = LATENCY_US_DEFAULT};
    struct semo_node_spec *n = &d->nodes[d->node_count];
    enum semo_status status = semo_fields_read(map, "a node", node_fields, &text, e);
    if (status == SEMO_OK)
        status = read_kind(map, &n->kind, e);
    if (status != SEMO_OK)
        return status;
    int other = semo_descriptor_node(d, text.name);
    if (other >= 0)
        return fail_twice(semo_tree_field(map, "name"), d->nodes[other].tree, e);
    strcpy(n->name, text.name);
    n->vendor = text.vendor_id;
    n->latency_us = text.latency_us;
    n->tree = map;
    if (read_address(map, &text, n, e) != SEMO_OK)
        return SEMO_INPUT;
    if (text.vendor_key && read_vendor_key(d, map, text.vendor_key, n, e) != SEMO_OK)
        return SEMO_INPUT;
    d->node_count++;
    return SEMO_OK;
}

/* ---- modules ---- */

struct module_text {
    char name[SEMO_NAME_MAX + 1], node[SEMO_NAME_MAX + 1];
    const char *type;
    const struct semo_tree *files;
    bool provisioned;
    unsigned priority;
};

static const struct semo_field module_fields[] = {
    {"type", FIELD(module_text, TEXT, type, true)},
    {"name", FIELD(module_text, NAME, name, true)},
    {"files", FIELD(module_text, TREE, files, true)},
    {"node", FIELD(module_text, NAME, node, true)},
    {"provisioned", FIELD(module_text, BOOLEAN, provisioned, false)},
    {"priority", NUMBER(module_text, priority, false, 0, 65535)},
    REFUSED("old_node", "moving a module is not supported; remove it"),
    REFUSED("cflags", "the flags are a part of what is measured and fixed; remove it"),
    REFUSED("ldflags", "the flags are a part of what is measured and fixed; remove it"),
    REFUSED("binary", "modules are built from source; give files"),
    REFUSED("id", "numbers are given by the node; remove it"),
    REFUSED("symtab", "the deployer links the module itself; remove it"),
    REFUSED("key", NO_KEYS),
    REFUSED("nonce", NO_KEYS),
    REFUSED("deployed", NO_KEYS),
    REFUSED("attested", NO_KEYS),
    REFUSED("deploy_name", "a module has one name; remove it"),
    END};

/* Beside the descriptor, or in the folder modules/ beside it (Listing 1 names bare files). */
static char *find_source(const char *descriptor, const char *name)
{
    const char *slash = strrchr(descriptor, '/');
    int len = slash ? (int)(slash - descriptor) + 1 : 0;
    char *path =
        name[0] == '/' ? semo_format("%s", name) : semo_format("%.*s%s", len, descriptor, name);
    if (semo_file_exists(path))
        return path;
    free(path);
    path = semo_format("%.*smodules/%s", len, descriptor, name);
    if (semo_file_exists(path))
        return path;
    free(path);
    return NULL;
}

static enum semo_status read_files(const struct semo_tree *list, struct semo_module_spec *m,
                                   struct semo_error *e)
{
    if (semo_fields_want(list, SEMO_TREE_LIST, "files", e) != SEMO_OK)
        return SEMO_INPUT;
    if (list->count == 0)
        return semo_fields_fail(list, e, "files is empty; name at least one C file");
    m->files = semo_allocate(list->count, sizeof *m->files);
    for (const struct semo_tree *t = list->first; t; t = t->next) {
        if (semo_fields_want(t, SEMO_TREE_STRING, "a file", e) != SEMO_OK)
            return SEMO_INPUT;
        m->files[m->file_count] = find_source(list->file, t->text);
        if (!m->files[m->file_count])
            return semo_fields_fail(t, e,
                                    "no such file beside the descriptor or in modules/ "
                                    "there; correct the name");
        m->file_count++;
    }
    return SEMO_OK;
}

static enum semo_status check_module(const struct semo_descriptor *d, const struct semo_tree *map,
                                     const struct semo_module_spec *m, int node, int other,
                                     struct semo_error *e)
{
    const struct semo_tree *t = semo_tree_field(map, "node");
    if (other >= 0)
        return fail_twice(semo_tree_field(map, "name"), d->modules[other].tree, e);
    if (strchr(m->name, '-'))
        return semo_fields_fail(semo_tree_field(map, "name"), e,
                                "a module's name is a word of its C source; write _ instead of -");
    if (node < 0)
        return semo_fields_fail(t, e, "no node of this name; declare it under nodes");
    if (m->kind != d->nodes[node].kind)
        return semo_fields_fail(semo_tree_field(map, "type"), e,
                                "contradicts node %s, which is of type %s; make them equal",
                                d->nodes[node].name,
                                d->nodes[node].kind == SEMO_NODE_MCU ? "sancus" : "linux");
    if (m->provisioned && m->kind != SEMO_NODE_MCU)
        return semo_fields_fail(semo_tree_field(map, "provisioned"), e,
                                "only a chip has actuators to own; remove it");
    return SEMO_OK;
}

static enum semo_status read_module(struct semo_descriptor *d, const struct semo_tree *map,
                                    struct semo_error *e)
{
    struct module_text text = {.priority = UINT_MAX};
    struct semo_module_spec *m = &d->modules[d->module_count];
    enum semo_status status = semo_fields_read(map, "a module", module_fields, &text, e);
    if (status == SEMO_OK)
        status = read_kind(map, &m->kind, e);
    if (status != SEMO_OK)
        return status;
    int node = semo_descriptor_node(d, text.node), other = semo_descriptor_module(d, text.name);
    strcpy(m->name, text.name);
    m->provisioned = text.provisioned;
    m->priority = text.priority;
    m->order = d->module_count;
    m->tree = map;
    status = check_module(d, map, m, node, other, e);
    d->module_count++; /* from here on semo_descriptor_free sees its files */
    if (status == SEMO_OK)
        m->node = (unsigned)node;
    return status == SEMO_OK ? read_files(text.files, m, e) : status;
}

/* ---- connections ---- */

struct connection_text {
    const char *name, *policy, *encryption;
    char from_module[SEMO_NAME_MAX + 1], from_io[SEMO_NAME_MAX + 1];
    char to_module[SEMO_NAME_MAX + 1], to_io[SEMO_NAME_MAX + 1];
    bool direct;
};

static const struct semo_field connection_fields[] = {
    {"name", FIELD(connection_text, TEXT, name, false)},
    {"from_module", FIELD(connection_text, NAME, from_module, false)},
    {"from_output", FIELD(connection_text, NAME, from_io, false)},
    {"from_request", FIELD(connection_text, NAME, from_io, false)},
    {"to_module", FIELD(connection_text, NAME, to_module, false)},
    {"to_input", FIELD(connection_text, NAME, to_io, false)},
    {"to_handler", FIELD(connection_text, NAME, to_io, false)},
    {"policy", FIELD(connection_text, TEXT, policy, false)},
    {"direct", FIELD(connection_text, BOOLEAN, direct, false)},
    {"encryption", FIELD(connection_text, TEXT, encryption, false)},
    REFUSED("id", "numbers are given by the deployer; remove it"),
    REFUSED("key", NO_KEYS),
    REFUSED("nonce", NO_KEYS),
    REFUSED("established", NO_KEYS),
    END};

struct end_fields {
    const char *module, *io, *asking; /* the last: its name in a request */
};
static const struct end_fields from_fields = {"from_module", "from_output", "from_request"};
static const struct end_fields to_fields = {"to_module", "to_input", "to_handler"};

const struct semo_tree *semo_connection_io(const struct semo_connection_spec *c, bool from)
{
    const struct end_fields *f = from ? &from_fields : &to_fields;
    return semo_tree_field(c->tree, c->policy == SEMO_REQUEST ? f->asking : f->io);
}

/* A request goes to a handler, an output to an input, and no end is both. */
static enum semo_status read_request(const struct semo_tree *map, bool *request,
                                     struct semo_error *e)
{
    const struct semo_tree *output = semo_tree_field(map, from_fields.io),
                           *asks = semo_tree_field(map, from_fields.asking),
                           *input = semo_tree_field(map, to_fields.io),
                           *answers = semo_tree_field(map, to_fields.asking);
    if (output && asks)
        return semo_fields_fail(asks, e, "contradicts from_output; give one of the two");
    if (input && answers)
        return semo_fields_fail(answers, e, "contradicts to_input; give one of the two");
    if (asks && input)
        return semo_fields_fail(input, e, "a request goes to a handler; write to_handler");
    if (output && answers)
        return semo_fields_fail(output, e, "a handler answers a request; write from_request");
    *request = asks || answers;
    return SEMO_OK;
}

/* One end: module and its output (input), both or, for the deployer's end, none. */
static enum semo_status read_end(struct semo_descriptor *d, const struct semo_tree *map,
                                 const struct end_fields *f, bool request, int *module,
                                 struct semo_error *e)
{
    const char *io_field = request ? f->asking : f->io;
    const struct semo_tree *m = semo_tree_field(map, f->module);
    const struct semo_tree *io = semo_tree_field(map, io_field);
    *module = SEMO_DEPLOYER;
    if (!m && !io)
        return SEMO_OK;
    if (!m || !io)
        return semo_fields_fail(m ? m : io, e, "%s without %s; add \"%s\"",
                                m ? f->module : io_field, m ? io_field : f->module,
                                m ? io_field : f->module);
    *module = semo_descriptor_module(d, m->text);
    if (*module < 0)
        return semo_fields_fail(m, e,
                                "no module of this name; declare it under modules, or name "
                                "the descriptor file that does");
    return SEMO_OK;
}

static enum semo_status read_policy(const struct semo_tree *map, const char *text, bool request,
                                    enum semo_policy *policy, struct semo_error *e)
{
    static const char *const names[] = {
        [SEMO_NEWEST] = "newest", [SEMO_STRICT] = "strict", [SEMO_ACKNOWLEDGED] = "acknowledged"};
    const struct semo_tree *t = semo_tree_field(map, "policy");
    *policy = request ? SEMO_REQUEST : SEMO_NEWEST;
    if (!text)
        return SEMO_OK;
    if (request)
        return semo_fields_fail(t, e, "a request is answered, that is its policy; remove it");
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) {
            *policy = (enum semo_policy)i;
            return SEMO_OK;
        }
    return semo_fields_fail(t, e, "not a policy; write newest, strict or acknowledged");
}

/* The deployer is a Linux program, too. */
static bool computes_aes(const struct semo_descriptor *d, int module)
{
    return module == SEMO_DEPLOYER || d->modules[module].kind == SEMO_NODE_LINUX;
}

static enum semo_status read_encryption(const struct semo_descriptor *d,
                                        const struct semo_tree *map, const char *text,
                                        struct semo_connection_spec *c, struct semo_error *e)
{
    const struct semo_tree *t = semo_tree_field(map, "encryption");
    bool both = computes_aes(d, c->from) && computes_aes(d, c->to);
    c->aes = text ? strcmp(text, "aes") == 0 : both;
    if (text && !c->aes && strcmp(text, "spongent") != 0)
        return semo_fields_fail(t, e, "not an encryption; write spongent or aes");
    if (c->aes && !both)
        return semo_fields_fail(t, e, "not an encryption that both ends have; write spongent");
    return SEMO_OK;
}

static enum semo_status check_direct(const struct semo_tree *map, bool direct,
                                     const struct semo_connection_spec *c, struct semo_error *e)
{
    bool deployer = c->from == SEMO_DEPLOYER || c->to == SEMO_DEPLOYER;
    if (c->from == SEMO_DEPLOYER && c->to == SEMO_DEPLOYER)
        return semo_fields_fail(map, e,
                                "a connection without modules; add from_module and "
                                "from_output, to_module and to_input");
    if (deployer && !direct)
        return semo_fields_fail(map, e,
                                "a connection with one end; add the other, or \"direct\": "
                                "true for the deployer");
    if (!deployer && direct)
        return semo_fields_fail(semo_tree_field(map, "direct"), e,
                                "contradicts the two modules; remove it or one of them");
    if (c->to == SEMO_DEPLOYER && c->policy == SEMO_REQUEST)
        return semo_fields_fail(semo_tree_field(map, "from_request"), e,
                                "the deployer asks and answers nothing; name a handler");
    if (!deployer && c->from == c->to)
        return semo_fields_fail(semo_tree_field(map, "to_module"), e,
                                "a connection from a module to itself; name two modules");
    return SEMO_OK;
}

static enum semo_status check_label(const struct semo_tree *map, const char *name,
                                    struct semo_error *e)
{
    for (const char *at = name ? name : ""; *at; at++)
        if (iscntrl((unsigned char)*at))
            return semo_fields_fail(semo_tree_field(map, "name"), e,
                                    "a character that cannot be shown; leave it out");
    return SEMO_OK;
}

static enum semo_status check_unique(const struct semo_descriptor *d,
                                     const struct semo_connection_spec *c, struct semo_error *e)
{
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *o = &d->connections[i];
        bool from = o->from == c->from && strcmp(o->from_output, c->from_output) == 0;
        bool to = o->to == c->to && strcmp(o->to_input, c->to_input) == 0;
        if (from && to)
            return fail_twice(semo_connection_io(c, c->to < 0), o->tree, e);
        if (from && c->from >= 0 && c->policy == SEMO_REQUEST && o->policy == SEMO_REQUEST)
            return semo_fields_fail(semo_connection_io(c, true), e,
                                    "a request has one handler, this one has another in %s:%u; "
                                    "remove one",
                                    o->tree->file, o->tree->line);
        if (strcmp(o->name, c->name) == 0) {
            const struct semo_tree *name = semo_tree_field(c->tree, "name");
            return fail_twice(name ? name : c->tree, o->tree, e);
        }
    }
    return SEMO_OK;
}

static char *connection_name(const struct connection_text *t)
{
    if (t->name)
        return semo_format("%s", t->name);
    if (!t->from_module[0])
        return semo_format("deployer>%s.%s", t->to_module, t->to_io);
    if (!t->to_module[0])
        return semo_format("%s.%s>deployer", t->from_module, t->from_io);
    return semo_format("%s.%s>%s.%s", t->from_module, t->from_io, t->to_module, t->to_io);
}

static void count_end(struct semo_descriptor *d, int module, enum semo_policy policy)
{
    if (module >= 0)
        d->modules[module].ends += policy == SEMO_NEWEST ? 1 : 2;
}

static enum semo_status read_ends(struct semo_descriptor *d, const struct semo_tree *map,
                                  const struct connection_text *t, struct semo_connection_spec *c,
                                  struct semo_error *e)
{
    bool request = false;
    enum semo_status status = read_request(map, &request, e);
    if (status == SEMO_OK)
        status = read_end(d, map, &from_fields, request, &c->from, e);
    if (status == SEMO_OK)
        status = read_end(d, map, &to_fields, request, &c->to, e);
    if (status == SEMO_OK)
        status = read_policy(map, t->policy, request, &c->policy, e);
    if (status == SEMO_OK)
        status = check_direct(map, t->direct, c, e);
    if (status == SEMO_OK)
        status = check_label(map, t->name, e);
    return status == SEMO_OK ? read_encryption(d, map, t->encryption, c, e) : status;
}

static enum semo_status read_connection(struct semo_descriptor *d, const struct semo_tree *map,
                                        struct semo_error *e)
{
    struct connection_text text = {.name = NULL};
    struct semo_connection_spec *c = &d->connections[d->connection_count];
    enum semo_status status = semo_fields_read(map, "a connection", connection_fields, &text, e);
    if (status == SEMO_OK)
        status = read_ends(d, map, &text, c, e);
    if (status != SEMO_OK)
        return status;
    strcpy(c->from_output, text.from_io);
    strcpy(c->to_input, text.to_io);
    c->tree = map;
    c->name = connection_name(&text);
    status = check_unique(d, c, e);
    d->connection_count++;
    count_end(d, c->from, c->policy);
    count_end(d, c->to, c->policy);
    return status;
}

/* ---- periodic events and the world ---- */

struct periodic_text {
    char name[SEMO_NAME_MAX + 1], module[SEMO_NAME_MAX + 1], entry[SEMO_NAME_MAX + 1];
    unsigned frequency;
};

static const struct semo_field periodic_fields[] = {
    {"name", FIELD(periodic_text, NAME, name, false)},
    {"module", FIELD(periodic_text, NAME, module, true)},
    {"entry", FIELD(periodic_text, NAME, entry, true)},
    {"frequency", NUMBER(periodic_text, frequency, true, 1, 86400000)},
    REFUSED("id", "numbers are given by the deployer; remove it"),
    REFUSED("established", NO_KEYS),
    END};

static enum semo_status read_periodic(struct semo_descriptor *d, const struct semo_tree *map,
                                      struct semo_error *e)
{
    struct periodic_text text = {.frequency = 0};
    struct semo_periodic_spec *p = &d->periodic[d->periodic_count];
    enum semo_status status = semo_fields_read(map, "a periodic event", periodic_fields, &text, e);
    if (status != SEMO_OK)
        return status;
    int module = semo_descriptor_module(d, text.module);
    if (module < 0)
        return semo_fields_fail(semo_tree_field(map, "module"), e,
                                "no module of this name; declare it under modules");
    *p = (struct semo_periodic_spec){
        .module = (unsigned)module, .period_ms = text.frequency, .tree = map};
    strcpy(p->entry, text.entry);
    d->periodic_count++;
    return SEMO_OK;
}

struct wire_text {
    char from[SEMO_NAME_MAX + 1], to[SEMO_NAME_MAX + 1];
};

static const struct semo_field wire_fields[] = {
    {"from", FIELD(wire_text, NAME, from, true)}, {"to", FIELD(wire_text, NAME, to, true)}, END};

static enum semo_status read_wire_end(const struct semo_descriptor *d, const struct semo_tree *map,
                                      const char *field, unsigned *node, struct semo_error *e)
{
    const struct semo_tree *t = semo_tree_field(map, field);
    int found = semo_descriptor_node(d, t->text);
    if (found < 0)
        return semo_fields_fail(t, e, "no node of this name; declare it under nodes");
    if (d->nodes[found].kind != SEMO_NODE_MCU)
        return semo_fields_fail(t, e, "this node has no pins; a wire joins nodes of type sancus");
    *node = (unsigned)found;
    return SEMO_OK;
}

static enum semo_status read_wire(struct semo_descriptor *d, const struct semo_tree *map,
                                  struct semo_error *e)
{
    struct wire_text text;
    struct semo_wire_spec *w = &d->wires[d->wire_count];
    enum semo_status status = semo_fields_read(map, "a wire", wire_fields, &text, e);
    if (status == SEMO_OK)
        status = read_wire_end(d, map, "from", &w->from, e);
    if (status == SEMO_OK)
        status = read_wire_end(d, map, "to", &w->to, e);
    if (status == SEMO_OK)
        d->wire_count++;
    return status;
}

/* ---- all files together ---- */

typedef enum semo_status read_item_fn(struct semo_descriptor *d, const struct semo_tree *map,
                                      struct semo_error *e);

static enum semo_status read_list(struct semo_descriptor *d, const struct semo_tree *list,
                                  const char *what, read_item_fn *read, unsigned *count,
                                  unsigned max, struct semo_error *e)
{
    if (!list)
        return SEMO_OK;
    if (semo_fields_want(list, SEMO_TREE_LIST, what, e) != SEMO_OK)
        return SEMO_INPUT;
    for (const struct semo_tree *t = list->first; t; t = t->next) {
        if (*count == max)
            return semo_fields_fail(t, e, "more than %u %s; make two applications of it", max,
                                    what);
        if (read(d, t, e) != SEMO_OK)
            return SEMO_INPUT;
    }
    return SEMO_OK;
}

static enum semo_status read_world(struct semo_descriptor *d, const struct semo_tree *world,
                                   struct semo_error *e)
{
    const struct semo_tree *wires = NULL;
    if (!world)
        return SEMO_OK;
    if (semo_fields_read(world, "world", world_fields, &wires, e) != SEMO_OK)
        return SEMO_INPUT;
    return read_list(d, wires, "wires", read_wire, &d->wire_count, SEMO_NODES_MAX, e);
}

static bool already_read(const struct semo_descriptor *d, const char *path)
{
    for (unsigned i = 0; i < d->tree_count; i++)
        if (strcmp(d->paths[i], path) == 0)
            return true;
    return false;
}

static enum semo_status read_tree(struct semo_descriptor *d, const char *path,
                                  const struct semo_tree *by, struct document *documents,
                                  struct semo_error *e);

static enum semo_status read_includes(struct semo_descriptor *d, const struct semo_tree *list,
                                      struct document *documents, struct semo_error *e)
{
    if (!list)
        return SEMO_OK;
    if (semo_fields_want(list, SEMO_TREE_LIST, "include", e) != SEMO_OK)
        return SEMO_INPUT;
    for (const struct semo_tree *t = list->first; t; t = t->next) {
        if (semo_fields_want(t, SEMO_TREE_STRING, "a file to include", e) != SEMO_OK)
            return SEMO_INPUT;
        const char *slash = strrchr(list->file, '/');
        char *path =
            semo_format("%.*s%s", slash ? (int)(slash - list->file) + 1 : 0, list->file, t->text);
        enum semo_status status = read_tree(d, path, t, documents, e);
        free(path);
        if (status != SEMO_OK)
            return status;
    }
    return SEMO_OK;
}

/* Reads a file and then those that it includes; a file named twice counts once. */
static enum semo_status read_tree(struct semo_descriptor *d, const char *path,
                                  const struct semo_tree *by, struct document *documents,
                                  struct semo_error *e)
{
    struct semo_tree *tree;
    if (already_read(d, path))
        return SEMO_OK;
    if (d->tree_count == FILES_MAX)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, path, 0, 0,
                              "more than %d descriptor files; join some", FILES_MAX);
    if (by && !semo_file_exists(path))
        return semo_fields_fail(by, e, "no such file beside this one; correct the name");
    if (semo_tree_read(path, &tree, e) != SEMO_OK)
        return SEMO_INPUT;
    unsigned index = d->tree_count++;
    d->trees[index] = tree;
    d->paths[index] = semo_format("%s", path);
    if (semo_fields_read(tree, "a descriptor", document_fields, &documents[index], e) != SEMO_OK)
        return SEMO_INPUT;
    return read_includes(d, documents[index].include, documents, e);
}

/* The first name given; else that of the first file, or of its folder when it says nothing. */
static void choose_name(struct semo_descriptor *d, const struct document *documents)
{
    for (unsigned i = 0; i < d->tree_count; i++)
        if (documents[i].name[0]) {
            strcpy(d->name, documents[i].name);
            return;
        }
    char *path = semo_format("%s", d->paths[0]);
    char *slash = strrchr(path, '/');
    if (slash && strncmp(slash + 1, "descriptor.", 11) == 0) {
        *slash = 0;
        slash = strrchr(path, '/');
    }
    const char *base = slash ? slash + 1 : path;
    unsigned n = 0;
    for (; base[n] && base[n] != '.' && n < SEMO_NAME_MAX; n++)
        d->name[n] = isalnum((unsigned char)base[n]) || base[n] == '-' ? base[n] : '_';
    if (n == 0)
        strcpy(d->name, "application");
    free(path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct semo_node_spec *)a)->name,
                  ((const struct semo_node_spec *)b)->name);
}

/* Modules with a priority are deployed first, lowest number first; else as they stand. */
static int by_priority(const void *a, const void *b)
{
    const struct semo_module_spec *x = a, *y = b;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

#define EACH_LIST(list, text, read, count, max)                                                    \
    for (unsigned i = 0; i < d->tree_count; i++)                                                   \
        if (read_list(d, documents[i].list, text, read, &d->count, max, e) != SEMO_OK)             \
    return SEMO_INPUT

/* Names may be used before they are declared, also over files: nodes, then modules, then edges. */
static enum semo_status read_all(struct semo_descriptor *d, const struct document *documents,
                                 struct semo_error *e)
{
    EACH_LIST(nodes, "nodes", read_node, node_count, SEMO_NODES_MAX);
    qsort(d->nodes, d->node_count, sizeof *d->nodes, by_name);
    EACH_LIST(modules, "modules", read_module, module_count, SEMO_MODULES_MAX);
    qsort(d->modules, d->module_count, sizeof *d->modules, by_priority);
    EACH_LIST(connections, "connections", read_connection, connection_count, SEMO_CONNECTIONS_MAX);
    EACH_LIST(periodic, "periodic-events", read_periodic, periodic_count, SEMO_MODULES_MAX);
    for (unsigned i = 0; i < d->tree_count; i++)
        if (read_world(d, documents[i].world, e) != SEMO_OK)
            return SEMO_INPUT;
    EACH_LIST(never, "never", semo_flow_read, never_count, SEMO_CONNECTIONS_MAX);
    if (d->module_count == 0)
        return semo_fields_fail(d->trees[0], e, "a descriptor without modules; add \"modules\"");
    return SEMO_OK;
}

enum semo_status semo_descriptor_load(char *const paths[], unsigned count,
                                      struct semo_descriptor **out, struct semo_error *e)
{
    struct document documents[FILES_MAX] = {{.include = NULL}};
    struct semo_descriptor *d = semo_allocate(1, sizeof *d);
    enum semo_status status = SEMO_OK;
    d->nodes = semo_allocate(SEMO_NODES_MAX, sizeof *d->nodes);
    d->modules = semo_allocate(SEMO_MODULES_MAX, sizeof *d->modules);
    d->connections = semo_allocate(SEMO_CONNECTIONS_MAX, sizeof *d->connections);
    d->periodic = semo_allocate(SEMO_MODULES_MAX, sizeof *d->periodic);
    d->wires = semo_allocate(SEMO_NODES_MAX, sizeof *d->wires);
    d->never = semo_allocate(SEMO_CONNECTIONS_MAX, sizeof *d->never);
    d->trees = semo_allocate(FILES_MAX, sizeof *d->trees);
    d->paths = semo_allocate(FILES_MAX, sizeof *d->paths);
    for (unsigned i = 0; i < count && status == SEMO_OK; i++)
        status = read_tree(d, paths[i], NULL, documents, e);
    if (status == SEMO_OK)
        status = read_all(d, documents, e);
    if (status != SEMO_OK) {
        semo_descriptor_free(d);
        return status;
    }
    choose_name(d, documents);
    *out = d;
    return SEMO_OK;
}

static void free_texts(char **texts, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void semo_descriptor_free(struct semo_descriptor *d)
{
    if (!d)
        return;
    for (unsigned i = 0; i < d->module_count; i++)
        free_texts(d->modules[i].files, d->modules[i].file_count);
    for (unsigned i = 0; i < d->connection_count; i++)
        free(d->connections[i].name);
    for (unsigned i = 0; i < d->tree_count; i++)
        semo_tree_free(d->trees[i]);
    free_texts(d->paths, d->tree_count);
    free_texts(d->warnings, d->warning_count);
    free(d->nodes);
    free(d->modules);
    free(d->connections);
    free(d->periodic);
    free(d->wires);
    free(d->never);
    free(d->trees);
    free(d);
}

int semo_descriptor_node(const struct semo_descriptor *d, const char *name)
{
    for (unsigned i = 0; i < d->node_count; i++)
        if (strcmp(d->nodes[i].name, name) == 0)
            return (int)i;
    return -1;
}

int semo_descriptor_module(const struct semo_descriptor *d, const char *name)
{
    for (unsigned i = 0; i < d->module_count; i++)
        if (strcmp(d->modules[i].name, name) == 0)
            return (int)i;
    return -1;
}
