/* SPDX-License-Identifier: Apache-2.0 */
/* The event manager of a Linux node and its hostile twin, under a monitor that is this test:
 * modules are a queue and a counter each. */
#include <stdarg.h>
#include <setjmp.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "lib/bytes/cursor.h"
#include "monitor/protocol.h"
#include "tests/attack/hostile_em/attack.h"

#define MODULES    1100
#define FRAMES     2100
#define EVENT_LEN  28
#define ECHO       8
#define CONNECTION 5

struct module {
    unsigned waiting, sent, accepted, last;
    uint16_t connection; /* of what it sends */
    bool dead;
};

struct rig {
    pid_t pid;
    int socket, tables;
    struct module module[MODULES + 1];
    unsigned modules;
    uint8_t image[64];
    unsigned image_len, enable_len;
    uint8_t frames[FRAMES][SEMO_FRAME_MAX]; /* out of the last turn */
    unsigned len[FRAMES], count;
    uint16_t tag;
};

static _Noreturn void become(const char *program, int socket, int tables)
{
    char path[64];
    snprintf(path, sizeof path, "build/bin/%s", program);
    if (dup2(socket, 10) < 0 || dup2(tables, 11) < 0 || dup2(10, SEMO_MONITOR_SOCKET) < 0 ||
        dup2(11, SEMO_MONITOR_TABLES) < 0)
        _exit(100);
    execl(path, "semo-em", "weak", (char *)NULL);
    _exit(101);
}

static void until_next(struct rig *r);

static void start(struct rig *r, const char *program)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    fflush(NULL);
    r->pid = fork();
    if (r->pid == 0)
        become(program, pair[1], r->tables);
    close(pair[1]);
    r->socket = pair[0];
    until_next(r);
}

