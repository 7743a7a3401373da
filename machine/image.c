/* SPDX-License-Identifier: Apache-2.0 */
/* ELF32 MSP430 executables: just what a loader needs, read byte by byte. */
#include <string.h>
#include "machine/state.h"
#include "lib/bytes/cursor.h"

enum { RESET_VECTOR = 0xFFFE };
enum { EM_MSP430 = 105, ET_EXEC = 2, PT_LOAD = 1, HEADER = 52, PROGRAM_HEADER = 32 };

struct segment {
    uint32_t type, offset, address, filesz, memsz;
};

static struct semo_cursor at(const uint8_t *elf, size_t len, uint64_t offset, unsigned size)
{
    bool ok = offset <= len && size <= len - offset;
    struct semo_cursor c = semo_cursor_from(ok ? elf + offset : elf, ok ? size : 0);
    return c;
}

static const char *header(const uint8_t *elf, size_t len, uint32_t *table, unsigned *count,
                          uint32_t *entry)
{
    if (len < 4 || memcmp(elf, "\177ELF", 4))
        return "not an ELF file";
    if (len < HEADER)
        return "truncated: the ELF header is not complete";
    if (elf[4] != 1 || elf[5] != 1)
        return "wrong machine: not a 32-bit little-endian ELF file";
    struct semo_cursor c = at(elf, len, 16, HEADER - 16);
    if (semo_cursor_u16(&c) != ET_EXEC)
        return "not an executable: link it first";
    if (semo_cursor_u16(&c) != EM_MSP430)
        return "wrong machine: not for MSP430";
    semo_cursor_u32(&c); /* version */
    *entry = semo_cursor_u32(&c);
    *table = semo_cursor_u32(&c);
    semo_cursor_take(&c, 10);
    unsigned size = semo_cursor_u16(&c);
    *count = semo_cursor_u16(&c);
    return *count && size != PROGRAM_HEADER ? "program headers of an unknown size" : NULL;
}

static const char *segment(const uint8_t *elf, size_t len, uint64_t offset, struct segment *s)
{
    struct semo_cursor c = at(elf, len, offset, PROGRAM_HEADER);
    s->type = semo_cursor_u32(&c);
    s->offset = semo_cursor_u32(&c);
    semo_cursor_u32(&c);
    s->address = semo_cursor_u32(&c);
    s->filesz = semo_cursor_u32(&c);
    s->memsz = semo_cursor_u32(&c);
    if (c.bad)
        return "truncated: a program header is outside the file";
    if (s->type != PT_LOAD)
        return NULL;
    if (s->filesz > s->memsz || s->offset > len || s->filesz > len - s->offset)
        return "truncated: a segment is outside the file";
    return NULL;
}

static bool within(const struct segment *s, uint32_t start, uint32_t end)
{
    return s->address >= start && s->address <= end && s->memsz <= end - s->address;
}

static const char *place(uint8_t *used, const struct segment *s)
{
    if (!within(s, SEMO_DATA_START, SEMO_DATA_END) && !within(s, SEMO_PROGRAM_START, 0x10000))
        return "a segment is outside data memory (0200-41ff) and program memory (5c00-ffff)";
    for (uint32_t i = 0; i < s->memsz; i++)
        if (used[s->address + i]++)
            return "overlapping segments";
    return NULL;
}

enum semo_status semo_machine_load_elf(struct semo_machine *m, const void *elf, size_t len,
                                       const char **why)
{
    static const uint8_t zero[256];
    uint8_t used[0x10000] = {0};
    uint32_t table = 0, loaded = 0, entry = 0;
    unsigned count = 0;
    struct segment s;
    const char *wrong = header(elf, len, &table, &count, &entry);
    for (unsigned i = 0; !wrong && i < count; i++) {
        wrong = segment(elf, len, (uint64_t)table + i * PROGRAM_HEADER, &s);
        if (!wrong && s.type == PT_LOAD && s.memsz) {
            wrong = place(used, &s);
            loaded++;
        }
    }
    if (!wrong && !loaded)
        wrong = "nothing to load: no PT_LOAD segment";
    bool starts = used[RESET_VECTOR]; /* else at the entry point */
    if (!wrong && !starts && (entry % 2 || entry < SEMO_PROGRAM_START || entry >= RESET_VECTOR))
        wrong = "no reset vector at fffe, and no entry point in program memory";
    if (wrong) {
        *why = wrong;
        return SEMO_INPUT;
    }
    for (unsigned i = 0; i < count; i++) {
        if (segment(elf, len, (uint64_t)table + i * PROGRAM_HEADER, &s) || s.type != PT_LOAD)
            continue;
        semo_machine_poke(m, (uint16_t)s.address, (const uint8_t *)elf + s.offset, s.filesz);
        for (uint32_t n = s.filesz; n < s.memsz; n += 256)
            semo_machine_poke(m, (uint16_t)(s.address + n), zero,
                              s.memsz - n < 256 ? s.memsz - n : 256);
    }
    const uint8_t start[2] = {(uint8_t)entry, (uint8_t)(entry >> 8)};
    if (!starts)
        semo_machine_poke(m, RESET_VECTOR, start, sizeof start);
    return SEMO_OK;
}
