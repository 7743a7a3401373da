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
        (struct semo_script_line){.at_ms = ms,
                                  .line = line,
                                  .column = (unsigned)(action - text) + 1,
                                  .words = semo_format("%s", action)};
    return SEMO_OK;
}

static enum semo_status read_lines(const char *path, struct semo_up *u, struct semo_error *e)
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

static bool is_chip_here(const struct semo_descriptor *d, unsigned node)
{
    return d->nodes[node].kind == SEMO_NODE_MCU && d->nodes[node].emulated;
}

/* Nodes of an argument; no argument: every node with a relay in the world's wires, or every chip.
 */
static bool means_node(const struct semo_up *u, const char *name, unsigned node)
{
    const struct semo_descriptor *d = u->session->d;
    if (!is_chip_here(d, node))
        return false;
    if (*name)
        return strcmp(d->nodes[node].name, name) == 0;
    for (unsigned i = 0; i < d->wire_count; i++)
        if (d->wires[i].from == node)
            return true;
    return d->wire_count == 0;
}

static enum semo_status do_attack(struct semo_up *u, const char *argument)
{
    semo_up_attack(u, strcmp(argument, "on") == 0);
    return SEMO_OK;
}

static enum semo_status stick(struct semo_up *u, const char *node, bool stuck)
{
    enum semo_status status = SEMO_OK;
    for (unsigned n = 0; n < u->session->d->node_count && status == SEMO_OK; n++)
        if (means_node(u, node, n))
            status = semo_control_stick(u->session->link.client, n, stuck);
    return status;
}

static enum semo_status do_stick(struct semo_up *u, const char *argument)
{
    return stick(u, argument, true);
}

static enum semo_status do_unstick(struct semo_up *u, const char *argument)
{
    return stick(u, argument, false);
}

static enum semo_status do_reset(struct semo_up *u, const char *argument)
{
    int node = semo_descriptor_node(u->session->d, argument);
    struct semo_error e;
    return semo_link_reset(&u->session->link, (unsigned)node, &e);
}

static enum semo_status press(struct semo_up *u, const char *argument, bool down)
{
    char node[SEMO_NAME_MAX + 1];
    unsigned button;
    if (sscanf(argument, "%31s %u", node, &button) != 2)
        return SEMO_INPUT; /* checked before */
    return semo_control_press(u->session->link.client,
                              (unsigned)semo_descriptor_node(u->session->d, node), button, down,
                              u->session->link.now);
}

static enum semo_status do_press(struct semo_up *u, const char *argument)
{
    return press(u, argument, true);
}

static enum semo_status do_release(struct semo_up *u, const char *argument)
{
    return press(u, argument, false);
}

/* CONNECTION [HEX]: index of the direct connection and the body; why not otherwise. */
static const char *read_output(const struct semo_up *u, const char *text, unsigned *connection,
                               uint8_t *body, unsigned *len)
{
    const struct semo_descriptor *d = u->session->d;
    size_t word = strcspn(text, " \t");
    struct semo_error ignored;
    unsigned i = 0;
    while (i < d->connection_count &&
           (d->connections[i].shared || d->connections[i].from != SEMO_DEPLOYER ||
            strlen(d->connections[i].name) != word ||
            strncmp(d->connections[i].name, text, word) != 0))
        i++;
    *connection = i;
    if (i == d->connection_count)
        return "no direct connection of this name";
    text += word + strspn(text + word, " \t");
    return semo_session_hex(text, body, SEMO_PAYLOAD_MAX, len, &ignored) == SEMO_OK
               ? NULL
               : "write the payload as hexadecimal digits";
}

static enum semo_status do_output(struct semo_up *u, const char *argument)
{
    uint8_t body[SEMO_PAYLOAD_MAX];
    unsigned connection, len;
    struct semo_error e;
    if (read_output(u, argument, &connection, body, &len))
        return SEMO_INPUT; /* checked before */
    return semo_deploy_output(u->session->deploy, connection, body, len, &e);
}

