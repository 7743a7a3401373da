/* SPDX-License-Identifier: Apache-2.0 */
#include "deploy/tcb.h"

#include <gelf.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "host/file.h"
#include "host/process.h"

enum { SOURCE_MAX = 4 << 20 };
enum { ALWAYS, WITH_MCU, WITH_LINUX, WITH_HTTPS }; /* when a row is of use to the application */

/* What is linked of 0.6, 56 files of Debian 12's source, headers not counted: it is not here to be
 * counted again. The bytes are the rest of the modules that have it. */
#define BEARSSL "BearSSL 0.6, a library, with the runtime beside it"
enum { BEARSSL_LINES = 7034 };

/* Rows of the product. Patterns are below the root, separated by blanks; a file belongs to the
 * first row that names it. */
static const struct {
    const char *component, *deployed, *patterns, *program;
    bool trusted;
    int when;
} parts[] = {
    {"web server in a module, where used", "per module",
     "include/semo/https.h runtime/https/*.[ch]", NULL, true, WITH_LINUX},
    {BEARSSL, "per module", "", NULL, true, WITH_HTTPS},
    {"module API (headers)", "per module", "include/semo/*.h", NULL, true, ALWAYS},
    {"channel", "per module", "lib/channel/channel.c", NULL, true, ALWAYS},
    {"runtime, all targets", "per module", "runtime/runtime.c runtime/queue.c", NULL, true, ALWAYS},
    {"runtime, microcontroller", "per module", "runtime/mcu/*.S", NULL, true, WITH_MCU},
    {"runtime, Linux process", "per module", "runtime/linux/*.c", NULL, true, WITH_LINUX},
    {"requests, policies, expiry, where used", "per module",
     "runtime/reply.c runtime/expiry.c lib/channel/policy.c lib/channel/time.c", NULL, true,
     ALWAYS},
    {"printing, C library, values, where used", "per module",
     "runtime/print.c runtime/library.c runtime/values.c runtime/include/*.h "
     "include/sancus/deployed*.h",
     NULL, true, ALWAYS},
    {"the same: headers, linker scripts, byte cursor", "per module",
     "runtime/*.h runtime/*/*.ld lib/channel/*.h lib/wire/*.h lib/bytes/*.[ch]", NULL, true,
     ALWAYS},
    {"compiler helpers, where a module calls one", "per module", "lib/mspabi/*", NULL, true,
     WITH_MCU},
    {"AEAD, key derivation: monitor, deployer, emulated chip", "n/a",
     "lib/*/*.[chS] lib/*/*/*.[chS]", NULL, true, ALWAYS},
    {"monitor (back end `process`; with kernel and root)", "per node",
     "monitor/*.h monitor/*/*.[ch]", "semo-monitor", true, WITH_LINUX},
    {"event manager and loader, microcontroller", "per node", "node/mcu/*.[chS] node/mcu/*.ld",
     "firmware.elf", false, WITH_MCU},
    {"event manager and loader, Linux", "per node",
     "node/host/em.[ch] node/host/semo_em.c node/host/em_*.[ch]", "semo-em", false, WITH_LINUX},
    {"clock, links, router (hosts the emulated chips)", "once", "node/host/*.[ch]", "semo-node",
     false, ALWAYS},
    {"emulated chip (stands for hardware)", "hardware", "machine/*.[ch] machine/devices/*.[ch]",
     NULL, true, WITH_MCU},
    {"semo cc: existing Sancus programs", "nowhere",
     "include/msp430.h include/sancus/*.h include/sancus_support/*.h runtime/compat/*.[chS] "
     "runtime/compat/include/*.h runtime/compat/include/*/*.h toolchain/compat/*.[ch]",
     NULL, false, ALWAYS},
    {"semo-mcu: programs on the bare chip, debugger", "nowhere",
     "machine/mcu/*.[ch] machine/debug/*.[ch]", "semo-mcu", false, ALWAYS},
    {"deployer, build tool, display", "deployer",
     "cli/*.[ch] deploy/*.[ch] host/*.[ch] toolchain/*.[ch] meter/display/*.[ch] "
     "meter/house/*.[ch]",
     "semo", true, ALWAYS},
};

enum comment { NONE, LINE, BLOCK, STRING };

