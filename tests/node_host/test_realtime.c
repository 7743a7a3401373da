/* SPDX-License-Identifier: Apache-2.0 */
/* Several semo-node processes in real time: events travel between them by TCP, and one that is slow
 * or dead holds up nobody. Each has one emulated node with a puppet (tests/node). */
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "host/file.h"
#include "host/process.h"
#include "host/socket.h"
#include "lib/bytes/cursor.h"
#include "machine/chip.h"
#include "tests/node_host/door.h"

enum { EMIT = 8, TELL = 9, SAMPLE = 12 };

struct host { /* a semo-node with one node */
    unsigned index, port;
    pid_t pid;
    struct door door;
};

static char folder[64];

static char *path_of(const struct host *h, const char *what)
{
    return semo_format("%s/%s%u", folder, what, h->index);
}

static void write_config(const struct host *h, const char *path)
{
    char *chip = path_of(h, "chip"), *control = path_of(h, "control");
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f,
            "{\"socket\": \"%s\", \"listen\": {\"host\": \"127.0.0.1\", \"port\": %u},"
            "\"nodes\": [{\"name\": \"node%u\", \"type\": \"mcu\", \"chip\": \"%s\","
            "\"firmware\": \"build/mcu/firmware.elf\"}]}",
            control, h->port, h->index, chip);
    fclose(f);
    free(chip);
    free(control);
}

static unsigned read_port(const struct host *h)
{
    char *ports = path_of(h, "control"), *path = semo_format("%s.ports", ports), name[64];
    unsigned port = 0;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%63s %u", name, &port), 2);
    fclose(f);
    free(path);
    free(ports);
    return port;
}

/* Again on the same port, when it had one. */
static void start(struct host *h)
{
    char *config = path_of(h, "config");
    write_config(h, config);
    assert_true(rig_spawn(config, &h->pid));
    free(config);
    h->port = read_port(h);
    h->door = door_open(NULL, h->index, door_connect(h->port));
}

static void make(struct host *h, unsigned index)
{
    struct semo_chip_state s = {.relay_closed = true, .utc = 1000};
    *h = (struct host){.index = index};
    char *chip = path_of(h, "chip");
    memset(s.node_key, (int)index + 1, sizeof s.node_key);
    assert_int_equal(semo_chip_create(chip, &s), SEMO_OK);
    free(chip);
    start(h);
}

static void stop(struct host *h, int signal)
{
    close(h->door.fd);
    assert_int_equal(kill(h->pid, signal), 0);
    semo_process_wait(h->pid);
}

/* ---- by the door ---- */

static void load(struct host *h, const char *name, unsigned ps, unsigned ss)
{
    uint8_t body[600], *text;
    size_t len;
    struct semo_error e;
    char *path = semo_format("build/mcu/%s.bin", name);
    assert_int_equal(semo_file_read(path, 500, &text, &len, &e), SEMO_OK);
    free(path);
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u32(&w, ps);
    semo_cursor_put(&w, text, (unsigned)len);
    assert_int_equal(door_ask_admin(&h->door, SEMO_FRAME_WRITE, body, (unsigned)(w.at - body)), 0);
    w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, DOOR_VENDOR);
    semo_cursor_put_u32(&w, ps);
    semo_cursor_put_u32(&w, ps + (uint32_t)len);
    semo_cursor_put_u32(&w, ss);
    semo_cursor_put_u32(&w, ss + 0x20);
    assert_int_equal(door_ask_admin(&h->door, SEMO_FRAME_ENABLE, body, (unsigned)(w.at - body)), 0);
    free(text);
}

static unsigned call(struct host *h, unsigned entry, const uint16_t *words, unsigned count)
{
    uint8_t body[32];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, 1);
    semo_cursor_put_u16(&w, (uint16_t)entry);
    for (unsigned i = 0; i < count; i++)
        semo_cursor_put_u16(&w, words[i]);
    return door_ask_admin(&h->door, SEMO_FRAME_CALL, body, (unsigned)(w.at - body));
}

static unsigned route(struct host *h, unsigned connection)
{
    const uint8_t body[] = {(uint8_t)connection, 0, 1, 0};
    return door_ask_admin(&h->door, SEMO_FRAME_ROUTE, body, sizeof body);
}

static unsigned peer(struct host *h, unsigned connection, unsigned port, const char *host)
{
    uint8_t body[64];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, (uint16_t)connection);
    semo_cursor_put_u16(&w, (uint16_t)port);
    semo_cursor_put(&w, host, (unsigned)strlen(host));
    return door_ask_admin(&h->door, SEMO_FRAME_PEER, body, (unsigned)(w.at - body));
}

static void load_a(struct host *h)
{
    const uint16_t own[3] = {5, 0, 0};
    load(h, "puppet-a", 0x6000, 0x0300);
    assert_int_equal(route(h, 6), SEMO_OK);
    assert_int_equal(call(h, EMIT, own, 3), SEMO_OK);
}

static void load_b(struct host *h)
{
    const uint16_t own[3] = {6, 0, 0};
    load(h, "puppet-b", 0x6200, 0x0320);
    assert_int_equal(route(h, 5), SEMO_OK);
    assert_int_equal(call(h, EMIT, own, 3), SEMO_OK);
}

