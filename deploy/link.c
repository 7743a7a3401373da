/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <openssl/evp.h>
#include <semo/map.h>
#include "deploy/link.h"
#include "lib/bytes/cursor.h"

#define PATIENCE_S      10
#define PATIENCE_CYCLES ((uint64_t)PATIENCE_S * SEMO_CLOCK_HZ)
#define SLICE_MS        10
#define SLICE           ((uint64_t)SLICE_MS * (SEMO_CLOCK_HZ / 1000))
#define PATIENCE_MS     60000 /* host time, for a guest, or until semo-node says something */

/* ---- what comes ---- */

static void take_answer(struct semo_link *l, unsigned node, const uint8_t *frame, unsigned len)
{
    struct semo_cursor c = semo_cursor_from(frame, len);
    semo_cursor_u8(&c);
    uint16_t tag = semo_cursor_u16(&c);
    if (c.bad || c.left < 1 || !l->waiting || node != l->waiting_node || tag != l->tag) {
        l->stray++;
        return;
    }
    l->waiting = false;
    l->denied = frame[0] == (SEMO_FRAME_ADMIN | SEMO_FRAME_ANSWER);
    l->answer_len = c.left;
    memcpy(l->answer, c.at, c.left);
}

/* COUNTERS are asked for while the clock runs on, so they have no waiter. */
static bool take_counters(struct semo_link *l, unsigned node, const uint8_t *frame, unsigned len)
{
    uint32_t count[SEMO_COUNTERS];
    struct semo_cursor c = semo_cursor_from(frame, len);
    if (l->waiting || !l->counters ||
        semo_cursor_u8(&c) != (SEMO_FRAME_COUNTERS | SEMO_FRAME_ANSWER))
        return false;
    semo_cursor_u16(&c);
    unsigned status = semo_cursor_u8(&c), n = semo_cursor_u8(&c);
    for (unsigned i = 0; i < n && i < SEMO_COUNTERS; i++)
        count[i] = semo_cursor_u32(&c);
    if (!c.bad && status == SEMO_OK && n <= SEMO_COUNTERS)
        l->counters(l->event_context, node, count, n);
    return true;
}

static void take_event(struct semo_link *l, uint64_t time, const uint8_t *frame, unsigned len)
{
    _Alignas(8) uint8_t sealed[SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_from(frame, len);
    semo_cursor_u8(&c);
    unsigned connection = semo_cursor_u16(&c);
    if (c.bad || !l->event) {
        l->stray++;
        return;
    }
    memcpy(sealed, c.at, c.left);
    l->event(l->event_context, time, connection, sealed, c.left);
}

unsigned semo_link_node(const struct semo_link *l, unsigned node)
{
    return node < SEMO_CONTROL_FORGET ? l->node_at[node] : node;
}

static unsigned own_node(const struct semo_link *l, unsigned there)
{
    unsigned n = 0;
    while (n < sizeof l->node_at - 1 && l->node_at[n] != there)
        n++;
    return n;
}

static void take_frame(struct semo_link *l, uint64_t time, unsigned node, const uint8_t *frame,
                       unsigned len)
{
    l->now = time;
    if (len == 0 || len > SEMO_FRAME_MAX)
        l->stray++;
    else if (frame[0] == SEMO_FRAME_EVENT)
        take_event(l, time, frame, len);
    else if (!take_counters(l, node, frame, len))
        take_answer(l, node, frame, len);
}

static void on_frame(void *context, uint64_t time, unsigned node, const uint8_t *frame,
                     unsigned len)
{
    take_frame(context, time, own_node(context, node), frame, len);
}

static void on_print(void *context, uint64_t time, unsigned node, const char *text)
{
    struct semo_link *l = context;
    l->now = time;
    if (l->print)
        l->print(l->print_context, time, own_node(l, node), text);
}

static void on_refused(void *context, unsigned type, const char *reason)
{
    struct semo_link *l = context;
    (void)reason;
    if (type == SEMO_CONTROL_RUN)
        l->guest = true;
}

static void on_stopped(void *context, uint64_t time, unsigned reason)
{
    struct semo_link *l = context;
    (void)reason;
    l->now = time;
}

/* ---- nodes elsewhere ---- */

void semo_link_add_remote(struct semo_link *l, unsigned n, const struct semo_node_spec *spec,
                          const uint8_t vendor_key[SEMO_KEY_LEN])
{
    semo_remote_free(l->remotes[n]);
    l->remotes[n] = semo_remote_new(spec, vendor_key);
}

unsigned semo_link_polls(const struct semo_link *l, struct pollfd polls[SEMO_NODES_MAX])
{
    unsigned count = 0;
    for (unsigned n = 0; n < SEMO_NODES_MAX; n++)
        if (l->remotes[n] && semo_remote_fd(l->remotes[n]) >= 0)
            polls[count++] = (struct pollfd){.fd = semo_remote_fd(l->remotes[n]), .events = POLLIN};
    return count;
}

bool semo_link_hear(struct semo_link *l, struct semo_error *e)
{
    uint8_t frame[SEMO_FRAME_MAX];
    unsigned len;
    bool all = true;
    for (unsigned n = 0; n < SEMO_NODES_MAX; n++) {
        enum semo_status status = SEMO_EMPTY;
        while (l->remotes[n] && (status = semo_remote_take(l->remotes[n], frame, &len)) == SEMO_OK)
            take_frame(l, l->now, n, frame, len);
        if (status != SEMO_MISSING)
            continue;
        semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, semo_remote_name(l->remotes[n]), 0, 0,
                       "has gone; start its semo-node again");
        all = false;
    }
    return all;
}

