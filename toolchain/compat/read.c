/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler's intermediate code says about functions, variables and modules. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host/file.h"
#include "toolchain/compat/program.h"

size_t compat_identifier(const char *at)
{
    size_t len = 0;
    while (isalnum((unsigned char)at[len]) || (at[len] && strchr("-$._", at[len])))
        len++;
    return len;
}

static char *copy(const char *text, size_t len)
{
    return semo_format("%.*s", (int)len, text);
}

static bool starts(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

const char *const compat_copied_names[] = {"memcpy",
                                           "memmove",
                                           "memset",
                                           "memcmp",
                                           "strlen",
                                           "strcmp",
                                           "strncmp",
                                           "strcpy",
                                           "strncpy",
                                           "strcat",
                                           "strchr",
                                           "semo_divide",
                                           "semo_divide64",
                                           "__mspabi_mpyi",
                                           "__mspabi_mpyl",
                                           "__mspabi_divu",
                                           "__mspabi_divi",
                                           "__mspabi_remu",
                                           "__mspabi_remi",
                                           "__mspabi_divul",
                                           "__mspabi_divli",
                                           "__mspabi_remul",
                                           "__mspabi_remli",
                                           "__mspabi_slll",
                                           "__mspabi_srll",
                                           "__mspabi_sral",
                                           "__mspabi_mpyll",
                                           "__mspabi_divull",
                                           "__mspabi_divlli",
                                           "__mspabi_remull",
                                           "__mspabi_remlli",
                                           "__mspabi_addd",
                                           "__mspabi_subd",
                                           "__mspabi_mpyd",
                                           "__mspabi_divd",
                                           "__mspabi_cmpd",
                                           "__mspabi_addf",
                                           "__mspabi_subf",
                                           "__mspabi_mpyf",
                                           "__mspabi_divf",
                                           "__mspabi_cmpf",
                                           "__mspabi_cvtfd",
                                           "__mspabi_cvtdf",
                                           "__mspabi_fltulld",
                                           "__mspabi_fltllid",
                                           "__mspabi_fltuld",
                                           "__mspabi_fltlid",
                                           "__mspabi_fltullf",
                                           "__mspabi_fltllif",
                                           "__mspabi_fltulf",
                                           "__mspabi_fltlif",
                                           "__mspabi_fixdull",
                                           "__mspabi_fixdlli",
                                           "__mspabi_fixdul",
                                           "__mspabi_fixdli",
                                           "__mspabi_fixfull",
                                           "__mspabi_fixflli",
                                           "__mspabi_fixful",
                                           "__mspabi_fixfli",
                                           "__ashldi3",
                                           "__lshrdi3",
                                           "__ashrdi3",
                                           "semo_addd",
                                           "semo_subd",
                                           "semo_mpyd",
                                           "semo_divd",
                                           "semo_cmpd",
                                           "semo_is_nan",
                                           "semo_real_split",
                                           "semo_real_shifted",
                                           "semo_real_join",
                                           "semo_real_product",
                                           "semo_real_normalise",
                                           "__sancus_wrap",
                                           "__sancus_unwrap",
                                           "__sancus_enable",
                                           "__sancus_verify",
                                           "__sancus_verify_caller",
                                           "__sancus_get_id",
                                           "__sancus_get_self_id",
                                           "__sancus_get_caller_id",
                                           "__sancus_disable",
                                           "__sancus_call",
                                           "__sancus_equal",
                                           NULL};

bool compat_is_copied(const char *name, size_t len)
{
    for (const char *const *n = compat_copied_names; *n; n++)
        if (strlen(*n) == len && strncmp(*n, name, len) == 0)
            return true;
    return false;
}

/* ---- places ---- */

/* The line of "!N = ..." that `key` in the text refers to. */
static const char *follow(const struct compat_file *f, const char *text, const char *key)
{
    char want[24];
    const char *at = text ? strstr(text, key) : NULL;
    if (!at)
        return NULL;
    int len = snprintf(want, sizeof want, "!%u = ", (unsigned)strtoul(at + strlen(key), NULL, 10));
    for (unsigned i = f->count; i--;)
        if (f->line[i][0] == '!' && strncmp(f->line[i], want, (size_t)len) == 0)
            return f->line[i];
    return NULL;
}

static unsigned number_after(const char *text, const char *key)
{
    const char *at = text ? strstr(text, key) : NULL;
    return at ? (unsigned)strtoul(at + strlen(key), NULL, 10) : 0;
}

enum semo_status compat_fail_at(const struct compat_program *p, unsigned file, const char *line,
                                struct semo_error *e, const char *format, ...)
{
    const struct compat_file *f = &p->file[file];
    const char *place = follow(f, line, "!dbg !"), *scope = place, *name;
    char text[400], path[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (place && strstr(place, "DIGlobalVariableExpression"))
        scope = place = follow(f, place, "var: !");
    while (scope && !strstr(scope, " file: !") && strstr(scope, "scope: !"))
        scope = follow(f, scope, "scope: !");
    name = follow(f, scope, " file: !");
    name = name ? strstr(name, "filename: \"") : NULL;
    snprintf(path, sizeof path, "%s", name ? name + strlen("filename: \"") : f->source);
    path[strcspn(path, "\"")] = 0;
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, path, number_after(place, "line: "), 0,
                          "%s", text);
}

/* ---- types ---- */

int compat_type_words(const char *type, size_t len)
{
    while (len && type[len - 1] == ' ')
        len--;
    if (len && type[len - 1] == '*')
        return 1;
    if (len == 4 && starts(type, "void"))
        return 0;
    if (len == 5 && starts(type, "float"))
        return 2;
    if (len == 6 && starts(type, "double"))
        return 4;
    if (type[0] == 'i' && isdigit((unsigned char)type[1])) {
        unsigned long bits = strtoul(type + 1, NULL, 10);
        return bits <= 64 ? (int)(bits + 15) / 16 : -1;
    }
    return -1;
}

size_t compat_type_length(const char *at)
{
    size_t len = 0;
    int depth = 0;
    for (; at[len]; len++) {
        char c = at[len];
        if (strchr("([{<", c))
            depth++;
        else if (strchr(")]}>", c) && depth-- == 0)
            break;
        else if (depth == 0 && (c == ',' || (c == ' ' && at[len + 1] != '(')))
            break;
    }
    return len;
}

bool compat_next_argument(const char **at, const char **argument, size_t *len)
{
    int depth = 0;
    const char *c;
    while (**at == ' ' || **at == ',')
        ++*at;
    *argument = *at;
    for (c = *at; *c; c++) {
        if (strchr("([{<", *c))
            depth++;
        else if (strchr(")]}>", *c) && depth-- == 0)
            break;
        else if (*c == ',' && depth == 0)
            break;
    }
    *len = (size_t)(c - *argument);
    *at = c;
    return *len > 0;
}

/* ---- the tables ---- */

struct compat_function *compat_find_function(const struct compat_program *p, unsigned file,
                                             const char *name, size_t len)
{
    struct compat_function *found = NULL;
    for (unsigned i = 0; i < p->function_count; i++) {
        struct compat_function *f = &p->function[i];
        if (strlen(f->name) != len || strncmp(f->name, name, len) != 0 ||
            (f->internal && f->file != file))
            continue;
        if (!found || (f->last && !found->last) || f->internal)
            found = f;
    }
    return found;
}

bool compat_is_entry(const struct compat_program *p, const struct compat_module *m,
                     const char *name, size_t len)
{
    for (unsigned i = 0; i < p->function_count; i++) {
        const struct compat_function *f = &p->function[i];
        if (f->module == m && f->last && (f->kind == COMPAT_ENTRY || f->kind == COMPAT_DRIVER) &&
            strlen(f->name) == len && strncmp(f->name, name, len) == 0)
            return true;
    }
    return false;
}

bool compat_has_module(const struct compat_program *p, const char *name, size_t len)
{
    for (unsigned i = 0; i < p->module_count; i++)
        if (strlen(p->module[i].name) == len && strncmp(p->module[i].name, name, len) == 0)
            return true;
    return false;
}

struct compat_module *compat_find_module(struct compat_program *p, const char *name, size_t len)
{
    for (unsigned i = 0; i < p->module_count; i++)
        if (strlen(p->module[i].name) == len && strncmp(p->module[i].name, name, len) == 0)
            return &p->module[i];
    if (p->module_count == COMPAT_MODULES)
        return &p->module[COMPAT_MODULES - 1]; /* refused by compat_read */
    p->module[p->module_count].name = copy(name, len);
    return &p->module[p->module_count++];
}

static void read_section(struct compat_program *p, struct compat_function *f, const char *line)
{
    static const struct {
        const char *name;
        enum compat_kind kind;
    } kinds[] = {{".entry\"", COMPAT_ENTRY}, {".text\"", COMPAT_FUNC}, {".mmio\"", COMPAT_DRIVER}};
    const char *at = strstr(line, " section \".sm.");
    if (!at)
        return;
    at += strlen(" section \".sm.");
    size_t len = strcspn(at, ".\"");
    for (unsigned i = 0; i < 3; i++)
        if (starts(at + len, kinds[i].name)) {
            f->module = compat_find_module(p, at, len);
            f->kind = kinds[i].kind;
        }
}

/* "define|declare words type @name(parameters) ..." */
static void read_function(struct compat_program *p, unsigned file, unsigned number)
{
    char *line = p->file[file].line[number], *at = strchr(line, '@');
    struct compat_function f = {.file = file, .first = number};
    const char *list, *argument;
    size_t len;
    if (!at || starts(at, "@llvm."))
        return;
    len = compat_identifier(at + 1);
    f.name = copy(at + 1, len);
    f.internal = strstr(line, " internal ") && strstr(line, " internal ") < at;
    const char *type = strchr(line, ' ') + 1;
    while (!(type[0] == 'i' && isdigit((unsigned char)type[1])) && !starts(type, "void") &&
           !starts(type, "float") && !starts(type, "double") && !strchr("%[{<@", *type))
        type += strcspn(type, " ") + 1;
    f.result = copy(type, (size_t)(at - type));
    f.result_words = (unsigned)compat_type_words(type, strlen(f.result));
    f.structs = compat_type_words(f.result, strlen(f.result)) < 0;
    list = at + 1 + len + 1;
    const char *start = list;
    while (compat_next_argument(&list, &argument, &len)) {
        int words = compat_type_words(argument, compat_type_length(argument));
        if (starts(argument, "..."))
            f.variadic = true;
        else if (words < 0 || memmem(argument, len, "sret(", 5) ||
                 memmem(argument, len, "byval(", 6))
            f.structs = true;
        else
            f.words += (unsigned)words;
    }
    f.parameters = copy(start, (size_t)(list - start));
    read_section(p, &f, list);
    p->function = realloc(p->function, (p->function_count + 1) * sizeof f);
    if (!p->function)
        abort();
    p->function[p->function_count++] = f;
}

static void add_io(char **list, unsigned *count, const char *line)
{
    const char *name = strstr(line, ".sm_mark.");
    unsigned at = *count;
    if (!name || at == 32)
        return; /* compat_check refuses the 32nd */
    name += strlen(".sm_mark.");
    char *own = copy(name, strcspn(name, "\""));
    for (; at && strcmp(list[at - 1], own) > 0; at--)
        list[at] = list[at - 1];
    list[at] = own;
    ++*count;
}

static void read_mark(struct compat_program *p, unsigned file, const char *line)
{
    const char *kind = strstr(line, "@__sm_mark_") + strlen("@__sm_mark_");
    const char *name = kind + strcspn(kind, "_") + 1, *at = strstr(line, " constant i16 ");
    size_t len = compat_identifier(name);
    while (len && name[len - 1] != '_')
        len--;
    struct compat_module *m = compat_find_module(p, name, len - 1);
    unsigned value = at ? (unsigned)strtol(at + strlen(" constant i16 "), NULL, 10) & 0xFFFF : 0;
    if (starts(kind, "sm_") || starts(kind, "lo_")) {
        m->declared++;
        m->file = file;
    }
    if (starts(kind, "lo_"))
        m->low = value, m->driver = true;
    else if (starts(kind, "hi_"))
        m->high = value;
    else if (starts(kind, "caller_"))
        m->caller = value;
    else if (starts(kind, "in_"))
        add_io(m->input, &m->inputs, line);
    else if (starts(kind, "out_"))
        add_io(m->output, &m->outputs, line);
    else if (starts(kind, "irq_"))
        m->vectors |= value < COMPAT_VECTORS - 1 ? 1u << value : COMPAT_NO_VECTOR;
}

static void read_variable(struct compat_program *p, unsigned file, unsigned number)
{
    const char *line = p->file[file].line[number];
    struct compat_variable v = {.file = file, .line = number};
    const char *equals = strstr(line, " = ");
    if (starts(line, "@llvm.") || !equals)
        return;
    if (starts(line, "@__sm_mark_")) {
        read_mark(p, file, line);
        return;
    }
    v.name = copy(line + 1, compat_identifier(line + 1));
    v.local = starts(equals, " = private ") || starts(equals, " = internal ");
    const char *constant = strstr(line, " constant "), *global = strstr(line, " global ");
    v.constant = constant && (!global || constant < global);
    if (!v.constant && !global)
        return; /* an alias */
    p->variable = realloc(p->variable, (p->variable_count + 1) * sizeof v);
    if (!p->variable)
        abort();
    p->variable[p->variable_count++] = v;
}

static struct compat_variable *find_variable(const struct compat_program *p, unsigned file,
                                             const char *name, size_t len)
{
    for (unsigned i = 0; i < p->variable_count; i++) {
        struct compat_variable *v = &p->variable[i];
        if (v->file == file && strlen(v->name) == len && strncmp(v->name, name, len) == 0)
            return v;
    }
    return NULL;
}

/* Pairs of @variable and @text in the list of annotations; ours begin with "sm_data:". */
static void read_annotations(struct compat_program *p, unsigned file, const char *line)
{
    const char *at = strchr(line + 1, '@'), *text;
    for (; at; at = text ? strchr(text + 1, '@') : NULL) {
        struct compat_variable *v = find_variable(p, file, at + 1, compat_identifier(at + 1)),
                               *word;
        text = strchr(at + 1, '@');
        word = text ? find_variable(p, file, text + 1, compat_identifier(text + 1)) : NULL;
        const char *name = word ? strstr(p->file[file].line[word->line], "c\"sm_data:") : NULL;
        if (v && name) {
            name += strlen("c\"sm_data:");
            name += starts(name, "\\22") ? 3 : 0;
            v->module = compat_find_module(p, name, strcspn(name, "\\\""));
        }
        text = text ? strchr(text + 1, '@') : NULL; /* behind the file's name */
    }
}

/* "interrupt"="18" of a group of attributes, for the functions with it */
static void read_interrupt(struct compat_program *p, unsigned file, const char *line)
{
    const char *value = strstr(line, "\"interrupt\"=\"");
    unsigned vector = number_after(line, "\"interrupt\"=\""), group = number_after(line, " #");
    char want[24];
    if (!value)
        return;
    int len = snprintf(want, sizeof want, ") #%u ", group);
    for (unsigned i = 0; i < p->function_count; i++) {
        const struct compat_function *f = &p->function[i];
        if (f->file == file && f->last && vector % 2 == 0 && vector / 2 < COMPAT_VECTORS &&
            memmem(p->file[file].line[f->first], strlen(p->file[file].line[f->first]), want,
                   (size_t)len))
            p->vector[vector / 2] = f->name;
    }
}

/* `.section __interrupt_vector_9` and `.word name` between functions: there vector 1 is at FFE0. */
static void read_vector(struct compat_program *p, const char *line, unsigned *vector)
{
    const char *section = strstr(line, "__interrupt_vector_"), *word = strstr(line, ".word ");
    if (strstr(line, ".section") || section)
        *vector =
            section ? (unsigned)strtoul(section + strlen("__interrupt_vector_"), NULL, 10) : 0;
    if (word && *vector >= 1 && *vector < COMPAT_VECTORS) {
        word += strlen(".word ");
        word += strspn(word, " ");
        p->vector[*vector - 1] = copy(word, compat_identifier(word));
    }
}

/* SM_ENTRY("name"), as the oldest programs write it: the same as without quotation marks. */
static void drop_quotes(char *line, const char *before)
{
    for (char *at = strstr(line, before), *end; at; at = strstr(at + 1, before)) {
        char *name = at + strlen(before);
        if (!starts(name, "\\22") || !(end = strstr(name + 3, "\\22")))
            continue;
        memmove(end, end + 3, strlen(end + 3) + 1);
        memmove(name, name + 3, strlen(name + 3) + 1);
    }
}

void compat_read_file(struct compat_program *p, unsigned file)
{
    const struct compat_file *f = &p->file[file];
    unsigned vector = 0;
    for (unsigned i = 0; i < f->count; i++) {
        drop_quotes(f->line[i], "section \".sm.");
        if (starts(f->line[i], "module asm "))
            read_vector(p, f->line[i], &vector);
    }
    for (unsigned i = 0; i < f->count; i++) {
        if (starts(f->line[i], "define ") || starts(f->line[i], "declare "))
            read_function(p, file, i);
        else if (f->line[i][0] == '@')
            read_variable(p, file, i);
        else if (f->line[i][0] == '}' && p->function_count)
            p->function[p->function_count - 1].last = i;
        else if (starts(f->line[i], "attributes "))
            read_interrupt(p, file, f->line[i]);
    }
    for (unsigned i = 0; i < f->count; i++)
        if (starts(f->line[i], "@llvm.global.annotations"))
            read_annotations(p, file, f->line[i]);
}

static bool is_zero(const char *line)
{
    static const char *const zeros[] = {"zeroinitializer", "null", "undef"};
    const char *at = strstr(line, " global ") + strlen(" global ");
    at += compat_type_length(at) + 1;
    for (unsigned i = 0; i < 3; i++)
        if (starts(at, zeros[i]))
            return true;
    return starts(at, "0,") || starts(at, "0.000000e+00,");
}

static void rename_in(char **line, const char *old, const char *new)
{
    size_t len = strlen(old);
    if ((*line)[0] == '!')
        return;
    for (char *at = strchr(*line, '@'); at; at = strchr(at + 1, '@')) {
        if (compat_identifier(at + 1) != len || strncmp(at + 1, old, len) != 0)
            continue;
        size_t before = (size_t)(at - *line);
        char *longer = semo_format("%.*s@%s%s", (int)before, *line, new, at + 1 + len);
        free(*line);
        *line = longer;
        at = longer + before;
    }
}

/* Static functions of one name in several files: a stub may need each by its own. */
static void rename_statics(struct compat_program *p)
{
    for (unsigned i = 0; i < p->function_count; i++) {
        struct compat_function *f = &p->function[i];
        bool taken = false;
        for (unsigned k = 0; f->internal && k < p->function_count; k++)
            taken |= p->function[k].file != f->file && strcmp(p->function[k].name, f->name) == 0;
        if (!taken)
            continue;
        char *old = f->name;
        f->name = semo_format("%s.%u", old, f->file);
        for (unsigned n = 0; n < p->file[f->file].count; n++)
            rename_in(&p->file[f->file].line[n], old, f->name);
        free(old);
    }
}

static enum semo_status fail(const struct compat_program *p, const struct compat_module *m,
                             struct semo_error *e, const char *text)
{
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE,
                          p->file_count ? p->file[m->file].source : NULL, 0, 0, "module %s %s",
                          m->name, text);
}

