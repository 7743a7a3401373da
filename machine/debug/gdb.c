/* SPDX-License-Identifier: Apache-2.0 */
/* Packets, and what is asked of a stopped target. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "machine/debug/gdb_state.h"

/* ---- replies ---- */

void semo_gdb_add(struct semo_gdb *g, const char *format, ...)
{
    size_t room = sizeof g->reply - g->reply_len;
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(g->reply + g->reply_len, room, format, arguments);
    va_end(arguments);
    if (n > 0)
        g->reply_len += (size_t)n < room ? (size_t)n : room - 1;
}

void semo_gdb_add_hex(struct semo_gdb *g, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        semo_gdb_add(g, "%02x", ((const uint8_t *)bytes)[i]);
}

static void send(struct semo_gdb *g, const void *bytes, size_t len)
{
    g->config.send(g->config.context, bytes, len);
}

void semo_gdb_send(struct semo_gdb *g)
{
    uint8_t sum = 0;
    char end[4];
    for (size_t i = 0; i < g->reply_len; i++)
        sum += (uint8_t)g->reply[i];
    snprintf(end, sizeof end, "#%02x", sum);
    send(g, "$", 1);
    send(g, g->reply, g->reply_len);
    send(g, end, 3);
    g->reply_len = 0;
}

void semo_gdb_say(struct semo_gdb *g, const char *text)
{
    semo_gdb_add(g, "O");
    semo_gdb_add_hex(g, text, strlen(text));
    semo_gdb_send(g);
}

