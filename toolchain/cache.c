/* SPDX-License-Identifier: Apache-2.0 */
/* Beside each output: output.d, the dependency file of the compiler, and output.stamp, a hash over
 * the command, the contents of everything named there and the output itself, so that a damaged one
 * is made anew. A build cache, not a defence: FNV-1a. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host/file.h"
#include "toolchain/parts.h"

enum { FILE_MAX = 16 << 20 };

static uint64_t hash_bytes(uint64_t h, const void *bytes, size_t len)
{
    const uint8_t *b = bytes;
    while (len--)
        h = (h ^ *b++) * 0x100000001B3u;
    return h;
}

static bool hash_file(const char *path, uint64_t *h)
{
    struct semo_error ignored;
    uint8_t *bytes;
    size_t len;
    if (semo_file_read(path, FILE_MAX, &bytes, &len, &ignored) != SEMO_OK)
        return false;
    *h = hash_bytes(hash_bytes(*h, path, strlen(path) + 1), bytes, len);
    free(bytes);
    return true;
}

/* "target: a b \<newline> c": names end at white space that no backslash precedes. */
static bool hash_dependencies(char *text, uint64_t *h)
{
    char *at = strstr(text, ": ");
    for (at = at ? at + 2 : text + strlen(text); *at;) {
        char *name, *to;
        at += strspn(at, " \n");
        if (at[0] == '\\' && at[1] == '\n') {
            at += 2;
            continue;
        }
        for (name = to = at; *at && *at != ' ' && *at != '\n'; *to++ = *at++)
            if (at[0] == '\\' && at[1] == ' ')
                at++;
        if (*at)
            at++;
        *to = 0;
        if (*name && !hash_file(name, h))
            return false;
    }
    return true;
}

/* An object, and the stack figures that the compiler wrote with it. */
static bool hash_output(const char *output, uint64_t *h)
{
    size_t len = strlen(output);
    char *su = semo_format("%.*s.su", (int)(len - (len > 2 ? 2 : 0)), output);
    bool done = hash_file(output, h) && (!semo_file_exists(su) || hash_file(su, h));
    free(su);
    return done;
}

static bool make_stamp(const char *output, const struct tool_command *c, char stamp[17])
{
    char *path = semo_format("%s.d", output);
    struct semo_error ignored;
    uint64_t h = 0xCBF29CE484222325u;
    uint8_t *text;
    size_t len;
    bool done;
    for (unsigned i = 0; i < c->count; i++)
        h = hash_bytes(h, c->argument[i], strlen(c->argument[i]) + 1);
    done = semo_file_read(path, FILE_MAX, &text, &len, &ignored) == SEMO_OK;
    free(path);
    if (!done)
        return false;
    done = hash_dependencies((char *)text, &h) && hash_output(output, &h);
    free(text);
    snprintf(stamp, 17, "%016" PRIx64, h);
    return done;
}

bool tool_cache_holds(const char *output, const struct tool_command *c)
{
    char *path = semo_format("%s.stamp", output), stamp[17];
    struct semo_error ignored;
    uint8_t *text = NULL;
    size_t len;
    bool same = semo_file_read(path, sizeof stamp, &text, &len, &ignored) == SEMO_OK &&
                make_stamp(output, c, stamp) && strcmp(stamp, (char *)text) == 0;
    free(text);
    free(path);
    return same;
}

enum semo_status tool_cache_store(const char *output, const struct tool_command *c,
                                  struct semo_error *e)
{
    char stamp[17], *path;
    enum semo_status status;
    if (!make_stamp(output, c, stamp))
        return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, output, 0, 0,
                              "the compiler named a file that cannot be read");
    path = semo_format("%s.stamp", output);
    status = semo_file_write(path, stamp, strlen(stamp), 0644, e);
    free(path);
    return status;
}
