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

enum { TEXT_MAX = 64 << 20 };

/* What is safe for this compiler and core: sancus-toolchain 2.2. */
static const char *const code_options[] = {"--target=msp430",
                                           "-fno-integrated-as", /* leaves inline assembly alone */
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
static const char *const assembler_options[] = {"--target=msp430", "-gdwarf-4",
                                                "-fno-crash-diagnostics", NULL};
static const char *const plain_options[] = {"--target=msp430", "-fno-crash-diagnostics", NULL};
/* A module that calls an inline function of everybody gets it inside. */
#define INLINE(word) "-D" word "=__inline __attribute__((__always_inline__))"
/* Everything can be seen before anything is optimised; constants stay where they are used. */
static const char *const read_options[] = {
    "--target=msp430", "-O0", "-Xclang", "-disable-O0-optnone", "-fdiscard-value-names",
    "-fno-jump-tables",
    /* The published compiler's is older, and programs ask. */
    "-Wno-builtin-macro-redefined", "-U__clang_major__", "-D__clang_major__=3",
    "-fno-color-diagnostics", INLINE("inline"), INLINE("__inline"), INLINE("__inline__"),
    "-ffreestanding", "-fno-builtin", "-fno-common", "-gdwarf-4", "-fno-crash-diagnostics", "-S",
    "-emit-llvm", NULL};
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
/* What every program has: one file of C and one of assembly, made of these. */
static const char *const runtime_c[] = {"runtime/compat/libc.c", "runtime/compat/string.c",
                                        "runtime/compat/support.c"};
static const char *const runtime_assembly[] = {"runtime/compat/crt0.S", "runtime/compat/sancus.S",
                                               "lib/mspabi/mspabi.S", "runtime/compat/wide.S"};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define MACROS   "runtime/compat/module.S"

struct job {
    struct compat_program p;
    char *clang;
    char *object[512];
    unsigned objects;
    struct compat_objects list; /* what the program has of these */
};

static bool ends(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);
    return len > tail && strcmp(text + len - tail, end) == 0;
}

/* ---- steps ---- */

/* options may be NULL. include: a header before everything, or NULL. */
static enum semo_status run_clang(struct job *j, const char *const *options, bool own,
                                  const char *include, const char *from, const char *to,
                                  const char *how, struct semo_error *e)
{
    struct tool_command c = {.count = 0};
    tool_command_add(&c, "%s", j->clang);
    for (unsigned i = 0; own && i < j->p.arguments.option.count; i++)
        tool_command_add(&c, "%s", j->p.arguments.option.at[i]);
    tool_command_add_all(&c, options);
    tool_command_add(&c, "-fdebug-prefix-map=%s=semo", j->p.folder);
    tool_command_add(&c, "-DSANCUS_SECURITY_BITS=%u", j->p.request->security);
    if (j->p.arguments.confidential)
        tool_command_add(&c, "-DSEMO_CONFIDENTIAL");
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
        abort(); /* 32 modules of 3, 300 files, 4 of the runtime */
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
        status = run_clang(j, own ? assembler_options : plain_options, own, include, from, object,
                           "-c", e);
    } else {
        const char *const *options = ends(from, "compat/float.c") ? small_options : code_options;
        status = run_clang(j, options, false, include, from, text, "-S", e);
        if (status == SEMO_OK)
            status = compat_assembly(text, module, weak, e);
        if (status == SEMO_OK)
            status = run_clang(j, plain_options, false, NULL, text, object, "-c", e);
        if (status != SEMO_OK)
            compat_place_error(text, e);
    }
    free(text);
    return status;
}

static void split(struct compat_file *f, const char *text)
{
    size_t lines = 1;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    f->line = semo_allocate(lines, sizeof *f->line);
    for (const char *at = text; *at;) {
        size_t n = strcspn(at, "\n");
        f->line[f->count++] = semo_format("%.*s", (int)n, at);
        at += n + (at[n] != 0);
    }
}

