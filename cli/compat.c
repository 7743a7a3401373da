/* SPDX-License-Identifier: Apache-2.0 */
/* A folder is one program: its C and assembly files. A descriptor says more: files, cflags,
 * ldflags, security, stack, confidential, output; with "modules", each of them is one.
 * docs/sancus.md. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/compat.h"
#include "cli/reply.h"
#include "cli/session.h"
#include "host/file.h"
#include "host/tree.h"
#include "toolchain/compat/compat.h"

enum { WORDS = 200 };

struct project {
    const struct semo_options *options;
    char *word[WORDS];
    unsigned words;
    char *output;
    const char *name;
    unsigned security, stack, vendor;
};

static enum semo_status add(struct project *p, const char *word, size_t len, struct semo_error *e)
{
    if (p->words == WORDS)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "at most %u files and options", WORDS);
    p->word[p->words++] = semo_format("%.*s", (int)len, word);
    return SEMO_OK;
}

/* ---- a descriptor ---- */

static enum semo_status fail(const struct semo_tree *t, struct semo_error *e, const char *text)
{
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, t->file, t->key ? t->key_line : t->line,
                          t->key ? t->key_column : t->column, "%s", text);
}

/* A string of several words, or a list of such. */
static enum semo_status take_words(struct project *p, const struct semo_tree *t, bool whole,
                                   struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    if (t->kind == SEMO_TREE_LIST) {
        for (const struct semo_tree *c = t->first; c && status == SEMO_OK; c = c->next)
            status = c->kind == SEMO_TREE_STRING ? take_words(p, c, whole, e)
                                                 : fail(c, e, "a string is expected");
        return status;
    }
    if (t->kind != SEMO_TREE_STRING)
        return fail(t, e, "a string or a list of strings is expected");
    if (whole)
        return add(p, t->text, strlen(t->text), e);
    for (const char *at = t->text + strspn(t->text, " "); *at && status == SEMO_OK;) {
        size_t len = strcspn(at, " ");
        status = add(p, at, len, e);
        at += len;
        at += strspn(at, " ");
    }
    return status;
}

static enum semo_status take_number(const struct semo_tree *t, int64_t least, int64_t most,
                                    unsigned *to, struct semo_error *e)
{
    if (t->kind != SEMO_TREE_INTEGER || t->integer < least || t->integer > most || t->integer % 2)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, t->file, t->line, t->column,
                              "%s is an even number from %d to %d", t->key, (int)least, (int)most);
    *to = (unsigned)t->integer;
    return SEMO_OK;
}

static enum semo_status take_field(struct project *p, const struct semo_tree *t,
                                   struct semo_error *e)
{
    /* Of the published framework's modules, without a meaning for a program. */
    static const char *const known[] = {"name",   "type",  "node",     "vendor_id", "priority",
                                        "binary", "nonce", "deployed", "modules",   "id"};
    if (strcmp(t->key, "files") == 0)
        return take_words(p, t, true, e);
    if (strcmp(t->key, "cflags") == 0 || strcmp(t->key, "ldflags") == 0)
        return take_words(p, t, false, e);
    if (strcmp(t->key, "security") == 0)
        return take_number(t, 64, 128, &p->security, e);
    if (strcmp(t->key, "stack") == 0)
        return take_number(t, 64, 8192, &p->stack, e);
    if (strcmp(t->key, "vendor_id") == 0 && t->kind == SEMO_TREE_INTEGER) {
        p->vendor = (unsigned)t->integer & 0xFFFF;
        return SEMO_OK;
    }
    if (strcmp(t->key, "output") == 0 && t->kind == SEMO_TREE_STRING) {
        p->output = semo_format("%s", t->text);
        return SEMO_OK;
    }
    if (strcmp(t->key, "confidential") == 0 && t->kind == SEMO_TREE_BOOLEAN)
        return t->boolean ? add(p, "--confidential", strlen("--confidential"), e) : SEMO_OK;
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(t->key, known[i]) == 0)
            return SEMO_OK;
    return fail(t, e,
                "not a field of a program; there are files, cflags, ldflags, security, stack, "
                "confidential, output");
}

static enum semo_status take_fields(struct project *p, const struct semo_tree *t,
                                    struct semo_error *e)
{
    const struct semo_tree *name = semo_tree_field(t, "name"), *type = semo_tree_field(t, "type");
    enum semo_status status = SEMO_OK;
    if (t->kind != SEMO_TREE_MAP || !semo_tree_field(t, "files"))
        return fail(t, e, "a program needs \"files\"");
    if (type && type->text && strcmp(type->text, "sancus") != 0)
        return fail(type, e, "semo build --compat builds modules of type sancus");
    if (name && name->text)
        p->output = semo_format("%s.elf", p->name = name->text);
    for (const struct semo_tree *c = t->first; c && status == SEMO_OK; c = c->next)
        status = take_field(p, c, e);
    return status;
}

