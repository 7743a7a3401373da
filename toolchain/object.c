/* SPDX-License-Identifier: Apache-2.0 */
/* C to an object for the microcontroller, past the two faults of clang 14 there.
 *
 * Instruction selection takes a byte that it defines for one that fills its register with zeros
 * (SUBREG_TO_REG). That is so for what an instruction computes, not for what a selection or a loop
 * only hands on: once the copies are coalesced, the upper half is whatever it was. The fast
 * register allocator hides it and makes half as much text again. So the compiler stops while every
 * value has a name, each such claim becomes the instruction that makes it true, and llc goes on.
 * Besides, copy propagation crashes on some sources with debug information, and so does the reader
 * of the intermediate form, on places of variables that were put together: they are left out.
 *
 * Where there is no llc-14, or it fails, the fast allocator does it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "host/file.h"
#include "toolchain/parts.h"

#define PASS     "peephole-opt" /* the last one before values lose their names */
#define FORM_MAX (64 << 20)

/* Copies up to `end`, which must come; what follows it. */
static char *copy_to(char **to, char *from, const char *end)
{
    size_t len = end ? (size_t)(end - from) : strlen(from);
    memmove(*to, from, len);
    *to += len;
    return from + len;
}

static void put(char **to, const char *words)
{
    memcpy(*to, words, strlen(words));
    *to += strlen(words);
}

/* In place: each claim gets shorter. */
static void make_claims_true(char *text)
{
    static const char claim[] = "= SUBREG_TO_REG 0, ", half[] = ", %subreg.subreg_8bit";
    char *to = text, *from = text, *at;
    while ((at = strstr(from, claim))) {
        char *end = strstr(at, half);
        if (!end)
            break;
        from = copy_to(&to, from, at) + strlen(claim);
        put(&to, "= MOVZX16rr8 ");
        from = copy_to(&to, from, end) + strlen(half);
    }
    copy_to(&to, from, NULL);
    *to = 0;
}

static void forget_places(char *text)
{
    static const char field[] = "debug-info-";
    char *to = text, *from = text, *at;
    while ((at = strstr(from, field))) {
        char *quote = at + strcspn(at, "'\n");
        from = copy_to(&to, from, *quote == '\'' ? quote + 1 : quote);
        if (*quote == '\'')
            from += strcspn(from, "'\n");
    }
    copy_to(&to, from, NULL);
    *to = 0;
}

static enum semo_status correct(const char *path, struct semo_error *e)
{
    uint8_t *text;
    size_t len;
    enum semo_status status = semo_file_read(path, FORM_MAX, &text, &len, e);
    if (status != SEMO_OK)
        return status;
    make_claims_true((char *)text);
    forget_places((char *)text);
    status = semo_file_write(path, text, strlen((char *)text), 0644, e);
    free(text);
    return status;
}

static enum semo_status go_on(const char *form, const char *output, struct semo_error *e)
{
    static const char *const options[] = {"-O2",
                                          "-disable-copyprop",
                                          "-start-after=" PASS,
                                          "-filetype=obj",
                                          "-function-sections",
                                          "-data-sections",
                                          "-stack-size-section",
                                          NULL};
    struct tool_command c = {.count = 0};
    char *llc = tool_find("LLC", "llc-14", "llc");
    tool_command_add(&c, "%s", llc);
    tool_command_add(&c, "%s", form);
    free(llc);
    enum semo_status status = tool_command_run_with(&c, options, output, e);
    tool_command_free(&c);
    return status;
}

static enum semo_status make_small(const struct tool_command *c, const char *output,
                                   struct semo_error *e)
{
    static const char *const stop[] = {"-S", "-mllvm", "-stop-after=" PASS, NULL};
    char *form = semo_format("%s.mir", output);
    enum semo_status status = tool_command_run_with(c, stop, form, e);
    if (status == SEMO_OK)
        status = correct(form, e);
    if (status == SEMO_OK)
        status = go_on(form, output, e);
    unlink(form);
    free(form);
    return status;
}

static bool is_c(const char *source)
{
    return strcmp(source + strlen(source) - 2, ".c") == 0;
}

enum semo_status tool_object_make(const struct tool_command *c, const char *output,
                                  struct semo_error *e)
{
    static const char *const fast[] = {
        "-c",     "-fstack-usage",     "-mllvm", "-regalloc=fast", "-mllvm", "-optimize-regalloc=0",
        "-mllvm", "-disable-copyprop", NULL};
    struct semo_error ignored;
    if (is_c(c->argument[c->count - 1]) && make_small(c, output, &ignored) == SEMO_OK)
        return SEMO_OK;
    return tool_command_run_with(c, fast, output, e);
}
