/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "deploy/specs.h"
#include "host/file.h"

#define FLAGS_MAX 16

struct module_text {
    char name[SEMO_NAME_MAX + 1], node[SEMO_NAME_MAX + 1];
    const char *type, *folder;
    const struct semo_tree *files, *cflags, *ldflags;
    bool provisioned, confidential;
    unsigned priority, spare;
};

#define NO_CACHE  "not used: a module is built from its files"
#define NOT_HERE  "not used: of back ends that attest by signature"
#define NOT_MOVED "moving a module is not built yet; remove it"

static const struct semo_field module_fields[] = {
    {"type", FIELD(module_text, TEXT, type, true)},
    {"name", FIELD(module_text, NAME, name, true)},
    {"files", FIELD(module_text, TREE, files, false)},
    {"folder", FIELD(module_text, TEXT, folder, false)},
    {"node", FIELD(module_text, NAME, node, true)},
    {"cflags", FIELD(module_text, TREE, cflags, false)},
    {"ldflags", FIELD(module_text, TREE, ldflags, false)},
    {"provisioned", FIELD(module_text, BOOLEAN, provisioned, false)},
    {"confidential", FIELD(module_text, BOOLEAN, confidential, false)},
    {"priority", NUMBER(module_text, priority, false, 0, 65535)},
    {"spare_connections", NUMBER(module_text, spare, false, 0, 64)},
    IGNORED("binary", NO_CACHE),
    IGNORED("symtab", NO_CACHE),
    IGNORED("sgxs", NO_CACHE),
    IGNORED("signature", NO_CACHE),
    IGNORED("data", NO_CACHE),
    IGNORED("id", NO_NUMBERS),
    IGNORED("port", NO_NUMBERS),
    IGNORED("uuid", NO_NUMBERS),
    IGNORED("deploy_name", "not used: a module has one name"),
    IGNORED("features", "not used: they choose parts of Rust sources; cflags choose those of C"),
    IGNORED("ra_settings", NOT_HERE),
    IGNORED("vendor_key", NOT_HERE),
    REFUSED("old_node", NOT_MOVED),
    REFUSED("key", NO_KEYS),
    REFUSED("nonce", NO_KEYS),
    REFUSED("deployed", NO_KEYS),
    REFUSED("attested", NO_KEYS),
    END};

/* ---- sources ---- */

/* What the descriptor names relative to itself; never an option of the compiler. */
static char *beside(const char *descriptor, const char *name)
{
    const char *slash = strrchr(descriptor, '/');
    if (name[0] == '/')
        return semo_format("%s", name);
    if (!slash)
        return semo_format("%s%s", name[0] == '-' ? "./" : "", name);
    return semo_format("%.*s/%s", (int)(slash - descriptor), descriptor, name);
}

static char *if_exists(char *path)
{
    if (semo_file_exists(path))
        return path;
    free(path);
    return NULL;
}

