/* SPDX-License-Identifier: Apache-2.0 */
/* semo_toolchain_*: compile each source and the runtime, check, size, link for a place. */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "host/file.h"
#include "lib/channel/policy.h"
#include <semo/map.h>
#include <semo/module.h>
#include "toolchain/parts.h"

enum {
    DRIVER_PAYLOAD_MAX = 16,
    FILES_MAX = 32,
    IMAGE_MAX = 16 << 20,
    NOMINAL_TEXT = 0x8000, /* where a module is linked to be measured */
    NOMINAL_DATA = 0x0200
};

struct names {
    char *at[FILES_MAX];
    unsigned count;
};

struct built { /* what stands behind a semo_unit */
    struct semo_unit unit;
    char *root;
    struct names objects; /* of the module, then of the runtime */
    unsigned queue_len, frame_len, opens, open_len;
    unsigned values_len;       /* of private data that has values from the beginning */
    struct tool_record driver; /* line 0 = none */
    bool https;
};

/* The compiler's options, by target. */
static const char *const mcu_options[] = {"--target=msp430",
                                          "-Os",
                                          "-std=c11",
                                          "-ffreestanding",
                                          "-fno-builtin",
                                          "-ffunction-sections",
                                          "-fdata-sections",
                                          "-gdwarf-4",
                                          "-Wall",
                                          "-Werror",
                                          "-fno-crash-diagnostics",
                                          NULL};
static const char *const linux_options[] = {"-c",
                                            "-O2",
                                            "-std=gnu11",
                                            "-ffreestanding",
                                            "-fno-builtin",
                                            "-fno-stack-protector",
                                            "-fno-pic",
                                            "-fno-pie",
                                            "-fcf-protection=none",
                                            "-fno-asynchronous-unwind-tables",
                                            "-fno-common",
                                            "-ffunction-sections",
                                            "-fdata-sections",
                                            "-Wall",
                                            "-Werror",
                                            NULL};
static const char *const rule_options[] = {"--target=msp430",
                                           "-O0",
                                           "-std=c11",
                                           "-g",
                                           "-S",
                                           "-emit-llvm",
                                           "-DSEMO_RULES",
                                           "-ffreestanding",
                                           "-fno-builtin",
                                           "-Wall",
                                           "-Werror",
                                           "-Wno-unused-function",
                                           NULL};

static char *compiler(enum semo_target target)
{
    return target == SEMO_TARGET_MCU ? tool_find("CLANG", "clang-14", "clang")
                                     : tool_find("CC", "cc", "gcc");
}

static void add_name(struct names *n, char *name)
{
    if (n->count == FILES_MAX)
        abort(); /* files are counted before */
    n->at[n->count++] = name;
}

static void forget_names(struct names *n)
{
    while (n->count)
        free(n->at[--n->count]);
}

/* The author's flags are for the author's files, not for the runtime. */
static void add_flags(struct tool_command *c, const struct semo_module_source *m,
                      const char *source)
{
    for (unsigned i = 0; i < m->file_count; i++)
        if (m->files[i] == source) {
            tool_command_add(c, "-I%s/runtime/include", m->root);
            for (unsigned k = 0; k < m->flag_count; k++)
                tool_command_add(c, "%s", m->flags[k]);
        }
}