static enum semo_status load(struct compat_file *f, const char *path, struct semo_error *e)
{
    uint8_t *bytes;
    size_t len;
    enum semo_status status = semo_file_read(path, TEXT_MAX, &bytes, &len, e);
    if (status == SEMO_OK) {
        split(f, (char *)bytes);
        free(bytes);
    }
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

/* Sources of the published framework may say {name} for their module's. *to: with the name, or
 * NULL. */
static enum semo_status with_name(const struct job *j, const char *source, char **to,
                                  struct semo_error *e)
{
    static const char mark[] = "{name}";
    const char *name = j->p.request->module, *slash = strrchr(source, '/');
    enum semo_status status;
    uint8_t *bytes;
    size_t len;
    *to = NULL;
    if (!name || semo_file_read(source, TEXT_MAX, &bytes, &len, e) != SEMO_OK ||
        !strstr((char *)bytes, mark))
        return SEMO_OK; /* the compiler says what is wrong with the file */
    char *text = semo_format("#line 1 \"%s\"\n%s", source, (char *)bytes), *at;
    while ((at = strstr(text, mark))) {
        char *next = semo_format("%.*s%s%s", (int)(at - text), text, name, at + sizeof mark - 1);
        free(text);
        text = next;
    }
    *to = semo_format("%s/%s", j->p.folder, slash ? slash + 1 : source);
    status = semo_file_write(*to, text, strlen(text), 0644, e);
    free(text);
    free(bytes);
    return status;
}

static enum semo_status read_source(struct job *j, const char *source, struct semo_error *e)
{
    unsigned i = j->p.file_count++;
    const char *slash = strrchr(source, '/');
    char *path = semo_format("%s/%u.ll", j->p.folder, i), *named;
    char *headers = semo_format("-iquote%.*s", slash ? (int)(slash - source) : 1,
                                slash ? source : "."); /* a copy lies elsewhere */
    j->p.file[i].source = semo_format("%s", source);
    enum semo_status status = with_name(j, source, &named, e);
    if (status == SEMO_OK)
        status = run_clang(j, read_options, true, NULL, named ? named : source, path,
                           named ? headers : NULL, e);
    free(named);
    free(headers);
    if (status == SEMO_OK)
        status = load(&j->p.file[i], path, e);
    if (status == SEMO_OK)
        compat_read_file(&j->p, i);
    free(path);
    return status;
}

static void add_intermediate(struct job *j, const struct compat_object *o)
{
    unsigned i = j->p.file_count++;
    j->p.file[i].source = o->source;
    split(&j->p.file[i], o->ir);
    compat_read_file(&j->p, i);
}

/* Objects of the program, and members of libraries that it needs. */
static enum semo_status read_objects(struct job *j, struct semo_error *e)
{
    struct compat_objects *list = &j->list;
    struct compat_symbols symbols = {.wanted.count = 0};
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0; i < j->p.arguments.object.count && status == SEMO_OK; i++)
        status = compat_objects_read(list, j->p.arguments.object.at[i], j->p.request->security, e);
    for (unsigned i = 0; i < j->p.file_count; i++)
        for (unsigned k = 0; k < j->p.file[i].count; k++)
            compat_symbols_of_line(&symbols, j->p.file[i].line[k]);
    compat_objects_select(list, &symbols);
    j->p.file = realloc(j->p.file,
                        (j->p.file_count + list->count + 1 + COMPAT_MODULES) * sizeof *j->p.file);
    if (!j->p.file)
        abort();
    memset(j->p.file + j->p.file_count, 0, (list->count + 1 + COMPAT_MODULES) * sizeof *j->p.file);
    for (unsigned i = 0; i < list->count && status == SEMO_OK; i++) {
        struct compat_object *o = &list->at[i];
        if (o->lazy)
            continue;
        if (o->ir)
            add_intermediate(j, o);
        else if (j->objects > 300)
            status = semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, o->name, 0, 0,
                                    "at most 300 objects");
        else
            status = semo_file_write(new_object(j), o->bytes, o->len, 0644, e);
    }
    return status; /* what was read stays until the program ends */
}

static enum semo_status read_reactive(struct job *j, struct compat_module *m, struct semo_error *e)
{
    char *path = semo_format("%s/%s.reactive.c", j->p.folder, m->name);
    enum semo_status status = compat_write_reactive(m, path, e);
    if (status == SEMO_OK)
        status = read_source(j, path, e);
    free(path);
    return status;
}