static uint64_t host_cycles(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SEMO_CLOCK_HZ + (uint64_t)t.tv_nsec / (1000000000 / SEMO_CLOCK_HZ);
}

/* One wait for those elsewhere, whose time is the host's; the nodes here go on by themselves. */
static enum semo_status run_remotes(struct semo_link *l, uint64_t until, struct semo_error *e)
{
    struct pollfd polls[SEMO_NODES_MAX];
    uint64_t begin = host_cycles();
    if (!semo_link_hear(l, e))
        return SEMO_MISSING;
    bool asked = l->waiting && l->remotes[l->waiting_node];
    int ms = until > l->now ? (int)((until - l->now) / (SEMO_CLOCK_HZ / 1000)) + 1 : 0;
    if (asked || !l->waiting)
        poll(polls, semo_link_polls(l, polls), ms < SLICE_MS ? ms : SLICE_MS);
    bool all = semo_link_hear(l, e);
    l->now += host_cycles() - begin;
    return all ? SEMO_OK : SEMO_MISSING;
}

/* ---- open and close ---- */

static enum semo_status fail_gone(struct semo_error *e)
{
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, "semo-node", 0, 0,
                          "gone or silent; start the application with semo up");
}

/* In real time an answer may be here before a RUN is. */
static enum semo_status run_real(struct semo_link *l, uint64_t until, struct semo_error *e)
{
    enum semo_status status = semo_control_next(l->client, &l->handlers, PATIENCE_S * 1000, NULL);
    if (status == SEMO_TIMEOUT)
        l->now = until;
    return status == SEMO_OK || status == SEMO_TIMEOUT ? SEMO_OK : fail_gone(e);
}

/* One RUN: to `until`, or to the first frame for us. A guest just listens. */
static enum semo_status run(struct semo_link *l, uint64_t until, struct semo_error *e)
{
    unsigned type = 0;
    struct semo_control_handlers h = l->handlers;
    if (l->client && l->realtime && l->waiting && !l->remotes[l->waiting_node])
        return run_real(l, until, e);
    if (!l->client || (l->waiting && l->remotes[l->waiting_node]))
        return run_remotes(l, until, e);
    if (!l->guest && semo_control_run(l->client, until, SEMO_CONTROL_RUN_FRAME) != SEMO_OK)
        return fail_gone(e);
    while (l->guest ? l->waiting : type != SEMO_CONTROL_STOPPED)
        if (semo_control_next(l->client, &h, PATIENCE_MS, &type) != SEMO_OK)
            return fail_gone(e);
    return SEMO_OK;
}