/* The clock runs until the answer is here; without one the run goes on. */
static enum semo_status do_request(struct semo_up *u, const char *argument)
{
    uint8_t body[SEMO_PAYLOAD_MAX], reply[SEMO_PAYLOAD_MAX + 1];
    unsigned connection, len, reply_len;
    struct semo_error e;
    if (read_output(u, argument, &connection, body, &len))
        return SEMO_INPUT; /* checked before */
    enum semo_status status =
        semo_deploy_request(u->session->deploy, connection, body, len, reply, &reply_len, &e);
    if (status == SEMO_OK)
        semo_up_print(u, u->session->link.now, "reply", connection, reply, reply_len);
    else
        semo_up_note(u, "request %s: %s", u->session->d->connections[connection].name, e.text);
    return status == SEMO_MISSING ? status : SEMO_OK;
}

struct script_call {
    unsigned module, len;
    char entry[SEMO_NAME_MAX + 1];
    uint8_t body[SEMO_PAYLOAD_MAX];
};

/* MODULE ENTRY [HEX]; why not otherwise. */
static const char *read_call(const struct semo_up *u, const char *text, struct script_call *call)
{
    char module[SEMO_NAME_MAX + 1];
    struct semo_error ignored;
    int end = 0, index = -1;
    if (sscanf(text, "%31s %31s %n", module, call->entry, &end) != 2)
        return "write a module, an entry and, if it takes one, a payload";
    index = semo_descriptor_module(u->session->d, module);
    if (index < 0)
        return "no module of this name";
    call->module = (unsigned)index;
    return semo_session_hex(text + end, call->body, sizeof call->body, &call->len, &ignored) ==
                   SEMO_OK
               ? NULL
               : "write the payload as hexadecimal digits";
}

/* As for a request, the clock runs until the answer is here. */
static enum semo_status do_call(struct semo_up *u, const char *argument)
{
    struct semo_session *s = u->session;
    struct script_call c;
    struct semo_error e;
    unsigned len;
    if (read_call(u, argument, &c))
        return SEMO_INPUT; /* checked before */
    const struct semo_io *io = semo_session_entry(s, c.module, c.entry);
    const char *name = s->d->modules[c.module].name;
    enum semo_status status =
        semo_link_call(&s->link, s->d->modules[c.module].node, name, s->state->modules[c.module].id,
                       io->index, c.body, c.len, &len, &e);
    if (status == SEMO_OK)
        semo_up_print_answer(u, name, io->name, s->link.answer + 1, len);
    else
        semo_up_note(u, "call %s %s: %s", name, io->name, e.text);
    return status == SEMO_MISSING ? status : SEMO_OK;
}

static enum semo_status do_quit(struct semo_up *u, const char *argument)
{
    (void)argument;
    semo_up_quit(u);
    return SEMO_OK;
}

enum argument { NONE, ON_OFF, NODE, RELAY, BUTTON, OUTPUT, REQUEST, CALL };

static const struct action {
    const char *word;
    enum argument argument;
    enum semo_status (*run)(struct semo_up *u, const char *argument);
} actions[] = {
    {"attack", ON_OFF, do_attack},  {"stick", RELAY, do_stick},
    {"unstick", RELAY, do_unstick}, {"reset", NODE, do_reset},
    {"press", BUTTON, do_press},    {"release", BUTTON, do_release},
    {"output", OUTPUT, do_output},  {"request", REQUEST, do_request},
    {"call", CALL, do_call},        {"quit", NONE, do_quit},
};

static const struct action *find_action(const char *words, const char **argument)
{
    size_t len = strcspn(words, " \t");
    *argument = words + len + strspn(words + len, " \t");
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strlen(actions[i].word) == len && strncmp(actions[i].word, words, len) == 0)
            return &actions[i];
    return NULL;
}

static const char *button_problem(const struct semo_up *u, const char *text)
{
    char name[SEMO_NAME_MAX + 1];
    unsigned button;
    int end = 0;
    if (sscanf(text, "%31s %1u%n", name, &button, &end) != 2 || text[end] ||
        button >= SEMO_BUTTONS_COUNT)
        return "write a node and a button, 0 to 7";
    int node = semo_descriptor_node(u->session->d, name);
    if (node < 0)
        return "no node of this name";
    return is_chip_here(u->session->d, (unsigned)node) ? NULL : "this node has no buttons here";
}

