/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "host/file.h"
#include "host/tree.h"

struct reader {
    yaml_parser_t parser;
    const char *file; /* borrowed from the root */
    struct semo_error *error;
    struct semo_tree *open[SEMO_TREE_DEPTH]; /* the maps and lists around the current place */
    struct semo_tree **tail[SEMO_TREE_DEPTH];
    unsigned depth;
    char *key; /* read, waiting for its value */
    unsigned key_line, key_column;
    struct semo_tree *root;
};

static enum semo_status fail_at(struct reader *r, const yaml_mark_t *mark, const char *word,
                                const char *what)
{
    return semo_error_set(r->error, SEMO_INPUT, SEMO_EXIT_USAGE, r->file, (unsigned)mark->line + 1,
                          (unsigned)mark->column + 1, "%s: %s", word, what);
}

static enum semo_status fail_syntax(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    bool reading = p->error == YAML_READER_ERROR; /* has an offset in bytes only */
    const yaml_mark_t *mark = reading ? &p->mark : &p->problem_mark;
    char what[160];
    snprintf(what, sizeof what, "%s; correct the syntax here",
             p->problem ? p->problem : "out of memory");
    return fail_at(r, mark, reading ? "not UTF-8" : "not YAML", what);
}

/* As YAML 1.2 has them; a JSON file has only the small ones (host/json.c). */
static bool is_boolean(const char *text, bool *value)
{
    static const char *const words[] = {"false", "true", "False", "True", "FALSE", "TRUE"};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0) {
            *value = i % 2;
            return true;
        }
    return false;
}

static bool is_integer(const char *text, int64_t *value)
{
    char *end;
    bool hex = strncmp(text, "0x", 2) == 0;
    if (text[0] == 0 || text[0] == ' ' || text[0] == '+')
        return false;
    errno = 0;
    *value = strtoll(text, &end, hex ? 16 : 10);
    return *end == 0 && errno == 0;
}

static bool is_number(const char *text)
{
    char *end;
    if (!strchr("0123456789.-+", text[0]))
        return false;
    strtod(text, &end);
    return *end == 0;
}

static void classify(struct semo_tree *t, bool plain)
{
    t->kind = SEMO_TREE_STRING;
    if (!plain)
        return;
    if (is_integer(t->text, &t->integer))
        t->kind = SEMO_TREE_INTEGER;
    else if (is_boolean(t->text, &t->boolean))
        t->kind = SEMO_TREE_BOOLEAN;
    else if (!*t->text || strcmp(t->text, "null") == 0 || strcmp(t->text, "~") == 0)
        t->kind = SEMO_TREE_NULL;
    else if (is_number(t->text))
        t->kind = SEMO_TREE_OTHER;
}

/* Takes the place that the document has open for a value. */
static void add(struct reader *r, struct semo_tree *t)
{
    t->key = r->key;
    t->key_line = r->key_line;
    t->key_column = r->key_column;
    r->key = NULL;
    if (r->depth == 0) {
        r->root = t;
        return;
    }
    *r->tail[r->depth - 1] = t;
    r->tail[r->depth - 1] = &t->next;
    r->open[r->depth - 1]->count++;
}

static struct semo_tree *new_node(struct reader *r, const yaml_event_t *event)
{
    struct semo_tree *t = semo_allocate(1, sizeof *t);
    t->file = r->file;
    t->line = (unsigned)event->start_mark.line + 1;
    t->column = (unsigned)event->start_mark.column + 1;
    return t;
}

static const struct semo_tree *find_field(const struct semo_tree *map, const char *key)
{
    for (const struct semo_tree *c = map->first; c; c = c->next)
        if (c->key && strcmp(c->key, key) == 0)
            return c;
    return NULL;
}

static bool wants_key(const struct reader *r)
{
    return r->depth > 0 && r->open[r->depth - 1]->kind == SEMO_TREE_MAP && !r->key;
}

