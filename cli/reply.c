/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/reply.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static json_t *document;
static FILE *out; /* of the document; NULL: text is wanted */

void semo_reply_open(bool json)
{
    document = json_object();
    if (!document)
        abort();
    if (!json)
        return;
    int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), null = open("/dev/null", O_WRONLY);
    out = kept < 0 ? NULL : fdopen(kept, "w");
    if (!out || null < 0 || dup2(null, STDOUT_FILENO) < 0)
        abort();
    close(null);
}

json_t *semo_reply(void)
{
    return document;
}

bool semo_reply_merge(const char *text)
{
    json_t *more = json_loads(text, 0, NULL);
    const bool merged = more && json_object_update(document, more) == 0;
    json_decref(more);
    return merged;
}

bool semo_reply_on_terminal(void)
{
    return isatty(out ? fileno(out) : STDOUT_FILENO);
}

FILE *semo_reply_progress(void)
{
    return out ? stderr : stdout;
}

/* A word of somebody else's may be no UTF-8. */
static json_t *text_of(const struct semo_error *e)
{
    char ascii[sizeof e->text];
    json_t *text = json_string(e->text);
    if (text)
        return text;
    for (size_t i = 0; i < sizeof ascii; i++)
        ascii[i] = (unsigned char)e->text[i] < 0x80 ? e->text[i] : '?';
    return json_string(ascii);
}

int semo_reply_error(const char *verb, const struct semo_error *e)
{
    json_object_set_new(document, "error",
                        json_pack("{s:o,s:i}", "text", text_of(e), "code", (int)e->code));
    fprintf(stderr, "semo%s%s: %s\n", verb[0] ? " " : "", verb, e->text);
    return (int)e->code;
}

static bool write_document(void)
{
    bool done = json_dumpf(document, out, JSON_INDENT(1)) == 0 && putc('\n', out) != EOF;
    return fclose(out) == 0 && done;
}

int semo_reply_close(int code)
{
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (out)
        written = write_document();
    json_decref(document);
    out = NULL;
    document = NULL;
    if (written)
        return code;
    fprintf(stderr, "semo: the output could not be written\n");
    return code == SEMO_EXIT_DONE ? SEMO_EXIT_RESOURCE : code;
}
