/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for module sources (design section 4) on the compiler's unoptimised intermediate code:
 * one statement a line, each with its source position, for every target the same. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host/file.h"
#include "lib/wire/wire.h"
#include <semo/map.h>
#include <semo/module.h>
#include "toolchain/parts.h"

enum { ARGUMENT_WORDS_MAX = 4, FILE_MAX = 16 << 20 };

struct unit { /* one .ll file */
    char *text;
    char **line;
    unsigned line_count;
    char **metadata; /* by number; NULL = none */
    unsigned metadata_count;
};

struct function {
    struct unit *unit;
    char name[64];
    bool internal;
    unsigned first, end; /* lines: define, closing brace */
    unsigned *calls;     /* functions */
    unsigned call_count;
    enum { UNSEEN, OPEN, DONE } state;
};

struct check {
    const char *module;
    bool https;
    struct unit *unit;
    unsigned unit_count;
    struct function *function;
    unsigned function_count;
    struct tool_records *records;
    struct semo_error *e;
};

/* What modules may refer to outside their own files. */
static const char *const offered[] = {"semo_output",
                                      "semo_request",
                                      "semo_cancel",
                                      "semo_queue_dropped",
                                      "semo_output_until",
                                      "semo_clock_hear",
                                      "memcpy",
                                      "memset",
                                      "memmove",
                                      "memcmp",
                                      "strlen",
                                      "strcmp",
                                      "strncmp",
                                      "strcpy",
                                      "strncpy",
                                      "abs",
                                      "atoi"};
static const char *const printing[] = {"printf", "puts", "putchar"};

/* And of a library that they are linked with. */
#define HTTPS "semo_https_"

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

static bool starts(const char *s, const char *with)
{
    while (*with && *s == *with)
        s++, with++;
    return !*with;
}

/* --- positions --- */

static const char *metadata(const struct unit *u, const char *line, const char *field)
{
    const char *at = line ? strstr(line, field) : NULL;
    unsigned n = at ? (unsigned)strtoul(at + strlen(field), NULL, 10) : 0;
    return at && n < u->metadata_count ? u->metadata[n] : NULL;
}

struct position {
    char file[256];
    unsigned line, column;
};

static unsigned number_after(const char *line, const char *field)
{
    const char *at = line ? strstr(line, field) : NULL;
    return at ? (unsigned)strtoul(at + strlen(field), NULL, 10) : 0;
}

static struct position position_of(const struct unit *u, const char *line)
{
    struct position p = {"", 0, 0};
    const char *m = metadata(u, line, "!dbg !"), *variable = metadata(u, m, "var: !"), *name, *file;
    if (variable)
        m = variable;
    p.line = number_after(m, "line: ");
    p.column = number_after(m, "column: ");
    while (m && !strstr(m, "file: !"))
        m = metadata(u, m, "scope: !");
    file = metadata(u, m, "file: !");
    name = file ? strstr(file, "filename: \"") : NULL;
    if (name)
        snprintf(p.file, sizeof p.file, "%.*s", (int)strcspn(name + 11, "\""), name + 11);
    return p;
}

/* The statement's position, or its function's where the compiler gave it none. */
static struct position position_in(const struct function *f, unsigned line)
{
    struct position p = position_of(f->unit, f->unit->line[line]);
    return p.line ? p : position_of(f->unit, f->unit->line[f->first]);
}

__attribute__((format(printf, 3, 4))) static enum semo_status
refuse(struct check *c, struct position p, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return semo_error_set(c->e, SEMO_INPUT, SEMO_EXIT_USAGE, p.file[0] ? p.file : NULL, p.line,
                          p.column, "%s", text);
}

/* What the author called it. */
static const char *shown(const char *name)
{
    static const char *const prefix[] = {"semo_input_", "semo_entry_", "semo_told_"};
    for (unsigned i = 0; i < sizeof prefix / sizeof *prefix; i++)
        if (starts(name, prefix[i]))
            return name + strlen(prefix[i]);
    return name;
}

/* --- reading --- */

