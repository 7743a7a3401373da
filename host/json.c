/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8259 as a yes or no with a position; the tree itself is built by libyaml (host/tree.c). */
#include <stdio.h>
#include <string.h>
#include "host/tree.h"

struct json {
    const char *file;
    const uint8_t *at, *end;
    unsigned line, column, depth;
    struct semo_error *error;
};

static int peek(const struct json *j)
{
    return j->at < j->end ? *j->at : -1;
}

/* Columns count characters, not bytes, as libyaml does. */
static void step(struct json *j)
{
    uint8_t c = *j->at++;
    if (c == '\n') {
        j->line++;
        j->column = 1;
    } else if ((c & 0xC0) != 0x80) {
        j->column++;
    }
}

static enum semo_status fail(struct json *j, const char *what)
{
    char word[24];
    int c = peek(j);
    if (c < 0)
        snprintf(word, sizeof word, "end of file");
    else if (c < 0x20 || c == 0x7F)
        snprintf(word, sizeof word, "character 0x%02x", c);
    else if (c < 0x80)
        snprintf(word, sizeof word, "%c", c);
    else
        snprintf(word, sizeof word, "byte 0x%02x", c);
    return semo_error_set(j->error, SEMO_INPUT, SEMO_EXIT_USAGE, j->file, j->line, j->column,
                          "%s: not JSON; %s", word, what);
}

static void skip_blanks(struct json *j)
{
    while (peek(j) == ' ' || peek(j) == '\t' || peek(j) == '\n' || peek(j) == '\r')
        step(j);
}

static bool is_hex(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* libyaml reads no pairs of surrogates. */
static enum semo_status read_code(struct json *j)
{
    const struct json start = *j;
    step(j);
    for (unsigned i = 0; i < 4; i++, step(j))
        if (!is_hex(peek(j)))
            return fail(j, "write four hexadecimal digits after \\u");
    if (!strchr("dD", start.at[1]) || strchr("01234567", start.at[2]))
        return SEMO_OK;
    return semo_error_set(j->error, SEMO_INPUT, SEMO_EXIT_USAGE, j->file, start.line,
                          start.column - 1, "\\%.5s: half of a pair; write the character itself",
                          (const char *)start.at);
}

static enum semo_status read_escape(struct json *j)
{
    step(j);
    if (peek(j) == 'u')
        return read_code(j);
    if (peek(j) <= 0 || !strchr("\"\\/bfnrt", peek(j)))
        return fail(j, "after a backslash write one of \" \\ / b f n r t u");
    step(j);
    return SEMO_OK;
}

static enum semo_status read_string(struct json *j)
{
    if (peek(j) != '"')
        return fail(j, "write a string in double quotes");
    step(j);
    while (peek(j) != '"') {
        if (peek(j) < 0x20) /* the end of the file, too */
            return fail(j, "close the string with a double quote on the same line");
        if (peek(j) != '\\')
            step(j);
        else if (read_escape(j) != SEMO_OK)
            return SEMO_INPUT;
    }
    step(j);
    return SEMO_OK;
}

static bool skip_digits(struct json *j)
{
    bool any = false;
    for (; peek(j) >= '0' && peek(j) <= '9'; any = true)
        step(j);
    return any;
}

static enum semo_status read_number(struct json *j)
{
    if (peek(j) == '-')
        step(j);
    if (peek(j) == '0')
        step(j);
    else if (!skip_digits(j))
        return fail(j, "write a digit after the sign");
    if (peek(j) == '.') {
        step(j);
        if (!skip_digits(j))
            return fail(j, "write a digit after the point");
    }
    if (peek(j) == 'e' || peek(j) == 'E') {
        step(j);
        if (peek(j) == '+' || peek(j) == '-')
            step(j);
        if (!skip_digits(j))
            return fail(j, "write a digit in the exponent");
    }
    return SEMO_OK;
}

static enum semo_status read_word(struct json *j)
{
    static const char *const words[] = {"true", "false", "null"};
    for (unsigned i = 0; i < 3; i++) {
        size_t len = strlen(words[i]);
        if ((size_t)(j->end - j->at) < len || memcmp(j->at, words[i], len) != 0)
            continue;
        for (; len > 0; len--)
            step(j);
        return SEMO_OK;
    }
    return fail(j, "write a string in double quotes, a number, true, false, null, { or [");
}

static enum semo_status read_value(struct json *j);

static enum semo_status read_member(struct json *j, bool named)
{
    if (!named)
        return read_value(j);
    if (read_string(j) != SEMO_OK)
        return SEMO_INPUT;
    skip_blanks(j);
    if (peek(j) != ':')
        return fail(j, "write a colon after the name of a field");
    step(j);
    return read_value(j);
}

static enum semo_status read_members(struct json *j, int close)
{
    if (++j->depth > SEMO_TREE_DEPTH)
        return semo_error_set(j->error, SEMO_INPUT, SEMO_EXIT_USAGE, j->file, j->line, j->column,
                              "%c: nested deeper than %u levels; flatten it", peek(j),
                              SEMO_TREE_DEPTH);
    step(j);
    skip_blanks(j);
    while (peek(j) != close) {
        if (read_member(j, close == '}') != SEMO_OK)
            return SEMO_INPUT;
        skip_blanks(j);
        if (peek(j) != ',' && peek(j) != close)
            return fail(j, close == '}' ? "write a comma or } here" : "write a comma or ] here");
        if (peek(j) == ',')
            step(j);
        skip_blanks(j);
    }
    step(j);
    j->depth--;
    return SEMO_OK;
}

static enum semo_status read_value(struct json *j)
{
    skip_blanks(j);
    int c = peek(j);
    if (c == '{')
        return read_members(j, '}');
    if (c == '[')
        return read_members(j, ']');
    if (c == '"')
        return read_string(j);
    if (c == '-' || (c >= '0' && c <= '9'))
        return read_number(j);
    return read_word(j);
}

enum semo_status semo_json_check(const char *file, const uint8_t *bytes, size_t len,
                                 struct semo_error *e)
{
    struct json j = {
        .file = file, .at = bytes, .end = bytes + len, .line = 1, .column = 1, .error = e};
    if (read_value(&j) != SEMO_OK)
        return SEMO_INPUT;
    skip_blanks(&j);
    return peek(&j) < 0 ? SEMO_OK : fail(&j, "remove what follows the closing bracket");
}