static enum semo_status check_vectors(const struct compat_program *p, unsigned module,
                                      struct semo_error *e)
{
    const struct compat_module *m = &p->module[module];
    if (m->vectors & COMPAT_NO_VECTOR)
        return fail(p, m, e, "wants an interrupt that there is not: SM_HANDLE_IRQ takes 0 to 14");
    for (unsigned i = 0; i < COMPAT_VECTORS; i++)
        if (m->vectors >> i & 1 && p->vector[i])
            return fail(p, m, e, "and an ordinary function want the same interrupt");
    for (unsigned i = 0; i < module; i++)
        if (m->vectors & p->module[i].vectors)
            return fail(p, m, e, "and another module want the same interrupt");
    return SEMO_OK;
}

static enum semo_status check_module(const struct compat_program *p, unsigned module,
                                     struct semo_error *e)
{
    const struct compat_module *m = &p->module[module];
    if (m->declared == 0)
        return fail(p, m, e, "is not declared: write DECLARE_SM(name, vendor) in one file");
    if (m->declared > 1)
        return fail(p, m, e, "is declared twice: names of modules are those of the whole program");
    if (m->inputs == 32 || m->outputs == 32)
        return fail(p, m, e, "has more than 31 inputs or outputs");
    if (m->driver && m->low >= m->high)
        return fail(p, m, e, "has no registers: the second address is the end, behind the last");
    for (unsigned i = 0; i < p->variable_count && m->driver; i++)
        if (p->variable[i].module == m && !p->variable[i].constant)
            return fail(p, m, e, "is a driver: its only data are the device's registers");
    return check_vectors(p, module, e);
}

