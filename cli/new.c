/* SPDX-License-Identifier: Apache-2.0 */
/* semo new: a small application that builds and runs, to begin with. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cli/reply.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "host/file.h"

#define TEMPLATE_MAX (64 * 1024)
#define PLACEHOLDER  "@NAME@"

static const char *const templates[] = {"descriptor.json", "README.md", "modules/counter.c",
                                        "modules/gateway.c"};

/* The last part of the path is the name of the application. */
static const char *name_of(const char *folder)
{
    const char *slash = strrchr(folder, '/'), *name = slash ? slash + 1 : folder;
    if (!isalpha((unsigned char)name[0]) || strlen(name) > SEMO_NAME_MAX)
        return NULL;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("_-", *at))
            return NULL;
    return name;
}

static char *fill_in(const char *text, const char *name)
{
    char *out = semo_format("%s", "");
    for (const char *at; (at = strstr(text, PLACEHOLDER)); text = at + strlen(PLACEHOLDER)) {
        char *more = semo_format("%s%.*s%s", out, (int)(at - text), text, name);
        free(out);
        out = more;
    }
    char *all = semo_format("%s%s", out, text);
    free(out);
    return all;
}

static enum semo_status copy(const char *root, const char *file, const char *folder,
                             const char *name, struct semo_error *e)
{
    uint8_t *text;
    size_t len;
    char *from = semo_format("%s/cli/new/%s", root, file);
    char *to = semo_format("%s/%s", folder, file);
    enum semo_status status = semo_file_read(from, TEMPLATE_MAX, &text, &len, e);
    if (status == SEMO_OK) {
        char *filled = fill_in((const char *)text, name);
        status = semo_file_write(to, filled, strlen(filled), 0644, e);
        free(filled);
        free(text);
    }
    free(from);
    free(to);
    return status;
}

static enum semo_status make(const struct semo_options *o, struct semo_error *e)
{
    char *folder = o->files[0];
    for (size_t len = strlen(folder); len > 1 && folder[len - 1] == '/'; len--)
        folder[len - 1] = 0;
    const char *name = name_of(folder);
    struct stat about;
    if (o->file_count != 1)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: name one folder, please", o->files[1]);
    if (!name)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: not a name for an application; write a letter, then letters, "
                              "digits, _ and -, at most %d of them",
                              folder, SEMO_NAME_MAX);
    if (lstat(folder, &about) == 0) /* a link to nowhere, too */
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, folder, 0, 0,
                              "exists already; choose another name");
    char *root = semo_session_root(), *modules = semo_format("%s/modules", folder);
    enum semo_status status = semo_file_make_folder(modules, 0755, e);
    for (unsigned i = 0; i < sizeof templates / sizeof *templates && status == SEMO_OK; i++)
        status = copy(root, templates[i], folder, name, e);
    free(root);
    free(modules);
    return status;
}

int semo_verb_new(const struct semo_options *o)
{
    struct semo_error e = {{0}, 0};
    enum semo_status status = make(o, &e);
    if (status != SEMO_OK)
        return semo_reply_error("new", &e);
    printf("%s: made; see %s/README.md\n", o->files[0], o->files[0]);
    json_object_set_new(semo_reply(), "folder", json_string(o->files[0]));
    return SEMO_EXIT_DONE;
}
