/* SPDX-License-Identifier: Apache-2.0 */
/* Makes every way out of a module a call of a stub, and gives modules copies of the constants that
 * they use. A constant whose address leaves the module stays where everybody can read it. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host/file.h"
#include "toolchain/compat/program.h"

struct call { /* a call in a line */
    const char *name;
    size_t len; /* 0: through a pointer */
    const char *arguments;
    bool cast;
};

struct body { /* the function being looked at */
    struct compat_program *p;
    struct compat_function *f;
    bool *leaves; /* values by number: their address leaves the module */
    bool *stack;  /* values by number: made by alloca */
    unsigned values;
};

static bool starts(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* ---- reading a line ---- */

static const char *close_bracket(const char *at)
{
    int depth = 0;
    for (; *at; at++)
        if (*at == '(')
            depth++;
        else if (*at == ')' && --depth == 0)
            return at;
    return at;
}

static bool find_call(const char *line, struct call *c)
{
    const char *at = strstr(line, " call ");
    if (!at || strstr(line, " asm ") || strstr(line, "@llvm."))
        return false;
    for (at += 6; *at; at++) {
        if (starts(at, "bitcast (")) {
            const char *end = close_bracket(at + strlen("bitcast "));
            const char *name = strchr(at, '@');
            c->cast = true;
            c->arguments = end + 2;
            c->name = name && name < end ? name + 1 : NULL;
            c->len = c->name ? compat_identifier(c->name) : 0;
            return true;
        }
        if (*at != '@' && *at != '%')
            continue;
        size_t len = compat_identifier(at + 1);
        if (at[1 + len] == '(') {
            c->cast = false;
            c->name = at + 1;
            c->len = *at == '@' ? len : 0;
            c->arguments = at + len + 2;
            return true;
        }
        at += len;
    }
    return false;
}

static unsigned argument_words(const struct call *c)
{
    const char *at = c->arguments, *argument;
    unsigned words = 0;
    size_t len;
    while (compat_next_argument(&at, &argument, &len)) {
        const char *end = memchr(argument, ' ', len);
        int n = compat_type_words(argument, end ? (size_t)(end - argument) : len);
        words += n < 0 ? 1 : (unsigned)n; /* a pointer to a function has blanks in its type */
    }
    return words;
}

/* ---- what leaves a module ---- */

static bool *value(const struct body *b, bool *of, const char *at)
{
    unsigned long n = isdigit((unsigned char)at[1]) ? strtoul(at + 1, NULL, 10) : b->values;
    return n < b->values ? &of[n] : NULL;
}

/* The value that the line stores to, or defines. */
static const char *target(const char *line)
{
    const char *store = strstr(line, "  store "), *at, *end;
    if (!store)
        return starts(line, "  %") && strstr(line, " = ") ? line + 2 : NULL;
    end = strstr(line, ", align");
    for (at = end ? end : line + strlen(line); at > line && *at != '%';)
        at--;
    return *at == '%' && !strchr(at, '(') ? at : NULL;
}

/* Does the argument that `at` is in, of a call, leave the module? */
static bool argument_leaves(const struct body *b, const struct call *c, const char *at)
{
    const struct compat_function *callee =
        c->len ? compat_find_function(b->p, b->f->file, c->name, c->len) : NULL;
    const char *list = c->arguments, *argument;
    size_t len;
    if (c->len && compat_is_copied(c->name, c->len))
        return false;
    if (!c->len || !callee || callee->module != b->f->module)
        return true;
    for (unsigned i = 0; compat_next_argument(&list, &argument, &len); i++)
        if (at >= argument && at < argument + len)
            return callee->public_parameters >> i & 1;
    return false;
}

/* Does what stands at this place of the line leave the module? */
static bool place_leaves(const struct body *b, const char *line, const char *at)
{
    struct call c;
    if (find_call(line, &c))
        return at >= c.arguments && argument_leaves(b, &c, at);
    const char *to = target(line);
    bool *known = to ? value(b, b->leaves, to) : NULL;
    if (!known || !*known)
        return false;
    const char *load = strstr(line, " = load ");
    return !load || (*at == '%' && value(b, b->stack, at) && *value(b, b->stack, at));
}

/* One pass, backwards; true: something is new. */
static bool spread(const struct body *b)
{
    bool changed = false;
    for (unsigned i = b->f->last; i-- > b->f->first + 1;) {
        const char *line = b->p->file[b->f->file].line[i];
        for (const char *at = strchr(line, '%'); at; at = strchr(at + 1, '%')) {
            bool *known = value(b, b->leaves, at);
            if (known && !*known && place_leaves(b, line, at))
                *known = changed = true;
        }
    }
    return changed;
}

static unsigned count_arguments(const struct compat_function *f)
{
    const char *at = f->parameters, *argument;
    unsigned n = 0;
    size_t len;
    while (compat_next_argument(&at, &argument, &len))
        n++;
    return n;
}

static void open_body(struct body *b, struct compat_program *p, struct compat_function *f)
{
    *b = (struct body){.p = p, .f = f, .values = f->last - f->first + 256};
    b->leaves = semo_allocate(b->values, 1);
    b->stack = semo_allocate(b->values, 1);
    if (!f->module)
        return;
    for (unsigned i = f->first + 1; i < f->last; i++) {
        const char *line = p->file[f->file].line[i];
        if (strstr(line, " = alloca ") && value(b, b->stack, line + 2))
            *value(b, b->stack, line + 2) = true;
    }
    while (spread(b))
        ;
}

static void close_body(struct body *b)
{
    free(b->leaves);
    free(b->stack);
}

/* Parameters whose value a function of the module gives away: until nothing is new. */
static void find_public_parameters(struct compat_program *p)
{
    struct body b;
    bool changed = true;
    while (changed) {
        changed = false;
        for (unsigned i = 0; i < p->function_count; i++) {
            struct compat_function *f = &p->function[i];
            if (!f->module || !f->last)
                continue;
            open_body(&b, p, f);
            unsigned old = f->public_parameters, n = count_arguments(f);
            for (unsigned k = 0; k < n && k < b.values && k < 32; k++)
                f->public_parameters |= (unsigned)b.leaves[k] << k;
            changed |= f->public_parameters != old;
            close_body(&b);
        }
    }
}

/* ---- writing ---- */

static void append(struct compat_file *f, char *text)
{
    char *all = semo_format("%s%s", f->more ? f->more : "", text);
    free(f->more);
    free(text);
    f->more = all;
}

static bool has(const struct compat_file *f, const char *what, const char *name, const char *end)
{
    char *want = semo_format("%s@%s%s", what, name, end);
    bool found = f->more && strstr(f->more, want);
    free(want);
    return found;
}

/* Declares a stub with the types that the function has in this file. */
static void declare(struct compat_program *p, unsigned file, const struct compat_function *f,
                    const char *stub)
{
    if (has(&p->file[file], "", stub, "("))
        return;
    for (unsigned i = 0; i < p->function_count; i++)
        if (p->function[i].file == file && strcmp(p->function[i].name, f->name) == 0)
            f = &p->function[i];
    char *types = semo_format("%s", "");
    const char *at = f->parameters, *argument;
    size_t len;
    while (compat_next_argument(&at, &argument, &len)) {
        const char *name = memrchr(argument, '%', len);
        if (name && isdigit((unsigned char)name[1]) && name > argument)
            len = (size_t)(name - argument);
        char *longer = semo_format("%s%s%.*s", types, *types ? ", " : "", (int)len, argument);
        free(types);
        types = longer;
    }
    append(&p->file[file], semo_format("declare %s@%s(%s)\n", f->result, stub, types));
    free(types);
}

/* A new global name for a function, unless it has one. */
static void expose(struct compat_program *p, struct compat_function *f)
{
    if (!f->internal || !f->last)
        return;
    char *line = p->file[f->file].line[f->first], *word = strstr(line, " internal ");
    if (word)
        memcpy(word, "          ", strlen(" internal "));
}

static struct compat_call *add_call(struct compat_module *m, char *stub)
{
    for (unsigned i = 0; i < m->call_count; i++)
        if (strcmp(m->call[i].stub, stub) == 0) {
            free(stub);
            return &m->call[i];
        }
    if (m->call_count == sizeof m->call / sizeof m->call[0])
        return NULL;
    m->call[m->call_count].stub = stub;
    return &m->call[m->call_count++];
}

static void add_verified(struct compat_module *m, const struct compat_module *callee)
{
    for (unsigned i = 0; i < m->verified_count; i++)
        if (m->verified[i] == callee)
            return;
    if (m->verified_count < sizeof m->verified / sizeof m->verified[0])
        m->verified[m->verified_count++] = callee;
}

bool compat_depends(const struct compat_module *a, const struct compat_module *b)
{
    const struct compat_module *todo[64] = {a};
    unsigned count = 1;
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < todo[i]->verified_count; k++) {
            const struct compat_module *next = todo[i]->verified[k];
            bool known = false;
            if (next == b)
                return true;
            for (unsigned n = 0; n < count; n++)
                known |= todo[n] == next;
            if (!known && count < 64)
                todo[count++] = next;
        }
    return false;
}