/* A program of modules only: what is needed to load and measure them. */
static enum semo_status read_main(struct job *j, struct semo_error *e)
{
    char *path = semo_format("%s/main.c", j->p.folder);
    const struct compat_function *f = compat_find_function(&j->p, 0, "main", 4);
    enum semo_status status = SEMO_OK;
    if (j->p.request->main_is_optional && !(f && f->last)) {
        status = compat_write_main(&j->p, path, e);
        if (status == SEMO_OK)
            status = read_source(j, path, e);
    }
    free(path);
    return status;
}

static void set_defaults(struct compat_program *p)
{
    for (unsigned i = 0; i < p->module_count; i++) {
        struct compat_module *m = &p->module[i];
        m->stack = p->arguments.stack;
        m->connections = p->arguments.connections;
        m->has_connections = p->arguments.has_connections;
        m->wrapped = p->arguments.confidential;
    }
}

static enum semo_status read_assembly(struct job *j, struct semo_error *e)
{
    const struct compat_list *list = &j->p.arguments.assembly;
    enum semo_status status = SEMO_OK;
    uint8_t *text;
    size_t len;
    for (unsigned i = 0; i < list->count && status == SEMO_OK; i++) {
        status = semo_file_read(list->at[i], TEXT_MAX, &text, &len, e);
        if (status != SEMO_OK)
            break;
        compat_read_assembly(&j->p, &(struct compat_assembly){(char *)text, len, false});
        free(text);
    }
    for (unsigned i = 0; i < j->list.count; i++) {
        const struct compat_object *o = &j->list.at[i];
        if (!o->ir && !o->lazy)
            compat_read_assembly(&j->p,
                                 &(struct compat_assembly){(const char *)o->bytes, o->len, true});
    }
    return status;
}

