/* SPDX-License-Identifier: Apache-2.0 */
/* semo cc: programs and modules in the style of the published Sancus tool chain. docs/sancus.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/reply.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "toolchain/compat/compat.h"

static enum semo_status number(const char *text, const char *name, uint64_t least, uint64_t most,
                               unsigned *value, struct semo_error *e)
{
    uint64_t n = *value;
    if (text && (!semo_options_number(text, most, &n) || n < least || n % 2))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, text, 0, 0,
                              "--%s is an even number from %u to %u", name, (unsigned)least,
                              (unsigned)most);
    *value = (unsigned)n;
    return SEMO_OK;
}

/* Takes "-o FILE" and "-oFILE" out of the arguments. */
static enum semo_status take_output(char **arguments, unsigned *count, const char **output,
                                    struct semo_error *e)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < *count; i++) {
        if (strncmp(arguments[i], "-o", 2) != 0) {
            arguments[kept++] = arguments[i];
            continue;
        }
        *output = arguments[i][2] ? arguments[i] + 2 : ++i < *count ? arguments[i] : NULL;
        if (!*output)
            return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, "-o", 0, 0, "names no file");
    }
    *count = kept;
    return SEMO_OK;
}

int semo_verb_cc(const struct semo_options *o)
{
    struct semo_error e = {{0}, SEMO_EXIT_FAILED};
    struct semo_compat_request r = {.arguments = o->files,
                                    .count = o->file_count,
                                    .security = 64,
                                    .stack = 512,
                                    .vendor_key = o->vendor_key,
                                    .listing = stdout};
    char *root = semo_session_root();
    enum semo_status status = take_output(o->files, &r.count, &r.output, &e);
    r.root = root;
    if (status == SEMO_OK)
        status = number(o->security, "security", 64, 128, &r.security, &e);
    if (status == SEMO_OK && r.security != 64 && r.security != 128)
        status = semo_error_set(&e, SEMO_INPUT, SEMO_EXIT_USAGE, o->security, 0, 0,
                                "--security is 64 or 128");
    if (status == SEMO_OK)
        status = number(o->stack, "stack", 64, 8192, &r.stack, &e);
    if (status == SEMO_OK)
        status = semo_compat_build(&r, &e);
    free(root);
    if (status != SEMO_OK)
        return semo_reply_error("cc", &e);
    json_object_set_new(semo_reply(), "output", json_string(r.output ? r.output : "a.out"));
    return SEMO_EXIT_DONE;
}
