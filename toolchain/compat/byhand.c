/* SPDX-License-Identifier: Apache-2.0 */
/* Assembly files: modules written in them as a whole, and functions whose registers are those of
 * the published compiler. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "host/file.h"
#include "toolchain/compat/program.h"

static bool has_word(const char *text, const char *word, const char *end)
{
    size_t len = strlen(word);
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        if ((at == text || !strchr("_.$", at[-1])) &&
            (at == text || !isalnum((unsigned char)at[-1])) &&
            (*end ? at[len] == *end : !isalnum((unsigned char)at[len])))
            return true;
    return false;
}

/* With an argument or result, a function's assembly names one of r12 and r15. */
bool compat_is_old(const char *text)
{
    return has_word(text, "r15", "") && !has_word(text, "r12", "");
}

/* Does the source have this label, or the object this symbol? */
static bool has_label(const struct compat_assembly *a, const char *name)
{
    return a->object ? memmem(a->text, a->len, name, strlen(name) + 1) != NULL
                     : has_word(a->text, name, ":");
}

void compat_read_assembly(struct compat_program *p, const struct compat_assembly *a)
{
    for (unsigned i = 0; i < p->module_count; i++) {
        char *start = semo_format("__sm_%s_public_start", p->module[i].name);
        p->module[i].by_hand |= has_label(a, start);
        free(start);
    }
    if (a->object ? !has_label(a, COMPAT_OLD_MARK) : !compat_is_old(a->text))
        return;
    for (unsigned i = 0; i < p->function_count; i++) {
        struct compat_function *f = &p->function[i];
        f->old_order |= !f->last && !f->module && !f->structs && !f->variadic &&
                        f->words <= COMPAT_REGISTER_WORDS && f->words + f->result_words > 0 &&
                        has_label(a, f->name);
    }
}

const struct compat_function *compat_next_old(const struct compat_program *p, unsigned *at)
{
    for (; *at < p->function_count; ++*at) {
        const struct compat_function *f = &p->function[*at];
        bool known = !f->old_order || f->module;
        for (unsigned k = 0; k < *at && !known; k++)
            known = p->function[k].old_order && strcmp(p->function[k].name, f->name) == 0;
        if (!known)
            return &p->function[(*at)++];
    }
    return NULL;
}
