/* SPDX-License-Identifier: Apache-2.0 */
/* The smart meter's part of a run: the display, the operator's keys and words, the final account.
 * Supply commands go to the Central System over the authenticated direct connection and no other
 * way. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/reply.h"
#include "cli/up.h"
#include "host/file.h"
#include "meter/display/display.h"
#include "meter/modules/commands.h"

#define REPEAT_CYCLES ((uint64_t)5 * SEMO_CLOCK_HZ)

struct meter {
    struct semo_up *u;
    struct semo_display display;
    struct semo_display_attack node[SEMO_NODES_MAX]; /* what each event manager counted */
    uint16_t number;                                 /* of the operator's last command */
    uint8_t open[COMMAND_LEN];                       /* supply order without an answer; 0 = none */
    uint64_t asked_at;
    bool reported, attacked;
    uint32_t import_wh, remainder_ws; /* of the Central System's last report */
    unsigned acknowledged, failed;
};

static void redraw(struct meter *m, uint64_t now)
{
    char screen[SEMO_DISPLAY_SCREEN];
    if (m->display.terminal)
        semo_terminal_write(screen, semo_display_draw(&m->display, now, screen));
}

static const char *end_name(const struct semo_descriptor *d, int module)
{
    return module == SEMO_DEPLOYER ? "operator" : d->modules[module].name;
}

static void *start(struct semo_up *u, struct semo_error *e)
{
    struct meter *m = semo_allocate(1, sizeof *m);
    const struct semo_descriptor *d = u->session->d;
    (void)e;
    m->u = u;
    semo_display_init(&m->display, u->terminal && semo_terminal_open(), u->speed);
    for (unsigned n = 0; n < d->node_count; n++)
        m->display.weak |= u->session->state->nodes[n].weak;
    m->display.attack.on = m->attacked = u->options->event_manager_count > 0;
    m->display.quiet = u->options->json;
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *c = &d->connections[i];
        bool inside = c->from != SEMO_DEPLOYER && c->to != SEMO_DEPLOYER;
        char text[128];
        snprintf(text, sizeof text, "%s%s%s > %s", end_name(d, c->from), inside ? "." : "",
                 inside ? c->from_output : "", end_name(d, c->to));
        semo_display_add_path(&m->display, (uint16_t)u->session->state->connections[i].number, text,
                              inside && d->modules[c->from].node == d->modules[c->to].node);
    }
    return m;
}

static enum semo_status send(struct meter *m, const uint8_t *body, unsigned len,
                             struct semo_error *e)
{
    m->asked_at = m->u->session->link.now;
    return semo_up_output(m->u, "CS", "operator_in", body, len, e);
}

static enum semo_status command(struct meter *m, uint8_t opcode, int back, struct semo_error *e)
{
    uint8_t body[GET_LOG_LEN];
    put_head(body, ++m->number, opcode);
    body[3] = (uint8_t)back;
    if (opcode == ENABLE_SPLY || opcode == DISABLE_SPLY)
        put_head(m->open, m->number, opcode);
    return send(m, body, opcode == GET_LOG ? GET_LOG_LEN : COMMAND_LEN, e);
}

/* Frames may be lost on the way to CS and back: the same number again gets the same answer. */
static void repeat(struct meter *m, uint64_t now)
{
    struct semo_error e;
    if (get_u16(m->open) != 0 && now - m->asked_at >= REPEAT_CYCLES &&
        send(m, m->open, COMMAND_LEN, &e) != SEMO_OK)
        semo_up_quit(m->u);
}

static const struct {
    const char *word;
    uint8_t opcode;
    int key;
} commands[] = {
    {"disable", DISABLE_SPLY, 'd'},        {"enable", ENABLE_SPLY, 'e'},
    {"state", GET_SPLY_STAT, 's'},         {"log", GET_LOG, 'l'},
    {"consumption", GET_CONSUMPTION, 'c'},
};