static void split(struct unit *u)
{
    unsigned room = 1;
    for (char *s = u->text; *s; s++)
        room += *s == '\n';
    u->line = semo_allocate(room, sizeof *u->line);
    u->metadata = semo_allocate(room, sizeof *u->metadata);
    u->metadata_count = room;
    for (char *s = u->text; *s;) {
        char *end = s + strcspn(s, "\n");
        unsigned n;
        if (s[0] == '!' && isdigit((unsigned char)s[1]) &&
            (n = (unsigned)strtoul(s + 1, NULL, 10)) < room)
            u->metadata[n] = s;
        u->line[u->line_count++] = s;
        s = end + (*end != 0);
        *end = 0;
    }
}

/* The name after '@' at `at`. */
static void copy_name(char out[64], const char *at)
{
    unsigned n = 0;
    while (is_word(at[n]) && n < 63)
        n++;
    memcpy(out, at, n);
    out[n] = 0;
}

static void add_function(struct check *c, struct unit *u, unsigned *i)
{
    struct function *f = &c->function[c->function_count++];
    f->unit = u;
    f->first = *i;
    f->internal = starts(u->line[*i], "define internal");
    copy_name(f->name, strchr(u->line[*i], '@') + 1);
    while (*i < u->line_count && strcmp(u->line[*i], "}") != 0)
        ++*i;
    f->end = *i;
}

static void find_functions(struct check *c)
{
    unsigned room = 0;
    for (unsigned k = 0; k < c->unit_count; k++)
        room += c->unit[k].line_count;
    c->function = semo_allocate(room, sizeof *c->function);
    for (unsigned k = 0; k < c->unit_count; k++)
        for (unsigned i = 0; i < c->unit[k].line_count; i++)
            if (starts(c->unit[k].line[i], "define "))
                add_function(c, &c->unit[k], &i);
}

static struct function *find_function(const struct check *c, const struct unit *from,
                                      const char *name)
{
    for (unsigned i = 0; i < c->function_count; i++) {
        struct function *f = &c->function[i];
        if (strcmp(f->name, name) == 0 && (f->unit == from || !f->internal))
            return f;
    }
    return NULL;
}

/* --- rules --- */

/* `word` as a word of its own, outside quotes. */
static bool has_word(const char *line, const char *word)
{
    bool quoted = false;
    size_t len = strlen(word);
    for (const char *s = line; *s; s++) {
        if (*s == '"')
            quoted = !quoted;
        else if (!quoted && strncmp(s, word, len) == 0 && (s == line || !is_word(s[-1])) &&
                 s[-(s != line)] != '%' && s[-(s != line)] != '@' && !is_word(s[len]))
            return true;
    }
    return false;
}

static enum semo_status check_types(struct check *c, struct position p, const char *name,
                                    const char *line)
{
    if (strstr(line, "= zext i1 ")) /* clang's counter of conditional expressions, never used */
        return SEMO_OK;
    if (has_word(line, "i64") || has_word(line, "i128"))
        return refuse(c, p, "%s: 64-bit type; modules compute with 32 bits at most", name);
    if (has_word(line, "float") || has_word(line, "double"))
        return refuse(c, p, "%s: floating point; modules compute with integers", name);
    return SEMO_OK;
}

/* Words of one parameter as the intermediate code writes its type. */
static unsigned parameter_words(const char *type)
{
    unsigned bits = 16, count = 1;
    size_t len = strcspn(type, " ,)");
    if (sscanf(type, "[%u x i%u]", &count, &bits) == 2)
        return count * ((bits + 15) / 16);
    if (memchr(type, '*', len) || sscanf(type, "i%u", &bits) != 1)
        return 1;
    return (bits + 15) / 16;
}

static enum semo_status check_parameters(struct check *c, const struct function *f)
{
    const char *line = f->unit->line[f->first], *s = strchr(strchr(line, '@'), '(') + 1;
    struct position p = position_of(f->unit, line);
    unsigned words = 0, depth = 0;
    if (strstr(s, "byval("))
        return refuse(c, p, "%s: a structure passed by value; pass a pointer to it",
                      shown(f->name));
    for (bool first = true; *s && !(depth == 0 && *s == ')'); s++) {
        if (first && starts(s, "..."))
            return refuse(c, p, "%s: variable arguments; declare each of them", shown(f->name));
        if (first && *s != ' ') {
            words += parameter_words(s);
            first = false;
        }
        depth += *s == '(';
        depth -= *s == ')';
        first = first || (depth == 0 && *s == ',');
    }
    if (words > ARGUMENT_WORDS_MAX)
        return refuse(c, p, "%s: %u argument words, at most %u; pass a pointer to a structure",
                      shown(f->name), words, ARGUMENT_WORDS_MAX);
    return SEMO_OK;
}

