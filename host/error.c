/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "host/error.h"

/* What the user typed may come back in the text: nothing of it may steer the terminal. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            *text = '?';
}

static size_t put_position(char *text, size_t room, const char *file, unsigned line,
                           unsigned column)
{
    int n = 0;
    if (file && line && column)
        n = snprintf(text, room, "%s:%u:%u: ", file, line, column);
    else if (file && line)
        n = snprintf(text, room, "%s:%u: ", file, line);
    else if (file)
        n = snprintf(text, room, "%s: ", file);
    return n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

enum semo_status semo_error_set(struct semo_error *e, enum semo_status status, enum semo_exit code,
                                const char *file, unsigned line, unsigned column,
                                const char *format, ...)
{
    va_list arguments;
    size_t used = put_position(e->text, sizeof e->text, file, line, column);
    va_start(arguments, format);
    vsnprintf(e->text + used, sizeof e->text - used, format, arguments);
    va_end(arguments);
    make_printable(e->text);
    e->code = code;
    return status;
}

const char *semo_status_text(enum semo_status status)
{
    switch (status) {
#define STATUS_TEXT(name, number, text)                                                            \
    case SEMO_##name:                                                                              \
        return text;
        SEMO_STATUS_TABLE(STATUS_TEXT)
#undef STATUS_TEXT
    }
    return "a status that this program does not know";
}