/* The stub for a call from the module, or NULL after saying why there is none. */
static const char *call_stub(const struct body *b, struct compat_function *callee,
                             const struct call *c, const char *line, struct semo_error *e)
{
    struct compat_module *m = b->f->module;
    bool variadic = callee->variadic && !c->cast;
    unsigned words = callee->variadic ? argument_words(c) : callee->words;
    if (callee->structs || (!variadic && words > COMPAT_REGISTER_WORDS) ||
        words > COMPAT_STACKED_MAX) {
        (void)!compat_fail_at(b->p, b->f->file, line, e,
                              "module %s calls %s with more than %u words of arguments, or a "
                              "structure: only registers leave a module",
                              m->name, callee->name, COMPAT_REGISTER_WORDS);
        return NULL;
    }
    if (m->closed && !callee->module) {
        (void)!compat_fail_at(b->p, b->f->file, line, e,
                              "module %s calls %s, and its configuration has disallow_outcalls",
                              m->name, callee->name);
        return NULL;
    }
    char *stub = callee->module ? semo_format("__sm_%s_call_%s.%s", m->name, callee->module->name,
                                              callee->name)
                 : variadic     ? semo_format("__sm_%s_out_%s.%u", m->name, callee->name, words)
                                : semo_format("__sm_%s_out_%s", m->name, callee->name);
    struct compat_call *call = add_call(m, stub);
    if (!call) {
        (void)!compat_fail_at(b->p, b->f->file, line, e, "module %s calls too many functions",
                              m->name);
        return NULL;
    }
    call->callee = callee;
    call->module = callee->module;
    call->words = variadic ? 0 : words;
    call->stacked = variadic ? words : 0;
    if (callee->module)
        add_verified(m, callee->module);
    expose(b->p, callee);
    declare(b->p, b->f->file, callee, call->stub);
    return call->stub;
}