static enum semo_status check_function(const struct compat_program *p, struct compat_function *f,
                                       struct semo_error *e)
{
    const char *line = p->file[f->file].line[f->first];
    bool entry = f->kind == COMPAT_ENTRY || f->kind == COMPAT_DRIVER;
    if (entry && (f->structs || f->variadic || f->words > COMPAT_REGISTER_WORDS))
        return compat_fail_at(p, f->file, line, e,
                              "%s: an entry takes at most %u words in registers, no structures, "
                              "no variable arguments",
                              f->name, COMPAT_REGISTER_WORDS);
    if (f->module && f->last && f->module->driver != (f->kind == COMPAT_DRIVER))
        return compat_fail_at(p, f->file, line, e,
                              f->module->driver
                                  ? "%s: module %s is a driver, whose functions are SM_MMIO_ENTRY"
                                  : "%s: module %s is not a driver (DECLARE_MMIO_SM)",
                              f->name, f->module->name);
    if (f->module && f->module->by_hand)
        return compat_fail_at(p, f->file, line, e,
                              "%s: module %s is one in an assembly file, which has all of it",
                              f->name, f->module->name);
    char *isr = f->module ? semo_format("__sm_%s_isr_func", f->module->name) : NULL;
    if (isr && strcmp(isr, f->name) == 0 && f->last)
        f->module->has_isr = true;
    free(isr);
    return SEMO_OK;
}

enum semo_status compat_check(struct compat_program *p, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    rename_statics(p);
    if (p->module_count == COMPAT_MODULES)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "a program has at most %u modules", COMPAT_MODULES - 1);
    for (unsigned i = 0; i < p->module_count && status == SEMO_OK; i++)
        status = check_module(p, i, e);
    for (unsigned i = 0; i < p->variable_count; i++) {
        struct compat_variable *v = &p->variable[i];
        const char *line = p->file[v->file].line[v->line];
        v->initial = v->module && !v->constant && !strstr(line, " external ") && !is_zero(line);
        if (v->initial)
            v->module->has_values = true;
    }
    for (unsigned i = 0; i < p->function_count && status == SEMO_OK; i++)
        status = check_function(p, &p->function[i], e);
    return status;
}
