/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <semo/map.h>
#include "cli/reply.h"
#include "cli/session.h"
#include "host/file.h"
#include "host/log.h"
#include "host/process.h"

#define STEER_WAIT_MS  10000 /* host time */
#define STEER_RETRY_MS 20

char *semo_session_root(void)
{
    static const char *const below[] = {"../..", "../share/semo"};
    const char *given = getenv("SEMO_ROOT");
    if (given)
        return semo_format("%s", given);
    for (unsigned i = 0; i < 2; i++) {
        char *root = semo_process_beside(below[i]);
        char *probe = semo_format("%s/include/semo/module.h", root);
        bool found = semo_file_exists(probe);
        free(probe);
        if (found)
            return root;
        free(root);
    }
    return semo_format(".");
}

static bool reaches_nodes(const struct semo_session *s)
{
    return s->link.client || (s->deploy && s->deploy->link);
}

void semo_session_print(void *context, const char *line)
{
    const struct semo_session *s = context;
    if (s && reaches_nodes(s))
        semo_log_add(s->log, (double)s->link.now / SEMO_CLOCK_HZ, "deployer", "%s", line);
    fprintf(semo_reply_progress(), "%s\n", line);
    fflush(semo_reply_progress());
}

void semo_session_whisper(void *context, const char *line)
{
    const struct semo_session *s = context;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - s->began.tv_sec > 1 && isatty(STDERR_FILENO))
        fprintf(stderr, "%s\n", line);
}

unsigned semo_session_compiles(const struct semo_options *o)
{
    return SEMO_SESSION_LOCK | (o->state ? 0 : SEMO_SESSION_MAKE);
}

enum semo_status semo_session_open(struct semo_session *s, const struct semo_options *o,
                                   unsigned flags, struct semo_error *e)
{
    memset(s, 0, sizeof *s);
    clock_gettime(CLOCK_MONOTONIC, &s->began);
    s->options = o;
    enum semo_status status = semo_descriptor_load(o->files, o->file_count, &s->d, e);
    if (status != SEMO_OK)
        return status;
    for (unsigned i = 0; i < s->d->warning_count; i++)
        fprintf(stderr, "%s\n", s->d->warnings[i]);
    status = semo_state_open(s->d, o->state, o->operator_key, flags, &s->state, e);
    if (status != SEMO_OK)
        return status;
    s->root = semo_session_root();
    s->socket = semo_state_file(s->state, "control", ".sock");
    s->deploy = semo_deploy_new(s->d, s->state, s->root);
    s->deploy->progress = semo_session_print;
    s->deploy->progress_context = s;
    s->log = semo_state_file(s->state, "events", ".log");
    return SEMO_OK;
}

/* --nodes: the socket of nodes that somebody else runs, or the folder it lies in. */
static void choose_socket(struct semo_session *s)
{
    struct stat about;
    const char *nodes = s->options->nodes;
    if (!nodes)
        return;
    bool folder = stat(nodes, &about) == 0 && S_ISDIR(about.st_mode);
    free(s->socket);
    s->socket = semo_format("%s%s", nodes, folder ? "/control.sock" : "");
}

static bool are_elsewhere(const struct semo_descriptor *d)
{
    bool all = d->node_count > 0;
    for (unsigned n = 0; n < d->node_count; n++)
        all = all && d->nodes[n].host && !d->nodes[n].emulated;
    return all;
}

/* Beside what the command is about. */
static void show_print(void *context, uint64_t time, unsigned node, const char *text)
{
    const struct semo_session *s = context;
    (void)time;
    if (node >= s->d->node_count)
        return;
    fprintf(stderr, "print %s %s\n", s->d->nodes[node].name, text);
    json_t *list = json_object_get(semo_reply(), "printed");
    if (!list)
        json_object_set_new(semo_reply(), "printed", list = json_array());
    json_array_append_new(list,
                          json_pack("{s:s,s:s}", "node", s->d->nodes[node].name, "text", text));
}

void semo_session_show_prints(struct semo_session *s)
{
    s->link.print = show_print;
    s->link.print_context = s;
}

enum semo_status semo_session_join(struct semo_session *s, struct semo_error *e)
{
    choose_socket(s);
    enum semo_status status = semo_link_open(&s->link, s->socket, e);
    if (status == SEMO_MISSING && are_elsewhere(s->d))
        status = SEMO_OK; /* nobody has to run here */
    if (status == SEMO_OK)
        status = semo_link_join(&s->link, s->d, e);
    if (status == SEMO_OK)
        status = semo_deploy_elsewhere(s->deploy, &s->link, e);
    if (status != SEMO_OK)
        return status;
    s->deploy->link = &s->link;
    status = semo_state_read_run(s->state, s->d, e);
    return status == SEMO_MISSING ? SEMO_OK : status;
}

