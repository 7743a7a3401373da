/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/reply.h"
#include "cli/up.h"
#include "cli/verbs.h"
#include "cli/watch.h"
#include "host/file.h"
#include "host/process.h"
#include "host/random.h"

#define SPEED_MAX 1000000

static const struct semo_application plain = {.name = ""};

static enum semo_status read_speed(const char *text, unsigned *speed, struct semo_error *e)
{
    uint64_t n = 0;
    if (text && strcmp(text, "max") != 0 && (!semo_options_number(text, SPEED_MAX, &n) || n == 0))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: not a speed; write 1 to %d virtual seconds a second, or max",
                              text, SPEED_MAX);
    *speed = (unsigned)n;
    return SEMO_OK;
}

/* A seed makes every key of the run known to whoever knows the seed. */
static enum semo_status apply_seed(struct semo_up *u, struct semo_error *e)
{
    struct semo_state *state = u->session->state;
    uint64_t seed;
    if (!u->options->seed) {
        if (state->insecure)
            fprintf(stderr, "INSECURE: this state was made with --seed\n");
        return SEMO_OK;
    }
    if (!semo_options_number(u->options->seed, INT64_MAX, &seed))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: not a seed; write a whole number", u->options->seed);
    if (state->provisioned)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, state->folder, 0, 0,
                              "--seed needs a new state folder; name one by --state");
    fprintf(stderr, "INSECURE: with --seed anybody can compute every key of this run\n");
    semo_random_seed(seed, "deployer");
    state->insecure = true;
    return SEMO_OK;
}

/* Provisioned once, on a new state folder; nodes that the descriptor got since are missing. */
static enum semo_status provision_if_new(struct semo_session *s, struct semo_error *e)
{
    if (!s->state->provisioned)
        return semo_deploy_provision(s->deploy, e);
    for (unsigned n = 0; n < s->d->node_count; n++) {
        char *chip = semo_state_file(s->state, s->d->nodes[n].name, ".chip");
        bool exists = semo_file_exists(chip) || !s->d->nodes[n].emulated;
        free(chip);
        if (!exists)
            return semo_error_set(
                e, SEMO_MISSING, SEMO_EXIT_FAILED, s->d->nodes[n].name, 0, 0,
                "not provisioned; semo provision --again delivers all nodes anew");
    }
    return semo_deploy_check_owners(s->deploy, e);
}

/* What would have no effect is a mistake. */
static enum semo_status check_options(const struct semo_options *o, struct semo_error *e)
{
    const struct {
        const char *option;
        bool is_idle;
        const char *why;
    } idle[] = {
        {"script", o->only_nodes && o->script, "with --only-nodes nothing runs; leave it out"},
        {"data", o->only_nodes && o->data, "with --only-nodes nothing runs; leave it out"},
        {"speed", o->only_nodes && o->speed, "with --only-nodes nothing runs; leave it out"},
        {"han", o->only_nodes && o->han, "with --only-nodes nothing runs; leave it out"},
        {"timezone", o->timezone && !o->data, "is for the times in --data; leave it out"},
    };
    for (unsigned i = 0; i < sizeof idle / sizeof *idle; i++)
        if (idle[i].is_idle)
            return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0, "--%s: %s",
                                  idle[i].option, idle[i].why);
    return SEMO_OK;
}

/* Who is elsewhere does not wait for a virtual clock. */
static enum semo_status choose_time(struct semo_up *u, struct semo_error *e)
{
    const struct semo_options *o = u->options;
    const struct semo_descriptor *d = u->session->d;
    for (unsigned n = 0; n < d->node_count; n++) {
        const struct semo_node_spec *node = &d->nodes[n];
        if (node->emulated || (o->realtime && !o->seed))
            continue;
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, node->name, 0, 0,
                              "is at %s: %s, or run it on this machine with --emulate",
                              node->host ? node->host : node->serial,
                              o->realtime ? "leave --seed out" : "add --realtime");
    }
    if (o->listen && !o->realtime)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "--listen: who comes from elsewhere has no virtual time; add "
                              "--realtime");
    if (!o->realtime)
        return SEMO_OK;
    if (o->speed || o->data)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "--realtime: the clock is the real one; leave --%s out",
                              o->speed ? "speed" : "data");
    u->speed = 1;
    semo_session_print(NULL, "realtime this machine's clock: this run is not deterministic");
    return SEMO_OK;
}

