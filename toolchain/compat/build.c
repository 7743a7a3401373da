/* SPDX-License-Identifier: Apache-2.0 */
/* semo_compat_build: C -> intermediate code -> rewritten -> assembly -> objects -> program. */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "host/file.h"
#include "toolchain/compat/program.h"
#include "toolchain/parts.h"

enum { TEXT_MAX = 64 << 20, OPTIONS_MAX = 24, FILES_MAX = 24 };

/* What is safe for this compiler and core: sancus-toolchain 2.2. */
static const char *const code_options[] = {"--target=msp430",
                                           "-Os",
                                           "-mllvm",
                                           "-regalloc=fast",
                                           "-mllvm",
                                           "-optimize-regalloc=0",
                                           "-mllvm",
                                           "-disable-copyprop",
                                           "-ffreestanding",
                                           "-fno-builtin",
                                           "-ffunction-sections",
                                           "-fdata-sections",
                                           "-gdwarf-4",
                                           "-fno-crash-diagnostics",
                                           NULL};
/* For what tests/compat compares with the host bit for bit: less than half as long. */
static const char *const small_options[] = {
    "--target=msp430",     "-Os",       "-ffreestanding",         "-fno-builtin",
    "-ffunction-sections", "-gdwarf-4", "-fno-crash-diagnostics", NULL};
static const char *const plain_options[] = {"--target=msp430", "-fno-crash-diagnostics", NULL};
/* Everything can be seen before anything is optimised; constants stay where they are used. */
static const char *const read_options[] = {"--target=msp430",
                                           "-O0",
                                           "-Xclang",
                                           "-disable-O0-optnone",
                                           "-fdiscard-value-names",
                                           "-fno-jump-tables",
                                           "-ffreestanding",
                                           "-fno-builtin",
                                           "-fno-common",
                                           "-gdwarf-4",
                                           "-fno-crash-diagnostics",
                                           "-S",
                                           "-emit-llvm",
                                           NULL};
/* Functions of the runtime that modules get copies of; which file, by the beginning of the name. */
static const struct copied_source {
    const char *path, *names[12];
    unsigned further; /* so many of the next are needed with it */
} copied_sources[] = {
    {"runtime/compat/float.c",
     {"__mspabi_add", "__mspabi_sub", "__mspabi_mpyf", "__mspabi_mpyd", "__mspabi_divf",
      "__mspabi_divd", "__mspabi_cmp", "__mspabi_flt", "__mspabi_fix", "__mspabi_cvt"},
     2},
    {"runtime/compat/wide.S",
     {"__mspabi_mpyll", "__mspabi_divull", "__mspabi_divlli", "__mspabi_remull", "__mspabi_remlli",
      "__ashldi3", "__lshrdi3", "__ashrdi3"},
     0},
    {"lib/mspabi/mspabi.S", {"__mspabi_", "memcpy", "memset"}, 0},
    {"runtime/compat/string.c", {"mem", "str"}, 0},
    {"runtime/compat/sancus.S", {"__sancus_"}, 0}};
static const char *const runtime_sources[] = {"runtime/compat/crt0.S",    "runtime/compat/sancus.S",
                                              "runtime/compat/libc.c",    "runtime/compat/string.c",
                                              "runtime/compat/support.c", "lib/mspabi/mspabi.S"};
enum { RARE_SOURCES = 2 }; /* of copied_sources: linked where they are used */

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

struct job {
    struct compat_program p;
    char *clang;
    const char *option[OPTIONS_MAX], *source[FILES_MAX], *assembly[FILES_MAX];
    unsigned options, sources, assemblies;
    char *object[256];
    unsigned objects;
};

static bool ends(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);
    return len > tail && strcmp(text + len - tail, end) == 0;
}

/* ---- arguments ---- */

