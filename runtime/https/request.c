/* SPDX-License-Identifier: Apache-2.0 */
/* Only the first line of a request counts; the end of its headers is where the answer may begin. */
#include "runtime/https/https.h"

static void read_line(struct semo_request *r, char c)
{
    if (c != '\r' && r->len < sizeof r->line - 1)
        r->line[r->len++] = c;
}

void semo_request_read(struct semo_request *r, const uint8_t *bytes, size_t len)
{
    for (; len > 0 && !r->whole; len--) {
        char c = (char)*bytes++;
        if (c == '\n') {
            r->whole = r->in_headers && r->line_begins;
            r->in_headers = r->line_begins = true;
        } else if (r->in_headers)
            r->line_begins = r->line_begins && c == '\r';
        else
            read_line(r, c);
    }
}

/* What is behind `start`, NULL: it does not begin with that. */
static char *behind(char *text, const char *start)
{
    while (*start && *text == *start)
        text++, start++;
    return *start ? NULL : text;
}

unsigned semo_request_judge(struct semo_request *r, const char **path)
{
    char *at = behind(r->line, "GET "), *end = at;
    if (!at)
        return 405;
    while (*end && *end != ' ')
        end++;
    if (end == at || !behind(end, " HTTP/1."))
        return 400;
    *end = 0;
    *path = at;
    return 200;
}