static void end(struct rig *r)
{
    int status;
    close(r->socket);
    assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static struct rig *rig_new(const char *program)
{
    struct rig *r = calloc(1, sizeof *r);
    r->tables = memfd_create("tables", MFD_CLOEXEC);
    assert_int_equal(ftruncate(r->tables, SEMO_MONITOR_TABLES_LEN), 0);
    start(r, program);
    return r;
}

static void rig_free(struct rig *r)
{
    end(r);
    close(r->tables);
    free(r);
}

/* ---- the monitor ---- */

static void result(struct rig *r, enum semo_status status, const void *bytes, unsigned len)
{
    uint8_t message[SEMO_MONITOR_MESSAGE_MAX] = {SEMO_EM_RESULT, (uint8_t)status};
    if (len)
        memcpy(message + 2, bytes, len);
    assert_int_equal(send(r->socket, message, 2 + len, 0), 2 + len);
}

static uint16_t sum(const uint8_t *event)
{
    uint16_t s = 0;
    for (unsigned i = 0; i < EVENT_LEN - 2; i++)
        s = (uint16_t)(s * 31 + event[i]);
    return s;
}

static void put_answer(struct semo_cursor *out, enum semo_status status, const void *bytes,
                       unsigned len)
{
    semo_cursor_put_u8(out, (uint8_t)status);
    semo_cursor_put_u16(out, (uint16_t)len);
    semo_cursor_put(out, bytes, len);
}

/* False: none waits. */
static bool take(struct module *m, struct semo_cursor *out)
{
    uint8_t event[EVENT_LEN] = {0};
    struct semo_cursor c = semo_cursor_over(event, sizeof event);
    if (!m->waiting) {
        put_answer(out, SEMO_EMPTY, NULL, 0);
        return false;
    }
    m->waiting--;
    semo_cursor_put_u16(&c, m->connection);
    semo_cursor_put_u8(&c, SEMO_DOMAIN_EVENT);
    semo_cursor_put_u8(&c, 0);
    semo_cursor_put_u64(&c, ++m->sent);
    c = semo_cursor_over(event + EVENT_LEN - 2, 2);
    semo_cursor_put_u16(&c, sum(event));
    put_answer(out, SEMO_OK, event, sizeof event);
    return true;
}

static enum semo_status input(struct module *m, const uint8_t *event, unsigned len)
{
    struct semo_cursor c = semo_cursor_from(event + EVENT_LEN - 2, 2);
    if (len != EVENT_LEN || semo_cursor_u16(&c) != sum(event) || event[0] != CONNECTION)
        return SEMO_REFUSED;
    c = semo_cursor_from(event + 4, 8);
    const uint64_t sequence = semo_cursor_u64(&c);
    if (sequence <= m->last)
        return SEMO_STALE;
    m->last = (unsigned)sequence;
    m->accepted++;
    return SEMO_OK;
}

/* One of the calls: its answer, then what is taken. */
static void answer(struct module *m, struct semo_cursor *calls, struct semo_cursor *out)
{
    const struct semo_gate_call *c = (const void *)semo_cursor_take(calls, sizeof *c);
    assert_non_null(c);
    const uint8_t *payload = semo_cursor_take(calls, c->len);
    assert_non_null(payload);
    if (c->entry == SEMO_ENTRY_INPUT)
        put_answer(out, input(m, payload, c->len), NULL, 0);
    else if (c->entry == SEMO_ENTRY_TAKE)
        take(m, out);
    else
        put_answer(out, SEMO_OK, payload, c->len); /* echo */
    for (unsigned taken = 0; taken < c->takes && take(m, out);)
        taken++;
}

static void call(struct rig *r, uint8_t *body, unsigned len)
{
    uint8_t answers[SEMO_MONITOR_MESSAGE_MAX];
    struct semo_cursor c = semo_cursor_over(body, len),
                       out = semo_cursor_over(answers, sizeof answers);
    const uint16_t id = semo_cursor_u16(&c);
    assert_false(c.bad);
    struct module *m = &r->module[id <= MODULES ? id : 0];
    if (!id || id > r->modules || m->dead) {
        result(r, SEMO_UNKNOWN, NULL, 0);
        return;
    }
    while (c.left > 0)
        answer(m, &c, &out);
    assert_false(c.bad || out.bad);
    result(r, SEMO_OK, answers, (unsigned)(out.at - answers));
}

static void enable(struct rig *r, int file, unsigned len)
{
    static const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    struct stat s;
    assert_int_equal(fcntl(file, F_GET_SEALS), seals);
    assert_int_equal(fstat(file, &s), 0);
    r->image_len = (unsigned)s.st_size;
    r->enable_len = len;
    assert_int_equal(pread(file, r->image, sizeof r->image, 0), r->image_len);
    close(file);
    const uint16_t id = (uint16_t)++r->modules;
    result(r, SEMO_OK, &id, sizeof id);
}

static unsigned receive(struct rig *r, uint8_t *message, int *file)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {message, SEMO_MONITOR_MESSAGE_MAX};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    const ssize_t n = recvmsg(r->socket, &m, 0);
    assert_true(n > 0 && !(m.msg_flags & MSG_TRUNC));
    *file = -1;
    if (CMSG_FIRSTHDR(&m))
        memcpy(file, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof *file);
    return (unsigned)n;
}

static void until_next(struct rig *r)
{
    uint8_t message[SEMO_MONITOR_MESSAGE_MAX];
    int file;
    for (unsigned messages = 0; messages < SEMO_MONITOR_TURN_MAX; messages++) {
        const unsigned len = receive(r, message, &file);
        if (message[0] == SEMO_EM_NEXT)
            return;
        if (message[0] == SEMO_EM_CALL)
            call(r, message + 1, len - 1);
        else if (message[0] == SEMO_EM_ENABLE)
            enable(r, file, len - 1);
        else if (message[0] == SEMO_EM_OUT && r->count < FRAMES)
            memcpy(r->frames[r->count], message + 1, r->len[r->count] = len - 1), r->count++;
        else
            fail_msg("message %u", message[0]);
    }
    fail_msg("a turn without end");
}

struct batch {
    uint8_t message[SEMO_MONITOR_MESSAGE_MAX];
    unsigned len;
};

static void add(struct batch *b, const void *frame, unsigned len)
{
    struct semo_cursor c = semo_cursor_over(b->message + b->len, sizeof b->message - b->len);
    if (b->len == 0)
        semo_cursor_put_u8(&c, SEMO_EM_FRAME);
    semo_cursor_put_u16(&c, (uint16_t)len);
    semo_cursor_put(&c, frame, len);
    assert_false(c.bad);
    b->len = (unsigned)(c.at - b->message);
}

