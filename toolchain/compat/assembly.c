/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler's assembly text, line by line: helpers that it calls by itself become the module's
 * own copies, calls through pointers go to a stub, and no CMP, BIT or shift has an operand in
 * program memory that it would have to leave alone (the core loses an instruction then,
 * sancus-hardware 1.5). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host/file.h"
#include "toolchain/compat/program.h"

enum { ASSEMBLY_MAX = 16 << 20 };

struct instruction {
    char name[8];
    bool byte;
    char operand[2][160];
    unsigned operands;
};

static bool starts(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* "\tcmp.b\t#5, 2(r12)": false when it is not an instruction. */
static bool read_instruction(const char *line, struct instruction *i)
{
    const char *at = line + strspn(line, " \t");
    size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz");
    memset(i, 0, sizeof *i);
    if (at == line || len == 0 || len >= sizeof i->name)
        return false;
    memcpy(i->name, at, len);
    at += len;
    if (at[0] == '.' && (at[1] == 'b' || at[1] == 'w')) {
        i->byte = at[1] == 'b';
        at += 2;
    }
    if (*at != '\t' && *at != ' ')
        return false;
    while (i->operands < 2) {
        at += strspn(at, " \t");
        len = strcspn(at, ",;\n");
        while (len && isspace((unsigned char)at[len - 1]))
            len--;
        if (len == 0 || len >= sizeof i->operand[0])
            return false;
        memcpy(i->operand[i->operands++], at, len);
        at += strcspn(at, ",;\n");
        if (*at != ',')
            break;
        at++;
    }
    return true;
}

/* Memory that may be program memory: through any register but the stack pointer, and everything
 * with a name, which may be that of a constant. */
static bool may_be_program(const char *operand)
{
    if (operand[0] == '&')
        return !isdigit((unsigned char)operand[1]);
    const char *base = strchr(operand, '(');
    if (operand[0] == '@')
        return !starts(operand, "@r1") || isdigit((unsigned char)operand[3]);
    return base && !starts(base, "(r1)") && operand[0] != '#';
}

static bool uses(const char *operand, unsigned number)
{
    char name[8];
    int len = snprintf(name, sizeof name, "r%u", number);
    for (const char *at = strstr(operand, name); at; at = strstr(at + 1, name))
        if (!isdigit((unsigned char)at[len]) && (at == operand || !isalnum((unsigned char)at[-1])))
            return true;
    return false;
}

/* An operand relative to the stack pointer, when two bytes more are on the stack. */
static char *shifted(const char *operand)
{
    const char *base = strstr(operand, "(r1)");
    if (base && base[4] == 0 && operand[0] != '#')
        return semo_format("%.*s+2(r1)", (int)(base - operand), operand);
    if (strcmp(operand, "@r1") == 0)
        return semo_format("2(r1)");
    return semo_format("%s", operand);
}

/* The same comparison on a copy of the operand in a register that nothing else here uses. */
static void write_safely(FILE *out, const struct instruction *i)
{
    static const struct {
        const char *name;
        bool writes;
    } safe[] = {{"cmp", false}, {"bit", false}, {"tst", false}, {"rrc", true},
                {"rra", true},  {"sxt", true},  {"swpb", true}};
    const char *memory = i->operand[i->operands - 1], *size = i->byte ? ".b" : "";
    char *source = i->operands == 2 ? shifted(i->operand[0]) : NULL;
    unsigned r = 11;
    bool writes = false;
    for (unsigned k = 0; k < sizeof safe / sizeof safe[0]; k++)
        writes |= strcmp(i->name, safe[k].name) == 0 && safe[k].writes;
    while (uses(memory, r) || (source && uses(source, r)))
        r--;
    fprintf(out, "\tpush\tr%u\n\tmov%s\t%s, r%u\n", r, size, memory, r);
    if (source)
        fprintf(out, "\t%s%s\t%s, r%u\n", i->name, size, source, r);
    else
        fprintf(out, "\t%s%s\tr%u\n", i->name, size, r);
    if (writes && memory[0] == '@')
        fprintf(out, "\tmov%s\tr%u, 0(%s)\n", size, r, memory + 1);
    else if (writes)
        fprintf(out, "\tmov%s\tr%u, %s\n", size, r, memory);
    fprintf(out, "\tpop\tr%u\n", r);
    free(source);
}

static bool is_unsafe(const struct instruction *i)
{
    static const char *const two[] = {"cmp", "bit"}, *const one[] = {"tst", "rrc", "rra", "sxt",
                                                                     "swpb"};
    if (i->operands == 0 || !may_be_program(i->operand[i->operands - 1]))
        return false;
    for (unsigned k = 0; k < 2 && i->operands == 2; k++)
        if (strcmp(i->name, two[k]) == 0)
            return true;
    for (unsigned k = 0; k < 5 && i->operands == 1; k++)
        if (strcmp(i->name, one[k]) == 0)
            return true;
    return false;
}

/* A call in a module's text; false: nothing to change. */
static bool write_call(FILE *out, const struct instruction *i, const char *module)
{
    const char *to = i->operand[0];
    if (strcmp(i->name, "call") != 0 || i->operands != 1)
        return false;
    if (to[0] == '#') {
        if (!compat_is_copied(to + 1, strlen(to + 1)))
            return false;
        fprintf(out, "\tcall\t#__sm_%s__copy_%s\n", module, to + 1);
        return true;
    }
    fprintf(out, "\tmov\t%s, &__sm_%s_target\n\tcall\t#__sm_%s_indirect\n", to, module, module);
    return true;
}

/* The module whose text the section is; "" = none. */
static void enter_section(const char *line, char *module, size_t size)
{
    const char *at = line + strspn(line, " \t");
    if (starts(at, ".text"))
        module[0] = 0;
    if (!starts(at, ".section"))
        return;
    at = strpbrk(at, " \t");
    at = at ? at + strspn(at, " \t\"") : "";
    module[0] = 0;
    if (starts(at, ".sm.")) {
        at += strlen(".sm.");
        size_t len = strcspn(at, ".");
        if (!starts(at + len, ".mmio"))
            snprintf(module, size, "%.*s", (int)len, at);
    }
}

/* ---- what the assembler does not have ---- */

static int number_of(const char *name)
{
    static const char *const names[] = {"pc", "sp", "sr", "cg"};
    for (int i = 0; i < 4; i++)
        if (starts(name, names[i]))
            return i;
    return name[0] == 'r' && isdigit((unsigned char)name[1]) ? atoi(name + 1) & 15 : -1;
}

/* -1, or 2 and 3 for @rN and @rN+ */
static int indirect_mode(const char *operand)
{
    return operand[0] != '@' ? -1 : operand[strlen(operand) - 1] == '+' ? 3 : 2;
}

static bool is_memory(const char *operand)
{
    return number_of(operand) < 0 && operand[0] != '#';
}

/* The instruction with a source @rN+ and this place in memory. */
static void write_to_memory(FILE *out, unsigned word, const char *place)
{
    const char *base = strchr(place, '('), *at = place[0] == '@' ? place + 1
                                                 : base          ? base + 1
                                                                 : NULL;
    int reg = at ? number_of(at) : 2; /* absolute */
    int len = place[0] == '@' ? 0 : base ? (int)(base - place) : (int)strlen(place);
    fprintf(out, "\t.short\t0x%04x, %s%.*s\n", word | 0x80 | (unsigned)(reg < 0 ? 0 : reg),
            len ? "" : "0", len - (*place == '&'), place + (*place == '&'));
}

/* push @rN, br @rN, pop to memory, and @rN+ to memory; false: something else. */
static bool write_encoded(FILE *out, const struct instruction *i)
{
    static const char *const two[] = {"mov",  "add", "addc", "subc", "sub", "cmp",
                                      "dadd", "bit", "bic",  "bis",  "xor", "and"};
    const char *from = i->operand[0], *size = i->byte ? ".b" : "";
    int mode = indirect_mode(from), reg = mode < 0 ? -1 : number_of(from + 1);
    unsigned byte = i->byte ? 0x40 : 0;
    if (i->operands == 1 && strcmp(i->name, "pop") == 0 && is_memory(from)) {
        write_to_memory(out, 0x4130 | byte, from);
        return true;
    }
    if (reg < 0)
        return false;
    if (i->operands == 1 && strcmp(i->name, "push") == 0) {
        fprintf(out, "\t.short\t0x%04x\n", 0x1200 | byte | (unsigned)mode << 4 | (unsigned)reg);
        return true;
    }
    if (i->operands == 1 && strcmp(i->name, "br") == 0) {
        fprintf(out, "\tmov%s\t%s, r0\n", size, from);
        return true;
    }
    for (unsigned k = 0; k < 12 && i->operands == 2 && mode == 3 && is_memory(i->operand[1]); k++)
        if (strcmp(i->name, two[k]) == 0) {
            write_to_memory(out, (k + 4) << 12 | (unsigned)reg << 8 | byte | 0x30, i->operand[1]);
            return true;
        }
    return false;
}

static void write_line(FILE *out, const char *line, const char *module, bool weak)
{
    struct instruction i;
    bool known = read_instruction(line, &i);
    if (weak && starts(line, "\t.globl\t"))
        fprintf(out, "\t.weak\t%s\n", line + strlen("\t.globl\t"));
    else if (known && is_unsafe(&i))
        write_safely(out, &i);
    else if (!known || ((!*module || !write_call(out, &i, module)) && !write_encoded(out, &i)))
        fprintf(out, "%s\n", line);
}

/* Lines of the program's own. */
static enum semo_status write_inline(FILE *out, const char *line, const char *module,
                                     const struct compat_place *place, struct semo_error *e)
{
    const char *bad;
    size_t len;
    char *text = compat_inline_line(line, &bad, &len), *next;
    if (!text)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, place->now, place->line, 0,
                              "in assembly: no operand can be written as \"%.*s\"", (int)len, bad);
    for (char *at = text; at; at = next) {
        next = strchr(at, '\n');
        if (next)
            *next++ = 0;
        write_line(out, at, module, false);
    }
    free(text);
    return SEMO_OK;
}

enum semo_status compat_assembly(const char *path, const char *module, bool weak,
                                 struct semo_error *e)
{
    uint8_t *bytes;
    size_t len, size;
    char inside[64] = "", *text = NULL, *next;
    bool own = false;
    struct compat_place place = {.line = 0};
    enum semo_status status = semo_file_read(path, ASSEMBLY_MAX, &bytes, &len, e);
    if (status != SEMO_OK)
        return status;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    for (char *line = (char *)bytes; line && *line && status == SEMO_OK; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        enter_section(line, inside, sizeof inside);
        compat_note_place(&place, line);
        if (starts(line, "\t;APP") || starts(line, "\t;NO_APP"))
            own = line[2] == 'A';
        if (own)
            status = write_inline(out, line, module ? module : inside, &place, e);
        else
            write_line(out, line, module ? module : inside, weak);
    }
    fclose(out);
    if (status == SEMO_OK)
        status = semo_file_write(path, text, size, 0644, e);
    compat_forget_places(&place);
    free(text);
    free(bytes);
    return status;
}