static enum semo_status sort_arguments(struct job *j, struct semo_error *e)
{
    const struct semo_compat_request *r = j->p.request;
    for (unsigned i = 0; i < r->count; i++) {
        const char *a = r->arguments[i];
        bool value = i && (strcmp(r->arguments[i - 1], "-I") == 0 ||
                           strcmp(r->arguments[i - 1], "-D") == 0 ||
                           strcmp(r->arguments[i - 1], "-U") == 0 ||
                           strcmp(r->arguments[i - 1], "-include") == 0);
        const char **to = j->option;
        unsigned *count = &j->options, max = OPTIONS_MAX;
        if (strcmp(a, "-c") == 0 || strcmp(a, "-S") == 0 || strcmp(a, "-E") == 0)
            return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, a, 0, 0,
                                  "all files of a program are built together, into one executable");
        if (!value && a[0] != '-') {
            if (!ends(a, ".c") && !ends(a, ".S") && !ends(a, ".s"))
                return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, a, 0, 0,
                                      "neither a C file (.c) nor an assembly file (.S, .s)");
            if (access(a, R_OK) != 0)
                return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_USAGE, a, 0, 0, "no such file");
            to = ends(a, ".c") ? j->source : j->assembly;
            count = ends(a, ".c") ? &j->sources : &j->assemblies;
            max = FILES_MAX;
        }
        if (*count == max)
            return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, a, 0, 0,
                                  "at most %u files of a kind and %u options", FILES_MAX,
                                  OPTIONS_MAX);
        to[(*count)++] = a;
    }
    if (j->sources == 0)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "name at least one C file");
    return SEMO_OK;
}

/* ---- steps ---- */

/* options may be NULL. include: a header before everything, or NULL. */
static enum semo_status run_clang(struct job *j, const char *const *options, bool own,
                                  const char *include, const char *from, const char *to,
                                  const char *how, struct semo_error *e)
{
    struct tool_command c = {.count = 0};
    tool_command_add(&c, "%s", j->clang);
    for (unsigned i = 0; own && i < j->options; i++)
        tool_command_add(&c, "%s", j->option[i]);
    tool_command_add_all(&c, options);
    tool_command_add(&c, "-DSANCUS_SECURITY_BITS=%u", j->p.request->security);
    tool_command_add(&c, "-isystem%s/runtime/compat/include", j->p.request->root);
    tool_command_add(&c, "-isystem%s/include", j->p.request->root);
    tool_command_add(&c, "-I%s", j->p.request->root);
    if (include) {
        tool_command_add(&c, "-include");
        tool_command_add(&c, "%s", include);
    }
    if (how)
        tool_command_add(&c, "%s", how);
    tool_command_add(&c, "%s", from);
    tool_command_add(&c, "-o");
    tool_command_add(&c, "%s", to);
    enum semo_status status = tool_command_run(&c, e);
    tool_command_free(&c);
    return status;
}

static char *new_object(struct job *j)
{
    if (j->objects == COUNT(j->object))
        abort(); /* 32 modules of 4, 48 files, 6 of the runtime */
    j->object[j->objects] = semo_format("%s/%u.o", j->p.folder, j->objects);
    return j->object[j->objects++];
}

/* C, intermediate code or assembly -> a further object, for a module or for all. */
static enum semo_status compile(struct job *j, const char *from, bool own, const char *module,
                                const char *include, bool weak, struct semo_error *e)
{
    char *object = new_object(j), *text = semo_format("%s.s", object);
    enum semo_status status = SEMO_OK;
    if (ends(from, ".S") || ends(from, ".s")) {
        /* A user's source has lines to be found again; ours here may be temporary. */
        status =
            run_clang(j, own ? code_options : plain_options, own, include, from, object, "-c", e);
    } else {
        const char *const *options = ends(from, "compat/float.c") ? small_options : code_options;
        status = run_clang(j, options, false, include, from, text, "-S", e);
        if (status == SEMO_OK)
            status = compat_assembly(text, module, weak, e);
        if (status == SEMO_OK)
            status = run_clang(j, plain_options, false, NULL, text, object, "-c", e);
    }
    free(text);
    return status;
}

static enum semo_status load(struct compat_file *f, const char *path, struct semo_error *e)
{
    uint8_t *bytes;
    size_t len;
    enum semo_status status = semo_file_read(path, TEXT_MAX, &bytes, &len, e);
    if (status != SEMO_OK)
        return status;
    size_t lines = 1;
    for (size_t i = 0; i < len; i++)
        lines += bytes[i] == '\n';
    f->line = semo_allocate(lines, sizeof *f->line);
    for (char *at = (char *)bytes; *at;) {
        size_t n = strcspn(at, "\n");
        f->line[f->count++] = semo_format("%.*s", (int)n, at);
        at += n + (at[n] != 0);
    }
    free(bytes);
    return status;
}

static enum semo_status store(const struct compat_file *f, const char *path, struct semo_error *e)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    for (unsigned i = 0; i < f->count; i++)
        fprintf(out, "%s\n", f->line[i]);
    fputs(f->more ? f->more : "", out);
    fclose(out);
    enum semo_status status = semo_file_write(path, text, size, 0644, e);
    free(text);
    return status;
}

