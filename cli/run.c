/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a run: the clock goes from one moment at which somebody here wants something to the
 * next, and what the nodes say meanwhile goes to the application. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "cli/reply.h"
#include "cli/up.h"
#include "host/file.h"

#define CYCLES_PER_MS (SEMO_CLOCK_HZ / 1000)
#define TICK_MAX      ((uint64_t)60 * SEMO_CLOCK_HZ)

/* ---- what an application may do ---- */

enum semo_status semo_up_output(struct semo_up *u, const char *module, const char *input,
                                const void *body, unsigned len, struct semo_error *e)
{
    const struct semo_descriptor *d = u->session->d;
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *c = &d->connections[i];
        if (c->from == SEMO_DEPLOYER && strcmp(d->modules[c->to].name, module) == 0 &&
            strcmp(c->to_input, input) == 0)
            return semo_deploy_output(u->session->deploy, i, body, len, e);
    }
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_USAGE, NULL, 0, 0,
                          "%s.%s: no direct connection to this input in the descriptor", module,
                          input);
}

void semo_up_note(struct semo_up *u, const char *format, ...)
{
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (u->application->note)
        u->application->note(u->context, line);
    else
        fprintf(stderr, "%s\n", line);
}

void semo_up_attack(struct semo_up *u, bool on)
{
    struct semo_control_client *client = u->session->link.client;
    for (unsigned n = 0; n < u->session->d->node_count; n++) {
        if (!u->session->d->nodes[n].emulated)
            continue;
        char *path = semo_nodes_manager(u->session, n, on);
        if (semo_control_manager(client, n, path) != SEMO_OK)
            u->quit = true;
        free(path);
    }
    u->attack = on;
    if (u->application->attack)
        u->application->attack(u->context, on);
}

void semo_up_ask_counters(struct semo_up *u)
{
    struct semo_error e;
    for (unsigned n = 0; n < u->session->d->node_count; n++)
        if (semo_link_post(&u->session->link, n, SEMO_FRAME_COUNTERS, NULL, 0, &e) != SEMO_OK)
            u->quit = true;
}

void semo_up_quit(struct semo_up *u)
{
    u->quit = true;
}

/* ---- what the nodes say ---- */

/* Milliseconds after the start of the data, as in scripts. */
static unsigned long long since_start(const struct semo_up *u, uint64_t time)
{
    return time > u->start ? (time - u->start) / CYCLES_PER_MS : 0;
}

static void add_to_reply(const char *list, json_t *item)
{
    json_t *there = json_object_get(semo_reply(), list);
    if (!there)
        json_object_set_new(semo_reply(), list, there = json_array());
    json_array_append_new(there, item);
}

static void print_event(const struct semo_up *u, uint64_t time, const char *what, const char *of,
                        const char *name, const uint8_t *body, unsigned len)
{
    unsigned long long ms = since_start(u, time);
    char *hex = semo_session_to_hex(body, len);
    printf("%6llu.%03llu %s %s %s\n", ms / 1000, ms % 1000, what, name, hex);
    fflush(stdout);
    add_to_reply("events", json_pack("{s:I,s:s,s:s}", "ms", (json_int_t)ms, of, name, "body", hex));
    free(hex);
}

void semo_up_print(const struct semo_up *u, uint64_t time, const char *what, unsigned connection,
                   const uint8_t *body, unsigned len)
{
    print_event(u, time, what, "connection", u->session->d->connections[connection].name, body,
                len);
}

void semo_up_print_answer(const struct semo_up *u, const char *module, const char *entry,
                          const uint8_t *body, unsigned len)
{
    char *name = semo_format("%s.%s", module, entry);
    print_event(u, u->session->link.now, "answer", "entry", name, body, len);
    free(name);
}

static void on_event(void *context, uint64_t time, unsigned connection, uint8_t *sealed,
                     unsigned len)
{
    struct semo_up *u = context;
    uint8_t body[SEMO_PAYLOAD_MAX + 1];
    unsigned body_len;
    int index = semo_state_connection(u->session->state, connection);
    if (index < 0 || semo_deploy_input(u->session->deploy, (unsigned)index, sealed, len, body,
                                       &body_len) != SEMO_OK)
        return; /* not authentic: counted by the channel */
    if (u->application->event)
        u->application->event(u->context, time, (unsigned)index, body, body_len);
    else
        semo_up_print(u, time, "event", (unsigned)index, body, body_len);
}

static void on_counters(void *context, unsigned node, const uint32_t *count, unsigned n)
{
    struct semo_up *u = context;
    if (u->application->counters)
        u->application->counters(u->context, node, count, n);
}

static void on_frame(void *context, uint64_t time, unsigned node, const uint8_t *frame,
                     unsigned len)
{
    struct semo_link *l = &((struct semo_up *)context)->session->link;
    struct semo_control_handlers *h = &l->handlers;
    h->frame(h->context, time, node, frame, len);
}

