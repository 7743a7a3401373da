/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "deploy/descriptor.h"

static const char *word_of(const struct semo_tree *t)
{
    if (t->text)
        return t->text;
    return t->kind == SEMO_TREE_MAP ? "{" : "[";
}

enum semo_status semo_fields_fail(const struct semo_tree *t, struct semo_error *e,
                                  const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, t->file, t->line, t->column, "%.60s: %s",
                          word_of(t), text);
}

static enum semo_status fail_key(const struct semo_tree *t, struct semo_error *e, const char *text)
{
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, t->file, t->key_line, t->key_column,
                          "%.60s: %s", t->key, text);
}

enum semo_status semo_fields_want(const struct semo_tree *t, enum semo_tree_kind kind,
                                  const char *what, struct semo_error *e)
{
    if (t->kind == kind)
        return SEMO_OK;
    return semo_fields_fail(t, e, "%s is %s here; write %s", what, semo_tree_kind_text(t->kind),
                            semo_tree_kind_text(kind));
}

static bool is_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-";
    size_t len = strlen(text);
    return len > 0 && len <= SEMO_NAME_MAX && strspn(text, letters) > 0 &&
           strspn(text, more) == len;
}

static enum semo_status read_name(const struct semo_tree *t, char *out, struct semo_error *e)
{
    if (semo_fields_want(t, SEMO_TREE_STRING, t->key, e) != SEMO_OK)
        return SEMO_INPUT;
    if (!is_name(t->text))
        return semo_fields_fail(t, e,
                                "not a name; write a letter, then letters, digits, _ and -, at "
                                "most %d of them",
                                SEMO_NAME_MAX);
    strcpy(out, t->text);
    return SEMO_OK;
}

static enum semo_status read_number(const struct semo_tree *t, const struct semo_field *f,
                                    unsigned *out, struct semo_error *e)
{
    if (semo_fields_want(t, SEMO_TREE_INTEGER, t->key, e) != SEMO_OK)
        return SEMO_INPUT;
    if (t->integer < (int64_t)f->min || t->integer > (int64_t)f->max)
        return semo_fields_fail(t, e, "%s is out of range; write %u to %u", t->key, f->min, f->max);
    *out = (unsigned)t->integer;
    return SEMO_OK;
}

static enum semo_status read_field(const struct semo_tree *t, const struct semo_field *f, void *out,
                                   struct semo_error *e)
{
    char *at = (char *)out + f->at;
    switch (f->type) {
    case SEMO_FIELD_NAME:
        return read_name(t, at, e);
    case SEMO_FIELD_TEXT:
        if (semo_fields_want(t, SEMO_TREE_STRING, t->key, e) != SEMO_OK)
            return SEMO_INPUT;
        *(const char **)(void *)at = t->text;
        return SEMO_OK;
    case SEMO_FIELD_NUMBER:
        return read_number(t, f, (unsigned *)(void *)at, e);
    case SEMO_FIELD_BOOLEAN:
        if (semo_fields_want(t, SEMO_TREE_BOOLEAN, t->key, e) != SEMO_OK)
            return SEMO_INPUT;
        *(bool *)at = t->boolean;
        return SEMO_OK;
    case SEMO_FIELD_TREE:
        *(const struct semo_tree **)(void *)at = t;
        return SEMO_OK;
    case SEMO_FIELD_IGNORED:
        return SEMO_OK;
    case SEMO_FIELD_REFUSED:
        break;
    }
    return fail_key(t, e, f->hint);
}

static void list_known(const struct semo_field *fields, char *out, size_t room)
{
    size_t used = 0;
    out[0] = 0;
    for (const struct semo_field *f = fields; f->name; f++)
        if (f->type < SEMO_FIELD_IGNORED && used < room)
            used += (size_t)snprintf(out + used, room - used, "%s%s", used ? ", " : "", f->name);
}

static enum semo_status fail_unknown(const struct semo_tree *t, const char *what,
                                     const struct semo_field *fields, struct semo_error *e)
{
    char known[240], text[320];
    list_known(fields, known, sizeof known);
    snprintf(text, sizeof text, "not a field of %s; it has %s", what, known);
    return fail_key(t, e, text);
}

enum semo_status semo_fields_read(const struct semo_tree *map, const char *what,
                                  const struct semo_field *fields, void *out, struct semo_error *e)
{
    const struct semo_field *f;
    if (semo_fields_want(map, SEMO_TREE_MAP, what, e) != SEMO_OK)
        return SEMO_INPUT;
    for (const struct semo_tree *t = map->first; t; t = t->next) {
        for (f = fields; f->name && strcmp(f->name, t->key) != 0; f++)
            ;
        if (!f->name)
            return fail_unknown(t, what, fields, e);
        if (semo_tree_given(t) && read_field(t, f, out, e) != SEMO_OK)
            return SEMO_INPUT;
    }
    for (f = fields; f->name; f++)
        if (f->required && !semo_tree_field(map, f->name))
            return semo_fields_fail(map, e, "%s without %s; add \"%s\"", what, f->name, f->name);
    return SEMO_OK;
}
