/* SPDX-License-Identifier: Apache-2.0 */
/* Objects and libraries. What `semo cc -c` makes of a C file holds its intermediate code, in a
 * section of an ordinary ELF object, so that any ar puts it into a library; whole programs are read
 * at once. */
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include "host/file.h"
#include "toolchain/compat/program.h"

enum { OBJECT_MAX = 64 << 20, MACHINE_MSP430 = 105 };
#define SECTION ".semo.ir"

static void add_name(struct compat_names *n, const char *name, size_t len)
{
    n->at = realloc(n->at, (n->count + 1) * sizeof *n->at);
    if (!n->at)
        abort();
    n->at[n->count++] = semo_format("%.*s", (int)len, name);
}

static bool has_name(const struct compat_names *n, const char *name)
{
    for (unsigned i = 0; i < n->count; i++)
        if (strcmp(n->at[i], name) == 0)
            return true;
    return false;
}

void compat_symbols_of_line(struct compat_symbols *s, const char *line)
{
    bool variable = line[0] == '@', define = strncmp(line, "define ", 7) == 0;
    const char *at = strchr(line, '@'), *equals = strstr(line, " = ");
    if (!at || (!variable && !define && strncmp(line, "declare ", 8) != 0) ||
        strncmp(at, "@llvm.", 6) == 0)
        return;
    if (variable && !equals)
        return;
    const char *linkage = variable ? equals + 3 : line + 7;
    bool local = strncmp(linkage, "internal ", 9) == 0 || strncmp(linkage, "private ", 8) == 0;
    bool outside = variable ? strncmp(linkage, "external ", 9) == 0 : !define;
    if (!local)
        add_name(outside ? &s->wanted : &s->defined, at + 1, compat_identifier(at + 1));
}

static enum semo_status fail(const struct compat_object *o, struct semo_error *e, const char *text)
{
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, o->name, 0, 0, "%s", text);
}

/* ---- one object ---- */

static void read_ir_symbols(struct compat_object *o)
{
    for (const char *at = o->ir; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        size_t len = strcspn(at, "\n");
        if (*at == '@' || *at == 'd') {
            char *line = semo_format("%.*s", (int)len, at);
            compat_symbols_of_line(&o->symbols, line);
            free(line);
        }
    }
}

static void read_elf_symbols(struct compat_object *o, Elf *elf, Elf_Scn *section,
                             const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    GElf_Sym symbol;
    for (size_t i = 1; data && header->sh_entsize && i < header->sh_size / header->sh_entsize;
         i++) {
        const char *name = gelf_getsym(data, (int)i, &symbol)
                               ? elf_strptr(elf, header->sh_link, symbol.st_name)
                               : NULL;
        if (name && *name && GELF_ST_BIND(symbol.st_info) != STB_LOCAL)
            add_name(symbol.st_shndx == SHN_UNDEF ? &o->symbols.wanted : &o->symbols.defined, name,
                     strlen(name));
    }
}

/* "semo 1 64 source.c", then the intermediate code. */
static enum semo_status read_ir(struct compat_object *o, const Elf_Data *data, unsigned security,
                                struct semo_error *e)
{
    const char *text = data->d_buf, *end = memchr(text, 0, data->d_size);
    unsigned bits;
    int at = 0;
    if (!end || sscanf(text, "semo 1 %u %n", &bits, &at) != 1 || at == 0)
        return fail(o, e, "was made by another version of semo cc: compile it again");
    if (bits != security)
        return fail(o, e, "was compiled for keys of another length: give the same --security");
    o->source = semo_format("%s", text + at);
    o->ir = semo_format("%.*s", (int)(data->d_size - (size_t)(end - text) - 1), end + 1);
    read_ir_symbols(o);
    return SEMO_OK;
}

