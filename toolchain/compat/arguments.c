/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of semo cc: those of a compiler, and those of the published tools. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <semo/map.h>
#include "host/file.h"
#include "toolchain/compat/program.h"

/* What is so anyway, or does not matter to what is built. */
static const char *const ignored[] = {"--standalone",
                                      "--verbose",
                                      "--debug",
                                      "--inline-arithmetic",
                                      "--fileio",
                                      "--scan-libraries",
                                      "--scan-libraries-for-sm",
                                      "-rdynamic",
                                      "--prepare-for-sm-text-section-wrapping",
                                      "-nostdlib",
                                      "-nostartfiles",
                                      "-static",
                                      "-v",
                                      "-pipe"};
/* Libraries whose functions are always there. */
static const char *const built_in[] = {"sm-io",
                                       "dev",
                                       "c",
                                       "gcc",
                                       "m",
                                       "sancus-sm-io",
                                       "crt0",
                                       "sancus-sm-support",
                                       "sancus-host-support"};
/* Options of the compiler whose value is the next argument. */
static const char *const with_value[] = {"-I",  "-D",  "-U",  "-include", "-isystem",  "-iquote",
                                         "-MF", "-MT", "-MQ", "-x",       "-idirafter"};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static bool is_one_of(const char *const *list, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

static bool ends(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);
    return len > tail && strcmp(text + len - tail, end) == 0;
}

static enum semo_status fail(const char *word, struct semo_error *e, const char *text)
{
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, word, 0, 0, "%s", text);
}

/* ---- what has a value ---- */

/* "16384" or "16K"; more than there is means all that there is. */
static bool read_size(const char *text, unsigned long least, unsigned long most, unsigned *value)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (*end == 'K' || *end == 'k') {
        n *= 1024;
        end++;
    }
    *value = (unsigned)(n > most ? most : n);
    return end != text && *end == 0 && text[0] >= '0' && text[0] <= '9' && n >= least &&
           n <= 65536 && n % 2 == 0;
}

static enum semo_status take_ram(struct compat_arguments *a, const char *value,
                                 struct semo_error *e)
{
    unsigned bytes;
    if (!read_size(value, 1024, SEMO_DATA_END - SEMO_DATA_START, &bytes))
        return fail(value, e, "data memory: an even number from 1K; the core has 16K");
    a->data_end = SEMO_DATA_START + bytes;
    return SEMO_OK;
}

static enum semo_status take_rom(struct compat_arguments *a, const char *value,
                                 struct semo_error *e)
{
    unsigned bytes;
    if (!read_size(value, 4096, 0x10000 - SEMO_PROGRAM_START, &bytes))
        return fail(value, e, "program memory: an even number from 4K; the core has 41K");
    a->program_start = 0x10000 - bytes;
    return SEMO_OK;
}

static enum semo_status take_stack(struct compat_arguments *a, const char *value,
                                   struct semo_error *e)
{
    return read_size(value, 64, 8192, &a->stack)
               ? SEMO_OK
               : fail(value, e, "a module's stack has an even number of bytes from 64 to 8192");
}

static enum semo_status take_connections(struct compat_arguments *a, const char *value,
                                         struct semo_error *e)
{
    char *end;
    unsigned long n = strtoul(value, &end, 10);
    if (end == value || *end || n > 255)
        return fail(value, e, "--num-connections is a number from 0 to 255");
    a->connections = (unsigned)n;
    a->has_connections = true;
    return SEMO_OK;
}

/* $PROJECT in the published settings: of stubs, which are refused. */
static enum semo_status take_project(struct compat_arguments *a, const char *value,
                                     struct semo_error *e)
{
    (void)a, (void)value, (void)e;
    return SEMO_OK;
}

static enum semo_status take_config(struct compat_arguments *a, const char *value,
                                    struct semo_error *e)
{
    (void)e;
    a->config = value;
    return SEMO_OK;
}

static const struct long_option {
    const char *name;
    enum semo_status (*take)(struct compat_arguments *a, const char *value, struct semo_error *e);
} long_options[] = {{"--ram", take_ram},
                    {"--ram-size", take_ram},
                    {"--rom", take_rom},
                    {"--rom-size", take_rom},
                    {"--sm-stack-size", take_stack},
                    {"--num-connections", take_connections},
                    {"--project-path", take_project},
                    {"--sm-config-file", take_config},
                    {"--sm-config", take_config}};

/* ---- files ---- */

static enum semo_status add(struct compat_list *list, const char *word, struct semo_error *e)
{
    unsigned most = word[0] == '-' ? COMPAT_OPTIONS : COMPAT_LIST;
    if (list->count >= most)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, word, 0, 0,
                              "at most %u files of a kind and %u options", COMPAT_LIST,
                              COMPAT_OPTIONS);
    list->at[list->count++] = word;
    return SEMO_OK;
}