static enum semo_status start_nodes(struct semo_up *u, int *guard, pid_t *pid, struct semo_error *e)
{
    struct semo_session *s = u->session;
    char *lock = semo_state_file(s->state, "nodes", ".lock");
    enum semo_status status = semo_file_lock(lock, guard, e);
    free(lock);
    if (status == SEMO_OK)
        status = apply_seed(u, e);
    if (status == SEMO_OK)
        status = semo_nodes_check(s, u->options, e);
    if (status == SEMO_OK)
        semo_state_forget_run(s->state); /* nodes that are switched on know nothing */
    if (status == SEMO_OK)
        status = semo_deploy_build(s->deploy, e);
    if (status == SEMO_OK)
        status = semo_world_check(u, e);
    if (status == SEMO_OK)
        status = semo_script_check_calls(u, e);
    if (status == SEMO_OK)
        status = provision_if_new(s, e);
    if (status != SEMO_OK)
        return status;
    return semo_nodes_start(s, u->options, pid, e);
}

static enum semo_status open_seal_log(struct semo_up *u, struct semo_error *e)
{
    if (!u->options->seal_log)
        return SEMO_OK;
    char *path = semo_format("%s.deployer", u->options->seal_log);
    u->session->link.seal_log = fopen(path, "we");
    enum semo_status status = SEMO_OK;
    if (!u->session->link.seal_log)
        status = semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, path, 0, 0, "cannot write it");
    free(path);
    return status;
}

static enum semo_status deploy(struct semo_up *u, struct semo_error *e)
{
    struct semo_session *s = u->session;
    s->deploy->link = &s->link;
    semo_session_show_prints(s);
    enum semo_status status = open_seal_log(u, e);
    if (status == SEMO_OK)
        status = semo_world_set_clocks(u, e);
    if (status == SEMO_OK)
        status = semo_deploy_load(s->deploy, e);
    if (status == SEMO_OK)
        status = semo_deploy_connect(s->deploy, e);
    else if (status != SEMO_TIMEOUT && status != SEMO_MISSING && status != SEMO_INPUT) {
        struct semo_error second;
        (void)!semo_deploy_connect(s->deploy, &second); /* the rest; the first error is the one */
    }
    if (status == SEMO_OK && s->deploy->progress) {
        char line[128];
        snprintf(line, sizeof line, "up       %u modules connected after %.3f s of virtual time",
                 s->d->module_count, (double)s->link.now / SEMO_CLOCK_HZ);
        s->deploy->progress(NULL, line);
    }
    return status;
}

static void fill_document(const struct semo_up *u)
{
    json_t *j = json_pack("{s:s,s:I}", "application", u->session->d->name, "virtual_ms",
                          (json_int_t)(u->session->link.now / (SEMO_CLOCK_HZ / 1000)));
    if (u->house) {
        struct semo_house_energy expected = semo_world_expected(u);
        json_object_set_new(j, "expected_wh", json_integer((json_int_t)expected.wh));
        json_object_set_new(j, "expected_ws", json_integer((json_int_t)expected.ws));
    }
    json_object_update(semo_reply(), j);
    json_decref(j);
}

static enum semo_status offer_han(struct semo_up *u, struct semo_error *e)
{
    const char *han = u->options->han;
    const struct semo_descriptor *d = u->session->d;
    bool pty = han && strcmp(han, "pty") == 0;
    for (unsigned i = 0; han && i < d->module_count; i++)
        if (u->session->deploy->units[i]->window == SEMO_WINDOW_HAN &&
            semo_control_han(u->session->link.client, d->modules[i].node, !pty, pty ? "" : han) !=
                SEMO_OK)
            return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, "semo-node", 0, 0, "gone");
    return SEMO_OK;
}

