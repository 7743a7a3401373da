/* SPDX-License-Identifier: Apache-2.0 */
/* What is written for the assembler and the linker, and the listing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <semo/map.h>
#include "host/file.h"
#include "toolchain/compat/program.h"

enum { MAIN_STACK = 1024 };

/* The entries that every reactive module has come first. */
static int rank(const char *name)
{
    static const char *const first[] = {"set_key", "attest", "handle_input"};
    for (int i = 0; i < 3; i++) {
        size_t len = strlen(name), tail = strlen(first[i]);
        if (strncmp(name, "__sm_", 5) == 0 && len > tail &&
            strcmp(name + len - tail, first[i]) == 0)
            return i;
    }
    return 3;
}

static int by_name(const void *a, const void *b)
{
    const struct compat_function *const *x = a, *const *y = b;
    int order = rank((*x)->name) - rank((*y)->name);
    return order ? order : strcmp((*x)->name, (*y)->name);
}

/* The entries of a module, sorted by name: their indexes. */
static unsigned entries(const struct compat_program *p, const struct compat_module *m,
                        const struct compat_function **list)
{
    unsigned count = 0;
    for (unsigned i = 0; i < p->function_count; i++) {
        const struct compat_function *f = &p->function[i];
        if (f->module == m && f->last && (f->kind == COMPAT_ENTRY || f->kind == COMPAT_DRIVER))
            list[count++] = f;
    }
    qsort(list, count, sizeof *list, by_name);
    return count;
}

/* A file before it is written. */
struct draft {
    FILE *out;
    char *text;
    size_t size;
};

static FILE *begin(struct draft *d)
{
    d->out = open_memstream(&d->text, &d->size);
    if (!d->out)
        abort();
    return d->out;
}

static enum semo_status save(struct draft *d, const char *path, struct semo_error *e)
{
    fclose(d->out);
    enum semo_status status = semo_file_write(path, d->text, d->size, 0644, e);
    free(d->text);
    return status;
}

static void write_calls(const struct compat_module *m, unsigned security, FILE *out)
{
    if (m->wrapped)
        fprintf(out, "wrap_info %s, %u\n", m->name, security / 8);
    for (unsigned i = 0; i < m->verified_count; i++) {
        const char *callee = m->verified[i]->name;
        if (compat_depends(m->verified[i], m))
            fprintf(out, "verify %s, %s, .rodata.sm_tags, %u\n", m->name, callee, security / 8);
        else
            fprintf(out, "verify %s, %s, .sm.%s.tags, %u\n", m->name, callee, m->name,
                    security / 8);
    }
    for (unsigned i = 0; i < m->call_count; i++) {
        const struct compat_call *c = &m->call[i];
        if (c->module)
            fprintf(out, "call_module %s, %s, %s, %s, %u\n", m->name, c->stub, c->module->name,
                    c->callee->name, c->words);
        else
            fprintf(out, "call_out %s, %s, %s, %u, %u\n", m->name, c->stub, c->callee->name,
                    c->words, c->stacked);
    }
}

enum semo_status compat_write_stubs(const struct compat_program *p, const struct compat_module *m,
                                    const char *path, struct semo_error *e)
{
    const struct compat_function **list = semo_allocate(p->function_count, sizeof *list);
    unsigned count = entries(p, m, list);
    struct draft draft;
    FILE *out = begin(&draft);
    if (m->driver)
        fprintf(out, "driver_entry %s, %u, %u\n", m->name, count, m->caller);
    else
        fprintf(out, "module_entry %s, %u, %u, %u\n", m->name, count,
                m->has_isr ? 2 : m->vectors != 0, m->has_values);
    fprintf(out, "module_table %s\n", m->name);
    for (unsigned i = 0; i < count; i++)
        fprintf(out, "table_entry %s, %s, %u\n", m->name, list[i]->name, list[i]->result_words);
    for (unsigned i = 0; i < count; i++)
        fprintf(out, "stub %s, %s\n", m->name, list[i]->name);
    write_calls(m, p->request->security, out);
    free(list);
    return save(&draft, path, e);
}