/* Before the ", align" that ends a variable's value, or its end. */
static size_t value_end(const char *line)
{
    const char *align = NULL;
    for (const char *at = strstr(line, ", align "); at; at = strstr(at + 1, ", align "))
        align = at;
    return align ? (size_t)(align - line) : strlen(line);
}

/* A copy of a constant in the text of the module. */
static char *copied_constant(struct compat_program *p, const struct compat_variable *v,
                             const struct compat_module *m)
{
    struct compat_file *f = &p->file[v->file];
    char *name = semo_format("%s.%s", v->name, m->name);
    const char *line = f->line[v->line], *value = strstr(line, " = ");
    if (!has(f, "\n", name, " =") && !(f->more && starts(f->more + 1, name))) {
        size_t len = value_end(value);
        const char *rest = value + len;
        append(f,
               semo_format("\n@%s%.*s, section \".sm.%s.rodata\"%.*s\n", name, (int)len, value,
                           m->name, (int)strcspn(rest, "!") - (strchr(rest, '!') ? 2 : 0), rest));
    }
    return name;
}

static struct compat_variable *find_constant(const struct body *b, const char *name, size_t len)
{
    for (unsigned i = 0; i < b->p->variable_count; i++) {
        struct compat_variable *v = &b->p->variable[i];
        if (v->file == b->f->file && v->local && v->constant && !v->module &&
            strlen(v->name) == len && strncmp(v->name, name, len) == 0)
            return v;
    }
    return NULL;
}