static enum semo_status read_source(struct job *j, const char *source, struct semo_error *e)
{
    unsigned i = j->p.file_count++;
    char *path = semo_format("%s/%u.ll", j->p.folder, i);
    j->p.file[i].source = semo_format("%s", source);
    enum semo_status status = run_clang(j, read_options, true, NULL, source, path, NULL, e);
    if (status == SEMO_OK)
        status = load(&j->p.file[i], path, e);
    if (status == SEMO_OK)
        compat_read_file(&j->p, i);
    free(path);
    return status;
}

static enum semo_status read_sources(struct job *j, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    j->p.file = semo_allocate(j->sources + COMPAT_MODULES, sizeof *j->p.file);
    for (unsigned i = 0; i < j->sources && status == SEMO_OK; i++)
        status = read_source(j, j->source[i], e);
    for (unsigned i = 0; i < j->p.module_count && status == SEMO_OK; i++) {
        struct compat_module *m = &j->p.module[i];
        char *path = semo_format("%s/%s.reactive.c", j->p.folder, m->name);
        if (m->inputs || m->outputs) {
            status = compat_write_reactive(m, path, e);
            if (status == SEMO_OK)
                status = read_source(j, path, e);
        }
        free(path);
    }
    if (status == SEMO_OK)
        status = compat_check(&j->p, e);
    return status == SEMO_OK ? compat_rewrite(&j->p, e) : status;
}

static enum semo_status compile_sources(struct job *j, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0; i < j->p.file_count && status == SEMO_OK; i++) {
        char *path = semo_format("%s/%u.ll", j->p.folder, i);
        status = store(&j->p.file[i], path, e);
        if (status == SEMO_OK)
            status = compile(j, path, false, NULL, NULL, false, e);
        free(path);
    }
    for (unsigned i = 0; i < j->assemblies && status == SEMO_OK; i++)
        status = compile(j, j->assembly[i], true, NULL, NULL, false, e);
    return status;
}

/* The names of a module's copies, as a header. */
static enum semo_status write_names(const char *module, const char *path, struct semo_error *e)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    for (const char *const *name = compat_copied_names; *name; name++)
        fprintf(out, "#define %s __sm_%s__copy_%s\n", *name, module, *name);
    fclose(out);
    enum semo_status status = semo_file_write(path, text, size, 0644, e);
    free(text);
    return status;
}

static bool is_mentioned(const char *text, const char *module, const char *const *names)
{
    bool found = false;
    for (unsigned n = 0; names[n] && !found; n++) {
        char *want = module ? semo_format("__sm_%s__copy_%s", module, names[n])
                            : semo_format("#%s", names[n]);
        found = strstr(text, want) != NULL;
        free(want);
    }
    return found;
}

/* Does the module, or unprotected code (NULL), call a function of that file? */
static bool calls(const struct job *j, const char *module, const struct copied_source *source)
{
    bool found = false;
    for (unsigned i = 0; i < j->p.file_count && !found; i++) {
        char *path = semo_format("%s/%u.o.s", j->p.folder, i);
        uint8_t *text;
        size_t len;
        struct semo_error none;
        if (semo_file_read(path, TEXT_MAX, &text, &len, &none) == SEMO_OK) {
            found = is_mentioned((char *)text, module, source->names);
            free(text);
        }
        free(path);
    }
    return found;
}

static bool needs(const struct job *j, const char *module, unsigned source)
{
    bool needed = calls(j, module, &copied_sources[source]);
    for (unsigned i = 0; i < source && !needed; i++)
        needed = i + copied_sources[i].further >= source && calls(j, module, &copied_sources[i]);
    return needed;
}

static enum semo_status compile_module(struct job *j, const struct compat_module *m,
                                       struct semo_error *e)
{
    char *stubs = semo_format("%s/%s.S", j->p.folder, m->name);
    char *names = semo_format("%s/%s.h", j->p.folder, m->name);
    enum semo_status status = compat_write_stubs(&j->p, m, stubs, e);
    if (status == SEMO_OK)
        status = compile(j, stubs, false, m->name, NULL, false, e);
    if (status == SEMO_OK)
        status = write_names(m->name, names, e);
    for (unsigned i = 0; i < COUNT(copied_sources) && status == SEMO_OK; i++) {
        if (!needs(j, m->name, i))
            continue;
        char *path = semo_format("%s/%s", j->p.request->root, copied_sources[i].path);
        status = compile(j, path, false, m->name, names, false, e);
        free(path);
    }
    free(stubs);
    free(names);
    return status;
}