enum semo_status compat_write_vectors(const struct compat_program *p, const char *path,
                                      struct semo_error *e)
{
    struct draft draft;
    FILE *out = begin(&draft);
    for (unsigned i = 0; i < COMPAT_VECTORS; i++)
        if (p->vector[i])
            fprintf(out, "interrupt_vector __vector_%s, %s\n", p->vector[i], p->vector[i]);
    const struct compat_function *old;
    for (unsigned at = 0; (old = compat_next_old(p, &at));)
        fprintf(out, "old_order %s, %u\n", old->name, old->result_words);
    fprintf(out, ".section .rodata.__sm_wraps, \"a\", @progbits\n.balign 2\n"
                 ".globl __sm_wraps\n__sm_wraps:\n");
    for (unsigned i = 0; i < p->module_count; i++)
        if (p->module[i].wrapped)
            fprintf(out, ".short __sm_%s_public_start, __sm_%s_wrap_nonce, __sm_%s_wrap_tag\n",
                    p->module[i].name, p->module[i].name, p->module[i].name);
    fprintf(out, ".short 0\n");
    return save(&draft, path, e);
}

enum semo_status compat_write_main(const struct compat_program *p, const char *path,
                                   struct semo_error *e)
{
    struct draft draft;
    FILE *out = begin(&draft);
    fprintf(out, "#include <sancus_support/sm_io.h>\n#include <sancus/reactive.h>\n"
                 "__attribute__((weak)) void reactive_handle_output(conn_index c, void *data, "
                 "size_t len)\n{\n    (void)c, (void)data, (void)len;\n}\n");
    for (unsigned i = 0; i < p->module_count; i++)
        if (p->module[i].declared)
            fprintf(out, "extern struct SancusModule %s;\n", p->module[i].name);
        else
            fprintf(out, "DECLARE_SM(%s, %u);\n", p->module[i].name, p->request->vendor);
    fprintf(out, "int main(void)\n{\n    int failed = 0;\n");
    for (unsigned i = 0; i < p->module_count; i++)
        fprintf(out, "    failed |= sancus_enable(&%s) == 0;\n    pr_sm_info(&%s);\n",
                p->module[i].name, p->module[i].name);
    fprintf(out, "    return failed;\n}\n");
    return save(&draft, path, e);
}

enum semo_status compat_write_reactive(const struct compat_module *m, const char *path,
                                       struct semo_error *e)
{
    struct draft draft;
    FILE *out = begin(&draft);
    if (m->has_connections)
        fprintf(out, "#define SEMO_SM_CONNECTIONS %u\n", m->connections ? m->connections : 1);
    fprintf(out, "#include <sancus/reactive.h>\n");
    for (unsigned i = 0; i < m->inputs; i++)
        fprintf(out, "void SM_FUNC(%s) %s(uint8_t *data, size_t len);\n", m->name, m->input[i]);
    fprintf(out,
            "#define SEMO_MODULE %s\n#define SEMO_INPUTS %u\n#define SEMO_OUTPUTS %u\n"
            "#define SEMO_DISPATCH",
            m->name, m->inputs, m->outputs);
    for (unsigned i = 0; i < m->inputs; i++)
        fprintf(out, " case %u: %s(data, len); break;", i, m->input[i]);
    fprintf(out, "\n#include \"runtime/compat/reactive.h\"\n");
    return save(&draft, path, e);
}

/* ---- linker script ---- */