/* What the function's name at this place has to be replaced with: *to, or NULL = nothing. */
static enum semo_status new_function(const struct body *b, struct compat_function *callee,
                                     const char *line, const char *at, char **to,
                                     struct semo_error *e)
{
    struct compat_module *m = b->f ? b->f->module : NULL;
    struct call c;
    bool called = b->f && find_call(line, &c) && c.name == at;
    if (callee->module == m && m)
        return SEMO_OK;
    if (callee->kind == COMPAT_FUNC && called)
        return compat_fail_at(
            b->p, b->f->file, line, e,
            "%s is an internal function of module %s: only SM_ENTRY functions can "
            "be called from %s",
            callee->name, callee->module->name, m ? m->name : "unprotected code");
    if (callee->kind == COMPAT_ENTRY && called && !callee->last &&
        !compat_is_entry(b->p, callee->module, callee->name, strlen(callee->name)))
        return compat_fail_at(b->p, b->f->file, line, e,
                              "entry %s of module %s is declared, but defined nowhere",
                              callee->name, callee->module->name);
    if (m && called) {
        const char *stub = call_stub(b, callee, &c, line, e);
        *to = stub ? semo_format("%s", stub) : NULL;
        return stub ? SEMO_OK : SEMO_INPUT;
    }
    if (callee->kind == COMPAT_ENTRY || callee->kind == COMPAT_DRIVER) {
        *to = semo_format("__sm_%s_stub_%s", callee->module->name, callee->name);
        return SEMO_OK;
    }
    if (callee->kind == COMPAT_FUNC || m)
        expose(b->p, callee);
    return SEMO_OK;
}

/* Is "entry_NAME_idx" or "io_NAME_idx" (of) something that the module has? */
static bool has_number(const struct compat_program *p, const struct compat_module *m,
                       const char *rest, size_t len)
{
    bool io = starts(rest, "io_");
    size_t head = io ? 3 : 6;
    if (len < head + 5 || strncmp(rest + len - 4, "_idx", 4) != 0)
        return false;
    rest += head;
    len -= head + 4;
    if (!io)
        return compat_is_entry(p, m, rest, len);
    for (unsigned i = 0; i < m->inputs + m->outputs; i++) {
        const char *name = i < m->inputs ? m->input[i] : m->output[i - m->inputs];
        if (strlen(name) == len && strncmp(name, rest, len) == 0)
            return true;
    }
    return false;
}

/* A name that SM_GET_... made: of a module of the program, and what that has. */
static enum semo_status check_symbol(const struct body *b, unsigned file, const char *line,
                                     const char *name, size_t len, struct semo_error *e)
{
    static const char *const asked[] = {"entry_", "io_", "mac_", "id_"};
    bool wrong = false;
    for (unsigned i = 0; i < b->p->module_count; i++) {
        const struct compat_module *m = &b->p->module[i];
        size_t head = 5 + strlen(m->name) + 1;
        if (len <= head || strncmp(name + 5, m->name, head - 6) != 0 || name[head - 1] != '_')
            continue;
        for (unsigned k = 0; k < 4; k++) {
            if (!starts(name + head, asked[k]))
                continue;
            size_t of = head + strlen(asked[k]);
            if (k < 2 ? has_number(b->p, m, name + head, len - head)
                      : compat_has_module(b->p, name + of, len - of))
                return SEMO_OK;
            wrong = true;
        }
    }
    return wrong ? compat_fail_at(b->p, file, line, e,
                                  "%.*s: there is no such entry, input, output or module", (int)len,
                                  name)
                 : SEMO_OK;
}