static void on_print(void *context, uint64_t time, unsigned node, const char *text)
{
    struct semo_link *l = &((struct semo_up *)context)->session->link;
    struct semo_control_handlers *h = &l->handlers;
    h->print(h->context, time, node, text);
}

static void on_stopped(void *context, uint64_t time, unsigned reason)
{
    struct semo_up *u = context;
    (void)reason;
    u->session->link.now = time;
    u->stopped = true;
}

static void on_han(void *context, uint64_t time, unsigned node, const uint8_t *bytes, unsigned len)
{
    struct semo_up *u = context;
    if (u->application->han)
        u->application->han(u->context, time, node, bytes, len);
}

static void on_pin(void *context, uint64_t time, unsigned node, bool closed)
{
    struct semo_up *u = context;
    semo_world_pin(u, time, node, closed);
    if (u->application->pin)
        u->application->pin(u->context, time, node, closed);
}

/* Lamp 0 to the right; the panel has only characters that can be printed. */
static void on_show(void *context, uint64_t time, unsigned node, const uint8_t *face, unsigned len)
{
    struct semo_up *u = context;
    const char *name = u->session->d->nodes[node].name, *text = (const char *)face + 1;
    unsigned long long ms = since_start(u, time);
    char lamps[9] = "........";
    if (len != 1 + SEMO_PANEL_ROWS * SEMO_PANEL_COLUMNS)
        return;
    for (unsigned bit = 0; bit < 8; bit++)
        if (face[0] >> bit & 1)
            lamps[7 - bit] = '*';
    printf("%6llu.%03llu show %s %s [%.*s] [%.*s]\n", ms / 1000, ms % 1000, name, lamps,
           SEMO_PANEL_COLUMNS, text, SEMO_PANEL_COLUMNS, text + SEMO_PANEL_COLUMNS);
    fflush(stdout);
    add_to_reply("shown", json_pack("{s:I,s:s,s:s,s:s%}", "ms", (json_int_t)ms, "node", name,
                                    "lamps", lamps, "text", text, (size_t)(len - 1)));
}

static void on_printed(void *context, uint64_t time, unsigned node, const char *text)
{
    struct semo_up *u = context;
    const char *name = node < u->session->d->node_count ? u->session->d->nodes[node].name : "?";
    unsigned long long ms = since_start(u, time);
    if (u->application->note)
        semo_up_note(u, "print %s %s", name, text);
    else
        printf("%6llu.%03llu print %s %s\n", ms / 1000, ms % 1000, name, text);
    fflush(stdout);
    add_to_reply("printed",
                 json_pack("{s:I,s:s,s:s}", "ms", (json_int_t)ms, "node", name, "text", text));
}

static void on_hop(void *context, uint64_t time, unsigned from, unsigned to, unsigned connection)
{
    struct semo_up *u = context;
    (void)from;
    (void)to;
    if (u->application->hop)
        u->application->hop(u->context, time, connection);
}

static void on_lost(void *context, uint64_t time, unsigned node, const char *reason)
{
    struct semo_up *u = context;
    (void)time;
    u->lost++;
    semo_up_note(u, "node %s: %s",
                 node < u->session->d->node_count ? u->session->d->nodes[node].name : "?", reason);
}

static void on_text(void *context, const char *text)
{
    semo_up_note(context, "%s", text);
}

static void on_refused(void *context, unsigned type, const char *reason)
{
    struct semo_up *u = context;
    if (type == SEMO_CONTROL_HAN)
        u->han_refused = u->quit = true;
    else
        semo_up_note(u, "semo-node refused message %u: %s", type, reason);
}

/* ---- time ---- */

static uint64_t script_time(const struct semo_up *u)
{
    return u->script_next < u->script_count
               ? u->start + u->script[u->script_next].at_ms * CYCLES_PER_MS
               : UINT64_MAX;
}

static uint64_t tick_length(const struct semo_up *u)
{
    uint64_t length = (uint64_t)u->speed * SEMO_CLOCK_HZ / 10;
    return length == 0 || length > TICK_MAX ? TICK_MAX : length;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static enum semo_status run_script(struct semo_up *u, uint64_t now, struct semo_error *e)
{
    while (!u->quit && script_time(u) <= now) {
        const struct semo_script_line *line = &u->script[u->script_next++];
        struct semo_error why = {{0}, 0};
        enum semo_status status = semo_script_do(u, line->words, &why);
        if (status != SEMO_OK)
            return semo_error_set(e, status, why.code, u->options->script, line->line, 0, "%s",
                                  why.text);
    }
    return SEMO_OK;
}

static void run_tick(struct semo_up *u, uint64_t now)
{
    if (u->tick_at > now)
        return;
    u->tick_at = now + tick_length(u);
    if (u->application->tick)
        u->application->tick(u->context, now);
}

/* Does what is due and says when the next thing is. */
static enum semo_status do_due(struct semo_up *u, uint64_t *next, struct semo_error *e)
{
    uint64_t now = u->session->link.now;
    enum semo_status status = semo_world_feed(u, now, next, e);
    if (status == SEMO_OK)
        status = run_script(u, now, e);
    run_tick(u, now);
    *next = earlier(earlier(*next, u->end), earlier(script_time(u), u->tick_at));
    return status;
}

/* ---- events of this process ---- */

struct inputs {
    struct semo_control_handlers handlers;
    struct pollfd poll[3 + SEMO_NODES_MAX]; /* control, signals, keys, nodes elsewhere */
};

static void take_keys(struct semo_up *u)
{
    unsigned char keys[16];
    ssize_t n = read(STDIN_FILENO, keys, sizeof keys);
    for (ssize_t i = 0; i < n; i++) {
        if (u->application->key && u->application->key(u->context, keys[i]))
            continue;
        if (keys[i] == 'a')
            semo_up_attack(u, !u->attack);
        else if (keys[i] == 'q' || keys[i] == 3)
            u->quit = true;
    }
}

static void take_signal(struct semo_up *u, int fd)
{
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof info) == sizeof info)
        u->signal = (int)info.ssi_signo;
    u->quit = true;
}