static bool key(void *context, int pressed)
{
    struct meter *m = context;
    struct semo_error e = {{0}, 0};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].key != pressed)
            continue;
        if (command(m, commands[i].opcode, 0, &e) == SEMO_OK)
            semo_display_note(&m->display, "operator: %s #%u", commands[i].word, m->number);
        else
            semo_display_note(&m->display, "operator: %s", e.text);
        return true;
    }
    return false;
}

/* disable | enable | state | log [BACK] | consumption */
static enum semo_status action(void *context, const char *line, struct semo_error *e)
{
    struct meter *m = context;
    size_t len = strcspn(line, " \t");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strlen(commands[i].word) == len && strncmp(commands[i].word, line, len) == 0)
            return command(m, commands[i].opcode, atoi(line + len), e);
    return SEMO_UNKNOWN;
}

static void take_report(struct meter *m, const uint8_t *body)
{
    m->reported = true;
    m->import_wh = get_u32(body + 12);
    m->remainder_ws = get_u16(body + 16);
}

static void take_answer(struct meter *m, const uint8_t *body)
{
    *(body[3] == OUTCOME_DONE ? &m->acknowledged : &m->failed) += 1;
    if (get_u16(body) == get_u16(m->open) && body[2] == m->open[2])
        put_u16(m->open, 0);
}

static void event(void *context, uint64_t now, unsigned connection, const uint8_t *body,
                  unsigned len)
{
    struct meter *m = context;
    char line[96];
    (void)now;
    (void)connection; /* the router has shown it as a hop */
    if (!semo_display_central(&m->display, body, len, line))
        return;
    if (body[2] == GET_CONSUMPTION)
        take_report(m, body);
    else if (len == ACK_LEN)
        take_answer(m, body);
    if (line[0])
        semo_display_note(&m->display, "%s", line);
}

static void han(void *context, uint64_t now, unsigned node, const uint8_t *bytes, unsigned len)
{
    (void)now;
    (void)node;
    semo_display_han(&((struct meter *)context)->display, bytes, len);
}

static void pin(void *context, uint64_t now, unsigned node, bool closed)
{
    struct meter *m = context;
    semo_display_note(&m->display, "relay of %s: contact %s at %.3f s",
                      m->u->session->d->nodes[node].name, closed ? "closed" : "open",
                      (double)(now - m->u->start) / SEMO_CLOCK_HZ);
}

static void hop(void *context, uint64_t now, unsigned connection)
{
    semo_display_hop(&((struct meter *)context)->display, (uint16_t)connection, now);
}

static void add_counts(struct semo_display_attack *sum, const struct semo_display_attack *a)
{
    sum->dropped += a->dropped;
    sum->replayed += a->replayed;
    sum->forged += a->forged;
    sum->corrupted += a->corrupted;
    sum->accepted += a->accepted;
    sum->refused += a->refused;
}

/* An event manager that is not the attacker counts no attacks: the last count of one that was
 * stays. */
static void counters(void *context, unsigned node, const uint32_t *count, unsigned n)
{
    struct meter *m = context;
    struct semo_display_attack sum = {.on = m->display.attack.on};
    struct semo_display_attack *a = &m->node[node];
    if (n <= SEMO_COUNT_ACCEPTED || node >= SEMO_NODES_MAX)
        return;
    a->refused = count[SEMO_COUNT_REFUSED];
    if (m->display.attack.on) {
        a->dropped = count[SEMO_COUNT_DROPPED];
        a->replayed = count[SEMO_COUNT_REPLAYED];
        a->forged = count[SEMO_COUNT_FORGED];
        a->corrupted = count[SEMO_COUNT_CORRUPTED];
        a->accepted = count[SEMO_COUNT_ACCEPTED];
    }
    for (unsigned i = 0; i < SEMO_NODES_MAX; i++)
        add_counts(&sum, &m->node[i]);
    m->display.attack = sum;
}