/* ---- a folder ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum semo_status take_folder(struct project *p, const char *path, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    struct dirent *entry;
    DIR *d = opendir(".");
    while (d && status == SEMO_OK && (entry = readdir(d))) {
        size_t len = strlen(entry->d_name);
        const char *end = len > 2 ? entry->d_name + len - 2 : "";
        if (strcmp(end, ".c") == 0 || strcmp(end, ".S") == 0 || strcmp(end, ".s") == 0)
            status = add(p, entry->d_name, len, e);
    }
    if (d)
        closedir(d);
    if (status == SEMO_OK && p->words == 0)
        return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_USAGE, path, 0, 0,
                              "there are no C files in this folder");
    qsort(p->word, p->words, sizeof p->word[0], by_name);
    return status;
}

/* ---- building ---- */

static enum semo_status build(struct project *p, const char *root, struct semo_error *e)
{
    const struct semo_options *o = p->options;
    uint64_t number;
    if (o->security && semo_options_number(o->security, 128, &number))
        p->security = (unsigned)number;
    if (p->security != 64 && p->security != 128)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "keys and tags have 64 or 128 bits");
    struct semo_compat_request r = {.arguments = p->word,
                                    .count = p->words,
                                    .output = p->output ? p->output : "main.elf",
                                    .security = p->security,
                                    .stack = p->stack,
                                    .vendor_key = o->vendor_key,
                                    .root = root,
                                    .listing = stdout,
                                    .main_is_optional = true,
                                    .module = p->name,
                                    .vendor = p->vendor};
    enum semo_status status = semo_compat_build(&r, e);
    if (status == SEMO_OK)
        printf("built %s\n", r.output);
    if (status == SEMO_OK)
        json_array_append_new(json_object_get(semo_reply(), "outputs"), json_string(r.output));
    return status;
}

static void forget(struct project *p)
{
    while (p->words)
        free(p->word[--p->words]);
    free(p->output);
    *p = (struct project){.options = p->options, .security = 64, .stack = 512, .vendor = 0x1234};
}

/* Of an application, which is another back end's to build. */
static bool is_of_others(const struct semo_tree *application, const struct semo_tree *module)
{
    const struct semo_tree *type = semo_tree_field(module, "type");
    return semo_tree_field(application, "nodes") && type && type->text &&
           strcmp(type->text, "sancus") != 0;
}

static enum semo_status build_descriptor(struct project *p, const struct semo_tree *t,
                                         const char *root, struct semo_error *e)
{
    const struct semo_tree *modules = semo_tree_field(t, "modules");
    enum semo_status status = SEMO_OK;
    if (!modules || modules->kind != SEMO_TREE_LIST) {
        status = take_fields(p, t, e);
        return status == SEMO_OK ? build(p, root, e) : status;
    }
    for (const struct semo_tree *m = modules->first; m && status == SEMO_OK; m = m->next) {
        if (is_of_others(t, m))
            continue;
        status = take_fields(p, m, e);
        if (status == SEMO_OK)
            status = build(p, root, e);
        forget(p);
    }
    return status;
}

/* Names in a project are relative to its folder, as its Makefile would have them. */
static enum semo_status build_path(struct project *p, const char *path, const char *root,
                                   struct semo_error *e)
{
    struct semo_tree *t = NULL;
    struct stat about;
    bool folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    const char *slash = strrchr(path, '/');
    char *there = folder  ? semo_format("%s", path)
                  : slash ? semo_format("%.*s", (int)(slash - path) + 1, path)
                          : semo_format(".");
    enum semo_status status = folder ? SEMO_OK : semo_tree_read(path, &t, e);
    if (status == SEMO_OK && chdir(there) != 0)
        status = semo_error_set(e, SEMO_MISSING, SEMO_EXIT_RESOURCE, there, 0, 0,
                                "cannot go to this folder");
    if (status == SEMO_OK && folder)
        status = take_folder(p, path, e);
    if (status == SEMO_OK)
        status = folder ? build(p, root, e) : build_descriptor(p, t, root, e);
    free(there);
    if (t)
        semo_tree_free(t);
    return status;
}

int semo_build_compat(const struct semo_options *o)
{
    struct semo_error e = {{0}, SEMO_EXIT_FAILED};
    struct project *p = semo_allocate(1, sizeof *p);
    char *relative = semo_session_root(), *root = relative ? realpath(relative, NULL) : NULL;
    enum semo_status status = SEMO_OK;
    json_object_set_new(semo_reply(), "outputs", json_array());
    p->options = o;
    forget(p);
    if (!root || o->file_count != 1)
        status = semo_error_set(&e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                                "name one folder, or one descriptor of a program");
    if (status == SEMO_OK)
        status = build_path(p, o->files[0], root, &e);
    forget(p);
    free(p);
    free(root);
    free(relative);
    return status == SEMO_OK ? SEMO_EXIT_DONE : semo_reply_error("build", &e);
}