/* source -> output, unless it is there already. */
static enum semo_status translate(char *program, const char *const *options,
                                  const struct semo_module_source *m, const char *source,
                                  const char *output, struct semo_error *e)
{
    struct tool_command c = {.count = 0};
    enum semo_status status = SEMO_OK;
    tool_command_add(&c, "%s", program);
    tool_command_add_all(&c, options);
    tool_command_add(&c, "-DSEMO_SECURITY=%u", m->security);
    tool_command_add(&c, "-DSEMO_DEPLOYED"); /* <sancus/...> are those of <sancus/deployed.h> */
    tool_command_add(&c, "-DSEMO_POLICIES=%u", m->policies);
    if (m->prints)
        tool_command_add(&c, "-DSEMO_PRINTS=1");
    if (m->values && m->target == SEMO_TARGET_MCU)
        tool_command_add(&c, "-DSEMO_VALUES"); /* a process is begun with its values */
    tool_command_add(&c, "-I%s/include", m->root);
    tool_command_add(&c, "-I%s", m->root);
    add_flags(&c, m, source);
    tool_command_add(&c, "-MD");
    tool_command_add(&c, "-MF");
    tool_command_add(&c, "%s.d", output);
    tool_command_add(&c, "%s", source);
    if (!tool_cache_holds(output, &c)) {
        status = options == mcu_options ? tool_object_make(&c, output, e)
                                        : tool_command_run_with(&c, NULL, output, e);
        if (status == SEMO_OK)
            status = tool_cache_store(output, &c, e);
    }
    tool_command_free(&c);
    free(program);
    return status;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static char *output_name(const char *folder, const char *source, const char *suffix)
{
    return semo_format("%s/%s%s", folder, base_name(source), suffix);
}

/* Compiles the sources into the folder; the objects' names go to `objects`. */
static enum semo_status compile_all(const struct semo_module_source *m, const char *folder,
                                    char *const *sources, unsigned count, struct names *objects,
                                    struct semo_error *e)
{
    const char *const *options = m->target == SEMO_TARGET_MCU ? mcu_options : linux_options;
    enum semo_status status = semo_file_make_folder(folder, 0755, e);
    for (unsigned i = 0; i < count && status == SEMO_OK; i++) {
        add_name(objects, output_name(folder, sources[i], ".o"));
        status = translate(compiler(m->target), options, m, sources[i],
                           objects->at[objects->count - 1], e);
    }
    return status;
}

static enum semo_status check_rules(const struct semo_module_source *m, const char *folder,
                                    struct tool_records *records, struct semo_error *e)
{
    enum semo_status status = semo_file_make_folder(folder, 0755, e);
    struct names files = {.count = 0};
    for (unsigned i = 0; i < m->file_count && status == SEMO_OK; i++) {
        add_name(&files, output_name(folder, m->files[i], ".ll"));
        status = translate(compiler(SEMO_TARGET_MCU), rule_options, m, m->files[i], files.at[i], e);
        if (status != SEMO_OK)
            tool_rules_explain(e);
    }
    if (status == SEMO_OK)
        status = tool_rules_check(m, files.at, files.count, records, e);
    forget_names(&files);
    return status;
}

static void find_sources(const struct semo_module_source *m, const char *pattern, glob_t *found)
{
    char *path = semo_format("%s/%s", m->root, pattern);
    glob(path, found->gl_pathc ? GLOB_APPEND : 0, NULL, found);
    free(path);
}

/* The source of what the author's files leave to be made. */
static enum semo_status compile_made(const struct semo_module_source *m, const char *objects_folder,
                                     const struct tool_records *r, struct names *objects,
                                     struct semo_error *e)
{
    char *folder = semo_format("%s/made", objects_folder), *path = semo_format("%s/made.c", folder);
    char *text = tool_made_source(m, r), *sources[] = {path};
    enum semo_status status = semo_file_make_folder(folder, 0755, e);
    if (status == SEMO_OK)
        status = semo_file_write(path, text, strlen(text), 0644, e);
    if (status == SEMO_OK)
        status = compile_all(m, folder, sources, 1, objects, e);
    free(text);
    free(path);
    free(folder);
    return status;
}

static bool is_made(const struct tool_records *r)
{
    bool any = r->prints;
    for (unsigned i = 0; i < r->count; i++)
        any |= r->at[i].made != TOOL_RECORDED;
    return any;
}

/* The runtime's own sources; what a module does not need is left out by the linker. */
static enum semo_status compile_runtime(const struct semo_module_source *m, struct names *objects,
                                        struct semo_error *e)
{
    static const char *const mcu[] = {"runtime/*.c",   "runtime/mcu/*.S", "lib/channel/[!h]*.c",
                                      "lib/bytes/*.c", "lib/mspabi/*.S",  NULL};
    static const char *const linux_[] = {"runtime/*.c", "runtime/linux/*.c", "lib/channel/[!h]*.c",
                                         "lib/bytes/*.c", NULL};
    static const char *const kind[] = {"", "-policies", "-expiry"};
    const char *const *pattern = m->target == SEMO_TARGET_MCU ? mcu : linux_;
    enum semo_status status;
    char *folder =
        semo_format("%s/runtime-%s-%u%s%s%s", m->runtime_objects ? m->runtime_objects : m->objects,
                    m->target == SEMO_TARGET_MCU ? "mcu" : "linux", m->security, kind[m->policies],
                    m->prints ? "-print" : "", m->values ? "-values" : "");
    glob_t found = {.gl_pathc = 0};
    for (unsigned i = 0; pattern[i]; i++)
        find_sources(m, pattern[i], &found);
    if (m->https)
        find_sources(m, "runtime/https/*.c", &found);
    if (found.gl_pathc < 4 || found.gl_pathc + m->file_count >= FILES_MAX)
        status = semo_error_set(e, SEMO_MISSING, SEMO_EXIT_RESOURCE, m->root, 0, 0,
                                "no Semo tree: runtime/ and lib/ are not in it");
    else
        status = compile_all(m, folder, found.gl_pathv, (unsigned)found.gl_pathc, objects, e);
    globfree(&found);
    free(folder);
    return status;
}

/* --- sizes --- */

static unsigned sealed_len(unsigned security, unsigned body)
{
    unsigned even = body ? (body + 1) / 2 * 2 : 2;
    return SEMO_EVENT_AD_LEN + even + security / 8;
}

static bool is_kind(const struct tool_record *r, const char *kind)
{
    return strcmp(r->kind, kind) == 0;
}

static bool sends(const struct tool_record *r)
{
    return is_kind(r, "output") || is_kind(r, "request") || is_kind(r, "until");
}

/* What of a record's payload comes in one event. With policies there is more: a report before the
 * answer to a request, or until when. */
static unsigned event_len(unsigned security, const struct tool_record *r, bool policies)
{
    bool is_out = sends(r) && !is_kind(r, "request");
    if (!tool_record_has_payload(r) || (is_out && !policies))
        return 0;
    return 2 + sealed_len(security, (is_out ? 0 : r->value) + (policies ? SEMO_REPORT_LEN : 0));
}

/* The largest payload of any entry: set-key and attest, inputs, user entries. */
static unsigned frame_len(unsigned security, const struct tool_records *r, bool policies)
{
    unsigned len = SEMO_SET_KEY_HEAD_LEN + 2 * (security / 8);
    if (len < SEMO_ATTEST_LEN + 14 + security / 8)
        len = SEMO_ATTEST_LEN + 14 + security / 8;
    for (unsigned i = 0; i < r->count; i++) {
        unsigned need = event_len(security, &r->at[i], policies);
        if (tool_record_is_entry(&r->at[i]))
            need = r->at[i].value;
        if (need > len)
            len = need;
    }
    return (len + 1) / 2 * 2;
}

/* A line that was printed goes into an empty queue. */
static unsigned print_len(const struct semo_module_source *m, const struct tool_records *r)
{
    return r->prints ? 2 + SEMO_PRINT_LEN((unsigned)strlen(m->name) + SEMO_PRINT_LINE) : 0;
}

/* Bytes that the longest event or answer of a record takes in the queue. */
static unsigned queued_len(const struct semo_module_source *m, const struct tool_record *r)
{
    unsigned body = is_kind(r, "input") ? 0 : r->value;
    if (!tool_record_has_payload(r) || (!m->policies && is_kind(r, "input")))
        return 0;
    return 4 + sealed_len(m->security, body + (m->policies ? SEMO_REPORT_LEN : 0));
}

static unsigned longer(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

/* What SM_QUEUE says; else the default, or more where one event would not fit. A line that was
 * printed goes in alone. */
static unsigned queue_len(const struct semo_module_source *m, const struct tool_records *r)
{
    unsigned len = 0, least = print_len(m, r);
    for (unsigned i = 0; i < r->count; i++) {
        const struct tool_record *at = &r->at[i];
        if (is_kind(at, "queue") && strcmp(at->name, "room") == 0)
            return longer(at->value / 2 * 2, print_len(m, r));
        if (is_kind(at, "queue")) /* of a published output */
            least = longer(at->value, least);
        len = longer(len, queued_len(m, at));
    }
    return longer(len ? longer(len, SEMO_QUEUE_DEFAULT) : 0, least);
}

/* Bytes of struct semo_open: room for the longest event that may be open, and until when. */
static unsigned open_len(unsigned security, const struct tool_records *r)
{
    unsigned longest = 0;
    for (unsigned i = 0; i < r->count; i++)
        if (sends(&r->at[i]) && r->at[i].value > longest)
            longest = r->at[i].value;
    return (unsigned)sizeof(struct semo_open) + 2 + sealed_len(security, longest + 4);
}

static enum semo_status check_driver(const struct semo_module_source *m,
                                     const struct tool_records *r, struct semo_error *e)
{
    for (unsigned i = 0; i < r->count; i++) {
        const struct tool_record *at = &r->at[i];
        if (is_kind(at, "driver") && m->target != SEMO_TARGET_MCU)
            return semo_error_set(
                e, SEMO_UNSUPPORTED, SEMO_EXIT_USAGE, at->file, at->line, 0,
                "%s: a driver needs a microcontroller; a Linux node has no device "
                "windows",
                m->name);
        if (is_kind(at, "driver") && at->value >= SEMO_WINDOW_COUNT)
            return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, at->file, at->line, 0,
                                  "%s: there is no device window %u", m->name, at->value);
        if (tool_record_has_payload(at) && at->value > DRIVER_PAYLOAD_MAX)
            return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, at->file, at->line, 0,
                                  "%s: payload of %u bytes in a driver, at most %u", at->name,
                                  at->value, DRIVER_PAYLOAD_MAX);
    }
    return SEMO_OK;
}

