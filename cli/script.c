/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of `seconds[.milliseconds] action`; # starts a comment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/up.h"
#include "host/file.h"

#define SCRIPT_MAX  (256 * 1024)
#define SECONDS_MAX 1000000000u

/* ---- reading ---- */

static bool read_time(const char *word, size_t len, uint64_t *ms)
{
    uint64_t seconds = 0, thousandths = 0;
    unsigned digits = 0;
    size_t i = 0;
    for (; i < len && word[i] >= '0' && word[i] <= '9' && seconds <= SECONDS_MAX; i++)
        seconds = seconds * 10 + (uint64_t)(word[i] - '0');
    if (i == 0 || seconds > SECONDS_MAX)
        return false;
    if (i < len && word[i] == '.')
        for (i++; i < len && word[i] >= '0' && word[i] <= '9' && digits < 3; i++, digits++)
            thousandths = thousandths * 10 + (uint64_t)(word[i] - '0');
    for (; digits < 3; digits++)
        thousandths *= 10;
    *ms = seconds * 1000 + thousandths;
    return i == len;
}

static enum semo_status read_line(struct semo_up *u, const char *path, char *text, unsigned line,
                                  struct semo_error *e)
{
    uint64_t ms;
    text[strcspn(text, "#\r")] = 0;
    char *word = text + strspn(text, " \t");
    size_t len = strcspn(word, " \t");
    if (*word == 0)
        return SEMO_OK;
    char *action = word + len + strspn(word + len, " \t");
    unsigned column = (unsigned)(word - text) + 1;
    for (size_t n = strlen(action); n > 0 && (action[n - 1] == ' ' || action[n - 1] == '\t'); n--)
        action[n - 1] = 0;
    if (!read_time(word, len, &ms))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, path, line, column,
                              "%.*s: not a time; write seconds after the start of the data",
                              (int)len, word);
    if (u->script_count && ms < u->script[u->script_count - 1].at_ms)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, path, line, column,
                              "%.*s: earlier than the line before; sort the lines by time",
                              (int)len, word);
    if (*action == 0)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, path, line, column,
                              "%.*s: no action; write one after the time", (int)len, word);
    u->script[u->script_count++] =
        (struct semo_script_line){.at_ms = ms, .line = line, .words = semo_format("%s", action)};
    return SEMO_OK;
}

enum semo_status semo_script_read(const char *path, struct semo_up *u, struct semo_error *e)
{
    uint8_t *bytes;
    size_t len, lines = 1;
    enum semo_status status = semo_file_read(path, SCRIPT_MAX, &bytes, &len, e);
    if (status != SEMO_OK) {
        e->code = SEMO_EXIT_USAGE;
        return status;
    }
    for (size_t i = 0; i < len; i++)
        lines += bytes[i] == '\n';
    u->script = semo_allocate(lines, sizeof *u->script);
    char *at = (char *)bytes;
    for (unsigned line = 1; at && status == SEMO_OK; line++) {
        char *end = strchr(at, '\n');
        if (end)
            *end = 0;
        status = read_line(u, path, at, line, e);
        at = end ? end + 1 : NULL;
    }
    free(bytes);
    return status;
}

/* ---- doing ---- */

static enum semo_status fail(struct semo_error *e, const char *word, const char *text)
{
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0, "%.60s: %s", word, text);
}

/* Nodes of an argument; no argument: every node with a relay in the world's wires, or every chip.
 */
static bool means_node(const struct semo_up *u, const char *name, unsigned node)
{
    const struct semo_descriptor *d = u->session->d;
    if (*name)
        return strcmp(d->nodes[node].name, name) == 0;
    for (unsigned i = 0; i < d->wire_count; i++)
        if (d->wires[i].from == node)
            return true;
    return d->wire_count == 0 && d->nodes[node].kind == SEMO_NODE_MCU;
}

static enum semo_status do_attack(struct semo_up *u, const char *argument, struct semo_error *e)
{
    if (strcmp(argument, "on") != 0 && strcmp(argument, "off") != 0)
        return fail(e, argument, "write attack on or attack off");
    semo_up_attack(u, argument[1] == 'n');
    return SEMO_OK;
}

static enum semo_status stick(struct semo_up *u, const char *node, bool stuck, struct semo_error *e)
{
    struct semo_control_client *client = u->session->link.client;
    bool any = false;
    for (unsigned n = 0; n < u->session->d->node_count; n++) {
        if (!means_node(u, node, n))
            continue;
        any = true;
        if (semo_control_stick(client, n, stuck) != SEMO_OK)
            return fail(e, "semo-node", "gone");
    }
    return any ? SEMO_OK : fail(e, node, "no node of this name");
}

static enum semo_status do_stick(struct semo_up *u, const char *argument, struct semo_error *e)
{
    return stick(u, argument, true, e);
}

static enum semo_status do_unstick(struct semo_up *u, const char *argument, struct semo_error *e)
{
    return stick(u, argument, false, e);
}

static enum semo_status do_reset(struct semo_up *u, const char *argument, struct semo_error *e)
{
    int node = semo_descriptor_node(u->session->d, argument);
    if (node < 0)
        return fail(e, argument, "no node of this name; write reset NODE");
    if (semo_control_reset(u->session->link.client, (unsigned)node, 1) != SEMO_OK)
        return fail(e, "semo-node", "gone");
    return SEMO_OK;
}

static enum semo_status do_quit(struct semo_up *u, const char *argument, struct semo_error *e)
{
    (void)argument;
    (void)e;
    semo_up_quit(u);
    return SEMO_OK;
}

static const struct {
    const char *word;
    enum semo_status (*run)(struct semo_up *u, const char *argument, struct semo_error *e);
} actions[] = {
    {"attack", do_attack}, {"stick", do_stick}, {"unstick", do_unstick},
    {"reset", do_reset},   {"quit", do_quit},
};

enum semo_status semo_script_do(struct semo_up *u, const char *words, struct semo_error *e)
{
    size_t len = strcspn(words, " \t");
    const char *argument = words + len + strspn(words + len, " \t");
    enum semo_status status = SEMO_UNKNOWN;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strlen(actions[i].word) == len && strncmp(actions[i].word, words, len) == 0)
            return actions[i].run(u, argument, e);
    if (u->application->action)
        status = u->application->action(u->context, words, e);
    if (status == SEMO_UNKNOWN)
        return fail(e, words, "not an action of this application");
    return status;
}
