/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host/config.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "host/process.h"
#include "monitor/protocol.h"
#include <semo/map.h>

/* A monitor must be given the time to kill what hangs behind it. */
#define MONITOR_MS ((SEMO_MONITOR_TURN_CALLS + 1) * SEMO_MONITOR_CALL_MS + 1000)

struct reader {
    const char *path;
    struct semo_error *e;
};

static enum semo_status refuse(const struct reader *r, const char *where, const char *field,
                               const char *what)
{
    return semo_error_set(r->e, SEMO_INPUT, SEMO_EXIT_USAGE, r->path, 0, 0, "%s%s%s: %s", where,
                          *where && *field ? "." : "", field, what);
}

/* *out stays as it is when the field is absent or null. */
static enum semo_status text(const struct reader *r, const json_t *object, const char *where,
                             const char *field, bool needed, const char **out)
{
    const json_t *value = json_object_get(object, field);
    if (!value || json_is_null(value))
        return needed ? refuse(r, where, field, "missing; give a path or name") : SEMO_OK;
    if (!json_is_string(value) || !*json_string_value(value))
        return refuse(r, where, field, "must be a text that is not empty");
    *out = json_string_value(value);
    return SEMO_OK;
}

static enum semo_status number(const struct reader *r, const json_t *object, const char *where,
                               const char *field, uint64_t least, uint64_t *out, bool *given)
{
    const json_t *value = json_object_get(object, field);
    if (!value || json_is_null(value))
        return SEMO_OK;
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) < least)
        return refuse(r, where, field, "must be a whole number that is large enough");
    *out = (uint64_t)json_integer_value(value);
    if (given)
        *given = true;
    return SEMO_OK;
}

static enum semo_status flag(const struct reader *r, const json_t *object, const char *where,
                             const char *field, bool *out)
{
    const json_t *value = json_object_get(object, field);
    if (value && !json_is_boolean(value))
        return refuse(r, where, field, "must be true or false");
    *out = json_is_true(value);
    return SEMO_OK;
}

static enum semo_status known(const struct reader *r, const json_t *object, const char *where,
                              const char *const fields[])
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        unsigned i = 0;
        while (fields[i] && strcmp(fields[i], key) != 0)
            i++;
        if (!fields[i])
            return refuse(r, where, key, "unknown field; remove it");
    }
    return SEMO_OK;
}

static enum semo_status node_name(const struct reader *r, const struct semo_config *c,
                                  const char *where, const char *name)
{
    if (strlen(name) > SEMO_NAME_MAX || strpbrk(name, " \t\r\n"))
        return refuse(r, where, "name", "must be a word of at most 31 bytes");
    for (unsigned i = 0; i < c->count; i++)
        if (strcmp(c->nodes[i].name, name) == 0)
            return refuse(r, where, "name", "used twice; each node needs its own");
    return SEMO_OK;
}

static enum semo_status node_type(const struct reader *r, const json_t *object, const char *where,
                                  struct semo_node_config *n)
{
    static const char *const types[] = {"mcu", "linux", "serial", "remote"};
    const char *type = "";
    enum semo_status status = text(r, object, where, "type", true, &type);
    for (unsigned i = 0; status == SEMO_OK && i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i]) == 0) {
            n->type = (enum semo_node_type)i;
            return SEMO_OK;
        }
    return status != SEMO_OK
               ? status
               : refuse(r, where, "type", "must be \"mcu\", \"linux\", \"serial\" or \"remote\"");
}

/* Names are for who writes the file: looking one up would hold up every node. */
static enum semo_status address(const struct reader *r, const json_t *object, const char *where,
                                const char **host, uint64_t *port)
{
    uint8_t ignored[sizeof(struct in6_addr)];
    enum semo_status status = text(r, object, where, "host", true, host);
    if (status == SEMO_OK)
        status = number(r, object, where, "port", 0, port, NULL);
    if (status == SEMO_OK && inet_pton(AF_INET, *host, ignored) != 1 &&
        inet_pton(AF_INET6, *host, ignored) != 1)
        return refuse(r, where, "host", "must be a numeric address, as 127.0.0.1");
    if (status == SEMO_OK && *port > 65535)
        return refuse(r, where, "port", "must be at most 65535");
    return status;
}

static enum semo_status place(const struct reader *r, const json_t *object, const char *where,
                              struct semo_node_config *n)
{
    enum semo_status status = SEMO_OK;
    if (n->type == SEMO_TYPE_REMOTE) {
        status = address(r, object, where, &n->host, &n->port);
        return status != SEMO_OK || n->port
                   ? status
                   : refuse(r, where, "port", "missing; give that of the node's semo-node");
    }
    if (n->type == SEMO_TYPE_SERIAL)
        status = text(r, object, where, "serial", true, &n->serial);
    if (status != SEMO_OK)
        return status;
    /* Of a board the chip file is only for its node key: without it, nobody administrates by TCP.
     */
    return text(r, object, where, "chip", n->type != SEMO_TYPE_SERIAL, &n->chip);
}

/* What comes with semo-node need not be named. */
static enum semo_status part(const struct reader *r, json_t *object, const char *where,
                             const char *field, const char *name, const char **out)
{
    const json_t *value = json_object_get(object, field);
    if (!value || json_is_null(value)) {
        char *own = semo_process_part(name);
        json_object_set_new(object, field, json_string(own));
        free(own);
    }
    return text(r, object, where, field, true, out);
}