/* What the source names itself: SM_GET_TAG, SM_GET_VERIFY_ID, SM_GET_WRAP_TAG. */
static void note_symbol(struct compat_program *p, const char *name, size_t len)
{
    for (unsigned i = 0; i < p->module_count; i++) {
        char *wrap = semo_format("__sm_%s_wrap_tag", p->module[i].name);
        if (strlen(wrap) == len && strncmp(wrap, name, len) == 0)
            p->module[i].wrapped = true;
        free(wrap);
        for (unsigned k = 0; k < p->module_count; k++)
            for (unsigned n = 0; n < 2; n++) {
                char *want = semo_format("__sm_%s_%s_%s", p->module[i].name, n ? "id" : "mac",
                                         p->module[k].name);
                if (strlen(want) == len && strncmp(want, name, len) == 0)
                    add_verified(&p->module[i], &p->module[k]);
                free(want);
            }
    }
}

/* The replacement for the identifier at this place, or NULL. */
static enum semo_status new_name(const struct body *b, unsigned file, const char *line,
                                 const char *at, size_t len, char **to, struct semo_error *e)
{
    struct compat_module *m = b->f ? b->f->module : NULL;
    struct compat_function *callee = compat_find_function(b->p, file, at, len);
    *to = NULL;
    if (m && compat_is_copied(at, len)) {
        *to = semo_format("__sm_%s__copy_%.*s", m->name, (int)len, at);
        if (callee)
            declare(b->p, file, callee, *to);
        return SEMO_OK;
    }
    if (callee) {
        enum semo_status status = new_function(b, callee, line, at, to, e);
        if (status == SEMO_OK && *to && callee->module != m && !(m && !callee->module))
            declare(b->p, file, callee, *to);
        return status;
    }
    if (starts(at, "__sm_")) {
        note_symbol(b->p, at, len);
        return check_symbol(b, file, line, at, len, e);
    }
    struct compat_variable *v = m ? find_constant(b, at, len) : NULL;
    if (v && !place_leaves(b, line, at - 1))
        *to = copied_constant(b->p, v, m);
    return SEMO_OK;
}

static bool is_label(const char *line, const char *at)
{
    size_t len = strlen("blockaddress(");
    return at - line >= (long)len && strncmp(at - len, "blockaddress(", len) == 0;
}

static enum semo_status rewrite_line(const struct body *b, unsigned file, char **line,
                                     struct semo_error *e)
{
    const char *old = *line, *from = old;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    enum semo_status status = SEMO_OK;
    if (!out)
        abort();
    for (const char *at = strchr(old, '@'); at && status == SEMO_OK; at = strchr(at + 1, '@')) {
        size_t len = compat_identifier(at + 1);
        char *to = NULL;
        if (len && at > old && !is_label(old, at))
            status = new_name(b, file, old, at + 1, len, &to, e);
        if (to) {
            fprintf(out, "%.*s@%s", (int)(at - from), from, to);
            from = at + 1 + len;
            free(to);
        }
    }
    fputs(from, out);
    fclose(out);
    if (status != SEMO_OK) {
        free(text);
        return status;
    }
    free(*line);
    *line = text;
    return status;
}

/* ---- drivers ---- */

/* The assembly of a driver's function: which of r12 to r15 it names, which one last, and which of
 * r12 and r15 first. */
struct registers {
    bool named[4];
    int first, last;
};