static enum semo_status take_key(struct reader *r, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    const struct semo_tree *map = r->open[r->depth - 1];
    if (strlen(text) != event->data.scalar.length)
        return fail_at(r, &event->start_mark, text, "a name with a zero character; remove it");
    if (find_field(map, text))
        return fail_at(r, &event->start_mark, text, "given twice; remove one of the two");
    if (map->count >= SEMO_TREE_FIELDS)
        return fail_at(r, &event->start_mark, text, "too many fields in one map; use a list");
    r->key = semo_format("%s", text);
    r->key_line = (unsigned)event->start_mark.line + 1;
    r->key_column = (unsigned)event->start_mark.column + 1;
    return SEMO_OK;
}

static enum semo_status take_scalar(struct reader *r, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    if (event->data.scalar.anchor)
        return fail_at(r, &event->start_mark, (const char *)event->data.scalar.anchor,
                       "anchors are not read; write the value itself");
    if (event->data.scalar.tag)
        return fail_at(r, &event->start_mark, (const char *)event->data.scalar.tag,
                       "tags are not read; write the plain value");
    if (wants_key(r))
        return take_key(r, event);
    if (strlen(text) != event->data.scalar.length)
        return fail_at(r, &event->start_mark, text, "a zero character in a string; remove it");
    struct semo_tree *t = new_node(r, event);
    t->text = semo_format("%s", text);
    classify(t, event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
    add(r, t);
    return SEMO_OK;
}

static enum semo_status take_start(struct reader *r, const yaml_event_t *event, bool map)
{
    const yaml_char_t *anchor =
        map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    const yaml_char_t *tag = map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    const char *word = map ? "{" : "[";
    if (anchor)
        return fail_at(r, &event->start_mark, (const char *)anchor,
                       "anchors are not read; write the value itself");
    if (tag)
        return fail_at(r, &event->start_mark, (const char *)tag,
                       "tags are not read; write the plain value");
    if (wants_key(r))
        return fail_at(r, &event->start_mark, word, "a field's name must be a word");
    if (r->depth == SEMO_TREE_DEPTH)
        return fail_at(r, &event->start_mark, word, "nested deeper than 32 levels; flatten it");
    struct semo_tree *t = new_node(r, event);
    t->kind = map ? SEMO_TREE_MAP : SEMO_TREE_LIST;
    add(r, t);
    r->open[r->depth] = t;
    r->tail[r->depth++] = &t->first;
    return SEMO_OK;
}

static enum semo_status take_event(struct reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return take_scalar(r, event);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return take_start(r, event, event->type == YAML_MAPPING_START_EVENT);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        r->depth--;
        return SEMO_OK;
    case YAML_ALIAS_EVENT:
        return fail_at(r, &event->start_mark, (const char *)event->data.alias.anchor,
                       "aliases are not read; write the value itself");
    case YAML_DOCUMENT_START_EVENT:
        if (r->root)
            return fail_at(r, &event->start_mark, "---",
                           "a second document; put it in a file of its own");
        return SEMO_OK;
    default:
        return SEMO_OK;
    }
}

static enum semo_status read_events(struct reader *r)
{
    enum semo_status status = SEMO_OK;
    bool done = false;
    while (status == SEMO_OK && !done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&r->parser, &event))
            return fail_syntax(r);
        done = event.type == YAML_STREAM_END_EVENT;
        status = take_event(r, &event);
        yaml_event_delete(&event);
    }
    if (status == SEMO_OK && !r->root)
        return semo_error_set(r->error, SEMO_INPUT, SEMO_EXIT_USAGE, r->file, 1, 1,
                              "end of file: nothing in it; write a descriptor");
    return status;
}

/* Bytes of the character at `at`; 0: not UTF-8 (RFC 3629, table of section 4, but for the overlong
 * and surrogate forms, which libyaml refuses). */