/* The name called directly, or "" */
static void direct_callee(const char *call, char name[64])
{
    name[0] = 0;
    for (const char *s = call; (s = strchr(s, '@')); s++) {
        copy_name(name, s + 1);
        if (s[1 + strlen(name)] == '(')
            return;
        name[0] = 0;
    }
}

static enum semo_status check_call(struct check *c, struct function *f, unsigned i,
                                   const char *call)
{
    struct function *callee;
    char name[64];
    if (strstr(call, " asm "))
        return refuse(c, position_in(f, i), "%s: inline assembly; only the runtime may contain it",
                      shown(f->name));
    direct_callee(call, name);
    if (starts(name, "llvm.stacksave"))
        return refuse(c, position_in(f, i),
                      "%s: memory on the stack whose size is not constant; give it a bound",
                      shown(f->name));
    if (!name[0])
        return refuse(c, position_in(f, i),
                      "%s: a call through a pointer; call the function by its name",
                      shown(f->name));
    callee = find_function(c, f->unit, name);
    if (callee) {
        f->calls = realloc(f->calls, (f->call_count + 1) * sizeof *f->calls);
        if (!f->calls)
            abort();
        f->calls[f->call_count++] = (unsigned)(callee - c->function);
    }
    return SEMO_OK;
}

/* Peripherals of the core are nobody's: what an author means by one is not what would happen. The
 * shared devices of <semo/map.h> are everybody's. */
static enum semo_status check_registers(struct check *c, struct position p, const char *name,
                                        const char *line)
{
    const char *at = strstr(line, " volatile ") ? strstr(line, "inttoptr (i16 ") : NULL;
    long address = at ? strtol(at + strlen("inttoptr (i16 "), NULL, 10) : -1;
    bool shared = address >= SEMO_LINK_DATA && address < SEMO_EVENT_ENABLE + 2;
    if (address < 0 || address >= SEMO_DATA_START || shared)
        return SEMO_OK;
    return refuse(c, p,
                  "%s: the register 0x%lx of the microcontroller; drivers have the windows of "
                  "<semo/map.h>, programs of semo cc all registers",
                  name, (unsigned long)address);
}

/* "%x = alloca type, i16 %n": alloca() without a saved stack. */
static bool is_dynamic_alloca(const char *line)
{
    const char *at = strstr(line, "= alloca ");
    const char *size = at ? strstr(at, ", i16 ") : NULL;
    return size && size[6] == '%';
}

static enum semo_status check_body(struct check *c, struct function *f)
{
    enum semo_status status = check_parameters(c, f);
    for (unsigned i = f->first; i < f->end && status == SEMO_OK; i++) {
        const char *line = f->unit->line[i], *call = strstr(line, "call ");
        status = check_types(c, position_in(f, i), shown(f->name), line);
        if (status == SEMO_OK)
            status = check_registers(c, position_in(f, i), shown(f->name), line);
        if (status == SEMO_OK && is_dynamic_alloca(line))
            status = refuse(c, position_in(f, i),
                            "%s: memory on the stack whose size is not constant; give it a bound",
                            shown(f->name));
        if (status == SEMO_OK && call &&
            (starts(line, "  call") || strstr(line, "= call ") || strstr(line, "tail call ")))
            status = check_call(c, f, i, call);
    }
    return status;
}

static enum semo_status check_recursion(struct check *c, struct function *f)
{
    enum semo_status status = SEMO_OK;
    if (f->state == DONE)
        return SEMO_OK;
    if (f->state == OPEN)
        return refuse(c, position_of(f->unit, f->unit->line[f->first]),
                      "%s: calls itself, directly or through others; use a loop", shown(f->name));
    f->state = OPEN;
    for (unsigned i = 0; i < f->call_count && status == SEMO_OK; i++)
        status = check_recursion(c, &c->function[f->calls[i]]);
    f->state = DONE;
    return status;
}

