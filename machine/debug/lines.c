/* SPDX-License-Identifier: Apache-2.0 */
/* DWARF 4, section 6.2: the line number program is run, its rows become ranges of addresses. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "lib/bytes/cursor.h"
#include "machine/debug/lines.h"

enum { RANGES_MAX = 1 << 17, FILES_MAX = 1 << 14, FOLDERS_MAX = 256, OPCODES_MAX = 256 };

struct file {
    const char *folder, *name;
};

struct range { /* [first, end) */
    uint16_t first, end;
    uint32_t line;
    uint32_t file; /* in files, FILES_MAX = none */
};

struct semo_lines {
    uint8_t *section; /* ends with a 0, so that every name in it ends */
    struct file *files;
    struct range *ranges;
    uint32_t file_count, range_count, file_room, range_room;
};

struct header {
    unsigned version, min_length, range, opcodes;
    int base;
    uint8_t lengths[OPCODES_MAX];
    uint32_t first_file, files;
};

struct row {
    uint32_t address, line, file;
};

/* ---- numbers and names ---- */

static uint64_t uleb(struct semo_cursor *c)
{
    uint64_t value = 0;
    for (unsigned shift = 0; !c->bad; shift += 7) {
        uint8_t byte = semo_cursor_u8(c);
        if (shift < 63)
            value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            break;
    }
    return value;
}

static int64_t sleb(struct semo_cursor *c)
{
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte = 0x80;
    for (; !c->bad && byte & 0x80; shift += 7) {
        byte = semo_cursor_u8(c);
        if (shift < 63)
            value |= (uint64_t)(byte & 0x7F) << shift;
    }
    if (byte & 0x40 && shift < 63)
        value |= ~(uint64_t)0 << shift;
    return (int64_t)value;
}

static const char *name(struct semo_cursor *c)
{
    const char *text = (const char *)c->at;
    while (!c->bad && semo_cursor_u8(c))
        ;
    return c->bad ? "" : text;
}

static void *grow(void *list, uint32_t count, uint32_t *room, uint32_t max, size_t size)
{
    if (count < *room)
        return list;
    uint32_t more = *room ? *room * 2 : 64;
    void *larger = count >= max ? NULL : realloc(list, more * size);
    if (larger)
        *room = more;
    return larger;
}

/* ---- what the program yields ---- */

static bool add_file(struct semo_lines *l, const char *folder, const char *file)
{
    struct file *list = grow(l->files, l->file_count, &l->file_room, FILES_MAX, sizeof *l->files);
    if (!list)
        return false;
    l->files = list;
    l->files[l->file_count++] = (struct file){folder, file};
    return true;
}

/* Code of no line (0) counts to the line before it. */
static bool add_range(struct semo_lines *l, const struct header *h, const struct row *from,
                      uint32_t end)
{
    if (from->address >= end || end > 0xFFFF || !from->line)
        return true;
    struct range *list =
        grow(l->ranges, l->range_count, &l->range_room, RANGES_MAX, sizeof *l->ranges);
    if (!list)
        return false;
    l->ranges = list;
    uint32_t file =
        from->file >= 1 && from->file <= h->files ? h->first_file + from->file - 1 : FILES_MAX;
    l->ranges[l->range_count++] =
        (struct range){(uint16_t)from->address, (uint16_t)end, from->line, file};
    return true;
}

/* ---- the header ---- */

static bool file_table(struct semo_lines *l, struct semo_cursor *c, struct header *h)
{
    const char *folders[FOLDERS_MAX] = {NULL};
    unsigned folder_count = 1;
    h->first_file = l->file_count;
    for (const char *folder = name(c); *folder; folder = name(c))
        if (folder_count < FOLDERS_MAX)
            folders[folder_count++] = folder;
    for (const char *file = name(c); *file; file = name(c)) {
        uint64_t folder = uleb(c);
        uleb(c), uleb(c);
        if (c->bad || !add_file(l, folder < folder_count ? folders[folder] : NULL, file))
            return false;
        h->files++;
    }
    return !c->bad;
}

static bool read_header(struct semo_lines *l, struct semo_cursor *c, struct header *h)
{
    h->version = semo_cursor_u16(c);
    uint32_t len = semo_cursor_u32(c);
    const uint8_t *start = semo_cursor_take(c, len);
    if (h->version < 2 || h->version > 4 || !start)
        return false;
    struct semo_cursor rest = semo_cursor_from(start, len);
    h->min_length = semo_cursor_u8(&rest);
    if (h->version == 4)
        semo_cursor_u8(&rest); /* operations per instruction: no VLIW here */
    semo_cursor_u8(&rest);     /* statement or not: every row counts */
    h->base = (int8_t)semo_cursor_u8(&rest);
    h->range = semo_cursor_u8(&rest);
    h->opcodes = semo_cursor_u8(&rest);
    for (unsigned i = 1; i < h->opcodes; i++)
        h->lengths[i] = semo_cursor_u8(&rest);
    return h->range && h->opcodes && file_table(l, &rest, h);
}