static void note_registers(struct registers *r, const char *line)
{
    const char *at = strstr(line, " asm ") ? strchr(strstr(line, " asm "), '"') : NULL;
    for (at = at ? at + 1 : ""; *at && *at != '"'; at++) {
        bool word = at[0] == 'r' && at[1] == '1' && at[2] >= '2' && at[2] <= '5' &&
                    !isalnum((unsigned char)at[3]);
        /* "\09r15": the digits are those of a tab */
        if (!word || (isalpha((unsigned char)at[-1]) && at[-3] != '\\'))
            continue;
        r->last = at[2] - '2';
        if (r->first < 0 && (r->last == 0 || r->last == 3))
            r->first = r->last;
        r->named[r->last] = true;
    }
}

/* Published drivers have their arguments from r15 downwards, and a result in r15: the order of
 * their compiler. A function is taken for one of those when it names r15 and not r12; when it names
 * both, by where its arguments come first or its result last. */
static bool has_old_order(const struct compat_program *p, const struct compat_function *f)
{
    struct registers r = {.first = -1, .last = -1};
    for (unsigned i = f->first; i < f->last; i++)
        note_registers(&r, p->file[f->file].line[i]);
    if (f->result_words > 2 || f->words + f->result_words == 0 || r.last < 0)
        return false;
    if (!r.named[0] && !r.named[1])
        return true;
    if (f->words == 1 || f->words == 2)
        return !r.named[0];
    return f->words ? r.first == 3 : r.last >= 2;
}

static void insert(char **line, const char *text)
{
    char *longer = semo_format("  call void asm sideeffect \"%s\", \"\"()\n%s", text, *line);
    free(*line);
    *line = longer;
}

/* A driver's function has no return of its own. */
static void end_driver(struct compat_program *p, const struct compat_function *f)
{
    static const char *const results[] = {"", "mov r15, r12\\0A\\09",
                                          "mov r14, r12\\0A\\09mov r15, r13\\0A\\09"};
    char *leave = semo_format("%sbr #__sm_%s_leave", f->old_order ? results[f->result_words] : "",
                              f->module->name);
    for (unsigned i = f->first; i < f->last; i++) {
        char **line = &p->file[f->file].line[i];
        if (starts(*line, "  unreachable") || strstr(*line, "  ret "))
            insert(line, leave);
    }
    free(leave);
}

static void rewrite_driver(struct compat_program *p, struct compat_function *f)
{
    f->old_order = has_old_order(p, f);
    end_driver(p, f);
    if (f->old_order && f->words)
        insert(&p->file[f->file].line[f->first + 1],
               "xor r12, r15\\0A\\09xor r15, r12\\0A\\09xor r12, r15\\0A\\09"
               "xor r13, r14\\0A\\09xor r14, r13\\0A\\09xor r13, r14");
}

/* What nothing can check when it happens: jumps to computed labels, and calls through a pointer
 * whose arguments would stay behind on the private stack if they led outside. */
static enum semo_status check_line(const struct body *b, const char *line, struct semo_error *e)
{
    struct call c;
    if (strstr(line, " indirectbr "))
        return compat_fail_at(
            b->p, b->f->file, b->p->file[b->f->file].line[b->f->first], e,
            "module %s goes to a computed label: nothing checks where that leads; "
            "use switch",
            b->f->module->name);
    if (!find_call(line, &c) || c.len)
        return SEMO_OK;
    if (argument_words(&c) > COMPAT_REGISTER_WORDS || strstr(line, " byval(") ||
        strstr(line, " sret(") || memmem(line, (size_t)(c.arguments - line), "...)", 4))
        return compat_fail_at(b->p, b->f->file, line, e,
                              "module %s calls through a pointer with more than %u words of "
                              "arguments, a structure or \"...\": only registers leave a module",
                              b->f->module->name, COMPAT_REGISTER_WORDS);
    return SEMO_OK;
}