/* io and window of the unit from the records, which are sorted as the tables will be. */
static void take_records(struct built *b, const struct tool_records *r)
{
    struct semo_unit *u = &b->unit;
    unsigned next[] = {
        [SEMO_IO_INPUT] = 0, [SEMO_IO_OUTPUT] = 0, [SEMO_IO_ENTRY] = SEMO_ENTRY_USER};
    u->io = semo_allocate(r->count, sizeof *u->io);
    u->window = -1;
    for (unsigned i = 0; i < r->count; i++) {
        const struct tool_record *at = &r->at[i];
        struct semo_io *io = &u->io[u->io_count];
        bool handler = is_kind(at, "handler"), request = is_kind(at, "request");
        enum semo_io_kind table = handler || is_kind(at, "input") ? SEMO_IO_INPUT
                                  : sends(at)                     ? SEMO_IO_OUTPUT
                                                                  : SEMO_IO_ENTRY;
        bool sample = tool_record_is_sample(at);
        if (is_kind(at, "driver")) {
            b->driver = *at;
            u->window = (int)at->value;
        }
        if (is_kind(at, "driver") || is_kind(at, "queue") || is_kind(at, "clock"))
            continue;
        io->kind = sample    ? SEMO_IO_SAMPLE
                   : handler ? SEMO_IO_HANDLER
                   : request ? SEMO_IO_REQUEST
                             : table;
        snprintf(io->name, sizeof io->name, "%s", at->name);
        io->index = (uint8_t)next[table]++;
        io->expires = is_kind(at, "until");
        io->window = sample ? (int)(at->value - SEMO_SAMPLE_OF(0)) : -1;
        io->max = (uint16_t)(sample ? 0 : at->value);
        u->io_count++;
    }
}