static enum semo_status parts(const struct reader *r, json_t *object, const char *where,
                              struct semo_node_config *n)
{
    enum semo_status status = SEMO_OK;
    if (n->type == SEMO_TYPE_MCU)
        return part(r, object, where, "firmware", "firmware.elf", &n->firmware);
    if (n->type == SEMO_TYPE_LINUX)
        status = part(r, object, where, "monitor", "semo-monitor", &n->monitor);
    if (n->type == SEMO_TYPE_LINUX && status == SEMO_OK)
        status = part(r, object, where, "em", "semo-em", &n->em);
    return status;
}

static enum semo_status node(const struct reader *r, json_t *object, struct semo_config *c)
{
    static const char *const fields[] = {"name",    "type", "chip", "firmware",
                                         "monitor", "em",   "weak", "latency_cycles",
                                         "serial",  "host", "port", NULL};
    struct semo_node_config n = {.latency_cycles = SEMO_LINK_BYTE_CYCLES};
    const char *name = "";
    char where[32];
    snprintf(where, sizeof where, "nodes[%u]", c->count);
    if (!json_is_object(object))
        return refuse(r, where, "", "must be an object");
    enum semo_status status = known(r, object, where, fields);
    if (status == SEMO_OK)
        status = text(r, object, where, "name", true, &name);
    if (status == SEMO_OK)
        status = node_name(r, c, where, name);
    if (status == SEMO_OK)
        status = node_type(r, object, where, &n);
    if (status == SEMO_OK)
        status = place(r, object, where, &n);
    if (status == SEMO_OK)
        status = parts(r, object, where, &n);
    if (status == SEMO_OK)
        status = flag(r, object, where, "weak", &n.weak);
    if (status == SEMO_OK)
        status = number(r, object, where, "latency_cycles", SEMO_LINK_BYTE_CYCLES,
                        &n.latency_cycles, NULL);
    if (status != SEMO_OK)
        return status;
    c->realtime |= n.type == SEMO_TYPE_SERIAL || n.type == SEMO_TYPE_REMOTE;
    memcpy(n.name, name, strlen(name) + 1);
    c->nodes[c->count++] = n;
    return SEMO_OK;
}

static enum semo_status nodes(const struct reader *r, const json_t *root, struct semo_config *c)
{
    const json_t *list = json_object_get(root, "nodes");
    if (!json_is_array(list) || json_array_size(list) == 0)
        return refuse(r, "", "nodes", "must be a list of at least one node");
    if (json_array_size(list) > SEMO_NODES_MAX)
        return refuse(r, "", "nodes", "too many; at most 32");
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum semo_status status = node(r, json_array_get(list, i), c);
        if (status != SEMO_OK)
            return status;
    }
    return SEMO_OK;
}

/* Who can be reached from elsewhere has no virtual time. */
static enum semo_status door(const struct reader *r, const json_t *root, struct semo_config *c)
{
    static const char *const fields[] = {"host", "port", NULL};
    const json_t *object = json_object_get(root, "listen");
    c->listen = "127.0.0.1";
    if (!object)
        return SEMO_OK;
    if (!json_is_object(object))
        return refuse(r, "", "listen", "must be an object with host and port");
    c->alone = !c->tcp;
    c->tcp = c->realtime = true;
    enum semo_status status = known(r, object, "listen", fields);
    if (status == SEMO_OK)
        status = address(r, object, "listen", &c->listen, &c->port);
    if (status == SEMO_OK && c->port &&
        c->port + json_array_size(json_object_get(root, "nodes")) > 65536)
        return refuse(r, "listen", "port", "too large for so many nodes");
    return status;
}

static enum semo_status whole(const struct reader *r, const json_t *root, struct semo_config *c)
{
    static const char *const fields[] = {"socket", "trace",      "seal_log", "seed",
                                         "tcp",    "monitor_ms", "nodes",    "realtime",
                                         "listen", "log",        NULL};
    uint64_t limit = MONITOR_MS;
    if (!json_is_object(root))
        return refuse(r, "", "file", "must be one JSON object");
    enum semo_status status = known(r, root, "", fields);
    if (status == SEMO_OK)
        status = text(r, root, "", "socket", true, &c->socket);
    if (status == SEMO_OK)
        status = text(r, root, "", "trace", false, &c->trace);
    if (status == SEMO_OK)
        status = text(r, root, "", "seal_log", false, &c->seal_log);
    if (status == SEMO_OK)
        status = text(r, root, "", "log", false, &c->log);
    if (status == SEMO_OK)
        status = number(r, root, "", "seed", 0, &c->seed, &c->seeded);
    if (status == SEMO_OK)
        status = number(r, root, "", "monitor_ms", 1, &limit, NULL);
    if (status == SEMO_OK)
        status = flag(r, root, "", "tcp", &c->tcp);
    if (status == SEMO_OK)
        status = flag(r, root, "", "realtime", &c->realtime);
    if (status == SEMO_OK)
        status = door(r, root, c);
    if (status == SEMO_OK)
        status = nodes(r, root, c);
    c->monitor_ms = (unsigned)(limit < 3600000 ? limit : 3600000);
    return status;
}

enum semo_status semo_config_read(const char *path, struct semo_config *config,
                                  struct semo_error *e)
{
    json_error_t bad;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &bad);
    if (!root)
        return semo_error_set(
            e, SEMO_INPUT, SEMO_EXIT_USAGE, path, bad.line > 0 ? (unsigned)bad.line : 0,
            bad.column > 0 ? (unsigned)bad.column : 0, "not readable as JSON: %s", bad.text);
    const struct reader r = {path, e};
    struct semo_config c = {.document = root};
    enum semo_status status = whole(&r, root, &c);
    if (status == SEMO_OK)
        *config = c;
    else
        json_decref(root);
    return status;
}

void semo_config_free(struct semo_config *config)
{
    json_decref(config->document);
}