/* One state machine over all of C, assembly with C comments, and JSON. */
unsigned semo_tcb_count_lines(const char *text)
{
    unsigned lines = 0;
    bool something = false;
    enum comment in = NONE;
    for (const char *at = text; *at; at++) {
        if (*at == '\n') {
            lines += something;
            something = false;
            in = in == BLOCK ? BLOCK : NONE;
        } else if (in == BLOCK && at[0] == '*' && at[1] == '/') {
            in = NONE;
            at++;
        } else if (in == STRING) {
            if (*at == '\\' && at[1] && at[1] != '\n')
                at++;
            else if (*at == '"')
                in = NONE;
            something = true;
        } else if (in == NONE && at[0] == '/' && (at[1] == '*' || at[1] == '/')) {
            in = at[1] == '*' ? BLOCK : LINE;
            at++;
        } else if (in == NONE && *at != ' ' && *at != '\t' && *at != '\r') {
            something = true;
            in = *at == '"' ? STRING : NONE;
        }
    }
    return lines + something;
}

/* Bytes that end up in memory: allocated sections with contents. */
static unsigned long binary_bytes(const char *path)
{
    unsigned long bytes = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Elf *elf =
        fd >= 0 && elf_version(EV_CURRENT) != EV_NONE ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
    GElf_Shdr header;
    for (Elf_Scn *s = elf ? elf_nextscn(elf, NULL) : NULL; s; s = elf_nextscn(elf, s))
        if (gelf_getshdr(s, &header) && header.sh_flags & SHF_ALLOC && header.sh_type != SHT_NOBITS)
            bytes += (unsigned long)header.sh_size;
    if (elf)
        elf_end(elf);
    if (fd >= 0)
        close(fd);
    return bytes;
}

static bool counted(const struct semo_tcb *t, const char *path)
{
    for (unsigned i = 0; i < t->count; i++)
        for (unsigned k = 0; k < t->row[i].file_count; k++)
            if (strcmp(t->row[i].files[k], path) == 0)
                return true;
    return false;
}

static struct semo_tcb_row *add_row(struct semo_tcb *t, const char *component, const char *deployed,
                                    bool trusted)
{
    struct semo_tcb_row *r = &t->row[t->count++];
    snprintf(r->component, sizeof r->component, "%s", component);
    r->deployed = deployed;
    r->trusted = trusted;
    return r;
}

/* Names are compared as real paths, so that "./a" and "a" are one file. */
static enum semo_status add_file(struct semo_tcb *t, struct semo_tcb_row *r, const char *path,
                                 struct semo_error *e)
{
    char *real = realpath(path, NULL);
    uint8_t *text;
    size_t len;
    if (real && counted(t, real)) {
        free(real);
        return SEMO_OK;
    }
    enum semo_status status = semo_file_read(real ? real : path, SOURCE_MAX, &text, &len, e);
    if (status != SEMO_OK) {
        free(real);
        return status;
    }
    r->lines += semo_tcb_count_lines((const char *)text);
    free(text);
    r->files = realloc(r->files, (r->file_count + 1) * sizeof *r->files);
    if (!r->files)
        abort();
    r->files[r->file_count++] = real;
    return SEMO_OK;
}

static enum semo_status add_pattern(struct semo_tcb *t, struct semo_tcb_row *r, const char *pattern,
                                    struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0)
        return SEMO_OK; /* an installation may lack a folder that is not deployed from */
    for (size_t i = 0; i < found.gl_pathc && status == SEMO_OK; i++)
        if (!strstr(found.gl_pathv[i], "/build.mk"))
            status = add_file(t, r, found.gl_pathv[i], e);
    globfree(&found);
    return status;
}

static enum semo_status add_patterns(struct semo_tcb *t, struct semo_tcb_row *r, const char *root,
                                     const char *patterns, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    char *all = semo_format("%s", patterns), *kept = NULL;
    for (char *p = strtok_r(all, " ", &kept); p && status == SEMO_OK;
         p = strtok_r(NULL, " ", &kept)) {
        char *pattern = semo_format("%s/%s", root, p);
        status = add_pattern(t, r, pattern, e);
        free(pattern);
    }
    free(all);
    return status;
}

static unsigned long own_bytes(const struct semo_module_spec *m, const struct semo_unit *u)
{
    unsigned long bytes = 0;
    for (unsigned i = 0; i < m->file_count; i++) {
        const char *slash = strrchr(m->files[i], '/');
        char *object = semo_format("%s/%s.o", u->folder, slash ? slash + 1 : m->files[i]);
        bytes += binary_bytes(object);
        free(object);
    }
    return bytes;
}

