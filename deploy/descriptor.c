/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "deploy/specs.h"
#include "host/file.h"

#define FILES_MAX 16

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
    IGNORED("manager", "not used: there is no attestation manager, the deployer attests itself"),
    IGNORED("connections_current_id", NO_NUMBERS),
    IGNORED("events_current_id", NO_NUMBERS),
    END};

static const struct semo_field world_fields[] = {{"wires", SEMO_FIELD_TREE, 0, false, 0, 0, NULL},
                                                 END};

void semo_specs_warn(struct semo_descriptor *d, const struct semo_tree *t, const char *text)
{
    char *line =
        semo_format("%s:%u:%u: %.60s: warning: %s", t->file, t->key ? t->key_line : t->line,
                    t->key ? t->key_column : t->column, t->key ? t->key : t->text, text);
    for (char *at = line; *at; at++)
        if (iscntrl((unsigned char)*at))
            *at = '?';
    d->warnings = realloc(d->warnings, (d->warning_count + 1) * sizeof *d->warnings);
    if (!d->warnings)
        abort();
    d->warnings[d->warning_count++] = line;
}

void semo_specs_warn_ignored(struct semo_descriptor *d, const struct semo_tree *map,
                             const struct semo_field *fields)
{
    for (const struct semo_tree *t = map->first; t; t = t->next)
        for (const struct semo_field *f = fields; f->name; f++)
            if (f->type == SEMO_FIELD_IGNORED && strcmp(f->name, t->key) == 0 &&
                semo_tree_given(t) && (t->text || t->count))
                semo_specs_warn(d, t, f->hint);
}

enum semo_status semo_specs_twice(const struct semo_tree *here, const struct semo_tree *other,
                                  struct semo_error *e)
{
    return semo_fields_fail(here, e, "given twice, first in %s:%u; rename or remove one",
                            other->file, other->line);
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
    IGNORED("id", NO_NUMBERS),
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
    semo_specs_warn_ignored(d, map, periodic_fields);
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

static enum semo_status read_list(struct semo_descriptor *d, const struct semo_tree *list,
                                  const char *what, semo_specs_read_fn *read, unsigned *count,
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
    semo_specs_warn_ignored(d, tree, document_fields);
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

/* An empty list is a word, too: nodes for the applications of others. */
static bool lists_modules(const struct semo_descriptor *d, const struct document *documents)
{
    bool listed = false;
    for (unsigned i = 0; i < d->tree_count; i++)
        listed |= documents[i].modules != NULL;
    return listed;
}

/* Names may be used before they are declared, also over files: nodes, then modules, then edges. */
static enum semo_status read_all(struct semo_descriptor *d, const struct document *documents,
                                 struct semo_error *e)
{
    EACH_LIST(nodes, "nodes", semo_specs_node, node_count, SEMO_NODES_MAX);
    qsort(d->nodes, d->node_count, sizeof *d->nodes, by_name);
    EACH_LIST(modules, "modules", semo_specs_module, module_count, SEMO_MODULES_MAX);
    qsort(d->modules, d->module_count, sizeof *d->modules, by_priority);
    EACH_LIST(connections, "connections", semo_specs_connection, connection_count,
              SEMO_CONNECTIONS_MAX);
    if (semo_specs_clocks(d, e) != SEMO_OK)
        return SEMO_INPUT;
    EACH_LIST(periodic, "periodic-events", read_periodic, periodic_count, SEMO_MODULES_MAX);
    for (unsigned i = 0; i < d->tree_count; i++)
        if (read_world(d, documents[i].world, e) != SEMO_OK)
            return SEMO_INPUT;
    EACH_LIST(never, "never", semo_flow_read, never_count, SEMO_NEVER_MAX);
    if (d->module_count == 0 && !lists_modules(d, documents))
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
    d->never = semo_allocate(SEMO_NEVER_MAX, sizeof *d->never);
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
    for (unsigned i = 0; i < d->module_count; i++) {
        free_texts(d->modules[i].files, d->modules[i].file_count);
        free_texts(d->modules[i].flags, d->modules[i].flag_count);
    }
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
