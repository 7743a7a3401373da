/* SPDX-License-Identifier: Apache-2.0 */
/* A semo-node in real time with three Linux nodes: a module of the first computes for ever, the
 * monitor of the last never answers, and neither the second node nor its timers wait for them. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "host/file.h"
#include "host/process.h"
#include "lib/bytes/cursor.h"
#include "machine/chip.h"
#include "tests/monitor/app.h"
#include "tests/node_host/door.h"

enum { HANGING, GOOD, SILENT, NODES };
enum { HANG = SEMO_ENTRY_USER, TELL = SEMO_ENTRY_USER + 1, ROUNDS = 200, PERIOD_MS = 1 };

struct node {
    struct app_port port; /* first: ask finds its node by it */
    struct door door;
    struct app_module m;
};

static char folder[64], config[96];
static struct node nodes[NODES];
static unsigned ports[NODES];
static pid_t pid;

static void write_node(FILE *f, unsigned i)
{
    struct semo_chip_state s = {.epoch_limit = 1};
    char *chip = semo_format("%s/chip%u", folder, i);
    memset(s.node_key, (int)i + 1, sizeof s.node_key);
    memcpy(nodes[i].port.node_key, s.node_key, sizeof s.node_key);
    assert_int_equal(semo_chip_create(chip, &s), SEMO_OK);
    fprintf(f,
            "%s{\"name\": \"node%u\", \"type\": \"linux\", \"chip\": \"%s\", \"weak\": true,"
            "\"monitor\": \"build/%s\", \"em\": \"build/bin/semo-em\"}",
            i ? "," : "", i, chip,
            i == SILENT ? "tests/node_host/monitor-silent" : "bin/semo-monitor");
    free(chip);
}

static enum semo_status ask(struct app_port *p, uint8_t type, const void *body, unsigned len)
{
    struct node *n = (struct node *)p;
    const unsigned status = door_ask_admin(&n->door, type, body, len);
    p->answer = n->door.answer + 4;
    p->len = n->door.answer_len - 4;
    return (enum semo_status)status;
}

/* Where each node listens. */
static void read_ports(void)
{
    char name[64], *path = semo_format("%s/control.ports", folder);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(fscanf(f, "%63s %u", name, &ports[i]), 2);
        nodes[i].port.ask = ask;
        nodes[i].door = door_open(NULL, i, door_connect(ports[i]));
    }
    fclose(f);
    free(path);
}

static int start(void **state)
{
    (void)state;
    strcpy(folder, "build/tests/hanging-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(config, sizeof config, "%s/config", folder);
    FILE *f = fopen(config, "w");
    assert_non_null(f);
    fprintf(f,
            "{\"socket\": \"%s/control\", \"listen\": {\"host\": \"127.0.0.1\", \"port\": 0},"
            "\"monitor_ms\": 2500, \"nodes\": [",
            folder);
    for (unsigned i = 0; i < NODES; i++)
        write_node(f, i);
    fputs("]}", f);
    fclose(f);
    assert_true(rig_spawn(config, &pid));
    read_ports();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NODES; i++) {
        char *chip = semo_format("%s/chip%u", folder, i);
        close(nodes[i].door.fd);
        unlink(chip);
        free(chip);
    }
    kill(pid, SIGTERM);
    semo_process_wait(pid);
    unlink(config);
    rmdir(folder);
    return 0;
}

static void load(struct node *n)
{
    static struct app_image image;
    if (!image.bytes)
        image = app_build("Hanger", "tests/monitor/hanger.c", 4);
    assert_int_equal(app_load(&n->port, &image, &n->m), SEMO_OK);
    assert_true(app_attest(&n->port, &n->m));
}

static unsigned tell(struct node *n)
{
    assert_int_equal(app_call(&n->port, &n->m, TELL, "", 0), SEMO_OK);
    return n->port.answer[0] | (unsigned)n->port.answer[1] << 8;
}

static void say(struct node *n, unsigned type, const void *body, unsigned len)
{
    uint8_t frame[SEMO_FRAME_MAX];
    door_say(&n->door, frame, door_request(frame, type, body, len));
}

static bool has_answered(const struct node *n)
{
    struct pollfd p = {n->door.fd, POLLIN, 0};
    return poll(&p, 1, 0) != 0;
}

static void set_timer(struct node *n)
{
    const uint8_t body[] = {(uint8_t)n->m.id, 0, TELL, 0, PERIOD_MS, 0, 0, 0};
    assert_int_equal(ask(&n->port, SEMO_FRAME_TIMER, body, sizeof body), SEMO_OK);
}

static void who_hangs_holds_up_nobody_else(void **state)
{
    struct node *hanging = &nodes[HANGING], *good = &nodes[GOOD], *silent = &nodes[SILENT];
    (void)state;
    load(hanging);
    load(good);
    const uint8_t hang[] = {(uint8_t)hanging->m.id, 0, HANG, 0};
    const unsigned before = tell(good);
    set_timer(good);
    say(silent, SEMO_FRAME_INFO, "", 0);
    say(silent, SEMO_FRAME_CHALLENGE, "", 0);
    say(hanging, SEMO_FRAME_CALL, hang, sizeof hang);
    say(hanging, SEMO_FRAME_INFO, "", 0);
    for (unsigned i = 0; i < ROUNDS; i++)
        tell(good);
    assert_false(has_answered(hanging) || has_answered(silent));
    assert_int_equal(door_hear(&hanging->door), SEMO_TIMEOUT); /* its module was killed */
    assert_int_equal(door_hear(&hanging->door), SEMO_OK);
    const unsigned calls = tell(good) - before - ROUNDS - 1;
    assert_true(calls >= 100); /* the timer's */
    print_message("# %u calls of the timer meanwhile\n", calls);
    assert_int_equal(app_call(&hanging->port, &hanging->m, TELL, "", 0), SEMO_UNKNOWN);
    load(hanging);
    assert_int_equal(tell(hanging), 1);
    assert_int_equal(door_hear(&silent->door), SEMO_OK); /* it is lost: nobody is held any more */
    assert_int_equal(silent->door.answer[0], SEMO_FRAME_CHALLENGE | SEMO_FRAME_ANSWER);
    tell(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_hangs_holds_up_nobody_else),
    };
    return cmocka_run_group_tests_name("hanging", tests, start, stop);
}
