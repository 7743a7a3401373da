/* SPDX-License-Identifier: Apache-2.0 */
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include "machine/debug/frames.h"

enum { RETURN_ADDRESS = 2, SP = 1, MAX_FUNCTIONS = 1 << 14, MAX_DEPTH = 0x4000 };
enum { CFA_ADVANCE = 4, CFA_UNDEFINED = 7, CFA_SAME = 8, CFA_DEPTH = 14, CFA_SAVED = 0x80 };

struct function {
    uint32_t start, end;
};

struct code { /* one executable section */
    const uint8_t *bytes;
    uint32_t start, end;
};

struct walk {  /* through one function */
    FILE *out; /* NULL: only look */
    uint32_t told;
    unsigned depth, body; /* bytes from the stack pointer to where the caller's was; body: behind
                             the prologue, 0 = still in it */
};

static uint16_t word(const struct code *c, uint32_t at)
{
    if (at < c->start || at + 2 > c->end)
        return 0;
    const uint8_t *p = c->bytes + (at - c->start);
    return (uint16_t)(p[0] | p[1] << 8);
}

/* ---- instructions, as far as they matter ---- */

static unsigned extension_words(uint16_t w)
{
    unsigned reg = w >= 0x4000 ? w >> 8 & 15 : w & 15, as = w >> 4 & 3;
    bool constant = reg == 3 || (reg == 2 && as >= 2);
    bool source = !constant && (as == 1 || (reg == 0 && as == 3));
    if (w >= 0x4000)
        return source + (w >> 7 & 1u);
    return w >= 0x1000 && w < 0x1300 ? source : 0;
}

static bool is_return(uint16_t w)
{
    return w == 0x4130 || w == 0x1300 || w == 0x4030; /* ret, reti, br #... behind an epilogue */
}

/* Bytes by which it lowers the stack pointer; false: nobody can tell. */
static bool moves(const struct code *c, uint32_t at, int *lower)
{
    static const int r3[4] = {0, 1, 2, -1};
    uint16_t w = word(c, at);
    unsigned op = w >> 12, source = w >> 8 & 15, as = w >> 4 & 3;
    *lower = 0;
    if ((w & 0xFF80) == 0x1200) /* push */
        *lower = 2;
    else if (w >= 0x4000 && source == SP && as == 3)
        *lower = -2; /* pop */
    if (w < 0x4000 || (w & 0x8F) != SP || op == 9 || op == 11)
        return true;
    if (op != 5 && op != 8) /* written by something else than add and sub */
        return false;
    int by = source == 3              ? r3[as]
             : source == 2 && as >= 2 ? (as == 2 ? 4 : 8)
             : source == 0 && as == 3 ? (int16_t)word(c, at + 2)
                                      : INT16_MAX;
    *lower = op == 8 ? by : -by;
    return by != INT16_MAX;
}

/* ---- writing ---- */

static void number(FILE *out, unsigned v)
{
    fprintf(out, "    .uleb128 %u\n", v);
}

static void say_depth(struct walk *w, uint32_t at)
{
    if (!w->out)
        return;
    fprintf(w->out, "    .byte %u\n    .4byte 0x%x\n    .byte %u\n", CFA_ADVANCE, at - w->told,
            CFA_DEPTH);
    number(w->out, w->depth);
    w->told = at;
}

/* A push of the prologue keeps a register of the caller's. */
static void say_saved(struct walk *w, uint16_t instruction)
{
    unsigned reg = instruction & 15;
    if (!w->out || w->body || (instruction & 0xFFF0) != 0x1200 || reg < 4)
        return;
    fprintf(w->out, "    .byte 0x%x\n", CFA_SAVED | reg);
    number(w->out, w->depth / 2);
}

static bool follow(struct walk *w, const struct code *c, const struct function *f)
{
    for (uint32_t at = f->start; at < f->end;) {
        uint16_t instruction = word(c, at);
        int lower;
        if (!moves(c, at, &lower))
            return false;
        at += 2 + 2 * extension_words(instruction);
        if (!w->body && !lower)
            w->body = w->depth;
        unsigned depth = is_return(instruction) ? w->body : w->depth + (unsigned)lower;
        if (depth == w->depth)
            continue;
        if (depth < RETURN_ADDRESS || depth > MAX_DEPTH)
            return false;
        w->depth = depth;
        say_depth(w, at);
        say_saved(w, instruction);
    }
    return true;
}