static enum semo_status read_sources(struct job *j, struct semo_error *e)
{
    const struct compat_arguments *a = &j->p.arguments;
    enum semo_status status = SEMO_OK;
    j->p.file = semo_allocate(a->source.count + 1, sizeof *j->p.file);
    for (unsigned i = 0; i < a->source.count && status == SEMO_OK; i++)
        status = read_source(j, a->source.at[i], e);
    if (status == SEMO_OK)
        status = read_objects(j, e);
    set_defaults(&j->p);
    if (status == SEMO_OK && a->config)
        status = compat_read_config(&j->p, a->config, e);
    for (unsigned i = 0; i < j->p.module_count && status == SEMO_OK; i++)
        if (j->p.module[i].inputs || j->p.module[i].outputs)
            status = read_reactive(j, &j->p.module[i], e);
    if (status == SEMO_OK)
        status = read_main(j, e);
    if (status == SEMO_OK)
        status = read_assembly(j, e);
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
    for (unsigned i = 0; i < j->p.arguments.assembly.count && status == SEMO_OK; i++)
        status = compile(j, j->p.arguments.assembly.at[i], true, NULL, NULL, false, e);
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

/* ---- the runtime ---- */

/* Macros of one source mean nothing in the next. */
static void forget_macros(const char *text, FILE *to)
{
    for (const char *at = strstr(text, "\n.macro "); at; at = strstr(at + 1, "\n.macro ")) {
        const char *name = at + strlen("\n.macro ");
        fprintf(to, "\n.purgem %.*s", (int)strcspn(name, " ,\n"), name);
    }
    fputc('\n', to);
}

/* Without comments and lines for the preprocessor, which is not needed then. Names that the module
 * has copies of are the copies'; weak: a program may have its own. */
static void write_assembly(const char *text, const char *module, bool weak, FILE *to)
{
    for (const char *at = text; *at;) {
        size_t len = 0;
        if (*at == '#' && (at == text || at[-1] == '\n')) {
            at += strcspn(at, "\n");
            continue;
        }
        if (at[0] == '/' && at[1] == '*') {
            const char *end = strstr(at, "*/");
            at = end ? end + 2 : at + strlen(at);
            continue;
        }
        while (isalnum((unsigned char)at[len]) || at[len] == '_')
            len++;
        if (module && len && compat_is_copied(at, len))
            fprintf(to, "__sm_%s__copy_%.*s", module, (int)len, at);
        else if (weak && len == 5 && strncmp(at, "globl", 5) == 0)
            fputs("weak", to);
        else
            fprintf(to, "%.*s", len ? (int)len : 1, at);
        at += len ? len : 1;
    }
}

/* Of several sources one. */
static enum semo_status append_source(const struct job *j, const char *source, const char *module,
                                      bool weak, FILE *to, struct semo_error *e)
{
    char *path = semo_format("%s/%s", j->p.request->root, source);
    uint8_t *text;
    size_t len;
    enum semo_status status = semo_file_read(path, TEXT_MAX, &text, &len, e);
    free(path);
    if (status != SEMO_OK)
        return status;
    if (ends(source, ".c"))
        fputs((char *)text, to);
    else
        write_assembly((char *)text, module, weak, to);
    if (ends(source, ".S") && strcmp(source, MACROS) != 0)
        forget_macros((char *)text, to);
    free(text);
    return status;
}

/* The macros of stubs, and lines that use them. */
static enum semo_status append_stubs(const struct job *j, const char *path, FILE *to,
                                     struct semo_error *e)
{
    uint8_t *text;
    size_t len;
    enum semo_status status = append_source(j, MACROS, NULL, false, to, e);
    if (status == SEMO_OK)
        status = semo_file_read(path, TEXT_MAX, &text, &len, e);
    if (status == SEMO_OK) {
        fputs((char *)text, to);
        free(text);
    }
    return status;
}

static enum semo_status compile_module(struct job *j, const struct compat_module *m,
                                       struct semo_error *e)
{
    char *stubs = semo_format("%s/%s.S", j->p.folder, m->name), *text = NULL;
    char *names = semo_format("%s/%s.h", j->p.folder, m->name);
    enum semo_status status = compat_write_stubs(&j->p, m, stubs, e);
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    if (status == SEMO_OK)
        status = write_names(m->name, names, e);
    if (status == SEMO_OK)
        status = append_stubs(j, stubs, out, e);
    for (unsigned i = 0; i < COUNT(copied_sources) && status == SEMO_OK; i++) {
        char *path = semo_format("%s/%s", j->p.request->root, copied_sources[i].path);
        if (needs(j, m->name, i) && ends(path, ".S"))
            status = append_source(j, copied_sources[i].path, m->name, false, out, e);
        else if (needs(j, m->name, i))
            status = compile(j, path, false, m->name, names, false, e);
        free(path);
    }
    fclose(out);
    char *all = semo_format("%s/%s.all.s", j->p.folder, m->name);
    if (status == SEMO_OK)
        status = semo_file_write(all, text, size, 0644, e);
    if (status == SEMO_OK)
        status = compile(j, all, false, m->name, NULL, false, e);
    free(all);
    free(text);
    free(stubs);
    free(names);
    return status;
}

/* Where the environment wants to have this source's object kept; or NULL. */
static char *kept_object(const struct job *j, const char *text)
{
    const char *folder = getenv("SEMO_CACHE");
    uint64_t digest = 0xCBF29CE484222325; /* FNV-1a */
    for (const char *at = text; *at; at++)
        digest = (digest ^ (unsigned char)*at) * 0x100000001B3;
    return folder && *folder ? semo_format("%s/%016llx.%u.o", folder, (unsigned long long)digest,
                                           j->p.request->security)
                             : NULL;
}

static enum semo_status copy_file(const char *from, const char *to, struct semo_error *e)
{
    uint8_t *bytes;
    size_t len;
    enum semo_status status = semo_file_read(from, TEXT_MAX, &bytes, &len, e);
    if (status == SEMO_OK) {
        status = semo_file_write(to, bytes, len, 0644, e);
        free(bytes);
    }
    return status;
}

/* The same source is compiled once only, where the environment has a place for the object. */
static enum semo_status compile_once(struct job *j, const char *path, const char *text,
                                     struct semo_error *e)
{
    char *kept = kept_object(j, text);
    enum semo_status status;
    if (kept && semo_file_exists(kept)) {
        status = copy_file(kept, new_object(j), e);
    } else {
        status = compile(j, path, false, NULL, NULL, true, e);
        if (status == SEMO_OK && kept)
            status = copy_file(j->object[j->objects - 1], kept, e);
    }
    free(kept);
    return status;
}

static enum semo_status compile_joined(struct job *j, const char *const *sources, unsigned count,
                                       const char *stubs, const char *name, struct semo_error *e)
{
    char *path = semo_format("%s/%s", j->p.folder, name), *text = NULL;
    enum semo_status status = SEMO_OK;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    if (stubs)
        status = append_stubs(j, stubs, out, e);
    for (unsigned i = 0; i < count && status == SEMO_OK; i++)
        status = append_source(j, sources[i], NULL, stubs != NULL, out, e);
    fclose(out);
    if (status == SEMO_OK)
        status = semo_file_write(path, text, size, 0644, e);
    if (status == SEMO_OK)
        status = ends(name, ".c") ? compile_once(j, path, text, e)
                                  : compile(j, path, false, NULL, NULL, true, e);
    free(text);
    free(path);
    return status;
}

static enum semo_status compile_runtime(struct job *j, struct semo_error *e)
{
    bool unknown = j->p.arguments.assembly.count || j->objects > j->p.file_count;
    bool real = unknown || needs(j, NULL, 0), wide = unknown || needs(j, NULL, 1);
    char *vectors = semo_format("%s/vectors.S", j->p.folder);
    char *path = semo_format("%s/%s", j->p.request->root, copied_sources[0].path);
    enum semo_status status = compat_write_vectors(&j->p, vectors, e);
    for (unsigned i = 0; i < j->p.module_count && status == SEMO_OK; i++)
        if (!j->p.module[i].by_hand)
            status = compile_module(j, &j->p.module[i], e);
    if (status == SEMO_OK)
        status =
            compile_joined(j, runtime_assembly, COUNT(runtime_assembly) - (wide || real ? 0 : 1),
                           vectors, "all.s", e);
    if (status == SEMO_OK)
        status = compile_joined(j, runtime_c, COUNT(runtime_c), NULL, "all.c", e);
    if (status == SEMO_OK && real)
        status = compile(j, path, false, NULL, NULL, true, e);
    free(path);
    free(vectors);
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
        fprintf(out, "\"%s\"\n", j->object[i]);
    fclose(out);
    if (status == SEMO_OK)
        status = semo_file_write(response, list, size, 0644, e);
    tool_command_add(&c, "%s", lld);
    tool_command_add(&c, "-N");
    tool_command_add(&c, "--gc-sections");
    tool_command_add(&c, "-T%s", script);
    const struct compat_function *old;
    for (unsigned at = 0; (old = compat_next_old(&j->p, &at));)
        tool_command_add(&c, "--wrap=%s", old->name);
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
        const char *output = j->p.request->output;
        status = semo_file_write(output ? output : "a.out", bytes, len, 0755, e);
        free(bytes);
    }
    free(linked);
    return status;
}