/* Beside the descriptor, or in the folder modules/ beside it (Listing 1 names bare files). */
static char *find_source(const char *descriptor, const char *name)
{
    char *path = if_exists(beside(descriptor, name));
    if (path)
        return path;
    char *in_modules = semo_format("modules/%s", name);
    path = if_exists(beside(descriptor, in_modules));
    free(in_modules);
    return path;
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

static int is_source(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return entry->d_name[0] != '.' && len > 2 && strcmp(entry->d_name + len - 2, ".c") == 0;
}

/* Modules of native nodes are folders in the published framework: all the C files in it. */
static enum semo_status read_folder(const struct semo_tree *map, const char *folder,
                                    struct semo_module_spec *m, struct semo_error *e)
{
    struct dirent **found = NULL;
    char *path = beside(map->file, folder);
    int count = scandir(path, &found, is_source, alphasort);
    m->files = semo_allocate(count > 0 ? (size_t)count : 0, sizeof *m->files);
    for (int i = 0; i < count; i++) {
        m->files[m->file_count++] = semo_format("%s/%s", path, found[i]->d_name);
        free(found[i]);
    }
    free(found);
    free(path);
    if (m->file_count)
        return SEMO_OK;
    return semo_fields_fail(map, e,
                            "a module without files, and no C file is in %.60s/ beside the "
                            "descriptor; add \"files\"",
                            folder);
}

/* ---- flags ---- */

struct flag {
    const char *start;
    enum { GIVEN, WARNED, LIBRARY } what; /* given to the compiler; left out with a warning */
    bool separate;                        /* may have its value in the next word */
};
static const struct flag compiler_flags[] = {
    {"-D", GIVEN, true},        {"-U", GIVEN, true},   {"-I", GIVEN, true},
    {"-O", WARNED, false},      {"-g", WARNED, false}, {"-W", WARNED, false},
    {"-std=", WARNED, false},   {"-v", WARNED, false}, {"--verbose", WARNED, false},
    {"--debug", WARNED, false}, {NULL, WARNED, false},
};
static const struct flag linker_flags[] = {
    {"--sm-stack-size", WARNED, true},   /* the build tool knows the bound */
    {"--num-connections", WARNED, true}, /* and the descriptor the connections */
    {"-lbearssl", LIBRARY, false},       /* for <semo/https.h> */
    {"-O", WARNED, false},
    {"-g", WARNED, false},
    {"-v", WARNED, false},
    {"--verbose", WARNED, false},
    {"--debug", WARNED, false},
    {NULL, WARNED, false},
};

static bool is_macro(const char *text)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t len = strcspn(text, "=");
    bool reserved = strncmp(text, "SEMO_", 5) == 0 || strncmp(text, "__", 2) == 0;
    return len > 0 && strspn(text, word) == len && !isdigit((unsigned char)text[0]) && !reserved;
}

struct word {
    const struct semo_tree *at;
    char *text;
};

static enum semo_status fail_word(const struct word *w, struct semo_error *e, const char *text)
{
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, w->at->file, w->at->line, w->at->column,
                          "%.60s: %s", w->text, text);
}

static void warn_word(struct semo_descriptor *d, const struct word *w)
{
    char *text = semo_format("not used: %.60s changes nothing here", w->text);
    semo_specs_warn(d, w->at, text);
    free(text);
}

static enum semo_status add_flag(const struct word *w, char letter, const char *value,
                                 struct semo_module_spec *m, struct semo_error *e)
{
    char *path = letter == 'I' ? beside(w->at->file, value) : NULL;
    enum semo_status status = SEMO_OK;
    if (m->flag_count == FLAGS_MAX)
        status = fail_word(w, e, "more than 16 flags; put the macros into a header");
    else if (path && !semo_file_exists(path))
        status = fail_word(w, e, "no such folder beside the descriptor; correct the name");
    else if (!path && !is_macro(value))
        status = fail_word(w, e,
                           "not a macro that an author may set; write -DNAME or -DNAME=VALUE, "
                           "without SEMO_ or __ before it");
    else
        m->flags[m->flag_count++] = semo_format("-%c%s", letter, path ? path : value);
    free(path);
    return status;
}

static enum semo_status add_library(const struct word *w, struct semo_module_spec *m,
                                    struct semo_error *e)
{
    if (m->kind != SEMO_NODE_LINUX)
        return fail_word(w, e, "only modules of Linux nodes are linked with it; remove it");
    m->https = true;
    return SEMO_OK;
}

static const struct flag *find_flag(const struct flag *known, const char *text)
{
    while (known->start && strncmp(text, known->start, strlen(known->start)) != 0)
        known++;
    return known->start ? known : NULL;
}

/* -Wa, -Wl and -Wp, are for other programs and can do anything. */
static bool is_passed_on(const char *text)
{
    return strncmp(text, "-W", 2) == 0 && text[2] && text[3] == ',';
}

/* The words of a list, or of one string with blanks between them; *words ends with a NULL text. */
static enum semo_status read_words(const struct semo_tree *field, struct word **words,
                                   struct semo_error *e)
{
    bool list = field->kind == SEMO_TREE_LIST;
    size_t room = list ? field->count : field->text ? strlen(field->text) : 0, count = 0;
    *words = semo_allocate(room + 1, sizeof **words);
    for (const struct semo_tree *t = list ? field->first : field; t; t = list ? t->next : NULL) {
        if (semo_fields_want(t, SEMO_TREE_STRING, "a flag", e) != SEMO_OK)
            return SEMO_INPUT;
        const char *at = t->text;
        do {
            at += list ? 0 : strspn(at, " ");
            size_t len = list ? strlen(at) : strcspn(at, " ");
            if (len || list)
                (*words)[count++] = (struct word){t, semo_format("%.*s", (int)len, at)};
            at += len;
        } while (*at);
    }
    return SEMO_OK;
}