static enum semo_status read_sections(struct compat_object *o, Elf *elf, unsigned security,
                                      struct semo_error *e)
{
    Elf_Scn *s = NULL;
    GElf_Shdr header;
    size_t names;
    if (elf_getshdrstrndx(elf, &names) != 0)
        return fail(o, e, "is damaged: its sections have no names");
    while ((s = elf_nextscn(elf, s))) {
        const char *name = gelf_getshdr(s, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;
        Elf_Data *data = name && header.sh_type != SHT_NOBITS ? elf_getdata(s, NULL) : NULL;
        if (!name || header.sh_offset > o->len ||
            (header.sh_type != SHT_NOBITS && header.sh_size > o->len - header.sh_offset))
            return fail(o, e, "is damaged: a section reaches beyond its end");
        if (strcmp(name, SECTION) == 0 && data && data->d_size)
            return read_ir(o, data, security, e);
        if (strncmp(name, ".sm.", 4) == 0)
            return fail(o, e,
                        "holds a module made by another tool: compile its source with semo cc");
        if (header.sh_type == SHT_SYMTAB)
            read_elf_symbols(o, elf, s, &header);
    }
    return SEMO_OK;
}

static enum semo_status read_object(struct compat_object *o, unsigned security,
                                    struct semo_error *e)
{
    Elf *elf = elf_memory((char *)o->bytes, o->len);
    GElf_Ehdr header;
    enum semo_status status;
    if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
        status = fail(o, e, "is not an object file");
    else if (header.e_machine != MACHINE_MSP430 || header.e_ident[EI_CLASS] != ELFCLASS32)
        status = fail(o, e, "is an object for another machine: compile its source with semo cc -c");
    else if (header.e_shoff == 0 || header.e_shoff > o->len ||
             (size_t)header.e_shnum * header.e_shentsize > o->len - header.e_shoff)
        status = fail(o, e, "is damaged: its end is missing");
    else if (header.e_type != ET_REL)
        status = fail(o, e, "is a linked program, not an object");
    else
        status = read_sections(o, elf, security, e);
    if (elf)
        elf_end(elf);
    return status;
}

static struct compat_object *new_object(struct compat_objects *list, char *name, const void *bytes,
                                        size_t len)
{
    list->at = realloc(list->at, (list->count + 1) * sizeof *list->at);
    if (!list->at)
        abort();
    struct compat_object *o = &list->at[list->count++];
    *o = (struct compat_object){.name = name, .len = len};
    o->bytes = semo_allocate(len + 1, 1);
    memcpy(o->bytes, bytes, len);
    return o;
}

/* ---- libraries ---- */

enum { AR_MAGIC = 8, AR_HEADER = 60, AR_NAME = 16, AR_SIZE_AT = 48, AR_END_AT = 58 };

/* "name.o/", or "/12": behind 12 bytes of the table of long names. */
static char *member_name(const char *library, const char *header, const char *table,
                         size_t table_len)
{
    const char *name = header;
    size_t len = AR_NAME, at = strtoul(header + 1, NULL, 10);
    if (header[0] == '/' && at < table_len) {
        name = table + at;
        len = table_len - at;
    }
    for (size_t i = 0; i < len; i++)
        if (name[i] == '/' || name[i] == ' ' || name[i] == '\n')
            len = i;
    return semo_format("%s(%.*s)", library, (int)len, name);
}

static enum semo_status read_members(struct compat_objects *list, const char *path,
                                     const char *bytes, size_t len, unsigned security,
                                     struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    const char *table = NULL;
    size_t table_len = 0, at = AR_MAGIC, size;
    while (status == SEMO_OK && at < len) {
        const char *header = bytes + at;
        size = len - at < AR_HEADER ? 0 : strtoul(header + AR_SIZE_AT, NULL, 10);
        at += AR_HEADER;
        if (at > len || memcmp(header + AR_END_AT, "`\n", 2) != 0 || size > len - at)
            return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, path, 0, 0,
                                  "is a damaged library");
        if (memcmp(header, "// ", 3) == 0) {
            table = bytes + at;
            table_len = size;
        } else if (header[0] != '/' || (header[1] >= '0' && header[1] <= '9')) {
            struct compat_object *o =
                new_object(list, member_name(path, header, table, table_len), bytes + at, size);
            o->lazy = true;
            status = read_object(o, security, e);
        }
        at += size + size % 2;
    }
    return status;
}

enum semo_status compat_objects_read(struct compat_objects *list, const char *path,
                                     unsigned security, struct semo_error *e)
{
    uint8_t *bytes;
    size_t len;
    enum semo_status status = semo_file_read(path, OBJECT_MAX, &bytes, &len, e);
    if (status != SEMO_OK) {
        e->code = SEMO_EXIT_USAGE;
        return status;
    }
    elf_version(EV_CURRENT);
    if (len >= AR_MAGIC && memcmp(bytes, "!<arch>\n", AR_MAGIC) == 0)
        status = read_members(list, path, (char *)bytes, len, security, e);
    else if (len >= AR_MAGIC && memcmp(bytes, "!<thin>\n", AR_MAGIC) == 0)
        status = semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, path, 0, 0,
                                "is a thin library: make it without T");
    else
        status = read_object(new_object(list, semo_format("%s", path), bytes, len), security, e);
    free(bytes);
    return status;
}

/* ---- which members of libraries are needed ---- */

static void merge(struct compat_symbols *all, const struct compat_symbols *s)
{
    for (unsigned i = 0; i < s->defined.count; i++)
        add_name(&all->defined, s->defined.at[i], strlen(s->defined.at[i]));
    for (unsigned i = 0; i < s->wanted.count; i++)
        add_name(&all->wanted, s->wanted.at[i], strlen(s->wanted.at[i]));
}

static bool is_wanted(const struct compat_symbols *all, const struct compat_object *o)
{
    for (unsigned i = 0; i < o->symbols.defined.count; i++)
        if (has_name(&all->wanted, o->symbols.defined.at[i]) &&
            !has_name(&all->defined, o->symbols.defined.at[i]))
            return true;
    return false;
}

void compat_objects_select(struct compat_objects *list, struct compat_symbols *all)
{
    bool changed = true;
    for (unsigned i = 0; i < list->count; i++)
        if (!list->at[i].lazy)
            merge(all, &list->at[i].symbols);
    while (changed) {
        changed = false;
        for (unsigned i = 0; i < list->count; i++) {
            struct compat_object *o = &list->at[i];
            if (!o->lazy || !is_wanted(all, o))
                continue;
            o->lazy = false;
            merge(all, &o->symbols);
            changed = true;
        }
    }
}
