/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "deploy/specs.h"

#define LATENCY_US_DEFAULT 1000
#define LATENCY_US_MIN     87 /* one byte time: SEMO_LINK_BYTE_CYCLES */
#define VENDOR_DEFAULT     1  /* of Linux nodes: those of the published framework have none */

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
    {"vendor_id", NUMBER(node_text, vendor_id, false, 1, 65535)},
    {"vendor_key", FIELD(node_text, TEXT, vendor_key, false)},
    {"latency_us", NUMBER(node_text, latency_us, false, LATENCY_US_MIN, 1000000)},
    REFUSED("node_key", NO_KEYS),
    IGNORED("module_id", NO_NUMBERS),
    REFUSED("aesm_host", "belongs to an SGX node; remove it"),
    REFUSED("aesm_port", "belongs to an SGX node; remove it"),
    END};

static const struct {
    const char *name;
    enum semo_node_kind kind;
    const char *missing; /* known, but there is no back end of it */
} types[] = {
    {"sancus", SEMO_NODE_MCU, NULL},
    {"linux", SEMO_NODE_LINUX, NULL},
    {"native", SEMO_NODE_LINUX, NULL},
    {"sgx", SEMO_NODE_LINUX, "the SGX back end is not built yet; write sancus or linux"},
    {"trustzone", SEMO_NODE_LINUX,
     "the TrustZone back end is not built yet; write sancus or linux"},
};

enum semo_status semo_specs_kind(const struct semo_tree *map, enum semo_node_kind *kind,
                                 struct semo_error *e)
{
    const struct semo_tree *type = map->kind == SEMO_TREE_MAP ? semo_tree_field(map, "type") : NULL;
    if (!type || type->kind != SEMO_TREE_STRING)
        return SEMO_OK; /* its reader says so */
    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(type->text, types[i].name) != 0)
            continue;
        *kind = types[i].kind;
        return types[i].missing ? semo_fields_fail(type, e, "%s", types[i].missing) : SEMO_OK;
    }
    return semo_fields_fail(type, e, "no back end of this type; write sancus, linux or native");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#define OTHER_KEY_LEN (24 - SEMO_KEY_LEN) /* Sancus has 8 and 16 */

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
    if (strlen(text) == 2 * OTHER_KEY_LEN && read_hex(text, n->vendor_key, OTHER_KEY_LEN))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, t->file, t->line, t->column,
                              "vendor_key: a key of %d bits, and this Semo is built for %d; write "
                              "%d hexadecimal digits",
                              8 * OTHER_KEY_LEN, SEMO_SECURITY, 2 * SEMO_KEY_LEN);
    if (!read_hex(text, n->vendor_key, SEMO_KEY_LEN))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, t->file, t->line, t->column,
                              "vendor_key: not a key; write \"...\" and use semo import-key");
    n->has_vendor_key = !semo_key_is_published(n->vendor_key, n->vendor);
    semo_specs_warn(d, t,
                    n->has_vendor_key ? "a key in clear; write \"...\" and use semo import-key"
                                      : "not used: a published key, which protects nothing; give "
                                        "the node another, and that one to semo import-key");
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

enum semo_status semo_specs_node(struct semo_descriptor *d, const struct semo_tree *map,
                                 struct semo_error *e)
{
    struct node_text text = {.latency_us = LATENCY_US_DEFAULT};
    struct semo_node_spec *n = &d->nodes[d->node_count];
    enum semo_status status = semo_specs_kind(map, &n->kind, e);
    if (status == SEMO_OK)
        status = semo_fields_read(map, "a node", node_fields, &text, e);
    if (status != SEMO_OK)
        return status;
    int other = semo_descriptor_node(d, text.name);
    if (other >= 0)
        return semo_specs_twice(semo_tree_field(map, "name"), d->nodes[other].tree, e);
    if (!text.vendor_id && n->kind == SEMO_NODE_MCU)
        return semo_fields_fail(map, e, "a node without vendor_id; add \"vendor_id\"");
    strcpy(n->name, text.name);
    n->vendor = text.vendor_id ? text.vendor_id : VENDOR_DEFAULT;
    n->latency_us = text.latency_us;
    n->tree = map;
    status = read_address(map, &text, n, e);
    if (status == SEMO_OK && text.vendor_key)
        status = read_vendor_key(d, map, text.vendor_key, n, e);
    semo_specs_warn_ignored(d, map, node_fields);
    d->node_count += status == SEMO_OK;
    return status;
}
