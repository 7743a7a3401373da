/* SPDX-License-Identifier: Apache-2.0 */
/* The stack that a call of a module can need, exactly: the compiler's figure for each function
 * (.stack_sizes or -fstack-usage; assembly says semo_stack_of_<function>) along the longest path of
 * the call graph. Every function has a section of its own; a reference from it to another function
 * is a call. Only the runtime calls through pointers, and only to the handlers in the record
 * tables. */
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "host/file.h"
#include "toolchain/parts.h"

enum { RETURN_ADDRESS = 2, SU_MAX = 1 << 20, UNKNOWN = -1 };

struct object {
    const char *path;
    char *su;
    int fd;
    Elf *elf;
    size_t section_names;
    Elf_Data *symbols;
    unsigned symbol_count, symbol_names;
};

struct node { /* a section: the code of a function, or a record */
    unsigned object, section;
    char name[64]; /* function, or "" */
    bool code, handler_table, calls_pointer;
    int own; /* bytes below the return address */
    int deepest;
    enum { UNSEEN, OPEN, DONE } state;
    unsigned *edge;
    unsigned edge_count;
};

struct graph {
    struct object *object;
    unsigned object_count;
    struct node *node;
    unsigned node_count;
    struct semo_error *e;
};

static enum semo_status unreadable(struct graph *g, const char *path)
{
    return semo_error_set(g->e, SEMO_MALFORMED, SEMO_EXIT_FAILED, path, 0, 0,
                          "not an object file of the compiler");
}

static struct node *find_node(struct graph *g, unsigned object, unsigned section)
{
    for (unsigned i = 0; i < g->node_count; i++)
        if (g->node[i].object == object && g->node[i].section == section)
            return &g->node[i];
    return NULL;
}

static const char *symbol_name(const struct object *o, const GElf_Sym *s)
{
    const char *name = elf_strptr(o->elf, o->symbol_names, s->st_name);
    return name ? name : "";
}

static struct node *find_global(struct graph *g, const char *name)
{
    for (unsigned k = 0; k < g->object_count; k++)
        for (unsigned i = 0; i < g->object[k].symbol_count; i++) {
            GElf_Sym s;
            gelf_getsym(g->object[k].symbols, (int)i, &s);
            if (GELF_ST_BIND(s.st_info) == STB_GLOBAL && s.st_shndx != SHN_UNDEF &&
                strcmp(symbol_name(&g->object[k], &s), name) == 0)
                return find_node(g, k, s.st_shndx);
        }
    return NULL;
}

/* Words after the opcode (sancus-hardware 1.1): an immediate, an index or an absolute address. */
static unsigned extension_words(uint16_t op)
{
    unsigned source = op >> 8 & 15, as = op >> 4 & 3, n = 0;
    if ((op & 0xE000) == 0x2000)
        return 0; /* jump */
    if (op < 0x2000)
        source = op & 15;
    n += as == 1 && source != 3;
    n += as == 3 && source == 0;
    if (op >= 0x4000)
        n += op >> 7 & 1;
    return n;
}

static bool calls_through_pointer(const uint8_t *code, size_t len)
{
    for (size_t at = 0; at + 1 < len;) {
        uint16_t op = (uint16_t)(code[at] | code[at + 1] << 8);
        if ((op & 0xFF80) == 0x1280 && op != 0x12B0)
            return true;
        at += 2 + 2 * extension_words(op);
    }
    return false;
}