static const char *relay_problem(const struct semo_up *u, const char *name)
{
    const struct semo_descriptor *d = u->session->d;
    if (*name && semo_descriptor_node(d, name) < 0)
        return "no node of this name";
    for (unsigned n = 0; n < d->node_count; n++)
        if (means_node(u, name, n))
            return NULL;
    return *name ? "this node has no relay here" : "no node has a relay here";
}

static const char *output_problem(const struct semo_up *u, const char *text, bool request)
{
    uint8_t body[SEMO_PAYLOAD_MAX];
    unsigned connection, len;
    const char *problem = read_output(u, text, &connection, body, &len);
    if (!problem && (u->session->d->connections[connection].policy == SEMO_REQUEST) != request)
        return request ? "not a request; write output" : "a request; write request";
    return problem;
}

static const char *argument_problem(const struct semo_up *u, enum argument kind, const char *text)
{
    if (kind == NONE && *text)
        return "this action takes no word; leave it out";
    if (kind == ON_OFF && strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
        return "write on or off";
    if (kind == RELAY)
        return relay_problem(u, text);
    if (kind == NODE)
        return semo_descriptor_node(u->session->d, text) < 0 ? "no node of this name" : NULL;
    if (kind == OUTPUT || kind == REQUEST)
        return output_problem(u, text, kind == REQUEST);
    if (kind == CALL)
        return read_call(u, text, &(struct script_call){.len = 0});
    return kind == BUTTON ? button_problem(u, text) : NULL;
}

static bool application_knows(const struct semo_up *u, const char *words)
{
    const char *const *word = u->application->words;
    size_t len = strcspn(words, " \t");
    for (; word && *word; word++)
        if (strlen(*word) == len && strncmp(*word, words, len) == 0)
            return true;
    return false;
}

static enum semo_status check_line(const struct semo_up *u, const char *path,
                                   const struct semo_script_line *line, struct semo_error *e)
{
    const char *argument, *problem = NULL;
    const struct action *action = find_action(line->words, &argument);
    bool known = action || application_knows(u, line->words);
    if (!known)
        problem = "not an action of this application";
    else if (action)
        problem = argument_problem(u, action->argument, argument);
    else if (u->application->problem)
        problem = u->application->problem(line->words);
    if (!problem)
        return SEMO_OK;
    bool at_argument = known && *argument;
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, path, line->line,
                          line->column + (at_argument ? (unsigned)(argument - line->words) : 0),
                          "%.60s: %s", at_argument ? argument : line->words, problem);
}

enum semo_status semo_script_read(const char *path, struct semo_up *u, struct semo_error *e)
{
    enum semo_status status = read_lines(path, u, e);
    for (unsigned i = 0; i < u->script_count && status == SEMO_OK; i++)
        status = check_line(u, path, &u->script[i], e);
    return status;
}

enum semo_status semo_script_check_calls(const struct semo_up *u, struct semo_error *e)
{
    for (unsigned i = 0; i < u->script_count; i++) {
        const struct semo_script_line *line = &u->script[i];
        const char *argument;
        const struct action *action = find_action(line->words, &argument);
        struct script_call c;
        if (!action || action->argument != CALL || read_call(u, argument, &c) ||
            semo_session_entry(u->session, c.module, c.entry))
            continue;
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, u->options->script, line->line,
                              line->column + (unsigned)(argument - line->words),
                              "%.60s: no entry of this name or number", argument);
    }
    return SEMO_OK;
}

enum semo_status semo_script_do(struct semo_up *u, const char *words, struct semo_error *e)
{
    const char *argument;
    const struct action *action = find_action(words, &argument);
    if (!action)
        return u->application->action(u->context, words, e);
    enum semo_status status = action->run(u, argument);
    if (status == SEMO_OK)
        return SEMO_OK;
    return semo_error_set(e, status, SEMO_EXIT_FAILED, "semo-node", 0, 0, "gone");
}