enum semo_status semo_link_open(struct semo_link *l, const char *socket, struct semo_error *e)
{
    memset(l, 0, sizeof *l);
    for (unsigned n = 0; n < sizeof l->node_at; n++)
        l->node_at[n] = (uint8_t)n;
    l->handlers = (struct semo_control_handlers){.context = l,
                                                 .frame = on_frame,
                                                 .refused = on_refused,
                                                 .stopped = on_stopped,
                                                 .print = on_print};
    if (semo_control_connect(socket, &l->client) != SEMO_OK)
        return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, socket, 0, 0,
                              "no nodes run there; start them with semo up");
    if (run(l, 0, e) == SEMO_OK) /* stops at once and tells the time */
        return SEMO_OK;
    semo_link_close(l);
    return SEMO_MISSING;
}

void semo_link_close(struct semo_link *l)
{
    for (unsigned n = 0; n < SEMO_NODES_MAX; n++) {
        semo_remote_free(l->remotes[n]);
        l->remotes[n] = NULL;
    }
    if (l->client)
        semo_control_close(l->client);
    if (l->seal_log)
        fclose(l->seal_log);
    l->client = NULL;
    l->seal_log = NULL;
}

/* ---- the log of seals ---- */

static void put_hex(FILE *f, const uint8_t *bytes, unsigned len)
{
    for (; len > 0; len--, bytes++)
        fprintf(f, "%02x", *bytes);
}

/* A hash shows that two keys are the same and nothing else of them. */
void semo_link_log_seal(const struct semo_link *l, const uint8_t *key, const uint8_t *ad,
                        unsigned ad_len)
{
    uint8_t hash[32];
    if (!l->seal_log)
        return;
    if (EVP_Digest(key, SEMO_KEY_LEN, hash, NULL, EVP_sha256(), NULL) != 1)
        abort();
    fprintf(l->seal_log, "%llu deployer 0 ", (unsigned long long)l->now);
    put_hex(l->seal_log, hash, 8);
    putc(' ', l->seal_log);
    put_hex(l->seal_log, ad, ad_len);
    putc('\n', l->seal_log);
    fflush(l->seal_log);
}

enum semo_status semo_link_wait(struct semo_link *l, const bool *done, unsigned ms,
                                struct semo_error *e)
{
    uint64_t deadline = l->now + ms * (uint64_t)(SEMO_CLOCK_HZ / 1000);
    enum semo_status status = SEMO_OK;
    while (status == SEMO_OK && !*done && l->now < deadline) {
        struct pollfd ignored[SEMO_NODES_MAX];
        bool several = l->client && (l->realtime || semo_link_polls(l, ignored));
        status = run(l, several && deadline - l->now > SLICE ? l->now + SLICE : deadline, e);
        if (status == SEMO_OK && several && !semo_link_hear(l, e))
            status = SEMO_MISSING;
    }
    return status == SEMO_OK && !*done ? SEMO_TIMEOUT : status;
}

/* ---- requests ---- */

static enum semo_status send_frame(struct semo_link *l, unsigned node, const uint8_t *frame,
                                   unsigned len, struct semo_error *e)
{
    if (node < SEMO_NODES_MAX && l->remotes[node])
        return semo_remote_send(l->remotes[node], frame, len, e);
    if (!l->client || semo_control_send(l->client, semo_link_node(l, node), frame, len) != SEMO_OK)
        return fail_gone(e);
    return SEMO_OK;
}

