/* SPDX-License-Identifier: Apache-2.0 */
/* The one reader of descriptors: JSON or YAML text to a tree that knows where each word stood.
 * Refused with position: more than one document, a field given twice, anchors, aliases, tags, more
 * than SEMO_TREE_DEPTH levels, more than SEMO_TREE_BYTES bytes, anything that is not UTF-8. A file
 * whose name ends in .json must be JSON, only a comma before a closing bracket is forgiven (the
 * paper's Listing 1 has one). */
#ifndef SEMO_TREE_H
#define SEMO_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "host/error.h"

#define SEMO_TREE_DEPTH  32
#define SEMO_TREE_BYTES  (1024 * 1024)
#define SEMO_TREE_FIELDS 1024 /* of one map */

enum semo_tree_kind {
    SEMO_TREE_MAP,
    SEMO_TREE_LIST,
    SEMO_TREE_STRING,
    SEMO_TREE_INTEGER,
    SEMO_TREE_BOOLEAN,
    SEMO_TREE_NULL,
    SEMO_TREE_OTHER /* a number, but none of the above: 1.5, or one of 30 digits */
};

struct semo_tree {
    enum semo_tree_kind kind;
    const char *file;
    unsigned line, column;
    char *key; /* when it is a field of a map */
    unsigned key_line, key_column;
    char *text; /* scalars, as written (quotes and escapes resolved) */
    int64_t integer;
    bool boolean;
    struct semo_tree *first, *next; /* children in order; next child of the same parent */
    unsigned count;
};

enum semo_status semo_tree_read(const char *path, struct semo_tree **out,
                                struct semo_error *e) SEMO_MUST_CHECK;
/* The same on bytes; `file` is for messages only. */
enum semo_status semo_tree_parse(const char *file, const uint8_t *bytes, size_t len, bool json,
                                 struct semo_tree **out, struct semo_error *e) SEMO_MUST_CHECK;
void semo_tree_free(struct semo_tree *t);
/* False: null or "...", which mean that nothing is given. */
bool semo_tree_given(const struct semo_tree *t);
/* NULL: there is none, or it is not given. */
const struct semo_tree *semo_tree_field(const struct semo_tree *map, const char *key);
const char *semo_tree_kind_text(enum semo_tree_kind kind); /* "a string", "a list", ... */

/* host/json.c: is it JSON but for trailing commas? */
enum semo_status semo_json_check(const char *file, const uint8_t *bytes, size_t len,
                                 struct semo_error *e) SEMO_MUST_CHECK;

#endif