/* A variable of that name that one of the files defines for all. */
static bool defines_variable(const struct check *c, const char *name)
{
    char start[80];
    snprintf(start, sizeof start, "@%s = ", name);
    for (unsigned k = 0; k < c->unit_count; k++)
        for (unsigned i = 0; i < c->unit[k].line_count; i++) {
            const char *line = c->unit[k].line[i];
            if (starts(line, start) && !strstr(line, "= external ") && !strstr(line, "= internal "))
                return true;
        }
    return false;
}

static bool is_offered(struct check *c, const char *name)
{
    for (unsigned i = 0; i < sizeof printing / sizeof *printing; i++)
        if (strcmp(name, printing[i]) == 0)
            return c->records->prints = true;
    for (unsigned i = 0; i < sizeof offered / sizeof *offered; i++)
        if (strcmp(name, offered[i]) == 0)
            return true;
    return starts(name, "llvm.");
}

/* Where `name` is used; the first statement that has it. */
static struct position first_use(const struct check *c, const struct unit *u, const char *name)
{
    char at[80];
    snprintf(at, sizeof at, "@%s", name);
    for (unsigned k = 0; k < c->function_count; k++) {
        const struct function *f = &c->function[k];
        for (unsigned i = f->first; f->unit == u && i < f->end; i++) {
            const char *s = strstr(u->line[i], at);
            if (s && !is_word(s[strlen(at)]))
                return position_in(f, i);
        }
    }
    for (unsigned i = 0; i < u->line_count; i++) {
        const char *s = strstr(u->line[i], at);
        if (s && s != u->line[i] && !is_word(s[strlen(at)]))
            return position_of(u, u->line[i]);
    }
    return (struct position){"", 0, 0};
}

static enum semo_status check_foreign(struct check *c, const struct unit *u, const char *line)
{
    bool function = starts(line, "declare ");
    char name[64];
    if (!function && !(line[0] == '@' && strstr(line, "= external ")))
        return SEMO_OK;
    copy_name(name, strchr(line, '@') + 1);
    if (function ? find_function(c, NULL, name) != NULL : defines_variable(c, name))
        return SEMO_OK;
    if (is_offered(c, name))
        return SEMO_OK;
    if (starts(name, HTTPS) && c->https)
        return SEMO_OK;
    if (starts(name, HTTPS))
        return refuse(c, first_use(c, u, name),
                      "%s: of a library; the module needs \"ldflags\": \"-lbearssl\"", name);
    return refuse(c, first_use(c, u, name),
                  "%s: a %s outside the module; define it in one of the module's sources", name,
                  function ? "function" : "variable");
}

/* "global <type> <initialiser>, ..." whose initialiser is not zero. */
static bool is_initialised(const char *line)
{
    const char *end = strstr(line, ", align "), *section = strstr(line, ", section ");
    static const char *const zero[] = {" 0", " null", " zeroinitializer"};
    if (section)
        end = section;
    if (!end)
        end = line + strlen(line);
    for (unsigned i = 0; i < 3; i++)
        if ((size_t)(end - line) > strlen(zero[i]) && starts(end - strlen(zero[i]), zero[i]))
            return false;
    return true;
}

static struct tool_record *new_record(struct check *c, struct position p)
{
    struct tool_record *r;
    unsigned n = c->records->count++;
    c->records->at = realloc(c->records->at, (n + 1) * sizeof *r);
    if (!c->records->at)
        abort();
    r = memset(&c->records->at[n], 0, sizeof *r);
    snprintf(r->file, sizeof r->file, "%s", p.file);
    r->line = p.line;
    return r;
}