static void describe(FILE *out, const struct code *c, const struct function *f)
{
    struct walk look = {.depth = RETURN_ADDRESS}, tell = {out, f->start, RETURN_ADDRESS, 0};
    fprintf(out, "    .4byte 9f - . - 4\n    .4byte 0\n    .4byte 0x%x, 0x%x\n", f->start,
            f->end - f->start);
    if (c && follow(&look, c, f))
        follow(&tell, c, f);
    else /* the caller is not known: the debugger's list ends here */
        fprintf(out, "    .byte %u, 0\n", CFA_UNDEFINED);
    fprintf(out, "    .balign 4\n9:\n");
}

static void begin(FILE *out)
{
    fprintf(out, "    .section .debug_frame, \"\", @progbits\n"
                 "    .4byte 9f - . - 4\n    .4byte 0xffffffff\n"
                 "    .byte 3, 0, 1, 0x7e, 0\n" /* version, code and data units, return: r0 */
                 "    .byte 12, 1, 2\n"         /* the caller's stack pointer is r1 + 2, */
                 "    .byte 0x80, 1\n");        /* the return address just below */
    for (unsigned reg = 4; reg < 16; reg++)
        fprintf(out, "    .byte %u, %u\n", reg < 11 ? CFA_SAME : CFA_UNDEFINED, reg);
    fprintf(out, "    .balign 4\n9:\n");
}

/* ---- the functions of a section ---- */

static int by_start(const void *a, const void *b)
{
    const struct function *x = a, *y = b;
    return x->start != y->start ? (x->start > y->start) - (x->start < y->start)
                                : (x->end < y->end) - (x->end > y->end);
}

static unsigned functions_of(Elf *elf, const struct code *c, struct function *out)
{
    unsigned count = 0;
    GElf_Shdr header;
    GElf_Sym s;
    for (Elf_Scn *at = NULL; (at = elf_nextscn(elf, at));) {
        Elf_Data *data = elf_getdata(at, NULL);
        if (!gelf_getshdr(at, &header) || header.sh_type != SHT_SYMTAB || !data)
            continue;
        for (int i = 0; gelf_getsym(data, i, &s); i++)
            if (GELF_ST_TYPE(s.st_info) == STT_FUNC && s.st_size && s.st_value >= c->start &&
                s.st_value < c->end && s.st_size <= c->end - s.st_value && count < MAX_FUNCTIONS)
                out[count++] =
                    (struct function){(uint32_t)s.st_value, (uint32_t)(s.st_value + s.st_size)};
    }
    qsort(out, count, sizeof *out, by_start);
    return count;
}

static void section(FILE *out, Elf *elf, const struct code *c, struct function *functions)
{
    unsigned count = functions_of(elf, c, functions);
    uint32_t at = c->start;
    for (unsigned i = 0; i <= count; i++) {
        struct function gap = {at, i < count ? functions[i].start : c->end};
        if (gap.start < gap.end)
            describe(out, NULL, &gap);
        if (i == count || functions[i].start < at)
            continue; /* two names of one function */
        describe(out, c, &functions[i]);
        at = functions[i].end;
    }
}

const char *semo_frames_print(FILE *out, const void *elf, size_t len)
{
    GElf_Shdr header;
    struct function *functions = calloc(MAX_FUNCTIONS, sizeof *functions);
    Elf *e = elf_version(EV_CURRENT) == EV_NONE ? NULL : elf_memory((char *)(uintptr_t)elf, len);
    bool good = e && functions && elf_kind(e) == ELF_K_ELF;
    const char *wrong = good ? "no code in it" : "not an ELF file";
    for (Elf_Scn *at = NULL; good && (at = elf_nextscn(e, at));) {
        Elf_Data *data = elf_getdata(at, NULL);
        if (!gelf_getshdr(at, &header) || !(header.sh_flags & SHF_EXECINSTR) || !data ||
            !data->d_buf || header.sh_addr > 0xFFFF || data->d_size > 0x10000 - header.sh_addr)
            continue;
        if (wrong)
            begin(out);
        wrong = NULL;
        const struct code c = {data->d_buf, (uint32_t)header.sh_addr,
                               (uint32_t)(header.sh_addr + data->d_size)};
        section(out, e, &c, functions);
    }
    elf_end(e);
    free(functions);
    return wrong;
}