static void forget_words(struct word *words)
{
    for (struct word *w = words; w->text; w++)
        free(w->text);
    free(words);
}

/* One flag, or two words when its value is the next; *w moves to the last. */
static enum semo_status read_flag(struct semo_descriptor *d, struct word **w,
                                  const struct flag *known, struct semo_module_spec *m,
                                  struct semo_error *e)
{
    const struct flag *f = find_flag(known, (*w)->text);
    if (!f || is_passed_on((*w)->text) || (f->what == LIBRARY && strcmp((*w)->text, f->start) != 0))
        return fail_word(*w, e,
                         "not a flag that a descriptor may set: how modules are compiled and "
                         "linked is fixed; remove it");
    if (f->what == WARNED)
        warn_word(d, *w);
    if (f->what == LIBRARY)
        return add_library(*w, m, e);
    const char *value = (*w)->text + strlen(f->start);
    if (f->separate && !*value) {
        if (!w[0][1].text)
            return fail_word(*w, e, "a flag without its value; add it");
        value = (++*w)->text;
    }
    return f->what == GIVEN ? add_flag(*w, f->start[1], value, m, e) : SEMO_OK;
}

static enum semo_status read_flags(struct semo_descriptor *d, const struct semo_tree *field,
                                   const struct flag *known, struct semo_module_spec *m,
                                   struct semo_error *e)
{
    struct word *words;
    if (!field)
        return SEMO_OK;
    enum semo_status status = read_words(field, &words, e);
    for (struct word *w = words; w->text && status == SEMO_OK; w++)
        status = read_flag(d, &w, known, m, e);
    forget_words(words);
    return status;
}

/* ---- the module ---- */

static enum semo_status check_module(const struct semo_descriptor *d, const struct semo_tree *map,
                                     const struct semo_module_spec *m, int node, int other,
                                     struct semo_error *e)
{
    const struct semo_tree *t = semo_tree_field(map, "node");
    if (other >= 0)
        return semo_specs_twice(semo_tree_field(map, "name"), d->modules[other].tree, e);
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

static enum semo_status read_sources(struct semo_descriptor *d, const struct semo_tree *map,
                                     const struct module_text *t, struct semo_module_spec *m,
                                     struct semo_error *e)
{
    enum semo_status status = t->files ? read_files(t->files, m, e)
                                       : read_folder(map, t->folder ? t->folder : t->name, m, e);
    m->flags = semo_allocate(FLAGS_MAX, sizeof *m->flags);
    if (status == SEMO_OK)
        status = read_flags(d, t->cflags, compiler_flags, m, e);
    return status == SEMO_OK ? read_flags(d, t->ldflags, linker_flags, m, e) : status;
}

enum semo_status semo_specs_module(struct semo_descriptor *d, const struct semo_tree *map,
                                   struct semo_error *e)
{
    struct module_text text = {.priority = UINT_MAX};
    struct semo_module_spec *m = &d->modules[d->module_count];
    enum semo_status status = semo_specs_kind(map, &m->kind, e);
    if (status == SEMO_OK)
        status = semo_fields_read(map, "a module", module_fields, &text, e);
    if (status != SEMO_OK)
        return status;
    int node = semo_descriptor_node(d, text.node), other = semo_descriptor_module(d, text.name);
    strcpy(m->name, text.name);
    m->provisioned = text.provisioned;
    m->confidential = text.confidential;
    m->priority = text.priority;
    m->spare = text.spare;
    m->order = d->module_count;
    m->tree = map;
    status = check_module(d, map, m, node, other, e);
    d->module_count++; /* from here on semo_descriptor_free sees its files */
    if (status != SEMO_OK)
        return status;
    m->node = (unsigned)node;
    semo_specs_warn_ignored(d, map, module_fields);
    return read_sources(d, map, &text, m, e);
}