int semo_session_close(struct semo_session *s, const char *verb, enum semo_status status,
                       const struct semo_error *e)
{
    int code = status == SEMO_OK ? SEMO_EXIT_DONE : semo_reply_error(verb, e);
    if (status != SEMO_OK && reaches_nodes(s))
        semo_log_add(s->log, (double)s->link.now / SEMO_CLOCK_HZ, "deployer", "%s: %s", verb,
                     e->text);
    semo_link_close(&s->link);
    semo_deploy_free(s->deploy);
    semo_state_close(s->state);
    semo_descriptor_free(s->d);
    free(s->root);
    free(s->socket);
    free(s->log);
    return code;
}

/* One command after the other gives nodes their orders, whoever their owners are. */
static enum semo_status steer(struct semo_session *s, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    for (int waited = 0; status == SEMO_OK && s->link.guest; waited += STEER_RETRY_MS) {
        if (waited >= STEER_WAIT_MS)
            return semo_error_set(e, SEMO_BUSY, SEMO_EXIT_RESOURCE, s->socket, 0, 0,
                                  "another command steers these nodes; wait until it ends");
        semo_link_close(&s->link);
        poll(NULL, 0, STEER_RETRY_MS);
        status = semo_link_open(&s->link, s->socket, e);
        if (status == SEMO_OK)
            status = semo_link_join(&s->link, s->d, e);
        if (status == SEMO_OK)
            status = semo_deploy_elsewhere(s->deploy, &s->link, e);
    }
    return status;
}

int semo_session_run(const struct semo_options *o, const char *verb, unsigned how,
                     semo_session_fn *work)
{
    struct semo_session s;
    struct semo_error e = {{0}, SEMO_EXIT_FAILED};
    enum semo_status status =
        semo_session_open(&s, o, how & (SEMO_SESSION_LOCK | SEMO_SESSION_MAKE), &e);
    if (status == SEMO_OK && (how & (SEMO_SESSION_JOIN | SEMO_SESSION_STEER)))
        status = semo_session_join(&s, &e);
    if (status == SEMO_OK && (how & SEMO_SESSION_STEER))
        status = steer(&s, &e);
    semo_session_show_prints(&s);
    if (status == SEMO_OK)
        status = work(&s, o, &e);
    return semo_session_close(&s, verb, status, &e);
}

enum semo_status semo_session_direct(const struct semo_session *s, const char *name,
                                     unsigned *connection, struct semo_error *e)
{
    for (unsigned i = 0; i < s->d->connection_count; i++) {
        const struct semo_connection_spec *c = &s->d->connections[i];
        if (!name || strcmp(c->name, name) != 0 || c->shared || c->from != SEMO_DEPLOYER)
            continue;
        *connection = i;
        return SEMO_OK;
    }
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                          "%.60s: no direct connection of this name; give one by --connection",
                          name ? name : "--connection");
}

const struct semo_io *semo_session_entry(const struct semo_session *s, unsigned module,
                                         const char *entry)
{
    const struct semo_unit *u = s->deploy->units[module];
    const struct semo_io *io = semo_unit_io(u, SEMO_IO_ENTRY, entry);
    uint64_t number;
    bool numbered = !io && semo_options_number(entry, UINT8_MAX, &number);
    for (unsigned i = 0; numbered && !io && i < u->io_count; i++)
        if (u->io[i].kind == SEMO_IO_ENTRY && u->io[i].index == number)
            io = &u->io[i];
    return io;
}

enum semo_status semo_session_hex(const char *text, uint8_t *out, unsigned room, unsigned *len,
                                  struct semo_error *e)
{
    size_t digits = text ? strlen(text) : 0;
    if (digits % 2 || digits / 2 > room ||
        (text && strspn(text, "0123456789abcdefABCDEF") != digits))
        return semo_error_set(
            e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
            "%.60s: not a payload; write at most %u bytes, two hexadecimal digits "
            "each",
            text, room);
    for (size_t i = 0; i < digits / 2; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], 0};
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    *len = (unsigned)(digits / 2);
    return SEMO_OK;
}

void semo_session_print_state(const struct semo_session *s)
{
    char *text = semo_state_status(s->state, s->d);
    semo_reply_merge(text);
    free(text);
}

char *semo_session_to_hex(const uint8_t *bytes, unsigned len)
{
    char *text = semo_allocate(2 * (size_t)len + 1, 1);
    for (unsigned i = 0; i < len; i++)
        sprintf(text + (size_t)2 * i, "%02x", bytes[i]);
    return text;
}