static void turn_of(struct rig *r, const struct batch *b)
{
    r->count = 0;
    assert_int_equal(send(r->socket, b->message, b->len, 0), b->len);
    until_next(r);
}

static void turn(struct rig *r, const void *frame, unsigned len)
{
    struct batch b = {.len = 0};
    add(&b, frame, len);
    turn_of(r, &b);
}

/* The answer's body is *len bytes at the result + 4. */
static enum semo_status ask(struct rig *r, unsigned type, const void *body, unsigned len)
{
    uint8_t frame[SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_over(frame, sizeof frame);
    semo_cursor_put_u8(&c, (uint8_t)type);
    semo_cursor_put_u16(&c, ++r->tag);
    semo_cursor_put(&c, body, len);
    turn(r, frame, 3 + len);
    assert_true(r->count > 0 && r->len[0] >= 4);
    c = semo_cursor_from(r->frames[0], 4);
    assert_int_equal(semo_cursor_u8(&c), type | SEMO_FRAME_ANSWER);
    assert_int_equal(semo_cursor_u16(&c), r->tag);
    return semo_cursor_u8(&c);
}

static uint32_t counter(struct rig *r, enum semo_counter which)
{
    assert_int_equal(ask(r, SEMO_FRAME_COUNTERS, NULL, 0), SEMO_OK);
    assert_int_equal(r->len[0], 4 + 1 + 4 * SEMO_COUNTERS);
    struct semo_cursor c = semo_cursor_from(r->frames[0] + 5 + 4 * which, 4);
    return semo_cursor_u32(&c);
}

static enum semo_status enable_module(struct rig *r, uint32_t pe)
{
    uint8_t body[18] = {0x34, 0x12};
    struct semo_cursor c = semo_cursor_over(body + 6, 4);
    semo_cursor_put_u32(&c, pe);
    return ask(r, SEMO_FRAME_ENABLE, body, sizeof body);
}

static void write_at(struct rig *r, uint8_t at, const char *bytes, enum semo_status expected)
{
    uint8_t body[64] = {at};
    memcpy(body + 4, bytes, strlen(bytes));
    assert_int_equal(ask(r, SEMO_FRAME_WRITE, body, 4 + (unsigned)strlen(bytes)), expected);
}

static void load(struct rig *r)
{
    write_at(r, 0, "module", SEMO_OK);
    assert_int_equal(enable_module(r, 6), SEMO_OK);
}

static void route(struct rig *r, uint8_t connection, uint8_t module)
{
    const uint8_t body[] = {connection, 0, module, 0};
    assert_int_equal(ask(r, SEMO_FRAME_ROUTE, body, sizeof body), SEMO_OK);
}

/* Gives module 1 events to send; they go when it is called. */
static void emit(struct rig *r, unsigned events, uint16_t connection)
{
    const uint8_t body[] = {1, 0, ECHO, 0};
    r->module[1].waiting = events;
    r->module[1].connection = connection;
    assert_int_equal(ask(r, SEMO_FRAME_CALL, body, sizeof body), SEMO_OK);
}

/* ---- the tests ---- */

static void tells_what_it_is(void **state)
{
    (void)state;
    struct rig *r = rig_new("semo-em");
    const uint8_t info[SEMO_INFO_LEN] = {SEMO_VERSION,
                                         1,
                                         128,
                                         0,
                                         255,
                                         0,
                                         1 | 2,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         SEMO_FRAME_MAX & 0xFFu,
                                         SEMO_FRAME_MAX >> 8};
    assert_int_equal(ask(r, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
    assert_int_equal(r->len[0], 4 + SEMO_INFO_LEN);
    assert_memory_equal(r->frames[0] + 4, info, sizeof info);
    rig_free(r);
}

static void stages_and_seals_a_program(void **state)
{
    (void)state;
    struct rig *r = rig_new("semo-em");
    assert_int_equal(enable_module(r, 6), SEMO_PLACE); /* nothing written */
    write_at(r, 4, "56789", SEMO_OK);
    write_at(r, 0, "1234", SEMO_OK);
    assert_int_equal(enable_module(r, 8), SEMO_OK);
    assert_int_equal(r->image_len, 8);
    assert_memory_equal(r->image, "12345678", 8);
    write_at(r, 0, "abc", SEMO_OK); /* of the last program nothing is left */
    assert_int_equal(enable_module(r, 5), SEMO_OK);
    assert_memory_equal(r->image, "abc\0\0", 5);
    const uint8_t far[] = {0, 0, 0x10, 0, 1}, wrap[] = {0xFF, 0xFF, 0xFF, 0xFF, 1};
    assert_int_equal(ask(r, SEMO_FRAME_WRITE, far, sizeof far), SEMO_PLACE);
    assert_int_equal(ask(r, SEMO_FRAME_WRITE, wrap, sizeof wrap), SEMO_PLACE);
    assert_int_equal(enable_module(r, SEMO_MONITOR_IMAGE_MAX + 1), SEMO_PLACE);
    const uint8_t sealed[SEMO_ENABLE_LEN + SEMO_CONCEALED_LEN] = {[6] = 3};
    write_at(r, 0, "abc", SEMO_OK);
    for (unsigned len = SEMO_ENABLE_LEN + 1; len < sizeof sealed; len++)
        assert_int_equal(ask(r, SEMO_FRAME_ENABLE, sealed, len), SEMO_MALFORMED);
    assert_int_equal(ask(r, SEMO_FRAME_ENABLE, sealed, sizeof sealed), SEMO_OK);
    assert_int_equal(r->enable_len, 2 + SEMO_CONCEALED_LEN); /* the monitor gets all of it */
    rig_free(r);
}

static void calls_modules(void **state)
{
    (void)state;
    struct rig *r = rig_new("semo-em");
    load(r);
    const uint8_t echo[] = {1, 0, ECHO, 0, 'h', 'i'}, nobody[] = {9, 0, ECHO, 0};
    assert_int_equal(ask(r, SEMO_FRAME_CALL, echo, sizeof echo), SEMO_OK);
    assert_memory_equal(r->frames[0] + 4, "hi", 2);
    assert_int_equal(ask(r, SEMO_FRAME_CALL, nobody, sizeof nobody), SEMO_UNKNOWN);
    const uint8_t sample[] = {0, 1, 0, 8, 0};
    assert_int_equal(ask(r, SEMO_FRAME_SAMPLE, sample, sizeof sample), SEMO_UNSUPPORTED);
    assert_int_equal(ask(r, SEMO_FRAME_RESET, NULL, 0), SEMO_UNSUPPORTED);
    rig_free(r);
}

static unsigned modules_told(struct rig *r)
{
    assert_int_equal(ask(r, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
    return r->frames[0][4 + 5];
}

static void counts_modules_and_forgets_the_dead(void **state)
{
    (void)state;
    struct rig *r = rig_new("semo-em");
    for (int i = 0; i < 16; i++)
        load(r);
    assert_int_equal(modules_told(r), 16);
    r->module[1].dead = true;
    const uint8_t body[] = {1, 0, ECHO, 0};
    assert_int_equal(ask(r, SEMO_FRAME_CALL, body, sizeof body), SEMO_UNKNOWN);
    assert_int_equal(modules_told(r), 15);
    while (r->modules < 1000)
        load(r);
    assert_int_equal(modules_told(r), 255); /* as many as a byte holds */
    const uint8_t last[] = {1000 & 0xFF, 1000 >> 8, ECHO, 0, 'h', 'i'};
    assert_int_equal(ask(r, SEMO_FRAME_CALL, last, sizeof last), SEMO_OK);
    assert_memory_equal(r->frames[0] + 4, "hi", 2);
    rig_free(r);
}

/* Many frames of one turn, for modules in turn: each module gets its own in their order. */
static void frames_of_one_turn_keep_their_order(void **state)
{
    (void)state;
    struct rig *r = rig_new("semo-em");
    const unsigned receivers = 20, each = 4;
    for (unsigned i = 0; i < receivers; i++)
        load(r);
    struct batch b = {.len = 0};
    struct module sender = {.waiting = each, .connection = CONNECTION};
    for (unsigned n = 0; n < each; n++) {
        uint8_t answer[3 + EVENT_LEN], frame[1 + EVENT_LEN] = {SEMO_FRAME_EVENT};
        struct semo_cursor c = semo_cursor_over(answer, sizeof answer);
        assert_true(take(&sender, &c));
        memcpy(frame + 1, answer + 3, EVENT_LEN);
        for (uint8_t i = 1; i <= receivers; i++) {
            const uint8_t again[] = {SEMO_FRAME_ROUTE, i, (uint8_t)n, CONNECTION, 0, i, 0};
            add(&b, again, sizeof again);
            add(&b, frame, sizeof frame);
        }
    }
    turn_of(r, &b);
    assert_int_equal(r->count, receivers * each); /* answers to ROUTE */
    for (unsigned i = 1; i <= receivers; i++)
        assert_int_equal(r->module[i].accepted, each);
    rig_free(r);
}

static void routes_events(void **state)
{
    (void)state;
    struct rig *r = rig_new("semo-em");
    load(r);
    load(r);
    emit(r, 3, 9);
    assert_int_equal(r->count, 1 + 3); /* the answer, then what waited */
    assert_int_equal(r->frames[1][0], SEMO_FRAME_EVENT);
    assert_int_equal(r->len[1], 1 + EVENT_LEN);
    route(r, CONNECTION, 2);
    emit(r, 100, CONNECTION);
    assert_int_equal(r->count, 1);
    assert_int_equal(r->module[2].accepted, 100);
    assert_int_equal(counter(r, SEMO_COUNT_EVENTS_OUT), 103);
    assert_int_equal(counter(r, SEMO_COUNT_EVENTS_IN), 100);
    assert_int_equal(counter(r, SEMO_COUNT_REFUSED), 0);
    uint8_t frame[1 + EVENT_LEN] = {SEMO_FRAME_EVENT, CONNECTION};
    turn(r, frame, sizeof frame);
    assert_int_equal(counter(r, SEMO_COUNT_REFUSED), 1);
    frame[1] = 77;
    turn(r, frame, sizeof frame);
    assert_int_equal(counter(r, SEMO_COUNT_UNROUTABLE), 1);
    rig_free(r);
}

static void has_a_route_for_every_connection(void **state)
{
    (void)state;
    struct rig *r = rig_new("semo-em");
    load(r);
    for (unsigned i = 1; i <= UINT16_MAX; i += 13) {
        const uint8_t body[] = {(uint8_t)i, (uint8_t)(i >> 8), 1, 0};
        assert_int_equal(ask(r, SEMO_FRAME_ROUTE, body, sizeof body), SEMO_OK);
    }
    const uint8_t last[] = {SEMO_FRAME_EVENT, 0xFF, 0xFF, 0, 0},
                  none[] = {SEMO_FRAME_EVENT, 2, 0, 0, 0};
    turn(r, last, sizeof last); /* 65535 = 1 + 13 * 5041 + 1 is none of them */
    turn(r, none, sizeof none);
    assert_int_equal(counter(r, SEMO_COUNT_UNROUTABLE), 2);
    const uint8_t some[] = {SEMO_FRAME_EVENT, 0xFE, 0xFF, 0, 0};
    turn(r, some, sizeof some);
    assert_int_equal(counter(r, SEMO_COUNT_REFUSED), 1);
    route(r, 1, 0); /* forgotten */
    turn(r, (uint8_t[]){SEMO_FRAME_EVENT, 1, 0, 0, 0}, 5);
    assert_int_equal(counter(r, SEMO_COUNT_UNROUTABLE), 3);
    assert_int_equal(ask(r, SEMO_FRAME_ROUTE, (uint8_t[]){0, 0, 1, 0}, 4), SEMO_OK);
    turn(r, (uint8_t[]){SEMO_FRAME_EVENT, 0, 0, 0, 0}, 5); /* connection 0 is no connection */
    assert_int_equal(counter(r, SEMO_COUNT_UNROUTABLE), 4);
    rig_free(r);
}

/* More than fits in a turn: the clock goes on, the rest comes in the next turn. */
static void a_flood_does_not_stop_the_clock(void **state)
{
    (void)state;
    struct rig *r = rig_new("semo-em");
    load(r);
    emit(r, 2700, 9);
    assert_int_equal(r->count, 1 + 2000);
    assert_int_equal(counter(r, SEMO_COUNT_EVENTS_OUT), 2000);
    assert_int_equal(r->count, 1 + 700);
    rig_free(r);
}

static void drops_and_counts_bad_frames(void **state)
{
    (void)state;
    static const uint8_t zeros[SEMO_FRAME_MAX + 50];
    static const uint8_t bad[][5] = {{1},          {1, 2},          {9, 1, 0}, {0x81, 1, 0},
                                     {1, 1, 0, 0}, {5, 1, 0, 1, 0}, {0x10},    {0x10, 5, 0}};
    static const unsigned len[] = {1, 2, 3, 3, 4, 5, 1, 3};
    struct rig *r = rig_new("semo-em");
    for (unsigned i = 0; i < sizeof len / sizeof len[0]; i++) {
        turn(r, bad[i], len[i]);
        assert_int_equal(r->count, 0);
        assert_int_equal(counter(r, SEMO_COUNT_MALFORMED), i + 1);
    }
    turn(r, zeros, sizeof zeros);
    turn(r, zeros, 0);
    assert_int_equal(counter(r, SEMO_COUNT_MALFORMED), sizeof len / sizeof len[0] + 2);
    rig_free(r);
}

/* The tables pass from one event manager to the next, and back. */
static void another_event_manager_attacks_and_leaves(void **state)
{
    (void)state;
    struct rig *r = rig_new("semo-em");
    load(r);
    load(r);
    route(r, CONNECTION, 2);
    emit(r, 10, CONNECTION);
    end(r);
    start(r, "hostile-em");
    for (int i = 0; i < 50; i++)
        emit(r, 100, CONNECTION);
    for (unsigned which = SEMO_COUNT_DROPPED; which <= SEMO_COUNT_CORRUPTED; which++)
        assert_true(counter(r, (enum semo_counter)which) > 100);
    assert_int_equal(counter(r, SEMO_COUNT_ACCEPTED), 0);
    assert_in_range(r->module[2].accepted, 2000, 5009);
    end(r);
    start(r, "semo-em");
    const unsigned before = r->module[2].accepted;
    emit(r, 100, CONNECTION);
    assert_int_equal(r->module[2].accepted, before + 100);
    rig_free(r);
}

static void behaves_when_its_count_is_used_up(void **state)
{
    (void)state;
    struct rig *r = rig_new("hostile-em");
    load(r);
    load(r);
    route(r, CONNECTION, 2);
    const uint8_t ten[] = {10, 0, 3, 0};
    assert_int_equal(ask(r, SEMO_FRAME_ATTACK, ten, sizeof ten), SEMO_OK);
    emit(r, 100, CONNECTION);
    const unsigned before = r->module[2].accepted;
    assert_in_range(before, 85, 99);
    emit(r, 100, CONNECTION);
    assert_int_equal(r->module[2].accepted, before + 100);
    rig_free(r);
}

/* Tables full of anything: what it says is wrong, but it does not end. */
static void survives_the_tables_of_an_attacker(void **state)
{
    (void)state;
    struct rig *r = rig_new("semo-em");
    end(r);
    uint32_t seed = 0x5E40C0DE;
    printf("# SEED=%u\n", seed);
    for (int round = 0; round < 20; round++) {
        uint8_t noise[4096];
        for (unsigned i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
        assert_int_equal(pwrite(r->tables, noise, sizeof noise, 0), sizeof noise);
        start(r, "semo-em");
        for (unsigned type = 0; type < 0x12; type++)
            turn(r, noise + type, 1 + type * 7);
        turn(r, (uint8_t[]){SEMO_FRAME_EVENT, noise[0], noise[1], 0, 0}, 5);
        (void)counter(r, SEMO_COUNT_REFUSED);
        end(r);
    }
    close(r->tables);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_it_is),
        cmocka_unit_test(stages_and_seals_a_program),
        cmocka_unit_test(calls_modules),
        cmocka_unit_test(counts_modules_and_forgets_the_dead),
        cmocka_unit_test(frames_of_one_turn_keep_their_order),
        cmocka_unit_test(routes_events),
        cmocka_unit_test(has_a_route_for_every_connection),
        cmocka_unit_test(a_flood_does_not_stop_the_clock),
        cmocka_unit_test(drops_and_counts_bad_frames),
        cmocka_unit_test(another_event_manager_attacks_and_leaves),
        cmocka_unit_test(behaves_when_its_count_is_used_up),
        cmocka_unit_test(survives_the_tables_of_an_attacker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