static enum semo_status add_record(struct check *c, struct position p, const char *section,
                                   const char *line)
{
    struct tool_record *r = new_record(c, p);
    char module[32];
    const char *last = strstr(line, "section \"");
    int end = 0;
    if (sscanf(section, ".semo.%7[a-z].%31[^.\"].%31[^.\"]%n", r->kind, module, r->name, &end) !=
            3 ||
        section[end] != '"')
        return refuse(c, p, "%.*s: a name of more than %u characters",
                      (int)strcspn(section + 6, "\""), section + 6, SEMO_NAME_MAX);
    if (strcmp(module, c->module) != 0)
        return refuse(c, p, "%s: declared for module %s in a source of module %s", r->name, module,
                      c->module);
    while (last > line && !starts(last, "i16 "))
        last--;
    if (last > line) /* else it is all zero */
        r->value = (unsigned)strtol(last + 4, NULL, 10) & 0xFFFF;
    return SEMO_OK;
}

/* "define void @f(i8* %0, i16 %1) ...": what a published SM_ENTRY(m) may mark. */
static bool is_entry(const char *define, bool *data)
{
    const char *name = strchr(define, '@'), *list = strchr(name, '(') + 1, *result = name - 1;
    const char *end = list + strcspn(list, ")"), *second = memchr(list, ',', (size_t)(end - list));
    while (result > define && result[-1] != ' ')
        result--;
    *data = end > list;
    if (starts(define, "define internal ") || name[-2] == '*' ||
        !(starts(result, "void ") || *result == 'i'))
        return false;
    return !*data || (second && starts(list, "i8* ") && starts(second, ", i16 ") &&
                      !memchr(second + 1, ',', (size_t)(end - second - 1)));
}

static enum semo_status add_marked(struct check *c, struct position p, const char *name,
                                   const char *module, const char *define)
{
    struct tool_record *r = new_record(c, p);
    bool data;
    if (strncmp(module, c->module, strlen(c->module)) != 0 || module[strlen(c->module)] != '"')
        return refuse(c, p, "%s: declared for module %.*s in a source of module %s", name,
                      (int)strcspn(module, "\""), module, c->module);
    if (strlen(name) > SEMO_NAME_MAX)
        return refuse(c, p, "%s: a name of more than %u characters", name, SEMO_NAME_MAX);
    if (!is_entry(define, &data))
        return refuse(c, p,
                      "%s: an entry of a deployed module is void %s(void) or "
                      "void %s(uint8_t *data, size_t len), and not static; semo cc builds others",
                      name, name, name);
    snprintf(r->kind, sizeof r->kind, "entry");
    snprintf(r->name, sizeof r->name, "%.31s", name);
    r->value = SEMO_PUBLISHED_PAYLOAD;
    r->made = data ? TOOL_MARKED_DATA : TOOL_MARKED;
    return SEMO_OK;
}

static enum semo_status check_global(struct check *c, const struct unit *u, const char *line)
{
    const char *section = strstr(line, "section \"");
    struct position p = position_of(u, line);
    char name[64];
    if (starts(line, "module asm")) {
        sscanf(u->line[1], "source_filename = \"%255[^\"]", p.file);
        return refuse(c, p, "assembly outside of functions; only the runtime may contain it");
    }
    if (line[0] != '@' && !starts(line, "define "))
        return SEMO_OK;
    copy_name(name, strchr(line, '@') + 1);
    if (starts(name, "semo_") && !strstr(line, " internal ") && !strstr(line, "= external "))
        return refuse(c, p, "%s: names that begin with semo_ belong to the runtime", name);
    if (section && starts(section + 9, ".semo."))
        return add_record(c, p, section + 9, line);
    if (section && starts(section + 9, ".sm_entry."))
        return add_marked(c, p, name, section + 9 + strlen(".sm_entry."), line);
    if (section && !starts(section + 9, "llvm.metadata"))
        return refuse(c, p, "%s: section %.*s would lie outside the measured text; leave it out",
                      shown(name), (int)strcspn(section + 9, "\""), section + 9);
    if (line[0] != '@' || strstr(line, "= external ") || strstr(line, "= appending "))
        return SEMO_OK;
    if (has_word(line, "global") && is_initialised(line))
        c->records->values = true;
    return check_types(c, p, shown(name), line);
}

static int compare_records(const void *a, const void *b)
{
    const struct tool_record *x = a, *y = b;
    int kind = strcmp(x->kind, y->kind);
    return kind ? kind : strcmp(x->name, y->name);
}