static void attack(void *context, bool on)
{
    struct meter *m = context;
    m->attacked |= on;
    m->display.attack.on = on;
    semo_display_note(&m->display, on ? "every event manager is the attacker's now"
                                      : "every event manager is its own again");
}

static void note(void *context, const char *line)
{
    semo_display_note(&((struct meter *)context)->display, "%s", line);
}

static void tick(void *context, uint64_t now)
{
    struct meter *m = context;
    repeat(m, now);
    if (m->attacked)
        semo_up_ask_counters(m->u);
    redraw(m, now);
}

static void fill_document(const struct meter *m)
{
    const struct semo_display_attack *a = &m->display.attack;
    json_t *attack = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "dropped", (json_int_t)a->dropped,
                               "replayed", (json_int_t)a->replayed, "forged", (json_int_t)a->forged,
                               "corrupted", (json_int_t)a->corrupted, "refused",
                               (json_int_t)a->refused, "accepted", (json_int_t)a->accepted);
    json_t *j =
        json_pack("{s:I,s:I,s:s,s:I,s:I,s:I,s:I,s:o}", "import_wh", (json_int_t)m->import_wh,
                  "remainder_ws", (json_int_t)m->remainder_ws, "supply", m->display.supply,
                  "reports", (json_int_t)m->display.reports, "han_lines",
                  (json_int_t)m->display.han_lines, "acknowledged", (json_int_t)m->acknowledged,
                  "failed", (json_int_t)m->failed, "attack", attack);
    json_object_update(semo_reply(), j);
    json_decref(j);
}

/* A register that differs from the house is a failure, unless somebody kept the last readings back.
 */
static int judge(const struct meter *m, const struct semo_house_energy *expected)
{
    bool equal = m->reported && m->import_wh == expected->wh && m->remainder_ws == expected->ws;
    printf("register %u Wh + %u Ws, the house drew %" PRIu64 " Wh + %u Ws: %s\n", m->import_wh,
           m->remainder_ws, (uint64_t)expected->wh, (unsigned)expected->ws,
           equal ? "equal" : "they differ");
    return equal || m->attacked ? SEMO_EXIT_DONE : SEMO_EXIT_FAILED;
}

static int end(void *context, uint64_t now)
{
    struct meter *m = context;
    int code = SEMO_EXIT_DONE;
    bool whole = m->u->house && now >= m->u->end;
    semo_terminal_close();
    struct semo_house_energy expected = {0};
    if (m->u->house)
        expected = semo_world_expected(m->u);
    if (whole)
        code = judge(m, &expected);
    if (get_u16(m->open) != 0) {
        fprintf(stderr, "operator: order #%u has had no answer\n", get_u16(m->open));
        code = SEMO_EXIT_FAILED;
    }
    fill_document(m);
    printf("%s, supply %s, %" PRIu64 " reports, %" PRIu64 " HAN lines, attacks accepted: %" PRIu64
           "\n",
           m->u->session->d->name, m->display.supply, m->display.reports, m->display.han_lines,
           m->display.attack.accepted);
    free(m);
    return code;
}

static const char *problem(const char *line)
{
    const char *argument = line + strcspn(line, " \t");
    uint64_t back;
    argument += strspn(argument, " \t");
    if (*argument == 0)
        return NULL;
    if (strncmp(line, "log", 3) != 0)
        return "this action takes no word; leave it out";
    return semo_options_number(argument, UINT8_MAX, &back) ? NULL : "write how many entries back";
}

static const char *const words[] = {"disable", "enable", "state", "log", "consumption", NULL};

const struct semo_application semo_application_meter = {.name = "meter",
                                                        .start = start,
                                                        .event = event,
                                                        .han = han,
                                                        .pin = pin,
                                                        .hop = hop,
                                                        .counters = counters,
                                                        .attack = attack,
                                                        .note = note,
                                                        .key = key,
                                                        .words = words,
                                                        .problem = problem,
                                                        .action = action,
                                                        .tick = tick,
                                                        .end = end};