/* --- linking --- */

static void define(struct tool_command *c, const char *name, unsigned value)
{
    tool_command_add(c, "--defsym=semo_config_%s=%u", name, value);
}

static unsigned slot_len(unsigned security)
{
    return (unsigned)(sizeof(struct semo_channel) - SEMO_KEY_LEN) + security / 8;
}

/* prefix: the linker is given them directly, or through the compiler. */
static void add_sizes(struct tool_command *c, const char *prefix, const struct built *b)
{
    const struct {
        const char *name;
        unsigned value;
    } sizes[] = {{"slot", slot_len(b->unit.security)},
                 {"connections", b->unit.connections},
                 {"queue", b->queue_len},
                 {"frame", b->frame_len},
                 {"opens", b->opens},
                 {"open_len", b->open_len}};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
        tool_command_add(c, "%s--defsym=semo_config_%s=%u", prefix, sizes[i].name, sizes[i].value);
}

static void add_objects(struct tool_command *c, const struct built *b, const char *output)
{
    for (unsigned i = 0; i < b->objects.count; i++)
        tool_command_add(c, "%s", b->objects.at[i]);
    tool_command_add(c, "-o");
    tool_command_add(c, "%s", output);
}

static unsigned data_len(const struct built *b)
{
    return b->unit.window < 0 ? b->unit.data_len : SEMO_WINDOW_SIZE;
}