/* ---- the program ---- */

enum { COPY = 1, ADVANCE_PC, ADVANCE_LINE, SET_FILE, CONST_ADD_PC = 8, FIXED_ADVANCE_PC };
enum { END_SEQUENCE = 1, SET_ADDRESS };

struct run {
    struct semo_lines *l;
    const struct header *h;
    struct row now, last; /* last: the row whose range is open; address ~0 = none */
    bool full;
};

static void restart(struct run *r)
{
    r->now = (struct row){.line = 1, .file = 1};
    r->last = (struct row){.address = UINT32_MAX};
}

static void emit(struct run *r)
{
    if (!add_range(r->l, r->h, &r->last, r->now.address))
        r->full = true;
    if (r->now.line || r->last.address == UINT32_MAX)
        r->last = r->now;
    else
        r->last.address = r->now.address;
}

static void advance(struct run *r, uint64_t steps)
{
    r->now.address += (uint32_t)steps * r->h->min_length;
}

static void special(struct run *r, unsigned opcode)
{
    unsigned adjusted = opcode - r->h->opcodes;
    advance(r, adjusted / r->h->range);
    r->now.line += (uint32_t)(r->h->base + (int)(adjusted % r->h->range));
    emit(r);
}

static void extended(struct run *r, struct semo_cursor *c)
{
    uint64_t len = uleb(c);
    if (len == 0 || len > c->left) {
        c->bad = true;
        return;
    }
    struct semo_cursor body = semo_cursor_from(semo_cursor_take(c, (unsigned)len), (unsigned)len);
    unsigned opcode = semo_cursor_u8(&body);
    if (opcode == END_SEQUENCE) {
        emit(r);
        restart(r);
    } else if (opcode == SET_ADDRESS) {
        r->now.address = len == 5 ? semo_cursor_u32(&body) : semo_cursor_u16(&body);
    }
}

static void standard(struct run *r, struct semo_cursor *c, unsigned opcode)
{
    switch (opcode) {
    case COPY:
        emit(r);
        break;
    case ADVANCE_PC:
        advance(r, uleb(c));
        break;
    case ADVANCE_LINE:
        r->now.line += (uint32_t)sleb(c);
        break;
    case SET_FILE:
        r->now.file = (uint32_t)uleb(c);
        break;
    case CONST_ADD_PC:
        advance(r, (255u - r->h->opcodes) / r->h->range);
        break;
    case FIXED_ADVANCE_PC:
        r->now.address += semo_cursor_u16(c);
        break;
    default: /* columns, statements, blocks */
        for (unsigned i = 0; i < r->h->lengths[opcode]; i++)
            uleb(c);
    }
}

static bool run(struct semo_lines *l, struct semo_cursor *c, const struct header *h)
{
    struct run r = {.l = l, .h = h};
    restart(&r);
    while (c->left && !c->bad && !r.full) {
        unsigned opcode = semo_cursor_u8(c);
        if (opcode == 0)
            extended(&r, c);
        else if (opcode >= h->opcodes)
            special(&r, opcode);
        else
            standard(&r, c, opcode);
    }
    return !r.full;
}

static bool unit(struct semo_lines *l, struct semo_cursor *c)
{
    uint32_t len = semo_cursor_u32(c);
    const uint8_t *start = semo_cursor_take(c, len);
    if (!start)
        return false;
    struct semo_cursor body = semo_cursor_from(start, len);
    struct header h = {.version = 0};
    return !read_header(l, &body, &h) || run(l, &body, &h);
}

/* ---- */

struct semo_lines *semo_lines_read(const void *section, uint32_t len)
{
    struct semo_lines *l = calloc(1, sizeof *l);
    uint8_t *copy = l ? malloc((size_t)len + 1) : NULL;
    if (!copy) {
        free(l);
        return NULL;
    }
    memcpy(copy, section, len);
    copy[len] = 0;
    l->section = copy;
    struct semo_cursor c = semo_cursor_from(copy, len);
    while (c.left && !c.bad && unit(l, &c))
        ;
    return l;
}

void semo_lines_free(struct semo_lines *l)
{
    if (!l)
        return;
    free(l->section);
    free(l->files);
    free(l->ranges);
    free(l);
}

struct semo_line semo_lines_at(const struct semo_lines *l, uint16_t address)
{
    for (uint32_t i = l ? l->range_count : 0; i-- > 0;) {
        const struct range *r = &l->ranges[i];
        if (address < r->first || address >= r->end)
            continue;
        const struct file *f = r->file < l->file_count ? &l->files[r->file] : NULL;
        return (struct semo_line){f ? f->folder : NULL, f ? f->name : NULL, r->line};
    }
    return (struct semo_line){NULL, NULL, 0};
}
