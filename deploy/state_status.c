/* SPDX-License-Identifier: Apache-2.0 */
/* status.json: how far everything is, for people and programs; no secrets. */
#include <stdlib.h>
#include <string.h>
#include "deploy/state_parts.h"
#include "host/file.h"

static json_t *status_node(const struct semo_state *s, const struct semo_descriptor *d, unsigned i)
{
    bool mcu = d->nodes[i].kind == SEMO_NODE_MCU;
    json_t *j = json_pack("{s:s,s:s,s:s,s:b}", "name", d->nodes[i].name, "type",
                          mcu ? "sancus" : "linux", "back_end",
                          !mcu                   ? "process"
                          : d->nodes[i].emulated ? "sancus (emulated)"
                                                 : "sancus",
                          "provisioned", s->nodes[i].provisioned);
    if (!mcu && s->nodes[i].asked) {
        json_object_set_new(j, "isolation", json_string(s->nodes[i].weak ? "weak" : "namespaces"));
        json_object_set_new(j, "landlock", json_boolean(s->nodes[i].landlock));
    }
    return j;
}

static json_t *status_module(const struct semo_state *s, const struct semo_descriptor *d,
                             unsigned i)
{
    const struct semo_state_module *m = &s->modules[i];
    json_t *j = json_pack("{s:s,s:s,s:s,s:b,s:i,s:i,s:i,s:o,s:I,s:i,s:b}", "name",
                          d->modules[i].name, "node", d->nodes[d->modules[i].node].name, "step",
                          semo_step_text(m->step), "failed", m->failed, "id", m->id, "text_bytes",
                          m->text_len, "data_bytes", m->data_len, "layout",
                          semo_state_layout(&m->layout), "epoch", (json_int_t)m->epoch,
                          "connections", m->connections, "confidential", m->confidential);
    if (m->reborn)
        json_object_set_new(j, "epoch_changed", json_true());
    if (m->failed)
        json_object_set_new(j, "problem", json_string(m->problem));
    return j;
}

static json_t *status_connection(const struct semo_state *s, const struct semo_descriptor *d,
                                 unsigned i)
{
    const struct semo_connection_spec *c = &d->connections[i];
    return json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:b,s:b,s:b}", "number", s->connections[i].number,
                     "name", c->name, "from_module", c->from < 0 ? "" : d->modules[c->from].name,
                     "from_output", c->from_output, "to_module",
                     c->to < 0 ? "" : d->modules[c->to].name, "to_input", c->to_input, "direct",
                     !c->shared && (c->from < 0 || c->to < 0), "shared", c->shared, "connected",
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