static enum semo_status take_messages(struct semo_up *u, struct inputs *in, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    while (status == SEMO_OK && !u->stopped)
        status = semo_control_next(u->session->link.client, &in->handlers, 0, NULL);
    if (status == SEMO_OK || status == SEMO_TIMEOUT)
        return SEMO_OK;
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, "semo-node", 0, 0,
                          "gone in the middle of the run; start it again with semo up");
}

/* One RUN. Any message of ours meanwhile (a key's command) ends it early; then it is run again. */
static enum semo_status run_clock(struct semo_up *u, struct inputs *in, uint64_t until,
                                  struct semo_error *e)
{
    u->stopped = false;
    if (semo_control_run(u->session->link.client, until, 0) != SEMO_OK)
        return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, "semo-node", 0, 0, "gone");
    for (;;) {
        if (take_messages(u, in, e) != SEMO_OK)
            return SEMO_MISSING;
        if (u->stopped || u->quit)
            return SEMO_OK;
        unsigned others = semo_link_polls(&u->session->link, in->poll + 3);
        in->poll[2].fd = u->terminal ? STDIN_FILENO : -1;
        if (poll(in->poll, 3 + others, -1) < 0 && errno != EINTR)
            return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, NULL, 0, 0, "poll failed");
        if (!semo_link_hear(&u->session->link, e))
            semo_up_note(u, "%s", e->text);
        if (in->poll[1].revents)
            take_signal(u, in->poll[1].fd);
        if (u->terminal && in->poll[2].revents)
            take_keys(u);
    }
}

static int catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t set;
    sigemptyset(&set);
    for (unsigned i = 0; i < 4; i++)
        sigaddset(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static void prepare(struct semo_up *u, struct inputs *in)
{
    struct semo_link *l = &u->session->link;
    *in = (struct inputs){
        .handlers = {u, on_frame, on_stopped, on_han, on_pin, on_hop, on_text, on_lost, on_refused,
                     on_show, on_print},
        .poll = {{.fd = semo_control_fd(l->client), .events = POLLIN},
                 {.fd = catch_signals(), .events = POLLIN},
                 {.fd = STDIN_FILENO, .events = POLLIN}},
    };
    l->event = on_event;
    l->counters = on_counters;
    l->event_context = u;
    l->print = on_printed;
    l->print_context = u;
}

/* The data begins on a full second of the virtual clock. */
static enum semo_status begin(struct semo_up *u, struct inputs *in, struct semo_error *e)
{
    uint64_t now = u->session->link.now;
    u->start = (now / SEMO_CLOCK_HZ + 1) * SEMO_CLOCK_HZ;
    if (u->start < SEMO_LEAD_CYCLES)
        u->start = SEMO_LEAD_CYCLES;
    if (u->options->realtime)
        u->start = now;
    while (u->session->link.now < u->start && !u->quit)
        if (run_clock(u, in, u->start, e) != SEMO_OK)
            return SEMO_MISSING;
    u->tick_at = u->start;
    enum semo_status status = semo_world_start(u, e);
    if (status == SEMO_OK && !u->options->realtime &&
        semo_control_speed(u->session->link.client, u->speed) != SEMO_OK)
        status = SEMO_MISSING;
    return status;
}

enum semo_status semo_run_data(struct semo_up *u, struct semo_error *e)
{
    struct inputs in;
    uint64_t next;
    prepare(u, &in);
    enum semo_status status = SEMO_OK;
    if (u->application->start) {
        u->context = u->application->start(u, e);
        if (!u->context)
            status = SEMO_INPUT;
    }
    if (status == SEMO_OK)
        status = begin(u, &in, e);
    while (status == SEMO_OK && !u->quit && u->session->link.now < u->end) {
        status = do_due(u, &next, e);
        if (status == SEMO_OK && !u->quit)
            status = run_clock(u, &in, next, e);
    }
    close(in.poll[1].fd);
    return status;
}