static void add_word(struct semo_gdb *g, uint16_t v)
{
    const uint8_t bytes[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    semo_gdb_add_hex(g, bytes, 2);
}

void semo_gdb_stop_reply(struct semo_gdb *g)
{
    static const char *const watch[5] = {NULL, NULL, "watch", "rwatch", "awatch"};
    semo_gdb_add(g, "T%02xthread:1;", g->signal);
    for (unsigned n = 0; n < 3; n++) {
        semo_gdb_add(g, "%02x:", n);
        add_word(g, semo_machine_register(g->m, n));
        semo_gdb_add(g, ";");
    }
    if (g->watch_type >= 0)
        semo_gdb_add(g, "%s:%04x;", watch[g->watch_type], g->watch_address);
    if (*g->reason) {
        semo_gdb_add(g, "reason:exception;description:");
        semo_gdb_add_hex(g, g->reason, strlen(g->reason));
        semo_gdb_add(g, ";");
    }
}

static void error(struct semo_gdb *g)
{
    semo_gdb_add(g, "E01");
}

static void answer(struct semo_gdb *g, bool good)
{
    if (good)
        semo_gdb_add(g, "OK");
    else
        error(g);
}

/* ---- reading packets ---- */

static int digit(char c)
{
    const char *hex = "0123456789abcdef", *at = c ? strchr(hex, c | 0x20) : NULL;
    return at && (c >= '0') ? (int)(at - hex) : -1;
}

bool semo_gdb_number(const char **at, uint32_t max, uint32_t *value)
{
    const char *start = *at;
    uint64_t v = 0;
    for (int d; (d = digit(**at)) >= 0; (*at)++)
        if ((v = v * 16 + (unsigned)d) > max)
            return false;
    *value = (uint32_t)v;
    return *at > start;
}

static bool skip(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

/* "ADDR,LEN" within the address space */
static bool range(const char **at, uint32_t *address, uint32_t *len)
{
    return semo_gdb_number(at, 0xFFFF, address) && skip(at, ',') &&
           semo_gdb_number(at, 0x10000, len) && *len <= 0x10000 - *address;
}

/* Exactly len bytes as digits up to the end of the packet. */
static bool bytes_of(const char *at, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++, at += 2) {
        int high = digit(at[0]), low = high < 0 ? -1 : digit(at[1]);
        if (low < 0)
            return false;
        out[i] = (uint8_t)(high * 16 + low);
    }
    return *at == 0;
}

/* ---- registers and memory ---- */

static void read_registers(struct semo_gdb *g, const char *at)
{
    (void)at;
    for (unsigned n = 0; n < SEMO_GDB_REGISTERS; n++)
        add_word(g, semo_machine_register(g->m, n));
}

static void write_registers(struct semo_gdb *g, const char *at)
{
    uint8_t bytes[2 * SEMO_GDB_REGISTERS];
    bool good = bytes_of(at, bytes, sizeof bytes);
    for (unsigned n = 0; good && n < SEMO_GDB_REGISTERS; n++)
        semo_gdb_poke_register(g, n, (uint16_t)(bytes[2 * n] | bytes[2 * n + 1] << 8));
    answer(g, good);
}

static void read_register(struct semo_gdb *g, const char *at)
{
    uint32_t n;
    if (semo_gdb_number(&at, SEMO_GDB_REGISTERS - 1, &n) && !*at)
        add_word(g, semo_machine_register(g->m, n));
    else
        error(g);
}

static void write_register(struct semo_gdb *g, const char *at)
{
    uint32_t n;
    uint8_t bytes[2];
    bool good = semo_gdb_number(&at, SEMO_GDB_REGISTERS - 1, &n) && skip(&at, '=') &&
                bytes_of(at, bytes, 2);
    if (good)
        semo_gdb_poke_register(g, n, (uint16_t)(bytes[0] | bytes[1] << 8));
    answer(g, good);
}

static void read_memory(struct semo_gdb *g, const char *at)
{
    uint8_t bytes[SEMO_GDB_PACKET / 2 - 8];
    uint32_t address, len;
    if (!range(&at, &address, &len) || *at) {
        error(g);
        return;
    }
    if (len > sizeof bytes)
        len = sizeof bytes;
    semo_gdb_peek(g, (uint16_t)address, bytes, len);
    semo_gdb_add_hex(g, bytes, len);
}

static void write_memory(struct semo_gdb *g, const char *at)
{
    uint8_t bytes[SEMO_GDB_PACKET / 2];
    uint32_t address, len;
    bool good = range(&at, &address, &len) && skip(&at, ':') && len <= sizeof bytes &&
                bytes_of(at, bytes, len);
    if (good)
        semo_gdb_poke(g, (uint16_t)address, bytes, len);
    answer(g, good);
}

/* The bytes themselves; } says that the next one is meant with bit 5 turned. */
static void write_binary(struct semo_gdb *g, const char *at)
{
    const char *end = (const char *)g->packet + g->packet_len;
    uint8_t bytes[SEMO_GDB_PACKET];
    uint32_t address, len, n = 0;
    bool good = range(&at, &address, &len) && skip(&at, ':') && len <= sizeof bytes;
    while (good && at < end && n < len) {
        bool escaped = *at == '}' && at + 1 < end;
        at += escaped;
        bytes[n++] = (uint8_t)(*at++ ^ (escaped ? 0x20 : 0));
    }
    good = good && n == len && at == end;
    if (good)
        semo_gdb_poke(g, (uint16_t)address, bytes, len);
    answer(g, good);
}

/* ---- points ---- */

static void change_point(struct semo_gdb *g, const char *at, bool on)
{
    struct semo_gdb_point p = {.type = 0};
    uint32_t type, address, len;
    if (!semo_gdb_number(&at, 9, &type) || !skip(&at, ',') || !range(&at, &address, &len)) {
        error(g);
        return;
    }
    if (type > 4)
        return;
    p.type = (uint8_t)type;
    p.address = (uint16_t)address;
    p.len = type < 2 ? 1 : len;
    answer(g, p.len && semo_gdb_point_set(g, &p, on));
}

static void set_point(struct semo_gdb *g, const char *at)
{
    change_point(g, at, true);
}

static void clear_point(struct semo_gdb *g, const char *at)
{
    change_point(g, at, false);
}

/* ---- going on ---- */

/* Here, or at the address that follows. */
static void resume_at(struct semo_gdb *g, const char *at, bool stepping)
{
    uint32_t address = 0;
    bool elsewhere = *at;
    if (elsewhere && (!semo_gdb_number(&at, 0xFFFF, &address) || *at)) {
        error(g);
        return;
    }
    if (elsewhere)
        semo_gdb_poke_register(g, 0, (uint16_t)address);
    semo_gdb_resume(g, stepping);
}

static void go_on(struct semo_gdb *g, const char *at)
{
    resume_at(g, at, false);
}

static void step(struct semo_gdb *g, const char *at)
{
    resume_at(g, at, true);
}

/* With a signal, which nobody here takes: "NN;ADDR" */
static void with_signal(struct semo_gdb *g, const char *at, bool stepping)
{
    uint32_t signal;
    if (!semo_gdb_number(&at, 0xFF, &signal) || *at)
        error(g);
    else
        semo_gdb_resume(g, stepping);
}

static void go_on_with(struct semo_gdb *g, const char *at)
{
    with_signal(g, at, false);
}

static void step_with(struct semo_gdb *g, const char *at)
{
    with_signal(g, at, true);
}

/* vCont;ACTION[:THREAD]...: there is one thread, so the first action is meant for it. */
static void verbose(struct semo_gdb *g, const char *at)
{
    if (strcmp(at, "Cont?") == 0)
        semo_gdb_add(g, "vCont;c;C;s;S");
    else if (strncmp(at, "Cont;", 5) == 0 && at[5] && strchr("cCsS", at[5]))
        semo_gdb_resume(g, (at[5] | 0x20) == 's');
    else if (strncmp(at, "Kill", 4) == 0) {
        g->state = SEMO_GDB_KILLED;
        semo_gdb_add(g, "OK");
    } else if (strncmp(at, "Cont;", 5) == 0)
        error(g);
}

/* ---- the rest ---- */

static void why(struct semo_gdb *g, const char *at)
{
    (void)at;
    semo_gdb_stop_reply(g);
}

static void thread(struct semo_gdb *g, const char *at)
{
    (void)at;
    semo_gdb_add(g, "OK");
}

static void detach(struct semo_gdb *g, const char *at)
{
    (void)at;
    g->state = SEMO_GDB_DETACHED;
    semo_gdb_add(g, "OK");
}

static void kill_target(struct semo_gdb *g, const char *at)
{
    (void)at;
    g->state = SEMO_GDB_KILLED;
}

static void query(struct semo_gdb *g, const char *at)
{
    semo_gdb_query(g, at - 1);
}

/* By the first byte of the packet; NULL: not known, an empty reply says so. */
static void (*const commands[128])(struct semo_gdb *g, const char *at) = {
    ['?'] = why,           ['g'] = read_registers, ['G'] = write_registers,
    ['p'] = read_register, ['P'] = write_register, ['m'] = read_memory,
    ['M'] = write_memory,  ['X'] = write_binary,   ['Z'] = set_point,
    ['z'] = clear_point,   ['c'] = go_on,          ['s'] = step,
    ['C'] = go_on_with,    ['S'] = step_with,      ['v'] = verbose,
    ['H'] = thread,        ['T'] = thread,         ['D'] = detach,
    ['k'] = kill_target,   ['q'] = query,          ['Q'] = query,
};

static void execute(struct semo_gdb *g)
{
    const char *text = (const char *)g->packet;
    bool no_ack = g->no_ack;
    uint8_t first = g->packet[0];
    g->packet[g->packet_len] = 0;
    if (!no_ack)
        send(g, "+", 1);
    if (g->state == SEMO_GDB_RUNNING && first != 'k' && first != 'D')
        return; /* only an interrupt is due now */
    if (first < 128 && commands[first])
        commands[first](g, text + 1);
    bool silent = g->state == SEMO_GDB_RUNNING || first == 'k';
    if (silent)
        g->reply_len = 0;
    else
        semo_gdb_send(g);
}

/* ---- framing ---- */

static void end_of_packet(struct semo_gdb *g)
{
    g->framing = SEMO_GDB_IDLE;
    if (g->packet_len >= sizeof g->packet || (!g->no_ack && g->sum != g->sent_sum))
        send(g, "-", 1);
    else
        execute(g);
}

static void interrupted(struct semo_gdb *g)
{
    if (g->state == SEMO_GDB_RUNNING)
        semo_gdb_stopped(g, SEMO_GDB_INT, "");
}

static void one_byte(struct semo_gdb *g, uint8_t byte)
{
    if (byte == '$') { /* nothing else in a packet is one: here a packet begins */
        g->framing = SEMO_GDB_BODY;
        g->packet_len = g->sum = 0;
        return;
    }
    switch (g->framing) {
    case SEMO_GDB_IDLE:
        if (byte == 3)
            interrupted(g);
        break;
    case SEMO_GDB_BODY:
        if (byte == '#') {
            g->framing = SEMO_GDB_SUM_HIGH;
            break;
        }
        g->sum += byte;
        if (g->packet_len < sizeof g->packet)
            g->packet[g->packet_len++] = byte;
        break;
    case SEMO_GDB_SUM_HIGH:
    case SEMO_GDB_SUM_LOW:
        g->sent_sum = (uint8_t)(g->sent_sum << 4 | (digit((char)byte) & 15));
        if (g->framing++ == SEMO_GDB_SUM_LOW)
            end_of_packet(g);
        break;
    }
}

void semo_gdb_feed(struct semo_gdb *g, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len && g->state <= SEMO_GDB_RUNNING; i++)
        one_byte(g, bytes[i]);
}

/* ---- */

struct semo_gdb *semo_gdb_new(const struct semo_gdb_config *config)
{
    struct semo_gdb *g = calloc(1, sizeof *g);
    if (g)
        g->before = malloc(semo_machine_snapshot_size(config->machine));
    if (!g || !g->before) {
        free(g);
        return NULL;
    }
    g->config = *config;
    g->m = config->machine;
    g->watch_type = -1;
    g->signal = SEMO_GDB_TRAP;
    if (g->m->core.reset_due) /* now, or it would undo what the debugger sets first */
        semo_machine_reset(g->m);
    return g;
}

void semo_gdb_free(struct semo_gdb *g)
{
    if (!g)
        return;
    semo_machine_watch(g->m, NULL, NULL);
    free(g->before);
    free(g);
}

enum semo_gdb_state semo_gdb_state(const struct semo_gdb *g)
{
    return g->state;
}

enum semo_stop semo_gdb_end(const struct semo_gdb *g)
{
    return g->end;
}