static void write_module_text(const struct compat_module *m, FILE *out)
{
    const char *n = m->name;
    if (m->by_hand)
        return;
    fprintf(out,
            "  .sm.%s : {\n    . = ALIGN(2); __sm_%s_public_start = .;\n"
            "    KEEP(*(.sm.%s.stub)) *(.sm.%s.stub.*) *(.sm.%s.entry .sm.%s.text .sm.%s.mmio)\n"
            "    *(.text.__sm_%s__copy_*) . = ALIGN(2); __sm_%s_code_end = .;\n"
            "    *(.sm.%s.rodata) . = ALIGN(2); __sm_%s_inits_start = .; KEEP(*(.sm.%s.inits))\n"
            "    __sm_%s_inits_end = .; KEEP(*(.sm.%s.table)) *(.sm.%s.tags)\n"
            "    . = ALIGN(2) + 2; __sm_%s_public_end = .;\n  } :text\n",
            n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n);
}

static void write_module_data(const struct compat_module *m, FILE *out)
{
    const char *n = m->name;
    if (m->by_hand)
        return;
    if (m->driver) {
        fprintf(out, "  __sm_%s_secret_start = %u; __sm_%s_secret_end = %u;\n", n, m->low, n,
                m->high);
        return;
    }
    /* The stack is lowest: an overflow leaves the section. The last word tells the core where to
     * save the module when it is interrupted. The crypto unit reads one word ahead, of what lies in
     * front of the section as well as of what is in it. */
    fprintf(out,
            "  .smd.%s (NOLOAD) : {\n    . = ALIGN(2) + 2; __sm_%s_stack_end = .; . += %u;\n"
            "    __sm_%s_stack_top = .; *(.sm.%s.state) *(.bss.sm.%s) . = ALIGN(2);\n"
            "    __sm_%s_saved_at = .; . += 2; __sm_%s_secret_end = .;\n  } :NONE\n",
            n, n, m->stack, n, n, n, n, n);
    if (m->offset)
        fprintf(out, "  __sm_%s_secret_start = %u;\n", n, SEMO_DATA_START - m->offset);
    else
        fprintf(out, "  __sm_%s_secret_start = __sm_%s_stack_end;\n", n, n);
}

static void write_vectors(const struct compat_program *p, FILE *out)
{
    fprintf(out, "  .vectors %u : AT(%u) {\n", SEMO_VECTORS, SEMO_VECTORS);
    for (unsigned i = 0; i < COMPAT_VECTORS; i++) {
        const struct compat_module *m = NULL;
        for (unsigned k = 0; k < p->module_count; k++)
            if (p->module[k].vectors >> i & 1)
                m = &p->module[k];
        if (i == COMPAT_VECTORS - 1)
            fprintf(out, "    SHORT(_start)\n");
        else if (m)
            fprintf(out, "    SHORT(__sm_%s_entry)\n", m->name);
        else
            fprintf(out, "    SHORT(%s%s)\n",
                    p->vector[i]              ? "__vector_"
                    : i == SEMO_IRQ_VIOLATION ? "__violation_isr"
                                              : "__default_isr",
                    p->vector[i] ? p->vector[i] : "");
    }
    fprintf(out, "  } :vectors\n");
}

static void write_io(const struct compat_module *m, FILE *out)
{
    for (unsigned i = 0; i < m->inputs; i++)
        fprintf(out, "  __sm_%s_io_%s_idx = %u;\n", m->name, m->input[i], i);
    for (unsigned i = 0; i < m->outputs; i++)
        fprintf(out, "  __sm_%s_io_%s_idx = %u;\n", m->name, m->output[i], m->inputs + i);
}

