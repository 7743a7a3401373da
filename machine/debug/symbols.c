/* SPDX-License-Identifier: Apache-2.0 */
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "machine/debug/symbols.h"

struct symbol {
    const char *name;
    uint16_t address, size;
    uint8_t rank; /* of several at one address: functions, objects, globals, others */
};

struct semo_symbols {
    Elf *elf; /* owns the names */
    struct symbol *at;
    size_t count;
    struct semo_lines *lines;
};

/* Labels of assembly have no size: they reach to the end of their section at most. */
static uint16_t size_of(struct semo_symbols *s, const GElf_Sym *symbol)
{
    GElf_Shdr section;
    Elf_Scn *at = elf_getscn(s->elf, symbol->st_shndx);
    uint64_t size = symbol->st_size;
    if (!size && at && gelf_getshdr(at, &section))
        size = section.sh_addr + section.sh_size - symbol->st_value;
    return size > 0xFFFF ? 0 : (uint16_t)size;
}

static void add_symbol(struct semo_symbols *s, const GElf_Sym *symbol, const char *name)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    bool placed = symbol->st_shndx != SHN_UNDEF && symbol->st_shndx < SHN_LORESERVE;
    if (!name || !*name || !placed || symbol->st_value > 0xFFFF || type > STT_FUNC)
        return;
    unsigned rank = type == STT_FUNC ? 3 : type == STT_OBJECT ? 2 : GELF_ST_BIND(symbol->st_info);
    s->at[s->count++] = (struct symbol){name, (uint16_t)symbol->st_value, size_of(s, symbol),
                                        (uint8_t)(rank > 3 ? 0 : rank)};
}

static void take_table(struct semo_symbols *s, Elf_Scn *section, const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t entry = gelf_fsize(s->elf, ELF_T_SYM, 1, EV_CURRENT);
    size_t count = data && entry ? data->d_size / entry : 0;
    GElf_Sym symbol;
    if (s->at || !count)
        return;
    s->at = calloc(count, sizeof *s->at);
    for (size_t i = 0; s->at && i < count; i++)
        if (gelf_getsym(data, (int)i, &symbol))
            add_symbol(s, &symbol, elf_strptr(s->elf, header->sh_link, symbol.st_name));
}

static void take_lines(struct semo_symbols *s, Elf_Scn *section)
{
    Elf_Data *data = elf_getdata(section, NULL);
    if (!s->lines && data && data->d_buf && data->d_size < UINT32_MAX)
        s->lines = semo_lines_read(data->d_buf, (uint32_t)data->d_size);
}

static void take_sections(struct semo_symbols *s)
{
    size_t names;
    GElf_Shdr header;
    if (elf_getshdrstrndx(s->elf, &names) != 0)
        return;
    for (Elf_Scn *at = NULL; (at = elf_nextscn(s->elf, at));) {
        if (!gelf_getshdr(at, &header))
            continue;
        const char *name = elf_strptr(s->elf, names, header.sh_name);
        if (header.sh_type == SHT_SYMTAB)
            take_table(s, at, &header);
        else if (name && strcmp(name, ".debug_line") == 0 && !(header.sh_flags & SHF_COMPRESSED))
            take_lines(s, at);
    }
}

struct semo_symbols *semo_symbols_read(const void *elf, size_t len)
{
    struct semo_symbols *s = calloc(1, sizeof *s);
    if (s && elf_version(EV_CURRENT) != EV_NONE)
        s->elf = elf_memory((char *)(uintptr_t)elf, len);
    if (s && s->elf)
        take_sections(s);
    return s;
}

void semo_symbols_free(struct semo_symbols *s)
{
    if (!s)
        return;
    semo_lines_free(s->lines);
    free(s->at);
    elf_end(s->elf);
    free(s);
}

/* The nearest below that does not end before the address. */
static bool better(const struct symbol *a, const struct symbol *b, uint16_t address)
{
    if (a->address > address || address - a->address >= a->size)
        return false;
    return !b || a->address > b->address || (a->address == b->address && a->rank > b->rank);
}

struct semo_position semo_symbols_at(const struct semo_symbols *s, uint16_t address)
{
    struct semo_position p = {.symbol = NULL};
    const struct symbol *best = NULL;
    for (size_t i = 0; s && i < s->count; i++)
        if (better(&s->at[i], best, address))
            best = &s->at[i];
    if (best) {
        p.symbol = best->name;
        p.offset = (uint16_t)(address - best->address);
    }
    if (s)
        p.source = semo_lines_at(s->lines, address);
    return p;
}

bool semo_symbols_find(const struct semo_symbols *s, const char *name, uint16_t *address,
                       uint16_t *size)
{
    for (size_t i = 0; s && i < s->count; i++) {
        if (strcmp(s->at[i].name, name) != 0)
            continue;
        *address = s->at[i].address;
        *size = s->at[i].size;
        return true;
    }
    return false;
}

const char *semo_position_print(const struct semo_position *p, char *out, size_t room)
{
    char symbol[96] = "", source[256] = "";
    if (p->symbol && p->offset)
        snprintf(symbol, sizeof symbol, "%.80s+%u", p->symbol, p->offset);
    else if (p->symbol)
        snprintf(symbol, sizeof symbol, "%.80s", p->symbol);
    if (p->source.file)
        snprintf(source, sizeof source, "%.120s%s%.80s:%u",
                 p->source.folder ? p->source.folder : "", p->source.folder ? "/" : "",
                 p->source.file, p->source.line);
    snprintf(out, room, "%s%s%s", symbol, *symbol && *source ? ", " : "", source);
    for (char *c = out; *c; c++) /* the image's words must not steer the terminal */
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    return out;
}
