/* SPDX-License-Identifier: Apache-2.0 */
/* Inline assembly, as the program has it with the compiler's operands in it. The assembler drops an
 * instruction without a word when an operand begins with something unknown to it: what programs and
 * compiler make of memory together gets the form that it knows, the rest is refused. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "host/file.h"
#include "toolchain/compat/program.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Up to the comma or comment behind the operand, without blanks at its end. */
static size_t operand_length(const char *at)
{
    size_t len = 0;
    bool quoted = false;
    for (; at[len] && (quoted || (at[len] != ',' && at[len] != ';')); len++) {
        quoted ^= at[len] == '\'' || at[len] == '"';
        if (!quoted && at[len] == '/' && (at[len + 1] == '/' || at[len + 1] == '*'))
            break;
    }
    while (len && is_blank(at[len - 1]))
        len--;
    return len;
}

static bool has_register(const char *operand, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++)
        if (operand[i] == '(' && (operand[i + 1] == 'r' || operand[i + 1] == 's'))
            return true;
    return false;
}

/* Brackets around the whole, and signs that program and compiler have both given: "((2+name))" is
 * 2+name, an address. */
static bool strip(const char **operand, size_t *len)
{
    bool address = false;
    for (;;) {
        const char *o = *operand;
        if (*len > 1 && o[0] == '#' && o[1] == '#') {
            ++*operand, --*len;
        } else if (*len && *o == '&') {
            ++*operand, --*len;
            address = true;
        } else if (*len > 1 && *o == '(' && o[*len - 1] == ')') {
            ++*operand, *len -= 2;
            address = true;
        } else {
            return address;
        }
    }
}

/* "##40", "&&144", "(2+name)", "&(2+name)+2", "&2(r12)" and "@(r5)" are "#40", "&144", "&2+name",
 * "&2+name+2", "2(r12)" and "@r5". false: the assembler would drop the instruction. */
static bool write_operand(const char *operand, size_t len, FILE *out)
{
    bool address = strip(&operand, &len);
    const char *end;
    if (len == 0)
        return false;
    if (*operand == '@' && operand[1] == '(' && (end = memchr(operand, ')', len))) {
        fprintf(out, "@%.*s%.*s", (int)(end - operand) - 2, operand + 2,
                (int)(operand + len - end) - 1, end + 1);
        return true;
    }
    if (has_register(operand, len)) {
        fprintf(out, "%.*s", (int)len, operand);
        return isalnum((unsigned char)*operand) || strchr("-+_", *operand);
    }
    end = *operand == '(' ? memchr(operand, ')', len) : NULL;
    if (end) {
        fprintf(out, "&%.*s%.*s", (int)(end - operand) - 1, operand + 1,
                (int)(operand + len - end) - 1, end + 1);
        return isalnum((unsigned char)operand[1]) || strchr("_.", operand[1]);
    }
    fprintf(out, "%s%.*s", address ? "&" : "", (int)len, operand);
    if (*operand == '@')
        return !address && isalpha((unsigned char)operand[1]);
    return isalnum((unsigned char)*operand) || strchr(address ? "-+_." : "#$-+_.", *operand);
}

/* Labels of a line get lines of their own; what is behind them. */
static const char *write_labels(const char *line, FILE *out)
{
    const char *at = line + strspn(line, " \t");
    for (size_t len; len = strspn(at, LETTERS), len && at[len] == ':';) {
        fprintf(out, "%.*s\n", (int)len + 1, at);
        at += len + 1;
        at += strspn(at, " \t");
    }
    return at;
}

/* The line as the compiler itself would write it. NULL: *bad, of so many letters, is no operand. */
char *compat_inline_line(const char *line, const char **bad, size_t *bad_len)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    *bad = NULL;
    const char *at = write_labels(line, out);
    size_t len = strspn(at, LETTERS), rest = len + strspn(at + len, " \t");
    if (!isalpha((unsigned char)at[0]) || (at[len] && !is_blank(at[len]) && at[len] != ';') ||
        at[rest] == '=') {
        fputs(at, out); /* nothing, a directive, a comment or a name that gets a value */
    } else {
        fputc('\t', out);
        for (size_t i = 0; i < len; i++)
            fputc(tolower((unsigned char)at[i]), out);
        at += rest;
        for (char between = '\t'; (len = operand_length(at)) > 0 && !*bad; between = ',') {
            fputc(between, out);
            if (!write_operand(at, len, out)) {
                *bad = at;
                *bad_len = len;
            }
            at += len;
            at += strspn(at, " \t");
            at += *at == ',';
            at += strspn(at, " \t");
        }
    }
    fclose(out);
    if (!*bad)
        return text;
    free(text);
    return NULL;
}

/* ---- places ---- */

/* As the program's author has named it, when that was relative. */
static const char *from_here(const char *path)
{
    char here[4096];
    size_t len = getcwd(here, sizeof here) ? strlen(here) : 0;
    return len && strncmp(path, here, len) == 0 && path[len] == '/' ? path + len + 1 : path;
}

/* `.file 1 "path"` and `.loc 1 20 5` say where what follows comes from. */
void compat_note_place(struct compat_place *p, const char *line)
{
    unsigned file, number;
    if (sscanf(line, " .file %u", &file) == 1 && file < COMPAT_PLACE_FILES) {
        const char *start = strchr(line, '"');
        char *path = semo_format("%s", start ? start + 1 : "");
        path[strcspn(path, "\"")] = 0;
        free(p->file[file]);
        p->file[file] = semo_format("%s", from_here(path));
        free(path);
    } else if (sscanf(line, " .loc %u %u", &file, &number) == 2) {
        p->now = file < COMPAT_PLACE_FILES ? p->file[file] : NULL;
        p->line = number;
    }
}

void compat_forget_places(struct compat_place *p)
{
    for (unsigned i = 0; i < COMPAT_PLACE_FILES; i++)
        free(p->file[i]);
}

/* "PATH:12: what" about assembly that the compiler wrote: the place in the program instead. */
void compat_place_error(const char *path, struct semo_error *e)
{
    char *at = strstr(e->text, path);
    unsigned line, wanted = 0;
    int len = 0;
    uint8_t *bytes;
    size_t size;
    struct semo_error none;
    if (!at || sscanf(at + strlen(path), ":%u:%*u%n", &wanted, &len) != 1 || len == 0 ||
        semo_file_read(path, 64 << 20, &bytes, &size, &none) != SEMO_OK)
        return;
    struct compat_place *p = semo_allocate(1, sizeof *p);
    char *next = (char *)bytes;
    for (line = 1; next && line < wanted; line++) {
        char *start = next;
        next = strchr(next, '\n');
        if (next)
            *next++ = 0;
        compat_note_place(p, start);
    }
    if (p->now) {
        char *text = semo_format("%.*s%s:%u: in assembly%s", (int)(at - e->text), e->text, p->now,
                                 p->line, at + strlen(path) + len);
        snprintf(e->text, sizeof e->text, "%s", text);
        free(text);
    }
    compat_forget_places(p);
    free(p);
    free(bytes);
}