static unsigned accepted(struct host *h)
{
    assert_int_equal(call(h, TELL, NULL, 0), SEMO_OK);
    return h->door.answer[4] | h->door.answer[5] << 8;
}

static void bounce(struct host *h, unsigned hops)
{
    const uint16_t emit[3] = {5, (uint16_t)hops, 1};
    assert_int_equal(call(h, EMIT, emit, 3), SEMO_OK);
}

static char status[SEMO_CONTROL_MAX];

static void on_text(void *context, const char *text)
{
    (void)context;
    strcpy(status, text);
}

/* One field of the only uplink; -1: there is none. */
static long uplink(const struct host *h, const char *field)
{
    const struct semo_control_handlers handlers = {.text = on_text};
    struct semo_control_client *c;
    unsigned type = 0;
    char *path = path_of(h, "control");
    assert_int_equal(semo_control_connect(path, &c), SEMO_OK);
    free(path);
    assert_int_equal(semo_control_status(c), SEMO_OK);
    while (type != SEMO_CONTROL_TEXT)
        assert_int_equal(semo_control_next(c, &handlers, -1, &type), SEMO_OK);
    semo_control_close(c);
    json_t *o = json_loads(status, 0, NULL);
    json_t *v = json_object_get(json_array_get(json_object_get(o, "uplinks"), 0), field);
    long value = !v ? -1 : json_is_boolean(v) ? json_is_true(v) : (long)json_integer_value(v);
    json_decref(o);
    return value;
}

/* ---- tests ---- */

static struct host a, b;

static int open_hosts(void **state)
{
    (void)state;
    strcpy(folder, "build/tests/hosts-XXXXXX");
    assert_non_null(mkdtemp(folder));
    make(&a, 0);
    make(&b, 1);
    return 0;
}

static int close_hosts(void **state)
{
    char *command = semo_format("rm -r %s", folder);
    (void)state;
    stop(&a, SIGTERM);
    stop(&b, SIGTERM);
    assert_int_equal(system(command), 0);
    free(command);
    return 0;
}

static void events_travel_and_a_dead_peer_holds_up_nobody(void **state)
{
    enum { HOPS = 20, FLOOD = 600 };
    (void)state;
    load_a(&a);
    load_b(&b);
    assert_int_equal(peer(&a, 5, b.port, "127.0.0.1"), SEMO_OK);
    assert_int_equal(peer(&b, 6, a.port, "127.0.0.1"), SEMO_OK);
    bounce(&a, HOPS);
    while (accepted(&a) + accepted(&b) < HOPS + 1)
        ;
    stop(&b, SIGKILL);
    while (uplink(&a, "connected") != 0)
        bounce(&a, 0);
    for (unsigned i = 0; i < FLOOD || uplink(&a, "dropped") < 1; i++)
        bounce(&a, 0); /* answered each time, by a node whose peer is dead */
    assert_int_equal(uplink(&a, "waiting"), 256);
    unsigned before = accepted(&a);
    start(&b);
    load_b(&b);
    assert_int_equal(peer(&b, 6, a.port, "127.0.0.1"), SEMO_OK);
    while (uplink(&a, "connected") != 1 || uplink(&a, "waiting") > 0)
        accepted(&a);
    while (accepted(&b) < 1)
        bounce(&a, 0);
    assert_int_equal(accepted(&a), before); /* they came without hops */
    bounce(&a, 1);
    assert_int_equal(peer(&a, 5, 0, ""), SEMO_OK); /* nowhere */
    assert_int_equal(uplink(&a, "connected"), -1);
    bounce(&a, 0);
}

static void a_stranger_gets_events_by_his_own_connection(void **state)
{
    uint8_t frame[SEMO_FRAME_MAX];
    (void)state;
    assert_int_equal(peer(&a, 5, 0, "-"), SEMO_OK);
    const uint16_t emit[3] = {5, 0, 1}, body[] = {1, EMIT, emit[0], emit[1], emit[2]};
    door_say(&a.door, frame, door_request(frame, SEMO_FRAME_CALL, body, sizeof body));
    for (unsigned answers = 0, events = 0; answers + events < 2;) {
        door_hear(&a.door);
        answers += a.door.answer[0] == (SEMO_FRAME_CALL | SEMO_FRAME_ANSWER);
        events += a.door.answer[0] == SEMO_FRAME_EVENT;
        if (a.door.answer[0] == SEMO_FRAME_EVENT)
            assert_int_equal(a.door.answer_len, 3 + 14);
    }
    close(a.door.fd); /* now they go nowhere, and the node goes on */
    a.door = door_open(NULL, a.index, door_connect(a.port));
    bounce(&a, 0);
    assert_int_equal(peer(&a, 5, 0, ""), SEMO_OK);
}