bool tool_record_has_payload(const struct tool_record *r)
{
    static const char *const kinds[] = {"handler", "input", "output", "request", "until"};
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(r->kind, kinds[i]) == 0)
            return true;
    return false;
}

bool tool_record_is_sample(const struct tool_record *r)
{
    return strcmp(r->kind, "entry") == 0 && r->value >= SEMO_SAMPLE_OF(0);
}

bool tool_record_is_entry(const struct tool_record *r)
{
    return strcmp(r->kind, "entry") == 0 && r->value < SEMO_SAMPLE_OF(0);
}

static enum semo_status check_records(struct check *c)
{
    struct tool_record *r = c->records->at;
    if (c->records->count)
        qsort(r, c->records->count, sizeof *r, compare_records);
    for (unsigned i = 0; i < c->records->count; i++) {
        struct position p = {"", r[i].line, 0};
        snprintf(p.file, sizeof p.file, "%s", r[i].file);
        if (i && compare_records(&r[i], &r[i - 1]) == 0)
            return refuse(c, p, "%s %s is declared twice", r[i].kind, r[i].name);
        if ((tool_record_has_payload(&r[i]) || tool_record_is_entry(&r[i])) &&
            r[i].value > SEMO_PAYLOAD_MAX)
            return refuse(c, p, "%s: payload of %u bytes, at most %u", r[i].name, r[i].value,
                          SEMO_PAYLOAD_MAX);
    }
    return SEMO_OK;
}

static enum semo_status check_all(struct check *c)
{
    enum semo_status status = SEMO_OK;
    find_functions(c);
    for (unsigned k = 0; k < c->unit_count; k++)
        for (unsigned i = 0; i < c->unit[k].line_count && status == SEMO_OK; i++)
            status = check_global(c, &c->unit[k], c->unit[k].line[i]);
    for (unsigned i = 0; i < c->function_count && status == SEMO_OK; i++)
        status = check_body(c, &c->function[i]);
    for (unsigned i = 0; i < c->function_count && status == SEMO_OK; i++)
        status = check_recursion(c, &c->function[i]);
    for (unsigned k = 0; k < c->unit_count; k++)
        for (unsigned i = 0; i < c->unit[k].line_count && status == SEMO_OK; i++)
            status = check_foreign(c, &c->unit[k], c->unit[k].line[i]);
    return status == SEMO_OK ? check_records(c) : status;
}

static void forget(struct check *c)
{
    for (unsigned i = 0; i < c->function_count; i++)
        free(c->function[i].calls);
    for (unsigned k = 0; k < c->unit_count; k++) {
        free(c->unit[k].text);
        free(c->unit[k].line);
        free(c->unit[k].metadata);
    }
    free(c->function);
    free(c->unit);
}

void tool_rules_explain(struct semo_error *e)
{
    char *at = strstr(e->text, "redefinition of 'semo_"), kind[8], name[32];
    if (strstr(e->text, "' file not found"))
        snprintf(e->text + strlen(e->text), sizeof e->text - strlen(e->text),
                 "; of the C library modules have stdio.h, stdlib.h, string.h, stdint.h, stddef.h, "
                 "stdbool.h");
    if (at && sscanf(at, "redefinition of 'semo_%7[a-z]_record_%31[^']", kind, name) == 2)
        snprintf(at, sizeof e->text - (size_t)(at - e->text), "%s %s is declared twice", kind,
                 name);
}

enum semo_status tool_rules_check(const struct semo_module_source *m, char *const *files,
                                  unsigned count, struct tool_records *records,
                                  struct semo_error *e)
{
    struct check c = {.module = m->name, .https = m->https, .records = records, .e = e};
    enum semo_status status = SEMO_OK;
    size_t len;
    c.unit = semo_allocate(count, sizeof *c.unit);
    for (; c.unit_count < count && status == SEMO_OK; c.unit_count += status == SEMO_OK) {
        struct unit *u = &c.unit[c.unit_count];
        uint8_t *bytes;
        status = semo_file_read(files[c.unit_count], FILE_MAX, &bytes, &len, e);
        if (status == SEMO_OK) {
            u->text = (char *)bytes;
            split(u);
        }
    }
    if (status == SEMO_OK)
        status = check_all(&c);
    forget(&c);
    return status;
}