/* ---- objects (-c) ---- */

/* "a/b.c" -> "b.o" */
static char *object_name(const struct job *j, const char *source)
{
    const char *slash = strrchr(source, '/'), *name = slash ? slash + 1 : source;
    return j->p.request->output ? semo_format("%s", j->p.request->output)
                                : semo_format("%.*s.o", (int)strlen(name) - 2, name);
}

static enum semo_status write_object(struct job *j, const char *source, const char *ir,
                                     struct semo_error *e)
{
    char *path = semo_format("%s/object.s", j->p.folder), *name = object_name(j, source);
    char *text = semo_format(".section .semo.ir, \"\", @progbits\n.asciz \"semo 1 %u %s\"\n"
                             ".incbin \"%s\"\n",
                             j->p.request->security, source, ir);
    enum semo_status status = semo_file_write(path, text, strlen(text), 0644, e);
    if (status == SEMO_OK)
        status = run_clang(j, plain_options, false, NULL, path, name, "-c", e);
    free(text);
    free(name);
    free(path);
    return status;
}

/* -MD and -MMD: "object.o: a.c b.h" names the object's real name, and goes beside it. */
static enum semo_status keep_dependencies(const struct job *j, const char *source,
                                          struct semo_error *e)
{
    char *from = semo_format("%s/object.d", j->p.folder), *name = object_name(j, source);
    enum semo_status status = SEMO_OK;
    uint8_t *text;
    size_t len;
    if (semo_file_exists(from))
        status = semo_file_read(from, TEXT_MAX, &text, &len, e);
    if (status == SEMO_OK && semo_file_exists(from) && strchr((char *)text, ':')) {
        char *all = semo_format("%s%s", name, strchr((char *)text, ':'));
        char *to = semo_format("%.*sd", (int)strlen(name) - (ends(name, ".o") ? 1 : 0), name);
        status = semo_file_write(to, all, strlen(all), 0644, e);
        free(to);
        free(all);
        free(text);
    }
    free(name);
    free(from);
    return status;
}