enum semo_status compat_write_script(const struct compat_program *p, const char *path,
                                     struct semo_error *e)
{
    struct draft draft;
    FILE *out = begin(&draft);
    fprintf(out,
            "ENTRY(_start)\nPHDRS { text PT_LOAD; data PT_LOAD; vectors PT_LOAD; }\n"
            "SECTIONS {\n  . = %u;\n",
            p->arguments.program_start);
    for (unsigned i = 0; i < p->module_count; i++)
        write_module_text(&p->module[i], out);
    fprintf(out,
            "  .text : { . = ALIGN(2); *(.text._start) *(.text .text.*) . = ALIGN(2); } :text\n"
            "  .rodata : { *(.rodata .rodata.*) . = ALIGN(2); __constructors = .;\n"
            "    KEEP(*(SORT(.init_array.*))) KEEP(*(.init_array .ctors)) __constructors_end = .;\n"
            "    __data_load = .; } :text\n"
            "  . = %u;\n",
            SEMO_DATA_START);
    for (unsigned i = 0; i < p->module_count; i++) /* its registers lie in front of the memory */
        if (p->module[i].offset)
            write_module_data(&p->module[i], out);
    fprintf(out,
            "  .data : AT(__data_load) { __data_start = .; *(.data .data.*)\n"
            "    . = ALIGN(2); __data_end = .; } :data\n  __bss_start = %u;\n",
            SEMO_DATA_START);
    for (unsigned i = 0; i < p->module_count; i++)
        if (!p->module[i].offset)
            write_module_data(&p->module[i], out);
    fprintf(out,
            "  .bss (NOLOAD) : { *(.bss .bss.* COMMON) . = ALIGN(2); __bss_end = .; } :NONE\n"
            "  __heap_start = .; __heap_end = %u; __stack_top = %u;\n"
            "  ASSERT(__heap_start <= __heap_end, \"the data memory is full\")\n"
            "  ASSERT(__data_load + SIZEOF(.data) <= %u, \"the program memory is full\")\n",
            p->arguments.data_end - MAIN_STACK, p->arguments.data_end, SEMO_VECTORS);
    for (unsigned i = 0; i < p->module_count; i++)
        write_io(&p->module[i], out);
    write_vectors(p, out);
    fprintf(out, "  /DISCARD/ : { *(.sm_mark .sm_mark.*) *(__interrupt_vector_*) }\n}\n");
    return save(&draft, path, e);
}

/* ---- listing ---- */

static void print_module(const struct compat_program *p, const struct compat_module *m, FILE *to)
{
    const struct compat_function **list = semo_allocate(p->function_count, sizeof *list);
    unsigned count = entries(p, m, list);
    fprintf(to, "module %s%s:\n", m->name,
            m->driver    ? " (driver)"
            : m->by_hand ? " (in assembly)"
            : m->wrapped ? " (encrypted)"
                         : "");
    for (unsigned i = 0; i < count; i++)
        fprintf(to, "  entry %u %s: %u words in, %u out%s\n", i, list[i]->name, list[i]->words,
                list[i]->result_words, list[i]->old_order ? " (from r15 on)" : "");
    for (unsigned i = 0; i < m->inputs + m->outputs; i++)
        fprintf(to, "  %s %u %s\n", i < m->inputs ? "input" : "output", i,
                i < m->inputs ? m->input[i] : m->output[i - m->inputs]);
    for (unsigned i = 0; i < m->call_count; i++) {
        const struct compat_call *c = &m->call[i];
        fprintf(to, "  calls %s %s: %u words%s\n", c->module ? c->module->name : "unprotected",
                c->callee->name, c->words + c->stacked, c->stacked ? " (variable)" : "");
    }
    for (unsigned i = 0; i < m->verified_count; i++)
        if (compat_depends(m->verified[i], m))
            fprintf(
                to,
                "  warning: %s and %s need each other's measurement: what %s expects of %s lies "
                "in unprotected memory\n",
                m->name, m->verified[i]->name, m->name, m->verified[i]->name);
    free(list);
}

void compat_print_listing(const struct compat_program *p, FILE *to)
{
    const struct compat_function *old;
    for (unsigned i = 0; i < p->module_count; i++)
        print_module(p, &p->module[i], to);
    for (unsigned at = 0; (old = compat_next_old(p, &at));)
        fprintf(to, "assembly %s: %u words in, %u out (from r15 on)\n", old->name, old->words,
                old->result_words);
}
