/* SPDX-License-Identifier: Apache-2.0 */
/* Two Linux nodes in real time, each a semo-node of its own, and TCP on loopback between them. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bench/measure.h"
#include "host/file.h"
#include "host/process.h"
#include "lib/bytes/cursor.h"
#include "machine/chip.h"
#include "tests/monitor/app.h"
#include "tests/node_host/door.h"

#define BODY   64
#define TRIPS  10 /* in one sample */
#define ROUNDS 101
#define EVENTS 50000
#define FRAME  (3 + SEMO_SEALED_LEN(BODY))

enum { NEAR, FAR, NODES };
enum { TO_FAR = 1, TO_NEAR = 2, TO_US = 3, FROM_US = 4, FROM_US_TOO = 5 };
enum { BALL = 0, DONE = 1, SERVE = SEMO_ENTRY_USER, REPORT = SEMO_ENTRY_USER + 1 };

struct node {
    struct app_port port; /* first: ask finds its node by it */
    struct door door;
    pid_t pid;
    unsigned tcp;
    char *files[4]; /* configuration, chip, socket, its port's file */
};

static char folder[64];
static struct node nodes[NODES];

/* ---- nodes ---- */

static void write_files(struct node *n, unsigned index)
{
    static const char *const names[] = {"config", "chip", "control", "control"};
    struct semo_chip_state s = {.epoch_limit = 1};
    for (unsigned i = 0; i < 4; i++)
        n->files[i] = semo_format("%s/%s%u%s", folder, names[i], index, i == 3 ? ".ports" : "");
    memset(s.node_key, (int)index + 1, sizeof s.node_key);
    memcpy(n->port.node_key, s.node_key, sizeof s.node_key);
    assert_int_equal(semo_chip_create(n->files[1], &s), SEMO_OK);
    FILE *f = fopen(n->files[0], "w");
    assert_non_null(f);
    fprintf(f,
            "{\"socket\": \"%s\", \"listen\": {\"host\": \"127.0.0.1\", \"port\": 0}, \"nodes\": "
            "[{\"name\": \"node%u\", \"type\": \"linux\", \"chip\": \"%s\", \"weak\": true,"
            "\"monitor\": \"build/bin/semo-monitor\", \"em\": \"build/bin/semo-em\"}]}",
            n->files[2], index, n->files[1]);
    fclose(f);
}

static enum semo_status ask(struct app_port *p, uint8_t type, const void *body, unsigned len)
{
    struct node *n = (struct node *)p;
    unsigned status = door_ask_admin(&n->door, type, body, len);
    p->answer = n->door.answer + 4;
    p->len = n->door.answer_len - 4;
    return (enum semo_status)status;
}

static void start(struct node *n, unsigned index)
{
    char name[64];
    write_files(n, index);
    assert_true(rig_spawn(n->files[0], &n->pid));
    FILE *f = fopen(n->files[3], "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%63s %u", name, &n->tcp), 2);
    fclose(f);
    n->port.ask = ask;
    n->door = door_open(NULL, index, door_connect(n->tcp));
}

static void stop(struct node *n)
{
    close(n->door.fd);
    kill(n->pid, SIGTERM);
    semo_process_wait(n->pid);
    for (unsigned i = 0; i < 4; i++) {
        unlink(n->files[i]);
        free(n->files[i]);
    }
}

static void load(struct node *n, const struct app_image *image, struct app_module *m)
{
    assert_int_equal(app_load(&n->port, image, m), SEMO_OK);
    assert_true(app_attest(&n->port, m));
}

static void peer(struct node *n, unsigned connection, unsigned tcp, const char *host)
{
    uint8_t body[64];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, (uint16_t)connection);
    semo_cursor_put_u16(&w, (uint16_t)tcp);
    semo_cursor_put(&w, host, (unsigned)strlen(host));
    assert_int_equal(ask(&n->port, SEMO_FRAME_PEER, body, (unsigned)(w.at - body)), SEMO_OK);
}

static struct semo_channel end(unsigned connection, unsigned io, unsigned direction)
{
    struct semo_channel c = {.connection = (uint16_t)connection,
                             .io = (uint8_t)io,
                             .kind = (uint8_t)SEMO_KIND(direction, SEMO_NEWEST, 1)};
    memset(c.key, (int)connection, sizeof c.key);
    return c;
}

static void connect_end(struct node *n, struct app_module *m, struct semo_channel c)
{
    app_connect(&n->port, m, &c);
}

/* ---- round trip ---- */

/* The module tells us when its ball came back for the last time. */
static void wait_for_event(struct door *d)
{
    do
        door_hear(d);
    while (d->answer[0] != SEMO_FRAME_EVENT);
}