static enum semo_status link_mcu(const struct built *b, unsigned ps, unsigned ss,
                                 const char *output, struct semo_error *e)
{
    struct tool_command c = {.count = 0};
    enum semo_status status;
    char *lld = tool_find("LLD", "ld.lld-14", "ld.lld");
    tool_command_add(&c, "%s", lld);
    tool_command_add(&c, "-N");
    tool_command_add(&c, "--gc-sections");
    tool_command_add(&c, "-T%s/runtime/mcu/module.ld", b->root);
    define(&c, "text", ps);
    define(&c, "data", ss);
    define(&c, "data_len", data_len(b));
    define(&c, "stack", b->unit.stack_len);
    define(&c, "values", b->values_len);
    add_sizes(&c, "", b);
    add_objects(&c, b, output);
    status = tool_command_run(&c, e);
    tool_command_free(&c);
    free(lld);
    return status;
}

static enum semo_status link_linux(const struct built *b, const char *output, struct semo_error *e)
{
    struct tool_command c = {.count = 0};
    enum semo_status status;
    static const char *const options[] = {
        "-static", "-nostdlib",          "-no-pie", "-Wl,--build-id=none", "-Wl,--gc-sections",
        "-Wl,-s",  "-Wl,-z,noexecstack", NULL};
    char *cc = compiler(SEMO_TARGET_LINUX);
    tool_command_add(&c, "%s", cc);
    tool_command_add_all(&c, options);
    tool_command_add(&c, "-Wl,-T,%s/runtime/linux/module.ld", b->root);
    add_sizes(&c, "-Wl,", b);
    add_objects(&c, b, output);
    if (b->https) {
        tool_command_add(&c, "-Wl,-e,semo_ground_start");
        tool_command_add(&c, "-lbearssl");
    }
    status = tool_command_run(&c, e);
    tool_command_free(&c);
    free(cc);
    return status;
}

static enum semo_status read_linux(const char *path, struct semo_image *image, struct semo_error *e)
{
    uint8_t *bytes;
    size_t len;
    enum semo_status status = semo_file_read(path, IMAGE_MAX, &bytes, &len, e);
    if (status != SEMO_OK)
        return status;
    image->text = bytes; /* one 0 byte follows: the padding of an odd length */
    image->text_len = (uint32_t)(len + len % 2);
    return SEMO_OK;
}

/* sizes: of the private data that the microcontroller's module takes; its text is the image's. */
static enum semo_status link_at(const struct built *b, uint16_t ps, uint16_t ss,
                                struct semo_image *image, struct tool_image *sizes,
                                struct semo_error *e)
{
    struct semo_image made = {.text = NULL};
    char *path = semo_format("%s/%s.%d.elf", b->unit.folder, b->unit.name, (int)getpid());
    enum semo_status status;
    if (b->unit.target == SEMO_TARGET_MCU) {
        status = link_mcu(b, ps, ss, path, e);
        if (status == SEMO_OK)
            status = tool_image_read(path, sizes, e);
        made.text = sizes->text;
        made.text_len = sizes->text_len;
        made.layout = (struct semo_layout){ps, (uint16_t)(ps + made.text_len), ss,
                                           (uint16_t)(ss + data_len(b))};
    } else {
        status = link_linux(b, path, e);
        if (status == SEMO_OK)
            status = read_linux(path, &made, e);
    }
    unlink(path);
    free(path);
    if (status == SEMO_OK)
        *image = made;
    return status;
}