static enum semo_status add_file(struct compat_arguments *a, const char *path, struct semo_error *e)
{
    struct compat_list *to = ends(path, ".c")                       ? &a->source
                             : ends(path, ".S") || ends(path, ".s") ? &a->assembly
                             : ends(path, ".o") || ends(path, ".a") ? &a->object
                                                                    : NULL;
    if (!to)
        return fail(path, e,
                    "neither a C file (.c), assembly (.S, .s), object (.o) nor library (.a)");
    struct stat about;
    if (access(path, R_OK) != 0 || stat(path, &about) != 0)
        return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_USAGE, path, 0, 0, "no such file");
    if (S_ISDIR(about.st_mode))
        return fail(path, e, "is a folder; semo build --compat builds folders");
    return add(to, path, e);
}

/* "name" is libname.a in the folder, ":file" the file itself there; or NULL. */
static char *find_library(const char *folder, const char *name)
{
    char *path = name[0] == ':' ? semo_format("%s/%s", folder, name + 1)
                                : semo_format("%s/lib%s.a", folder, name);
    if (access(path, R_OK) == 0)
        return path;
    free(path);
    return NULL;
}

/* After all -L were seen. */
static enum semo_status find_libraries(struct compat_arguments *a, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0; i < a->library.count && status == SEMO_OK; i++) {
        const char *name = a->library.at[i];
        char *path =
            name[0] == ':' && access(name + 1, R_OK) == 0 ? semo_format("%s", name + 1) : NULL;
        for (unsigned k = 0; k < a->folder.count && !path; k++)
            path = find_library(a->folder.at[k], name);
        if (path)
            status = add(&a->object, path, e);
        else if (!is_one_of(built_in, COUNT(built_in), name))
            status = semo_error_set(e, SEMO_MISSING, SEMO_EXIT_USAGE, NULL, 0, 0,
                                    "-l%s: there is no %s%s%s in the folders given with -L", name,
                                    name[0] == ':' ? "" : "lib", name + (name[0] == ':'),
                                    name[0] == ':' ? "" : ".a");
    }
    return status;
}

/* ---- one word ---- */

static enum semo_status take_long(struct compat_arguments *a, char *const **at, char *const *end,
                                  struct semo_error *e)
{
    const char *word = **at, *equals = strchr(word, '=');
    size_t len = equals ? (size_t)(equals - word) : strlen(word);
    if (is_one_of(ignored, COUNT(ignored), word))
        return SEMO_OK;
    for (size_t i = 0; i < COUNT(long_options); i++) {
        if (strlen(long_options[i].name) != len || strncmp(long_options[i].name, word, len) != 0)
            continue;
        if (!equals && *at + 1 == end)
            return fail(word, e, "needs a value");
        return long_options[i].take(a, equals ? equals + 1 : *++*at, e);
    }
    return fail(word, e, "not an option of this command; see docs/sancus.md");
}

/* -L and -l, with the value in the word or behind it. */
static enum semo_status take_library(struct compat_arguments *a, char *const **at, char *const *end,
                                     struct semo_error *e)
{
    const char *word = **at;
    if (!word[2] && *at + 1 == end)
        return fail(word, e, "needs a value");
    return add(word[1] == 'L' ? &a->folder : &a->library, word[2] ? word + 2 : *++*at, e);
}

static enum semo_status take_word(struct compat_arguments *a, char *const **at, char *const *end,
                                  struct semo_error *e)
{
    const char *word = **at;
    if (word[0] != '-' || !word[1])
        return add_file(a, word, e);
    if (strcmp(word, "-c") == 0) {
        a->only_objects = true;
        return SEMO_OK;
    }
    if (strcmp(word, "--confidential") == 0) {
        a->confidential = true;
        return SEMO_OK;
    }
    if (strcmp(word, "-S") == 0 || strcmp(word, "-E") == 0 || strcmp(word, "-r") == 0 ||
        strncmp(word, "-T", 2) == 0)
        return fail(word, e, "not possible: files become objects (-c) or a whole program");
    if (word[1] == 'L' || word[1] == 'l')
        return take_library(a, at, end, e);
    if (word[1] == '-' || is_one_of(ignored, COUNT(ignored), word))
        return take_long(a, at, end, e);
    if (strncmp(word, "-mmcu", 5) == 0 || strncmp(word, "-Wl,", 4) == 0)
        return SEMO_OK; /* one core, one linker script */
    enum semo_status status = add(&a->option, word, e);
    if (status == SEMO_OK && is_one_of(with_value, COUNT(with_value), word)) {
        if (*at + 1 == end)
            return fail(word, e, "needs a value");
        status = add(&a->option, *++*at, e);
    }
    return status;
}

enum semo_status compat_read_arguments(const struct semo_compat_request *r,
                                       struct compat_arguments *a, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    *a = (struct compat_arguments){
        .program_start = SEMO_PROGRAM_START, .data_end = SEMO_DATA_END, .stack = r->stack};
    char *const *end = r->arguments + r->count;
    for (char *const *at = r->arguments; at < end && status == SEMO_OK; at++)
        status = take_word(a, &at, end, e);
    if (status == SEMO_OK)
        status = find_libraries(a, e);
    unsigned files = a->source.count + a->assembly.count;
    if (status == SEMO_OK && files + (a->only_objects ? 0 : a->object.count) == 0)
        return fail(NULL, e, "name at least one file");
    if (status == SEMO_OK && a->only_objects && r->output && files > 1)
        return fail("-o", e, "with -c there is one file, or no -o");
    return status;
}