static enum semo_status build_assembly_object(struct job *j, const char *source,
                                              struct semo_error *e)
{
    static const char *const marked[] = {"--target=msp430", "-gdwarf-4", "-fno-crash-diagnostics",
                                         "-Wa,-defsym," COMPAT_OLD_MARK "=1", NULL};
    char *name = object_name(j, source);
    uint8_t *text;
    size_t len;
    enum semo_status status = semo_file_read(source, TEXT_MAX, &text, &len, e);
    if (status == SEMO_OK) {
        bool old = compat_is_old((char *)text);
        status = run_clang(j, old ? marked : assembler_options, true, NULL, source, name, "-c", e);
        free(text);
    }
    free(name);
    return status;
}

static enum semo_status build_objects(struct job *j, struct semo_error *e)
{
    const struct compat_arguments *a = &j->p.arguments;
    char *ir = semo_format("%s/object.ll", j->p.folder);
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0; i < a->source.count && status == SEMO_OK; i++) {
        if (strpbrk(a->source.at[i], "\"\\\n"))
            status = semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, a->source.at[i], 0, 0,
                                    "no quotation marks or backslashes in names, please");
        if (status == SEMO_OK)
            status = run_clang(j, read_options, true, NULL, a->source.at[i], ir, NULL, e);
        if (status == SEMO_OK)
            status = write_object(j, a->source.at[i], ir, e);
        if (status == SEMO_OK)
            status = keep_dependencies(j, a->source.at[i], e);
    }
    for (unsigned i = 0; i < a->assembly.count && status == SEMO_OK; i++)
        status = build_assembly_object(j, a->assembly.at[i], e);
    free(ir);
    return status;
}

/* The name of a temporary file says nothing: instead of FOLDER/0.ll the source. */
static void name_sources(const struct job *j, struct semo_error *e)
{
    char *at = strstr(e->text, j->p.folder), *rest, *text;
    unsigned file;
    int len;
    if (!at)
        return;
    rest = at + strlen(j->p.folder);
    char *reference = strstr(e->text, " referenced by ");
    if (reference && reference < at) {
        *reference = 0;
    } else if (sscanf(rest, "/%u.ll%n", &file, &len) == 1 && file < j->p.file_count) {
        text = semo_format("%.*s%s: not possible here%s", (int)(at - e->text), e->text,
                           j->p.file[file].source, rest + len);
        snprintf(e->text, sizeof e->text, "%s", text);
        free(text);
    }
}

enum semo_status semo_compat_build(const struct semo_compat_request *r, struct semo_error *e)
{
    const char *temporary = getenv("TMPDIR"), *keep = getenv("SEMO_KEEP");
    struct job *j = semo_allocate(1, sizeof *j);
    j->p.request = r;
    enum semo_status status = compat_read_arguments(r, &j->p.arguments, e);
    j->p.folder = semo_format("%s/semo-cc.XXXXXX", temporary && *temporary ? temporary : "/tmp");
    if (status == SEMO_OK && !mkdtemp(j->p.folder))
        status = semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, j->p.folder, 0, 0,
                                "cannot be created");
    if (status == SEMO_OK) {
        char *absolute = realpath(j->p.folder, NULL);
        j->p.folder = absolute ? absolute : j->p.folder;
        j->clang = tool_find("CLANG", "clang-14", "clang");
        status = j->p.arguments.only_objects ? build_objects(j, e) : build(j, e);
        if (status != SEMO_OK)
            name_sources(j, e);
        if (keep)
            fprintf(stderr, "kept: %s\n", j->p.folder);
        else
            remove_folder(j->p.folder);
    }
    if (status == SEMO_OK && r->listing && !j->p.arguments.only_objects)
        compat_print_listing(&j->p, r->listing);
    return status; /* the program ends; its memory goes with it */
}