static void round_trip(void)
{
    struct app_image image = app_build("Bouncer", "tests/monitor/bouncer.c", 4);
    struct app_module near, far;
    uint8_t body[4 + BODY] = {0};
    double us[ROUNDS];
    load(&nodes[NEAR], &image, &near);
    load(&nodes[FAR], &image, &far);
    connect_end(&nodes[NEAR], &near, end(TO_FAR, BALL, SEMO_SENDER));
    connect_end(&nodes[FAR], &far, end(TO_FAR, 0, SEMO_RECEIVER));
    connect_end(&nodes[FAR], &far, end(TO_NEAR, BALL, SEMO_SENDER));
    connect_end(&nodes[NEAR], &near, end(TO_NEAR, 0, SEMO_RECEIVER));
    connect_end(&nodes[NEAR], &near, end(TO_US, DONE, SEMO_SENDER));
    peer(&nodes[NEAR], TO_FAR, nodes[FAR].tcp, "127.0.0.1");
    peer(&nodes[FAR], TO_NEAR, nodes[NEAR].tcp, "127.0.0.1");
    peer(&nodes[NEAR], TO_US, 0, "-");
    memcpy(body, (const uint8_t[]){(uint8_t)near.id, 0, SERVE, 0, TRIPS}, 5);
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t frame[SEMO_FRAME_MAX];
        double begin = measure_clock(CLOCK_MONOTONIC);
        door_say(&nodes[NEAR].door, frame, door_request(frame, SEMO_FRAME_CALL, body, sizeof body));
        wait_for_event(&nodes[NEAR].door);
        us[i] = 1e6 * (measure_clock(CLOCK_MONOTONIC) - begin) / TRIPS;
    }
    measure_row("round trip, 64 bytes, AES-128-GCM, opened by both modules",
                measure_median(us, ROUNDS), "us", 1000);
    puts("   published: 9,730 us, SGX to SGX on one machine, empty");
}

/* ---- a flood ---- */

static uint32_t arrived(struct node *n, const struct app_module *m)
{
    assert_int_equal(app_call(&n->port, m, REPORT, "", 0), SEMO_OK);
    struct semo_cursor c = semo_cursor_from(n->port.answer, 4);
    return semo_cursor_u32(&c);
}

/* From a peer that writes as fast as it can, so many frames at a time, and waits where the node
 * does not read. */
static void flood(unsigned connection, unsigned at_a_time, const char *what)
{
    static const uint8_t body[BODY];
    struct app_image image = app_build("Pinger", "tests/monitor/pinger.c", 4);
    struct semo_channel from = end(connection, 0, SEMO_SENDER);
    struct app_module m;
    uint8_t *frames = malloc(EVENTS * (2 + FRAME));
    load(&nodes[NEAR], &image, &m);
    connect_end(&nodes[NEAR], &m, end(connection, 0, SEMO_RECEIVER));
    for (unsigned i = 0; i < EVENTS; i++) {
        struct semo_cursor c = semo_cursor_over(frames + i * (2 + FRAME), 2);
        semo_cursor_put_u16(&c, FRAME);
        app_event(&from, body, BODY, c.at);
    }
    const unsigned whole = EVENTS * (2 + FRAME), part = at_a_time * (2 + FRAME);
    int sender = door_connect(nodes[NEAR].tcp);
    double begin = measure_clock(CLOCK_MONOTONIC);
    for (unsigned sent = 0; sent < whole;) {
        unsigned left = whole - sent;
        ssize_t n = send(sender, frames + sent, left < part ? left : part, MSG_NOSIGNAL);
        assert_true(n > 0);
        sent += (unsigned)n;
    }
    uint32_t count;
    while ((count = arrived(&nodes[NEAR], &m)) < EVENTS)
        if (measure_clock(CLOCK_MONOTONIC) - begin > 20)
            break;
    double seconds = measure_clock(CLOCK_MONOTONIC) - begin;
    printf("%-58s %10.0f /s   (%u of %u counted)\n", what, count / seconds, count, EVENTS);
    close(sender);
    free(frames);
}

int main(void)
{
    strcpy(folder, "build/tests/tcp-XXXXXX");
    assert_non_null(mkdtemp(folder));
    for (unsigned i = 0; i < NODES; i++)
        start(&nodes[i], i);
    printf("%-58s %10s %-4s %10s\n", "two semo-nodes, TCP on loopback", "measured", "", "goal");
    round_trip();
    flood(FROM_US, EVENTS, "64-byte events from a peer to one node");
    flood(FROM_US_TOO, 1, "   written one by one");
    for (unsigned i = 0; i < NODES; i++)
        stop(&nodes[i]);
    rmdir(folder);
    return 0;
}
