/* SPDX-License-Identifier: Apache-2.0 */
/* Sources that the build tool makes: published ones under the module's name, and one with what the
 * author's files leave to be made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host/file.h"
#include "toolchain/parts.h"

enum { SOURCE_MAX = 4 << 20 };

/* The published framework's word for the name of the module that a source is used for. */
#define NAME_WORD "{name}"

/* A copy whose lines are known by the place of the original. */
static char *with_name(const char *path, const char *text, const char *name)
{
    char *made = NULL;
    size_t size;
    FILE *out = open_memstream(&made, &size);
    if (!out)
        abort();
    fprintf(out, "#line 1 \"%s\"\n", path);
    for (const char *word; (word = strstr(text, NAME_WORD)); text = word + strlen(NAME_WORD))
        fprintf(out, "%.*s%s", (int)(word - text), text, name);
    fputs(text, out);
    fclose(out);
    return made;
}

/* Files of the folder where the original is are included as from there. */
static void add_copy(struct tool_made *made, const char *original, char *copy)
{
    const char *slash = strrchr(original, '/');
    made->copies[made->copy_count] = copy;
    made->flags[made->flag_count++] = made->folders[made->copy_count++] =
        slash ? semo_format("-iquote%.*s", (int)(slash - original), original)
              : semo_format("-iquote.");
}

static enum semo_status make_file(const struct semo_module_source *m, const char *folder,
                                  const char *path, struct tool_made *made, struct semo_error *e)
{
    const char *slash = strrchr(path, '/');
    uint8_t *bytes;
    size_t len;
    enum semo_status status = semo_file_read(path, SOURCE_MAX, &bytes, &len, e);
    if (status != SEMO_OK)
        return status;
    made->files[made->file_count++] = path;
    if (strstr((char *)bytes, "<sancus/") && strstr((char *)bytes, NAME_WORD)) {
        char *copy = semo_format("%s/%s", folder, slash ? slash + 1 : path);
        char *text = with_name(path, (char *)bytes, m->name);
        status = semo_file_make_folder(folder, 0755, e);
        if (status == SEMO_OK)
            status = semo_file_write(copy, text, strlen(text), 0644, e);
        made->files[made->file_count - 1] = copy;
        add_copy(made, path, copy);
        free(text);
    }
    free(bytes);
    return status;
}

enum semo_status tool_made_files(struct semo_module_source *m, const char *folder,
                                 struct tool_made *made, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    made->files = semo_allocate(m->file_count, sizeof *made->files);
    made->copies = semo_allocate(m->file_count, sizeof *made->copies);
    made->folders = semo_allocate(m->file_count, sizeof *made->folders);
    made->flags = semo_allocate(m->file_count + m->flag_count, sizeof *made->flags);
    for (unsigned i = 0; i < m->flag_count; i++)
        made->flags[made->flag_count++] = m->flags[i];
    for (unsigned i = 0; i < m->file_count && status == SEMO_OK; i++)
        status = make_file(m, folder, m->files[i], made, e);
    m->files = made->files;
    m->flags = made->flags;
    m->flag_count = made->flag_count;
    return status;
}

void tool_made_free(struct tool_made *made)
{
    for (unsigned i = 0; i < made->copy_count; i++) {
        free(made->copies[i]);
        free(made->folders[i]);
    }
    free(made->copies);
    free(made->folders);
    free(made->files);
    free(made->flags);
}

static void put_entry(FILE *out, const char *module, const char *name, bool data)
{
    fprintf(out, "void %s(%s);\nSM_ENTRY_MAX(%s, %s, data, len, SEMO_PUBLISHED_PAYLOAD)\n{\n", name,
            data ? "uint8_t *, size_t" : "void", module, name);
    fprintf(out, "    %s(%s);\n    (void)data;\n    (void)len;\n    return 0;\n}\n", name,
            data ? "data, len" : "");
}

char *tool_made_source(const struct semo_module_source *m, const struct tool_records *r)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    fprintf(out, "#include <stddef.h>\n#include <semo/module.h>\n");
    fprintf(out, "extern const char semo_module_name[];\n");
    fprintf(out, "const char semo_module_name[] = \"%s\";\n", m->name);
    for (unsigned i = 0; i < r->count; i++)
        if (r->at[i].made != TOOL_RECORDED)
            put_entry(out, m->name, r->at[i].name, r->at[i].made == TOOL_MARKED_DATA);
    fclose(out);
    return text;
}
