/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files that read a descriptor; for these only. */
#ifndef SEMO_SPECS_H
#define SEMO_SPECS_H

#include <stddef.h>
#include "deploy/descriptor.h"

#define REFUSED(name, hint)                                                                        \
    {                                                                                              \
        name, SEMO_FIELD_REFUSED, 0, false, 0, 0, hint                                             \
    }
#define IGNORED(name, hint)                                                                        \
    {                                                                                              \
        name, SEMO_FIELD_IGNORED, 0, false, 0, 0, hint                                             \
    }
#define FIELD(type, kind, member, need)                                                            \
    SEMO_FIELD_##kind, offsetof(struct type, member), need, 0, 0, NULL
#define NUMBER(type, member, need, low, high)                                                      \
    SEMO_FIELD_NUMBER, offsetof(struct type, member), need, low, high, NULL
#define END                                                                                        \
    {                                                                                              \
        NULL, SEMO_FIELD_REFUSED, 0, false, 0, 0, NULL                                             \
    }
#define NO_KEYS    "keys and state are never in a descriptor; remove it"
#define NO_NUMBERS "not used: numbers are given by node and deployer"

/* A line that the user sees, at the value t. */
void semo_specs_warn(struct semo_descriptor *d, const struct semo_tree *t, const char *text);
/* A line for each field of the map that is read over. */
void semo_specs_warn_ignored(struct semo_descriptor *d, const struct semo_tree *map,
                             const struct semo_field *fields);
/* The same name at two places: where both stood, so that the reader finds the other one. */
enum semo_status semo_specs_twice(const struct semo_tree *here, const struct semo_tree *other,
                                  struct semo_error *e) SEMO_MUST_CHECK;
enum semo_status semo_specs_kind(const struct semo_tree *map, enum semo_node_kind *kind,
                                 struct semo_error *e) SEMO_MUST_CHECK;
/* One item of a list each; names that it uses are already read. */
typedef enum semo_status semo_specs_read_fn(struct semo_descriptor *d, const struct semo_tree *map,
                                            struct semo_error *e);
semo_specs_read_fn semo_specs_node, semo_specs_module, semo_specs_connection;
/* Whoever sends or takes events that expire knows the time. */
enum semo_status semo_specs_clocks(const struct semo_descriptor *d,
                                   struct semo_error *e) SEMO_MUST_CHECK;

#endif