static enum semo_status run_application(struct semo_up *u, int *code, struct semo_error *e)
{
    enum semo_status status = offer_han(u, e);
    semo_watch_end();
    if (status == SEMO_OK)
        status = semo_run_data(u, e);
    if (status == SEMO_OK && u->han_refused)
        status = semo_error_set(e, SEMO_MISSING, SEMO_EXIT_RESOURCE, u->options->han, 0, 0,
                                "the HAN port cannot be offered there; name a socket in a folder "
                                "that exists");
    if (u->context && u->application->end)
        *code = u->application->end(u->context, u->session->link.now);
    if (status == SEMO_OK)
        fill_document(u);
    if (status == SEMO_OK && u->lost && *code == SEMO_EXIT_DONE)
        *code = SEMO_EXIT_FAILED;
    return status;
}

/* Without a client the clock stands still, until a command connects and steers. */
static enum semo_status leave_nodes(struct semo_up *u, pid_t pid)
{
    semo_link_close(&u->session->link);
    close(u->session->state->lock);
    u->session->state->lock = -1;
    semo_watch_end();
    semo_session_print(NULL,
                       "nodes    waiting; semo deploy, attest, connect, call, output, status; "
                       "semo down ends them, and this command, which waits for it");
    int code = semo_process_wait(pid);
    return code == 0 ? SEMO_OK : SEMO_SYSTEM;
}

static void stop_nodes(struct semo_up *u, pid_t pid)
{
    if (u->session->link.client && semo_control_quit(u->session->link.client) != SEMO_OK)
        kill(pid, SIGTERM);
    if (!u->session->link.client)
        kill(pid, SIGTERM);
    semo_process_wait(pid);
}

static enum semo_status up(struct semo_up *u, int *code, struct semo_error *e)
{
    int guard = -1;
    pid_t pid = -1;
    enum semo_status status = check_options(u->options, e);
    if (status == SEMO_OK)
        status = read_speed(u->options->speed, &u->speed, e);
    if (status == SEMO_OK)
        status = choose_time(u, e);
    if (status == SEMO_OK && u->options->script)
        status = semo_script_read(u->options->script, u, e);
    if (status == SEMO_OK)
        status = semo_world_open(u, e);
    if (status == SEMO_OK)
        status = start_nodes(u, &guard, &pid, e);
    if (status == SEMO_OK && u->options->only_nodes) {
        status = leave_nodes(u, pid);
        pid = -1;
    } else if (status == SEMO_OK) {
        status = deploy(u, e);
        if (status == SEMO_OK)
            status = run_application(u, code, e);
    }
    if (pid > 0)
        stop_nodes(u, pid);
    if (guard >= 0)
        close(guard);
    return status;
}

int semo_verb_up(const struct semo_options *o)
{
    struct semo_session s;
    struct semo_error e = {{0}, SEMO_EXIT_FAILED};
    struct semo_up u = {
        .session = &s, .options = o, .end = UINT64_MAX, .attack = o->event_manager_count > 0};
    int code = SEMO_EXIT_DONE;
    u.terminal = !o->headless && !o->json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    enum semo_status status = semo_session_open(&s, o, SEMO_SESSION_LOCK | SEMO_SESSION_MAKE, &e);
    if (status == SEMO_OK) {
        for (unsigned n = 0; n < s.d->node_count && o->emulate; n++)
            s.d->nodes[n].emulated = true;
        u.application = semo_application_find(s.d->name);
        if (!u.application)
            u.application = &plain;
        status = up(&u, &code, &e);
    }
    semo_world_close(&u);
    for (unsigned i = 0; i < u.script_count; i++)
        free(u.script[i].words);
    free(u.script);
    int closed = semo_session_close(&s, "up", status, &e);
    if (u.signal) {
        sigset_t set;
        (void)!semo_reply_close(closed);
        sigfillset(&set);
        signal(u.signal, SIG_DFL);
        raise(u.signal); /* what waits for us sees what ended us */
        sigprocmask(SIG_UNBLOCK, &set, NULL);
    }
    return closed != SEMO_EXIT_DONE ? closed : code;
}