enum semo_status semo_link_post(struct semo_link *l, unsigned node, unsigned type, const void *body,
                                unsigned len, struct semo_error *e)
{
    uint8_t frame[SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_over(frame, sizeof frame);
    semo_cursor_put_u8(&c, (uint8_t)type);
    semo_cursor_put_u16(&c, ++l->tag);
    semo_cursor_put(&c, body, len);
    if (c.bad)
        return semo_error_set(e, SEMO_LENGTH, SEMO_EXIT_FAILED, NULL, 0, 0,
                              "a request of %u bytes is longer than a frame", len);
    return send_frame(l, node, frame, (unsigned)(c.at - frame), e);
}

enum semo_status semo_link_event(struct semo_link *l, unsigned node, unsigned connection,
                                 const uint8_t *sealed, unsigned len, struct semo_error *e)
{
    uint8_t frame[SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_over(frame, sizeof frame);
    semo_cursor_put_u8(&c, SEMO_FRAME_EVENT);
    semo_cursor_put_u16(&c, (uint16_t)connection);
    semo_cursor_put(&c, sealed, len);
    return c.bad ? fail_gone(e) : send_frame(l, node, frame, (unsigned)(c.at - frame), e);
}

static const char *request_name(unsigned type)
{
    static const char *const names[] = {
        [SEMO_FRAME_INFO] = "INFO",     [SEMO_FRAME_WRITE] = "WRITE",
        [SEMO_FRAME_ENABLE] = "ENABLE", [SEMO_FRAME_CALL] = "CALL",
        [SEMO_FRAME_ROUTE] = "ROUTE",   [SEMO_FRAME_SAMPLE] = "SAMPLE",
        [SEMO_FRAME_RESET] = "RESET",   [SEMO_FRAME_COUNTERS] = "COUNTERS",
        [SEMO_FRAME_TIMER] = "TIMER",   [SEMO_FRAME_PEER] = "PEER",
        [SEMO_FRAME_TAKEN] = "TAKEN",
    };
    return type < sizeof names / sizeof names[0] && names[type] ? names[type] : "request";
}

enum semo_status semo_link_request(struct semo_link *l, unsigned node, const char *who,
                                   unsigned type, const void *body, unsigned body_len,
                                   unsigned *len, struct semo_error *e)
{
    uint64_t deadline = l->now + PATIENCE_CYCLES;
    enum semo_status status = semo_link_post(l, node, type, body, body_len, e);
    l->waiting = true;
    l->waiting_node = node;
    while (status == SEMO_OK && l->waiting && l->now < deadline)
        status = run(l, deadline, e);
    if (status != SEMO_OK)
        return status;
    if (l->waiting) {
        l->waiting = false;
        return semo_error_set(e, SEMO_TIMEOUT, SEMO_EXIT_TIMEOUT, who, 0, 0,
                              "%s: no answer in %d s of its time; its event manager withholds it",
                              request_name(type), PATIENCE_S);
    }
    status = l->answer[0];
    if (l->denied)
        return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, who, 0, 0,
                              "%s: refused; the vendor key here is not that of the node, give the "
                              "right one to semo import-key",
                              request_name(type));
    if (status != SEMO_OK)
        return semo_error_set(e, status, SEMO_EXIT_FAILED, who, 0, 0, "%s: %s", request_name(type),
                              semo_status_text(status));
    if (len)
        *len = l->answer_len - 1;
    return SEMO_OK;
}

enum semo_status semo_link_call(struct semo_link *l, unsigned node, const char *who,
                                unsigned module, unsigned entry, const void *payload,
                                unsigned payload_len, unsigned *len, struct semo_error *e)
{
    uint8_t body[SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, (uint16_t)module);
    semo_cursor_put_u16(&c, (uint16_t)entry);
    semo_cursor_put(&c, payload, payload_len);
    if (c.bad)
        return semo_error_set(e, SEMO_LENGTH, SEMO_EXIT_USAGE, who, 0, 0,
                              "a payload of %u bytes does not fit a frame", payload_len);
    return semo_link_request(l, node, who, SEMO_FRAME_CALL, body, (unsigned)(c.at - body), len, e);
}

enum semo_status semo_link_info(struct semo_link *l, unsigned node, const char *who,
                                struct semo_node_info *info, struct semo_error *e)
{
    unsigned len;
    enum semo_status status = semo_link_request(l, node, who, SEMO_FRAME_INFO, NULL, 0, &len, e);
    if (status != SEMO_OK)
        return status;
    struct semo_cursor c = semo_cursor_from(l->answer + 1, len);
    struct semo_node_info i = {.version = semo_cursor_u8(&c), .kind = semo_cursor_u8(&c)};
    i.security = semo_cursor_u16(&c);
    i.slots = semo_cursor_u8(&c);
    i.modules = semo_cursor_u8(&c);
    unsigned flags = semo_cursor_u8(&c);
    i.weak = flags & 1;
    i.fresh = flags & 2;
    i.landlock = flags & 4;
    i.text_start = semo_cursor_u16(&c);
    i.text_end = semo_cursor_u16(&c);
    i.data_start = semo_cursor_u16(&c);
    i.data_end = semo_cursor_u16(&c);
    i.frame_max = semo_cursor_u16(&c);
    if (c.bad || i.version != SEMO_VERSION)
        return semo_error_set(e, SEMO_MALFORMED, SEMO_EXIT_FAILED, who, 0, 0,
                              "INFO: not an answer of protocol version %d", SEMO_VERSION);
    *info = i;
    return SEMO_OK;
}