static enum semo_status add_module(struct semo_tcb *t, const struct semo_module_spec *m,
                                   const struct semo_unit *u, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    struct semo_tcb_row *r = add_row(t, "", "once", true);
    snprintf(r->component, sizeof r->component, "%s %s", u->window >= 0 ? "driver" : "module",
             m->name);
    r->application = true;
    r->bytes = own_bytes(m, u);
    for (unsigned i = 0; i < m->file_count && status == SEMO_OK; i++)
        status = add_file(t, r, m->files[i], e);
    return status;
}

static enum semo_status add_headers(struct semo_tcb *t, const struct semo_descriptor *d,
                                    struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    struct semo_tcb_row *r = add_row(t, "headers of the modules", "per module", true);
    r->application = true;
    for (unsigned i = 0; i < d->module_count && status == SEMO_OK; i++) {
        const char *file = d->modules[i].files[0], *slash = strrchr(file, '/');
        char *pattern = semo_format("%.*s*.h", slash ? (int)(slash + 1 - file) : 0, file);
        status = add_pattern(t, r, pattern, e);
        free(pattern);
    }
    return status;
}

static bool has_kind(const struct semo_descriptor *d, enum semo_node_kind kind)
{
    for (unsigned i = 0; i < d->node_count; i++)
        if (d->nodes[i].kind == kind)
            return true;
    return false;
}

static bool has_https(const struct semo_descriptor *d)
{
    for (unsigned i = 0; i < d->module_count; i++)
        if (d->modules[i].https)
            return true;
    return false;
}

/* What the modules of a target, with a web server or without, weigh beyond their authors' own
 * bytes. */
static unsigned long runtime_bytes(const struct semo_descriptor *d, struct semo_unit *const *units,
                                   enum semo_target target, bool https)
{
    unsigned long bytes = 0;
    for (unsigned i = 0; i < d->module_count; i++) {
        unsigned long own = own_bytes(&d->modules[i], units[i]);
        if (units[i]->target == target && d->modules[i].https == https && units[i]->text_len > own)
            bytes += units[i]->text_len - own;
    }
    return bytes;
}

static enum semo_status add_parts(struct semo_tcb *t, const struct semo_descriptor *d,
                                  struct semo_unit *const *units, const char *root,
                                  struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0; i < sizeof parts / sizeof *parts && status == SEMO_OK; i++) {
        if ((parts[i].when == WITH_MCU && !has_kind(d, SEMO_NODE_MCU)) ||
            (parts[i].when == WITH_LINUX && !has_kind(d, SEMO_NODE_LINUX)) ||
            (parts[i].when == WITH_HTTPS && !has_https(d)))
            continue;
        struct semo_tcb_row *r =
            add_row(t, parts[i].component, parts[i].deployed, parts[i].trusted);
        if (parts[i].program) {
            char *program = semo_process_part(parts[i].program);
            r->bytes = binary_bytes(program);
            free(program);
        }
        if (strcmp(parts[i].component, "runtime, microcontroller") == 0)
            r->bytes = runtime_bytes(d, units, SEMO_TARGET_MCU, false);
        if (strcmp(parts[i].component, "runtime, Linux process") == 0)
            r->bytes = runtime_bytes(d, units, SEMO_TARGET_LINUX, false);
        if (strcmp(parts[i].component, BEARSSL) == 0) {
            r->bytes = runtime_bytes(d, units, SEMO_TARGET_LINUX, true);
            r->lines = BEARSSL_LINES;
        }
        status = add_patterns(t, r, root, parts[i].patterns, e);
    }
    return status;
}

enum semo_status semo_tcb_measure(const struct semo_descriptor *d, struct semo_unit *const *units,
                                  const char *root, struct semo_tcb *t, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    memset(t, 0, sizeof *t);
    for (unsigned i = 0; i < d->module_count && status == SEMO_OK; i++)
        status = add_module(t, &d->modules[i], units[i], e);
    if (status == SEMO_OK)
        status = add_headers(t, d, e);
    struct semo_tcb_row *r = add_row(t, "deployment descriptor", "n/a", true);
    r->application = true;
    for (unsigned i = 0; i < d->tree_count && status == SEMO_OK; i++)
        status = add_file(t, r, d->paths[i], e);
    if (status == SEMO_OK)
        status = add_parts(t, d, units, root, e);
    if (status != SEMO_OK)
        semo_tcb_free(t);
    return status;
}

void semo_tcb_free(struct semo_tcb *t)
{
    for (unsigned i = 0; i < t->count; i++) {
        for (unsigned k = 0; k < t->row[i].file_count; k++)
            free(t->row[i].files[k]);
        free(t->row[i].files);
    }
    t->count = 0;
}
