/* SPDX-License-Identifier: Apache-2.0 */
/* --sm-config-file: what a YAML (or JSON) file says about modules, by name. */
#include <string.h>
#include "host/tree.h"
#include "toolchain/compat/program.h"

static enum semo_status fail(const struct semo_tree *t, struct semo_error *e, const char *text)
{
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, t->file, t->key ? t->key_line : t->line,
                          t->key ? t->key_column : t->column, "%s", text);
}

static enum semo_status take_number(const struct semo_tree *t, int64_t least, int64_t most,
                                    unsigned *value, struct semo_error *e)
{
    if (t->kind != SEMO_TREE_INTEGER || t->integer < least || t->integer > most || t->integer % 2)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, t->file, t->line, t->column,
                              "%s is an even number from %d to %d", t->key, (int)least, (int)most);
    *value = (unsigned)t->integer;
    return SEMO_OK;
}

static enum semo_status take_field(struct compat_module *m, const struct semo_tree *t,
                                   struct semo_error *e)
{
    if (strcmp(t->key, "stack_size") == 0 || strcmp(t->key, "sm_stack_size") == 0)
        return take_number(t, 64, 8192, &m->stack, e);
    if (strcmp(t->key, "peripheral_offset") == 0)
        return take_number(t, 0, 0x200, &m->offset, e);
    if (strcmp(t->key, "num_connections") == 0) {
        if (t->kind != SEMO_TREE_INTEGER || t->integer < 0 || t->integer > 255)
            return fail(t, e, "num_connections is a number from 0 to 255");
        m->connections = (unsigned)t->integer;
        m->has_connections = true;
        return SEMO_OK;
    }
    if (strcmp(t->key, "disallow_outcalls") == 0) {
        if (t->kind != SEMO_TREE_BOOLEAN)
            return fail(t, e, "disallow_outcalls is true or false");
        m->closed = t->boolean;
        return SEMO_OK;
    }
    if (strncmp(t->key, "sm_", 3) == 0)
        return fail(t, e, "stubs cannot be replaced; leave this out");
    return fail(t, e,
                "not known; there are stack_size, num_connections, peripheral_offset, "
                "disallow_outcalls");
}

/* A map, or a list of maps. */
static enum semo_status take_fields(struct compat_module *m, const struct semo_tree *t,
                                    struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    if (t->kind != SEMO_TREE_MAP && t->kind != SEMO_TREE_LIST)
        return fail(t, e, "give the module's settings as a map");
    for (const struct semo_tree *c = t->first; c && status == SEMO_OK; c = c->next)
        status = t->kind == SEMO_TREE_MAP   ? take_field(m, c, e)
                 : c->kind == SEMO_TREE_MAP ? take_fields(m, c, e)
                                            : fail(c, e, "a list of \"name: value\" is expected");
    return status;
}

enum semo_status compat_read_config(struct compat_program *p, const char *path,
                                    struct semo_error *e)
{
    struct semo_tree *t;
    enum semo_status status = semo_tree_read(path, &t, e);
    if (status != SEMO_OK)
        return status;
    if (t->kind != SEMO_TREE_MAP)
        status = fail(t, e, "a map from names of modules to their settings is expected");
    for (const struct semo_tree *c = t->first; c && status == SEMO_OK; c = c->next) {
        size_t len = strlen(c->key);
        status = compat_has_module(p, c->key, len)
                     ? take_fields(compat_find_module(p, c->key, len), c, e)
                     : fail(c, e, "the program has no module of this name");
    }
    semo_tree_free(t);
    return status;
}