enum semo_status semo_toolchain_link(const struct semo_unit *unit, uint16_t ps, uint16_t ss,
                                     struct semo_image *image, struct semo_error *e)
{
    struct tool_image ignored = {.text = NULL};
    if (unit->window >= 0)
        ss = SEMO_WINDOW((unsigned)unit->window);
    return link_at((const struct built *)unit, ps, ss, image, &ignored, e);
}

enum semo_status semo_toolchain_link_elf(const struct semo_unit *unit, uint16_t ps, uint16_t ss,
                                         uint8_t **elf, size_t *len, struct semo_error *e)
{
    if (unit->target != SEMO_TARGET_MCU)
        return SEMO_UNSUPPORTED;
    if (unit->window >= 0)
        ss = SEMO_WINDOW((unsigned)unit->window);
    char *path = semo_format("%s/%s.%d.elf", unit->folder, unit->name, (int)getpid());
    enum semo_status status = link_mcu((const struct built *)unit, ps, ss, path, e);
    if (status == SEMO_OK)
        status = semo_file_read(path, IMAGE_MAX, elf, len, e);
    unlink(path);
    free(path);
    return status;
}

/* --- compiling --- */

/* At a nominal place. How long the values are is known once they are linked. */
static enum semo_status link_to_measure(struct built *b, struct tool_image *sizes,
                                        struct semo_error *e)
{
    struct semo_image nominal;
    enum semo_status status = link_at(b, NOMINAL_TEXT, NOMINAL_DATA, &nominal, sizes, e);
    if (status == SEMO_OK && sizes->values_len != b->values_len) {
        b->values_len = sizes->values_len;
        semo_image_free(&nominal);
        status = link_at(b, NOMINAL_TEXT, NOMINAL_DATA, &nominal, sizes, e);
    }
    if (status != SEMO_OK)
        return status;
    b->unit.text_len = nominal.text_len;
    b->unit.data_len = sizes->data_len;
    semo_image_free(&nominal);
    return SEMO_OK;
}

/* Stack first, for it is part of the data. */
static enum semo_status size_up(struct built *b, struct semo_error *e)
{
    struct tool_image sizes = {.text = NULL};
    unsigned stack = 0;
    enum semo_status status = SEMO_OK;
    if (b->unit.target == SEMO_TARGET_MCU)
        status = tool_stack_bound(b->objects.at, b->objects.count, &stack, e);
    b->unit.stack_len = stack;
    if (status == SEMO_OK)
        status = link_to_measure(b, &sizes, e);
    if (status != SEMO_OK)
        return status;
    if (b->unit.window >= 0 && b->unit.data_len > SEMO_WINDOW_REGISTERS)
        return semo_error_set(e, SEMO_FULL, SEMO_EXIT_USAGE, b->driver.file, b->driver.line, 0,
                              "%s: %u bytes of private data (stack %u, queue %u, %u connections), "
                              "the device window has %u; declare a smaller SM_QUEUE",
                              b->unit.name, (unsigned)b->unit.data_len, stack, b->queue_len,
                              b->unit.connections, SEMO_WINDOW_REGISTERS);
    return SEMO_OK;
}

static enum semo_status check_request(const struct semo_module_source *m, struct semo_error *e)
{
    if (m->file_count == 0 || m->file_count > FILES_MAX / 2)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, m->name, 0, 0,
                              "a module has 1 to %u source files", FILES_MAX / 2);
    if (strlen(m->name) > SEMO_NAME_MAX || strspn(m->name, "_abcdefghijklmnopqrstuvwxyz"
                                                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                           "0123456789") != strlen(m->name))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, m->name, 0, 0,
                              "a module's name has 1 to %u letters, digits, underscores",
                              SEMO_NAME_MAX);
    for (unsigned i = 1; i < m->file_count; i++)
        for (unsigned k = 0; k < i; k++)
            if (strcmp(base_name(m->files[i]), base_name(m->files[k])) == 0)
                return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, m->files[i], 0, 0,
                                      "another source of module %s has the same name", m->name);
    for (unsigned i = 0; i < m->file_count; i++)
        if (access(m->files[i], R_OK) != 0)
            return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_USAGE, m->files[i], 0, 0,
                                  "no such source file of module %s", m->name);
    return SEMO_OK;
}