static enum semo_status compile_runtime(struct job *j, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0; i < j->p.module_count && status == SEMO_OK; i++)
        status = compile_module(j, &j->p.module[i], e);
    char *vectors = semo_format("%s/vectors.S", j->p.folder);
    if (status == SEMO_OK)
        status = compat_write_vectors(&j->p, vectors, e);
    if (status == SEMO_OK)
        status = compile(j, vectors, false, NULL, NULL, false, e);
    free(vectors);
    for (unsigned i = 0; i < RARE_SOURCES && status == SEMO_OK; i++) {
        char *path = semo_format("%s/%s", j->p.request->root, copied_sources[i].path);
        if (j->assemblies || needs(j, NULL, i))
            status = compile(j, path, false, NULL, NULL, true, e);
        free(path);
    }
    for (unsigned i = 0; i < COUNT(runtime_sources) && status == SEMO_OK; i++) {
        char *path = semo_format("%s/%s", j->p.request->root, runtime_sources[i]);
        status = compile(j, path, false, NULL, NULL, true, e);
        free(path);
    }
    return status;
}

static enum semo_status link_all(struct job *j, const char *output, struct semo_error *e)
{
    char *script = semo_format("%s/program.ld", j->p.folder), *list;
    char *lld = tool_find("LLD", "ld.lld-14", "ld.lld");
    char *response = semo_format("%s/objects", j->p.folder);
    struct tool_command c = {.count = 0};
    size_t size;
    FILE *out = open_memstream(&list, &size);
    enum semo_status status = compat_write_script(&j->p, script, e);
    if (!out)
        abort();
    for (unsigned i = 0; i < j->objects; i++)
        fprintf(out, "%s\n", j->object[i]);
    fclose(out);
    if (status == SEMO_OK)
        status = semo_file_write(response, list, size, 0644, e);
    tool_command_add(&c, "%s", lld);
    tool_command_add(&c, "-N");
    tool_command_add(&c, "--gc-sections");
    tool_command_add(&c, "-T%s", script);
    tool_command_add(&c, "@%s", response);
    tool_command_add(&c, "-o");
    tool_command_add(&c, "%s", output);
    if (status == SEMO_OK)
        status = tool_command_run(&c, e);
    tool_command_free(&c);
    free(list);
    free(response);
    free(script);
    free(lld);
    return status;
}

static void remove_folder(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *entry;
    while (d && (entry = readdir(d))) {
        char *file = semo_format("%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(file);
        free(file);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

static enum semo_status build(struct job *j, struct semo_error *e)
{
    char *linked = semo_format("%s/program.elf", j->p.folder);
    enum semo_status status = read_sources(j, e);
    uint8_t *bytes;
    size_t len;
    if (status == SEMO_OK)
        status = compile_sources(j, e);
    if (status == SEMO_OK)
        status = compile_runtime(j, e);
    if (status == SEMO_OK)
        status = link_all(j, linked, e);
    if (status == SEMO_OK)
        status = compat_finish(&j->p, linked, e);
    if (status == SEMO_OK)
        status = semo_file_read(linked, TEXT_MAX, &bytes, &len, e);
    if (status == SEMO_OK) {
        status = semo_file_write(j->p.request->output, bytes, len, 0755, e);
        free(bytes);
    }
    free(linked);
    return status;
}

enum semo_status semo_compat_build(const struct semo_compat_request *r, struct semo_error *e)
{
    const char *temporary = getenv("TMPDIR"), *keep = getenv("SEMO_KEEP");
    struct job *j = semo_allocate(1, sizeof *j);
    j->p.request = r;
    enum semo_status status = sort_arguments(j, e);
    j->p.folder = semo_format("%s/semo-cc.XXXXXX", temporary && *temporary ? temporary : "/tmp");
    if (status == SEMO_OK && !mkdtemp(j->p.folder))
        status = semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, j->p.folder, 0, 0,
                                "cannot be created");
    if (status == SEMO_OK) {
        j->clang = tool_find("CLANG", "clang-14", "clang");
        status = build(j, e);
        if (keep)
            fprintf(stderr, "kept: %s\n", j->p.folder);
        else
            remove_folder(j->p.folder);
    }
    if (status == SEMO_OK && r->listing)
        compat_print_listing(&j->p, r->listing);
    return status; /* the program ends; its memory goes with it */
}