static bool starts(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

static void add_node(struct graph *g, unsigned object, Elf_Scn *scn, const GElf_Shdr *header)
{
    const char *name =
        elf_strptr(g->object[object].elf, g->object[object].section_names, header->sh_name);
    bool code = header->sh_flags & SHF_EXECINSTR && header->sh_size;
    bool table =
        starts(name, ".semo.") && !starts(name, ".semo.driver.") && !starts(name, ".semo.queue.");
    Elf_Data *data = elf_getdata(scn, NULL);
    struct node *n;
    if ((!code && !table) || !data)
        return;
    g->node = realloc(g->node, (g->node_count + 1) * sizeof *g->node);
    if (!g->node)
        abort();
    n = memset(&g->node[g->node_count++], 0, sizeof *n);
    n->object = object;
    n->section = (unsigned)elf_ndxscn(scn);
    n->code = code;
    n->handler_table = table;
    n->own = table ? 0 : UNKNOWN;
    n->calls_pointer = code && calls_through_pointer(data->d_buf, data->d_size);
}

static enum semo_status open_object(struct graph *g, const char *path)
{
    struct object *o = &g->object[g->object_count];
    char *su = semo_format("%.*s.su", (int)strlen(path) - 2, path);
    struct semo_error ignored;
    GElf_Shdr header;
    Elf_Scn *s = NULL;
    uint8_t *bytes = NULL;
    size_t len;
    o->path = path;
    if (semo_file_read(su, SU_MAX, &bytes, &len, &ignored) == SEMO_OK)
        o->su = (char *)bytes;
    free(su);
    o->fd = open(path, O_RDONLY | O_CLOEXEC);
    o->elf = elf_begin(o->fd, ELF_C_READ, NULL);
    g->object_count++;
    if (!o->elf || elf_getshdrstrndx(o->elf, &o->section_names) != 0)
        return unreadable(g, path);
    while ((s = elf_nextscn(o->elf, s))) {
        if (!gelf_getshdr(s, &header))
            return unreadable(g, path);
        add_node(g, g->object_count - 1, s, &header);
        if (header.sh_type != SHT_SYMTAB)
            continue;
        o->symbols = elf_getdata(s, NULL);
        o->symbol_count = (unsigned)(header.sh_size / header.sh_entsize);
        o->symbol_names = header.sh_link;
    }
    return o->symbols ? SEMO_OK : unreadable(g, path);
}

/* Of section .stack_sizes: an address, then the figure in LEB128. */
static int leb128_behind(const Elf_Data *data, size_t address)
{
    int figure = 0;
    for (size_t i = 0; address + 2 + i < data->d_size; i++) {
        const uint8_t byte = ((const uint8_t *)data->d_buf)[address + 2 + i];
        figure |= (byte & 0x7F) << 7 * i;
        if (!(byte & 0x80))
            return figure;
    }
    return UNKNOWN;
}

/* llc's figure for the function in that section: a reference to it comes from .stack_sizes. */
static int section_figure(const struct object *o, unsigned section)
{
    GElf_Shdr header, sizes;
    for (Elf_Scn *s = NULL; (s = elf_nextscn(o->elf, s));) {
        Elf_Data *data = elf_getdata(s, NULL);
        GElf_Rela r;
        GElf_Sym symbol;
        if (!gelf_getshdr(s, &header) || header.sh_type != SHT_RELA || !gelf_getrela(data, 0, &r))
            continue;
        Elf_Scn *of = elf_getscn(o->elf, header.sh_info);
        if (gelf_getsym(o->symbols, (int)GELF_R_SYM(r.r_info), &symbol) &&
            symbol.st_shndx == section && gelf_getshdr(of, &sizes) &&
            sizes.sh_flags & SHF_LINK_ORDER)
            return leb128_behind(elf_getdata(of, NULL), r.r_offset);
    }
    return UNKNOWN;
}

/* "file:line:column:function<tab>bytes<tab>static" */
static int compiler_figure(const struct object *o, const char *function)
{
    char *key = semo_format(":%s\t", function);
    const char *at = o->su ? strstr(o->su, key) : NULL;
    int bytes = at ? atoi(at + strlen(key)) : UNKNOWN;
    free(key);
    return bytes;
}

static int assembly_figure(const struct object *o, const char *function)
{
    char *key = semo_format("semo_stack_of_%s", function);
    int bytes = UNKNOWN;
    for (unsigned i = 0; i < o->symbol_count; i++) {
        GElf_Sym s;
        gelf_getsym(o->symbols, (int)i, &s);
        if (s.st_shndx == SHN_ABS && strcmp(symbol_name(o, &s), key) == 0)
            bytes = (int)s.st_value;
    }
    free(key);
    return bytes;
}

static void name_functions(struct graph *g)
{
    for (unsigned k = 0; k < g->object_count; k++)
        for (unsigned i = 0; i < g->object[k].symbol_count; i++) {
            struct object *o = &g->object[k];
            struct node *n;
            GElf_Sym s;
            gelf_getsym(o->symbols, (int)i, &s);
            n = GELF_ST_TYPE(s.st_info) == STT_FUNC ? find_node(g, k, s.st_shndx) : NULL;
            if (!n)
                continue;
            snprintf(n->name, sizeof n->name, "%s", symbol_name(o, &s));
            n->own = section_figure(o, s.st_shndx);
            if (n->own == UNKNOWN)
                n->own = compiler_figure(o, n->name);
            if (n->own == UNKNOWN)
                n->own = assembly_figure(o, n->name);
        }
}

static void add_edge(struct graph *g, struct node *from, const struct node *to)
{
    if (!from || !to || to == from)
        return;
    from->edge = realloc(from->edge, (from->edge_count + 1) * sizeof *from->edge);
    if (!from->edge)
        abort();
    from->edge[from->edge_count++] = (unsigned)(to - g->node);
}

static void add_references(struct graph *g, unsigned k, Elf_Scn *scn, const GElf_Shdr *header)
{
    struct object *o = &g->object[k];
    struct node *from = find_node(g, k, header->sh_info);
    Elf_Data *data = from ? elf_getdata(scn, NULL) : NULL;
    for (unsigned i = 0; data && i < header->sh_size / header->sh_entsize; i++) {
        GElf_Rela r;
        GElf_Sym s;
        struct node *to;
        gelf_getrela(data, (int)i, &r);
        gelf_getsym(o->symbols, (int)GELF_R_SYM(r.r_info), &s);
        to = s.st_shndx == SHN_UNDEF ? find_global(g, symbol_name(o, &s))
                                     : find_node(g, k, s.st_shndx);
        /* An output hands its record on; the record's function is called through a pointer. */
        if (to && !(from->code && to->handler_table))
            add_edge(g, from, to);
    }
}

static void connect(struct graph *g)
{
    for (unsigned k = 0; k < g->object_count; k++)
        for (Elf_Scn *s = NULL; (s = elf_nextscn(g->object[k].elf, s));) {
            GElf_Shdr header;
            if (gelf_getshdr(s, &header) && header.sh_type == SHT_RELA)
                add_references(g, k, s, &header);
        }
    for (unsigned i = 0; i < g->node_count; i++)
        for (unsigned j = 0; g->node[i].calls_pointer && j < g->node_count; j++)
            if (g->node[j].handler_table)
                add_edge(g, &g->node[i], &g->node[j]);
}

static enum semo_status measure(struct graph *g, struct node *n)
{
    enum semo_status status = SEMO_OK;
    int below = 0;
    if (n->state == DONE)
        return SEMO_OK;
    if (n->state == OPEN || n->own == UNKNOWN)
        return semo_error_set(g->e, SEMO_INPUT, SEMO_EXIT_FAILED, g->object[n->object].path, 0, 0,
                              "%s: %s", n->name,
                              n->state == OPEN ? "recursion" : "no figure for its stack");
    n->state = OPEN;
    for (unsigned i = 0; i < n->edge_count && status == SEMO_OK; i++) {
        struct node *to = &g->node[n->edge[i]];
        int call = to->handler_table ? 0 : RETURN_ADDRESS;
        status = measure(g, to);
        if (status == SEMO_OK && to->deepest + call > below)
            below = to->deepest + call;
    }
    n->deepest = n->own + below;
    n->state = DONE;
    return status;
}

static void forget(struct graph *g)
{
    for (unsigned i = 0; i < g->node_count; i++)
        free(g->node[i].edge);
    for (unsigned k = 0; k < g->object_count; k++) {
        free(g->object[k].su);
        if (g->object[k].elf)
            elf_end(g->object[k].elf);
        if (g->object[k].fd >= 0)
            close(g->object[k].fd);
    }
    free(g->node);
    free(g->object);
}

enum semo_status tool_stack_bound(char *const *objects, unsigned count, unsigned *bytes,
                                  struct semo_error *e)
{
    struct graph g = {.e = e};
    enum semo_status status = SEMO_OK;
    struct node *root;
    elf_version(EV_CURRENT);
    g.object = semo_allocate(count, sizeof *g.object);
    for (unsigned i = 0; i < count && status == SEMO_OK; i++)
        status = open_object(&g, objects[i]);
    if (status == SEMO_OK) {
        name_functions(&g);
        connect(&g);
        root = find_global(&g, "semo_runtime_call");
        status = root ? measure(&g, root) : unreadable(&g, "runtime");
        if (status == SEMO_OK)
            *bytes = (unsigned)(root->deepest + RETURN_ADDRESS);
    }
    forget(&g);
    return status;
}