static void bad_peers_are_refused(void **state)
{
    static const char *const bad[] = {"localhost", "1.2.3", "::g", "127.0.0.1 ", "999.1.1.1"};
    (void)state;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(peer(&a, 5, 80, bad[i]), SEMO_INPUT);
    assert_int_equal(peer(&a, 5, 80, "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa"),
                     SEMO_MALFORMED);
    assert_int_equal(door_ask_admin(&a.door, SEMO_FRAME_PEER, "123", 3), SEMO_MALFORMED);
    for (unsigned i = 0; i < 64; i++) /* 127.0.0.1:1 refuses to be connected */
        assert_int_equal(peer(&a, 100 + i, 1 + i, "127.0.0.1"), SEMO_OK);
    assert_int_equal(peer(&a, 200, 99, "127.0.0.1"), SEMO_FULL);
    assert_int_equal(peer(&a, 200, 64, "127.0.0.1"), SEMO_OK); /* one that is there */
    for (unsigned i = 0; i < 64; i++)
        assert_int_equal(peer(&a, 100 + i, 0, ""), SEMO_OK);
    assert_int_equal(peer(&a, 200, 0, ""), SEMO_OK);
    assert_int_equal(peer(&a, 200, 99, "::1"), SEMO_OK);
    assert_int_equal(peer(&a, 200, 0, ""), SEMO_OK);
}

/* Ranges from a number on, in pages; what is forgotten is free. */
static void numbers_in_use_are_told(void **state)
{
    static const uint8_t none[2], from_40[2] = {40, 0};
    (void)state;
    for (unsigned c = 40; c < 40 + 2 * 300; c += 2)
        assert_int_equal(peer(&a, c, 0, "-"), SEMO_OK);
    assert_int_equal(door_ask_admin(&a.door, SEMO_FRAME_TAKEN, from_40, 2), SEMO_OK);
    assert_int_equal(a.door.answer_len, 8 + 4 * ((SEMO_FRAME_MAX - 8) / 4));
    for (unsigned i = 0; i < 273; i++)
        assert_memory_equal(a.door.answer + 8 + 4 * i,
                            ((uint8_t[]){(uint8_t)(40 + 2 * i), (uint8_t)((40 + 2 * i) >> 8),
                                         (uint8_t)(40 + 2 * i), (uint8_t)((40 + 2 * i) >> 8)}),
                            4);
    for (unsigned c = 40; c < 40 + 2 * 300; c += 2)
        assert_int_equal(peer(&a, c, 0, ""), SEMO_OK);
    assert_int_equal(door_ask_admin(&a.door, SEMO_FRAME_TAKEN, from_40, 2), SEMO_OK);
    assert_int_equal(a.door.answer_len, 8);
    assert_int_equal(door_ask_admin(&a.door, SEMO_FRAME_TAKEN, none, 1), SEMO_MALFORMED);
}

/* Who never reads costs himself his events, not others theirs. */
static void a_stranger_who_does_not_read_loses_his_events(void **state)
{
    enum { PIECE = 100, PIECES = 200 };
    uint8_t flood[PIECE * 5];
    (void)state;
    for (unsigned i = 0; i < PIECE; i++)
        memcpy(flood + 5 * i, (uint8_t[]){3, 0, SEMO_FRAME_COUNTERS, 1, 2}, 5);
    int silent = door_connect(a.port);
    fcntl(silent, F_SETFL, O_NONBLOCK);
    for (unsigned i = 0; i < PIECES; i++)
        if (send(silent, flood, sizeof flood, MSG_NOSIGNAL) < 0)
            break; /* he is not heard any more */
    struct door other = door_open(NULL, a.index, door_connect(a.port));
    door_say(&other, (uint8_t[]){SEMO_FRAME_CHALLENGE, 0, 0}, 3);
    assert_int_equal(door_hear(&other), SEMO_OK);
    close(other.fd);
    close(silent);
    accepted(&b);
}

static unsigned sampled(struct host *h)
{
    assert_int_equal(call(h, TELL, NULL, 0), SEMO_OK);
    return h->door.answer[10] | h->door.answer[11] << 8;
}

static void set_timer(struct host *h, uint32_t period_ms)
{
    uint8_t body[8];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, 1);
    semo_cursor_put_u16(&w, SAMPLE);
    semo_cursor_put_u32(&w, period_ms);
    assert_int_equal(door_ask_admin(&h->door, SEMO_FRAME_TIMER, body, sizeof body), SEMO_OK);
}

static double milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Never early, and not only once. */
static void timers_run_by_the_hosts_clock(void **state)
{
    enum { CALLS = 8, PERIOD = 25 };
    (void)state;
    const unsigned before = sampled(&b);
    const double start_ms = milliseconds();
    set_timer(&b, PERIOD);
    while (sampled(&b) - before < CALLS)
        ;
    assert_true(milliseconds() - start_ms >= CALLS * PERIOD - 1);
    set_timer(&b, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_travel_and_a_dead_peer_holds_up_nobody),
        cmocka_unit_test(a_stranger_gets_events_by_his_own_connection),
        cmocka_unit_test(bad_peers_are_refused),
        cmocka_unit_test(numbers_in_use_are_told),
        cmocka_unit_test(a_stranger_who_does_not_read_loses_his_events),
        cmocka_unit_test(timers_run_by_the_hosts_clock),
    };
    return cmocka_run_group_tests(tests, open_hosts, close_hosts);
}