static size_t character_len(const uint8_t *at, size_t left)
{
    size_t len = *at < 0x80   ? 1
                 : *at < 0xC2 ? 0
                 : *at < 0xE0 ? 2
                 : *at < 0xF0 ? 3
                 : *at < 0xF5 ? 4
                              : 0;
    if (len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

/* libyaml says so too, but not where. */
static enum semo_status check_utf8(const char *file, const uint8_t *bytes, size_t len,
                                   struct semo_error *e)
{
    unsigned line = 1, column = 1;
    if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, file, line, column,
                              "byte order mark: not read; save the file as UTF-8 without it");
    for (size_t i = 0, n; i < len; i += n) {
        n = character_len(bytes + i, len - i);
        if (n == 0)
            return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, file, line, column,
                                  "byte 0x%02x: not UTF-8; save the file as UTF-8", bytes[i]);
        column++;
        if (bytes[i] == '\n') {
            line++;
            column = 1;
        }
    }
    return SEMO_OK;
}

enum semo_status semo_tree_parse(const char *file, const uint8_t *bytes, size_t len, bool json,
                                 struct semo_tree **out, struct semo_error *e)
{
    struct reader r = {.error = e};
    if (len > SEMO_TREE_BYTES)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, file, 0, 0,
                              "longer than %d bytes; split it", SEMO_TREE_BYTES);
    if (check_utf8(file, bytes, len, e) != SEMO_OK)
        return SEMO_INPUT;
    if (json && semo_json_check(file, bytes, len, e) != SEMO_OK)
        return SEMO_INPUT;
    if (!yaml_parser_initialize(&r.parser))
        return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, file, 0, 0, "out of memory");
    char *name = semo_format("%s", file);
    r.file = name;
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, bytes, len);
    enum semo_status status = read_events(&r);
    yaml_parser_delete(&r.parser);
    free(r.key);
    if (status == SEMO_OK) {
        *out = r.root;
        return SEMO_OK;
    }
    if (r.root)
        semo_tree_free(r.root);
    else
        free(name);
    return status;
}

enum semo_status semo_tree_read(const char *path, struct semo_tree **out, struct semo_error *e)
{
    uint8_t *bytes;
    size_t len, name_len = strlen(path);
    bool json = name_len >= 5 && strcmp(path + name_len - 5, ".json") == 0;
    enum semo_status status = semo_file_read(path, SEMO_TREE_BYTES, &bytes, &len, e);
    if (status != SEMO_OK) {
        e->code = SEMO_EXIT_USAGE; /* a file that the user named */
        return status;
    }
    status = semo_tree_parse(path, bytes, len, json, out, e);
    free(bytes);
    return status;
}

static void free_children(struct semo_tree *t)
{
    struct semo_tree *next;
    for (struct semo_tree *c = t->first; c; c = next) {
        next = c->next;
        free_children(c);
        free(c->key);
        free(c->text);
        free(c);
    }
}

void semo_tree_free(struct semo_tree *t)
{
    if (!t)
        return;
    free_children(t);
    free((char *)t->file); /* one copy for the whole tree, owned by the root */
    free(t->text);
    free(t);
}

bool semo_tree_given(const struct semo_tree *t)
{
    return t->kind != SEMO_TREE_NULL &&
           (t->kind != SEMO_TREE_STRING || strcmp(t->text, "...") != 0);
}

const struct semo_tree *semo_tree_field(const struct semo_tree *map, const char *key)
{
    const struct semo_tree *c = find_field(map, key);
    return c && semo_tree_given(c) ? c : NULL;
}

const char *semo_tree_kind_text(enum semo_tree_kind kind)
{
    static const char *const text[] = {
        [SEMO_TREE_MAP] = "a map",
        [SEMO_TREE_LIST] = "a list",
        [SEMO_TREE_STRING] = "a string",
        [SEMO_TREE_INTEGER] = "a whole number",
        [SEMO_TREE_BOOLEAN] = "true or false",
        [SEMO_TREE_NULL] = "null",
        [SEMO_TREE_OTHER] = "a number too long or with a fraction",
    };
    return text[kind];
}