/* Several builds may share the folder of objects: one at a time. Closing gives the lock back. */
static enum semo_status lock_objects(const char *folder, int *fd, struct semo_error *e)
{
    enum semo_status status = semo_file_make_folder(folder, 0755, e);
    if (status != SEMO_OK)
        return status;
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0 || flock(*fd, LOCK_EX) != 0)
        return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, folder, 0, 0, "cannot be locked");
    return SEMO_OK;
}

static bool has_kind(const struct tool_records *r, const char *kind)
{
    for (unsigned i = 0; i < r->count; i++)
        if (is_kind(&r->at[i], kind))
            return true;
    return false;
}

static enum semo_status build(struct built *b, const struct semo_module_source *given,
                              struct semo_error *e)
{
    struct semo_module_source m = *given;
    struct tool_records records = {.count = 0};
    struct tool_made made = {.file_count = 0};
    char *folder = semo_format("%s/made", b->unit.folder);
    enum semo_status status = tool_made_files(&m, folder, &made, e);
    free(folder);
    if (status == SEMO_OK)
        status = check_rules(&m, b->unit.folder, &records, e);
    if (status == SEMO_OK) {
        if (has_kind(&records, "clock"))
            m.policies = 2;
        else if (has_kind(&records, "handler") || has_kind(&records, "request"))
            m.policies = m.policies ? m.policies : 1;
        take_records(b, &records);
        m.prints = b->unit.prints = records.prints;
        m.values = records.values;
        b->queue_len = queue_len(&m, &records);
        b->frame_len = frame_len(m.security, &records, m.policies);
        b->open_len = open_len(m.security, &records);
        if (b->unit.window >= 0)
            status = check_driver(&m, &records, e);
    }
    if (status == SEMO_OK)
        status =
            compile_all(&m, b->unit.folder, (char *const *)m.files, m.file_count, &b->objects, e);
    if (status == SEMO_OK && is_made(&records))
        status = compile_made(&m, b->unit.folder, &records, &b->objects, e);
    free(records.at);
    if (status == SEMO_OK)
        status = compile_runtime(&m, &b->objects, e);
    tool_made_free(&made);
    return status == SEMO_OK ? size_up(b, e) : status;
}

enum semo_status semo_toolchain_compile(const struct semo_module_source *m, struct semo_unit **unit,
                                        struct semo_error *e)
{
    enum semo_status status = check_request(m, e);
    struct built *b;
    int lock = -1;
    if (status == SEMO_OK)
        status = lock_objects(m->objects, &lock, e);
    if (status != SEMO_OK)
        return status;
    b = semo_allocate(1, sizeof *b);
    snprintf(b->unit.name, sizeof b->unit.name, "%s", m->name);
    b->unit.target = m->target;
    b->unit.security = m->security;
    b->unit.connections = m->connections;
    b->opens = m->opens;
    b->https = m->https;
    b->unit.folder = semo_format("%s/%s-%s-%u", m->objects, m->name,
                                 m->target == SEMO_TARGET_MCU ? "mcu" : "linux", m->security);
    b->root = semo_format("%s", m->root);
    status = build(b, m, e);
    close(lock);
    if (status == SEMO_OK)
        *unit = &b->unit;
    else
        semo_unit_free(&b->unit);
    return status;
}

const struct semo_io *semo_unit_io(const struct semo_unit *u, enum semo_io_kind kind,
                                   const char *name)
{
    for (unsigned i = 0; i < u->io_count; i++)
        if (u->io[i].kind == kind && strcmp(u->io[i].name, name) == 0)
            return &u->io[i];
    return NULL;
}

void semo_unit_free(struct semo_unit *u)
{
    struct built *b = (struct built *)u;
    if (!b)
        return;
    forget_names(&b->objects);
    free(b->root);
    free(u->io);
    free(u->folder);
    free(b);
}

void semo_image_free(struct semo_image *i)
{
    free(i->text);
    i->text = NULL;
}