static enum semo_status rewrite_function(struct compat_program *p, struct compat_function *f,
                                         struct semo_error *e)
{
    struct body b;
    enum semo_status status = SEMO_OK;
    if (f->kind == COMPAT_ENTRY || f->kind == COMPAT_DRIVER)
        expose(p, f);
    if (f->kind == COMPAT_DRIVER) {
        rewrite_driver(p, f);
        return SEMO_OK;
    }
    open_body(&b, p, f);
    for (unsigned i = f->first + 1; i < f->last && status == SEMO_OK && f->module; i++)
        status = check_line(&b, p->file[f->file].line[i], e);
    for (unsigned i = f->first + 1; i < f->last && status == SEMO_OK; i++)
        status = rewrite_line(&b, f->file, &p->file[f->file].line[i], e);
    close_body(&b);
    return status;
}

/* The value goes into the text, with a line in the table of what the module's entry copies. */
static void move_value(struct compat_program *p, const struct compat_variable *v)
{
    char **line = &p->file[v->file].line[v->line], *at = strstr(*line, " global ") + 8;
    const char *m = v->module->name;
    int type = (int)compat_type_length(at), value = (int)(value_end(at) - (size_t)type) - 1;
    append(&p->file[v->file],
           semo_format("\n@%s.value = internal constant %.*s %.*s, section \".sm.%s.rodata\", "
                       "align 2\n@__sm_%s_init_%s.%u = constant { %.*s*, %.*s*, i16 } { %.*s* @%s, "
                       "%.*s* @%s.value, i16 ptrtoint (%.*s* getelementptr (%.*s, %.*s* null, i16 "
                       "1) to i16) }, section \".sm.%s.inits\", align 2\n",
                       v->name, type, at, value, at + type + 1, m, m, v->name, v->file, type, at,
                       type, at, type, at, v->name, type, at, v->name, type, at, type, at, type, at,
                       m));
    char *empty = semo_format("%.*s zeroinitializer%s", (int)(at - *line) + type, *line,
                              at + type + 1 + value);
    free(*line);
    *line = empty;
}

/* Places a variable of a module; everything else that has a value may name stubs. */
static enum semo_status rewrite_variable(struct compat_program *p, const struct compat_variable *v,
                                         struct semo_error *e)
{
    char **line = &p->file[v->file].line[v->line];
    struct body b = {.p = p};
    enum semo_status status = rewrite_line(&b, v->file, line, e);
    if (status == SEMO_OK && v->initial)
        move_value(p, v);
    if (status == SEMO_OK && v->module && !strstr(*line, " external ")) {
        size_t len = value_end(*line);
        char *longer = semo_format("%.*s, section \"%s%s%s\"%s", (int)len, *line,
                                   v->constant ? ".sm." : ".bss.sm.", v->module->name,
                                   v->constant ? ".rodata" : "", *line + len);
        free(*line);
        *line = longer;
    }
    return status;
}

/* Functions were compiled without optimisation so that everything could be seen; from here on they
 * may be optimised, unless the program says otherwise. A naked function stays as it is. */
static void rewrite_attributes(struct compat_file *f)
{
    for (unsigned i = 0; i < f->count; i++) {
        char *word = strstr(f->line[i], " noinline ");
        if (starts(f->line[i], "attributes ") && word && !strstr(f->line[i], " naked ") &&
            !strstr(f->line[i], " optnone "))
            memcpy(word, " optsize  ", strlen(" optsize  "));
        if (starts(f->line[i], "@llvm.global.annotations"))
            f->line[i][0] = 0;
    }
}

enum semo_status compat_rewrite(struct compat_program *p, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    find_public_parameters(p);
    for (unsigned i = 0; i < p->function_count && status == SEMO_OK; i++)
        if (p->function[i].last)
            status = rewrite_function(p, &p->function[i], e);
    for (unsigned i = 0; i < p->variable_count && status == SEMO_OK; i++)
        status = rewrite_variable(p, &p->variable[i], e);
    for (unsigned i = 0; i < p->file_count && status == SEMO_OK; i++)
        rewrite_attributes(&p->file[i]);
    for (unsigned i = 0; i < COMPAT_VECTORS; i++)
        for (unsigned k = 0; p->vector[i] && k < p->function_count; k++)
            if (strcmp(p->function[k].name, p->vector[i]) == 0)
                expose(p, &p->function[k]);
    return status;
}
