/* SPDX-License-Identifier: Apache-2.0 */
/* The coordinator, by what its clients, its strangers and its monitors see and do. */
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "host/file.h"
#include "host/process.h"
#include "tests/node_host/rig.h"

static const struct rig_options plain = {.seed = -1, .fresh = true};
static const struct rig_options seeded = {
    .seed = 11, .trace = true, .seal_log = true, .fresh = true};

static bool is_deterministic(struct rig *r)
{
    json_t *o = rig_json(r);
    bool yes = json_is_true(json_object_get(o, "deterministic"));
    json_decref(o);
    return yes;
}

/* ---- answers ---- */

static void nodes_answer_the_steering_client(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    for (unsigned node = 0; node < 2; node++) {
        uint64_t before = r.now;
        assert_int_equal(rig_ask(&r, node, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
        assert_int_equal(r.frame_len, 4 + SEMO_INFO_LEN);
        assert_int_equal(r.reason, SEMO_CONTROL_AT_FRAME);
        /* question and answer have been on the wire */
        assert_true(r.now - before > (SEMO_INFO_LEN + 9) * SEMO_LINK_BYTE_CYCLES);
        assert_true(r.now - before < SECOND / 10);
    }
    rig_run(&r, 3600 * SECOND, SEMO_CONTROL_RUN_FRAME);
    assert_int_equal(r.reason, SEMO_CONTROL_UNTIL);
    assert_int_equal(r.now, 3600 * SECOND);
    assert_int_equal(rig_count(&r, 0, "utc"), 1000 + 3600);
    assert_true(rig_count(&r, 0, "asleep"));
    assert_true(is_deterministic(&r));
    rig_stop(&r);
    rig_remove(&r);
}

/* Asleep costs per event (two ticks a second and node), not per quantum. */
static void sleeping_costs_nothing(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    json_t *o = rig_json(&r);
    long before = json_integer_value(json_object_get(o, "steps"));
    json_decref(o);
    rig_run(&r, 1000 * SECOND, 0);
    o = rig_json(&r);
    long steps = json_integer_value(json_object_get(o, "steps")) - before;
    json_decref(o);
    assert_true(steps <= 4 * 1000 + 10);
    rig_stop(&r);
    rig_remove(&r);
}

static void read_all(int fd, uint8_t *to, unsigned len)
{
    while (len) {
        ssize_t n = read(fd, to, len);
        assert_true(n > 0);
        to += n;
        len -= (unsigned)n;
    }
}

static void strangers_get_their_answers_by_tcp(void **state)
{
    static const uint8_t info[] = {3, 0, SEMO_FRAME_INFO, 0x21, 0x43};
    uint8_t answer[2 + 4 + SEMO_INFO_LEN];
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    int one = rig_door(&r, "node1"), two = rig_door(&r, "node2");
    rig_run(&r, r.now + 1000, 0);
    assert_true(is_deterministic(&r)); /* nothing was sent yet */
    assert_int_equal(write(one, info, sizeof info), sizeof info);
    assert_int_equal(write(two, info, sizeof info), sizeof info);
    while (rig_count(&r, 0, "frames_in") < 1 || rig_count(&r, 1, "frames_in") < 1)
        rig_run(&r, r.now + SECOND, 0);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(r.frames, 0); /* none of them for us */
    read_all(one, answer, sizeof answer);
    assert_int_equal(answer[0] | answer[1] << 8, 4 + SEMO_INFO_LEN);
    assert_memory_equal(answer + 2, "\x81\x21\x43\x00", 4);
    read_all(two, answer, sizeof answer);
    assert_false(is_deterministic(&r));
    close(one);
    close(two);
    rig_stop(&r);
    rig_remove(&r);
}

struct ear {
    unsigned frames, refused;
    uint8_t frame[64];
};

static void ear_frame(void *context, uint64_t time, unsigned node, const uint8_t *frame,
                      unsigned len)
{
    struct ear *e = context;
    (void)time, (void)node;
    e->frames++;
    memcpy(e->frame, frame, len < 64 ? len : 64);
}

static void ear_refused(void *context, unsigned type, const char *reason)
{
    (void)reason;
    ((struct ear *)context)->refused = type;
}

static void hear(struct semo_control_client *c, struct ear *e)
{
    const struct semo_control_handlers h = {
        .context = e, .frame = ear_frame, .refused = ear_refused};
    assert_int_equal(semo_control_next(c, &h, -1, NULL), SEMO_OK);
}

/* Two clients with the same tag at the same node: each gets its own. */
static void a_second_client_cannot_steer_or_collide(void **state)
{
    static const uint8_t info[] = {SEMO_FRAME_INFO, 0x34, 0x12},
                         counters[] = {SEMO_FRAME_COUNTERS, 0x34, 0x12};
    struct ear ear = {0};
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    struct semo_control_client *second = rig_connect(&r);
    assert_int_equal(semo_control_run(second, SECOND, 0), SEMO_OK);
    hear(second, &ear);
    assert_int_equal(ear.refused, SEMO_CONTROL_RUN);
    assert_int_equal(semo_control_reset(second, 0, 0), SEMO_OK);
    hear(second, &ear);
    assert_int_equal(ear.refused, SEMO_CONTROL_RESET);
    assert_true(is_deterministic(&r));
    assert_int_equal(semo_control_send(second, 0, counters, 3), SEMO_OK);
    while (is_deterministic(&r)) /* until it has arrived */
        ;
    assert_int_equal(semo_control_send(r.client, 0, info, 3), SEMO_OK);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(r.frames, 1);
    assert_int_equal(r.frame[0], SEMO_FRAME_INFO | SEMO_FRAME_ANSWER);
    assert_int_equal(r.frame[1] | r.frame[2] << 8, 0x1234);
    hear(second, &ear);
    assert_int_equal(ear.frames, 1);
    assert_memory_equal(ear.frame, "\x88\x34\x12\x00", 4);
    semo_control_close(second);
    rig_stop(&r);
    rig_remove(&r);
}

static void the_next_client_steers_when_the_first_has_left(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    for (unsigned i = 1; i < 100; i++) { /* whichever the loop sees first */
        semo_control_close(r.client);
        r.client = rig_connect(&r);
        rig_run(&r, i * SECOND, 0);
        assert_int_equal(r.now, i * SECOND);
    }
    rig_stop(&r);
    rig_remove(&r);
}

/* ---- events ---- */

static void events_travel_between_nodes(void **state)
{
    enum { HOPS = 60 };
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    rig_puppets(&r);
    rig_bounce(&r, HOPS);
    unsigned seen = r.hops;
    uint64_t first = r.first_hop;
    rig_run(&r, r.now + 10 * SECOND, 0);
    assert_int_equal(seen + r.hops, HOPS + 1);
    /* 17 bytes on two wires and the latency between */
    uint64_t each = (r.last_hop - (seen ? first : r.first_hop)) / HOPS;
    assert_true(each > LATENCY + 2 * 17 * SEMO_LINK_BYTE_CYCLES);
    assert_true(each < 2 * (LATENCY + 2 * 19 * SEMO_LINK_BYTE_CYCLES));
    assert_int_equal(rig_puppet_accepted(&r, 0) + rig_puppet_accepted(&r, 1), HOPS + 1);
    json_t *o = rig_json(&r);
    json_t *list = json_object_get(o, "connections");
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "events")) +
                         json_integer_value(json_object_get(json_array_get(list, 1), "events")),
                     HOPS + 1);
    json_decref(o);
    rig_stop(&r);
    rig_remove(&r);
}

static void a_forgotten_route_goes_nowhere_and_the_client_is_one(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    rig_puppets(&r);
    assert_int_equal(semo_control_route(r.client, 5, SEMO_CONTROL_FORGET), SEMO_OK);
    rig_bounce(&r, 0);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(rig_count(&r, 0, "unroutable"), 1);
    assert_int_equal(semo_control_route(r.client, 5, SEMO_CONTROL_CLIENT), SEMO_OK);
    rig_bounce(&r, 0);
    rig_run(&r, r.now + SECOND, SEMO_CONTROL_RUN_FRAME);
    assert_int_equal(r.frame[0], SEMO_FRAME_EVENT);
    assert_int_equal(r.frame_len, 3 + 14);
    rig_stop(&r);
    rig_remove(&r);
}

/* ---- reproducible ---- */

static void scenario(struct rig *r)
{
    rig_start(r, &seeded);
    rig_puppets(r);
    rig_bounce(r, 300);
    rig_run(r, r->now + SECOND, 0);
    assert_int_equal(semo_control_reset(r->client, 1, 0), SEMO_OK);
    rig_run(r, r->now + 30 * SECOND, 0);
    assert_true(is_deterministic(r));
    rig_stop(r);
}

static pid_t burn(void)
{
    pid_t pid = fork();
    volatile unsigned long x = 0;
    while (pid == 0)
        x++;
    return pid;
}

static void traces_repeat_whatever_the_host_does(void **state)
{
    struct rig quiet, loaded;
    uint8_t *a, *b;
    size_t a_len, b_len;
    struct semo_error e;
    (void)state;
    scenario(&quiet);
    pid_t burners[2] = {burn(), burn()};
    scenario(&loaded);
    for (unsigned i = 0; i < 2; i++) {
        kill(burners[i], SIGKILL);
        waitpid(burners[i], NULL, 0);
    }
    char *one = rig_path(&quiet, "trace"), *two = rig_path(&loaded, "trace");
    assert_int_equal(semo_file_read(one, 1 << 24, &a, &a_len, &e), SEMO_OK);
    assert_int_equal(semo_file_read(two, 1 << 24, &b, &b_len, &e), SEMO_OK);
    assert_true(a_len > 10000);
    assert_int_equal(a_len, b_len);
    assert_memory_equal(a, b, a_len);
    free(a);
    free(b);
    free(one);
    free(two);
    rig_remove(&quiet);
    rig_remove(&loaded);
}

/* ---- steering ---- */

static void a_paced_run_hears_its_client(void **state)
{
    static const uint8_t info[] = {SEMO_FRAME_INFO, 1, 0};
    struct rig r;
    unsigned type = 0;
    (void)state;
    rig_start(&r, &plain);
    assert_int_equal(semo_control_speed(r.client, 1), SEMO_OK);
    assert_int_equal(semo_control_run(r.client, 10000 * SECOND, 0), SEMO_OK);
    assert_non_null(strstr(rig_status(&r), "\"running\":true"));
    assert_int_equal(semo_control_send(r.client, 0, info, sizeof info), SEMO_OK);
    while (type != SEMO_CONTROL_STOPPED)
        assert_int_equal(semo_control_next(r.client, NULL, -1, &type), SEMO_OK);
    assert_non_null(strstr(rig_status(&r), "\"running\":false"));
    assert_int_equal(semo_control_run(r.client, 10000 * SECOND, 0), SEMO_OK);
    assert_int_equal(semo_control_speed(r.client, 0), SEMO_OK); /* goes on, without waiting */
    for (type = 0; type != SEMO_CONTROL_STOPPED;)
        assert_int_equal(semo_control_next(r.client, &r.handlers, -1, &type), SEMO_OK);
    assert_int_equal(r.frames, 1);
    assert_non_null(strstr(rig_status(&r), "\"time\":200000000000,"));
    rig_stop(&r);
    rig_remove(&r);
}

static void a_power_cycle_forgets_and_a_reset_too(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    for (unsigned kind = 0; kind < 2; kind++) {
        rig_puppets(&r);
        assert_int_equal(rig_ask(&r, 0, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
        assert_int_equal(r.frame[4 + 5], 1);
        assert_int_equal(semo_control_reset(r.client, 0, kind), SEMO_OK);
        assert_int_equal(semo_control_reset(r.client, 1, kind), SEMO_OK);
        rig_run(&r, r.now + 20000, 0);
        assert_int_equal(rig_ask(&r, 0, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
        assert_int_equal(r.frame[4 + 5], 0);
    }
    rig_run(&r, 100 * SECOND, 0);
    /* the clock has gone on; each power cycle starts its second anew */
    assert_in_range(rig_count(&r, 0, "utc"), 1099, 1100);
    rig_stop(&r);
    rig_remove(&r);
}

static void another_manager_finds_modules_and_tables(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    rig_puppets(&r);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(semo_control_manager(r.client, 0, "build/mcu/firmware.elf"), SEMO_OK);
    rig_bounce(&r, 4);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(rig_puppet_accepted(&r, 0) + rig_puppet_accepted(&r, 1), 5);
    assert_int_equal(semo_control_manager(r.client, 0, ""), SEMO_OK);
    rig_bounce(&r, 4);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(rig_puppet_accepted(&r, 0) + rig_puppet_accepted(&r, 1), 10);
    assert_int_equal(rig_count(&r, 0, "violations"), 0);
    assert_int_equal(semo_control_manager(r.client, 0, "build/mcu/hostile.elf"), SEMO_OK);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(rig_ask(&r, 0, SEMO_FRAME_COUNTERS, NULL, 0), SEMO_OK);
    assert_int_equal(semo_control_manager(r.client, 0, ""), SEMO_OK);
    rig_run(&r, r.now + SECOND, 0);
    rig_bounce(&r, 4);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(rig_puppet_accepted(&r, 0) + rig_puppet_accepted(&r, 1), 15);
    r.refused = 0;
    assert_int_equal(semo_control_manager(r.client, 0, "/nowhere"), SEMO_OK);
    rig_run(&r, r.now, 0);
    assert_int_equal(r.refused, SEMO_CONTROL_MANAGER);
    rig_stop(&r);
    rig_remove(&r);
}

static void a_thousand_supplies_wait_for_their_time(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    assert_int_equal(semo_control_wire(r.client, 0, 1), SEMO_OK);
    for (unsigned i = 0; i < 3000; i++) {
        const struct semo_control_supply s = {.at = (3000 - i) * 60 * SECOND, .power_w = i};
        assert_int_equal(semo_control_supply(r.client, 1, &s), SEMO_OK);
    }
    rig_run(&r, 3001 * 60 * SECOND, 0);
    assert_int_equal(r.now, 3001 * 60 * SECOND);
    assert_int_equal(r.refused, 0);
    rig_stop(&r);
    rig_remove(&r);
}

/* ---- the physical world ---- */

enum { ENERGY = 8, LEVELS = 8, PULSE = 9, LIGHT = 10, ROWS = 400 };

static uint64_t integral(const struct rig *r, const uint64_t *at, const uint32_t *power)
{
    uint64_t sum = 0, from = 0, until;
    for (unsigned row = 0, pin = 0; row < ROWS; from = until) {
        uint64_t pinned =
            pin < r->pin_count ? r->pins[pin].time + SEMO_LINK_BYTE_CYCLES : UINT64_MAX;
        bool closed = !pin || r->pins[pin - 1].closed;
        until = at[row] < pinned ? at[row] : pinned;
        sum += closed && row ? (until - from) * power[row - 1] : 0;
        row += until == at[row];
        pin += until == pinned;
    }
    return sum;
}

/* However the relay moves, and whenever the house changes its mind: not one watt-second is lost. */
static void energy_is_the_integral_while_the_contact_was_closed(void **state)
{
    static uint64_t at[ROWS];
    static uint32_t power[ROWS];
    uint32_t x = 9;
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    rig_load(&r, 0, "probe-relay", 0x6400, SEMO_WINDOW(2), SEMO_WINDOW(3));
    rig_load(&r, 1, "probe-metering", 0x6400, SEMO_WINDOW(0), SEMO_WINDOW(1));
    assert_int_equal(semo_control_wire(r.client, 0, 1), SEMO_OK);
    uint64_t time = r.now + SECOND;
    for (unsigned i = 0; i < ROWS; i++) {
        x = x * 1664525 + 1013904223;
        at[i] = time += 1 + (x >> 8) % (i % 8 ? 3 * SECOND : 3000);
        power[i] = i + 1 < ROWS ? (x >> 4) % 20000 : 0;
        const struct semo_control_supply s = {.at = at[i], .power_w = power[i]};
        assert_int_equal(semo_control_supply(r.client, 1, &s), SEMO_OK);
    }
    for (uint16_t i = 0; i < 30; i++) {
        const uint16_t coil = 2 - i % 2;
        assert_int_equal(rig_call(&r, 0, PULSE, &coil, 1), SEMO_OK);
        assert_int_equal(rig_call(&r, 1, ENERGY, NULL, 0), SEMO_OK);
        rig_run(&r, r.now + 15 * SECOND + i * 12345, 0);
    }
    rig_run(&r, time + SECOND, 0);
    assert_int_equal(r.pin_count, 30);
    assert_int_equal(rig_call(&r, 1, ENERGY, NULL, 0), SEMO_OK);
    uint64_t counted = 0;
    for (unsigned i = 8; i--;)
        counted = counted << 8 | r.frame[4 + i];
    assert_true(counted > 100000);
    assert_int_equal(counted, integral(&r, at, power) / SECOND);
    assert_int_equal(rig_count(&r, 0, "relay_closed"), 1);
    assert_int_equal(rig_count(&r, 1, "violations"), 0);
    rig_stop(&r);
    rig_remove(&r);
}

static void buttons_are_pressed_when_told(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    rig_load(&r, 0, "probe-buttons", 0x6400, SEMO_WINDOW(4), SEMO_WINDOW(5));
    const uint64_t start = r.now + 10 * SECOND;
    for (unsigned i = 0; i < 200; i++) /* told backward, a second apart */
        assert_int_equal(semo_control_press(r.client, 0, 7, i % 2, start + (200 - i) * SECOND),
                         SEMO_OK);
    assert_int_equal(semo_control_press(r.client, 0, 1, true, 0), SEMO_OK); /* now */
    for (unsigned i = 0; i < 200; i++) {
        rig_run(&r, start + i * SECOND + SECOND / 2, 0);
        assert_int_equal(rig_call(&r, 0, LEVELS, NULL, 0), SEMO_OK);
        assert_int_equal(r.frame[4], 2 | (i && i % 2 == 0 ? 0 : i ? 1 << 7 : 0));
    }
    assert_int_equal(semo_control_press(r.client, 0, 8, true, 0), SEMO_OK);
    assert_int_equal(semo_control_press(r.client, 9, 0, true, 0), SEMO_OK);
    r.refused = 0;
    rig_run(&r, r.now, 0);
    assert_int_equal(r.refused, SEMO_CONTROL_PRESS);
    assert_int_equal(rig_count(&r, 0, "buttons"), 2 | 1 << 7);
    /* who holds a button down holds it while the power is cut, and lets go of another */
    assert_int_equal(semo_control_reset(r.client, 0, 0), SEMO_OK);
    rig_run(&r, r.now + SECOND, 0);
    rig_load(&r, 0, "probe-buttons", 0x6400, SEMO_WINDOW(4), SEMO_WINDOW(5));
    assert_int_equal(rig_call(&r, 0, LEVELS, NULL, 0), SEMO_OK);
    assert_int_equal(r.frame[4], 2);
    rig_stop(&r);
    rig_remove(&r);
}

static void too_many_presses_are_refused(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    r.refused = 0;
    for (unsigned i = 0; i < 65536; i++)
        assert_int_equal(semo_control_press(r.client, 0, i % 8, i / 8 % 2, 3600 * SECOND + i),
                         SEMO_OK);
    rig_run(&r, r.now, 0);
    assert_int_equal(r.refused, 0);
    assert_int_equal(semo_control_press(r.client, 0, 0, true, 3600 * SECOND), SEMO_OK);
    rig_run(&r, r.now, 0);
    assert_int_equal(r.refused, SEMO_CONTROL_PRESS);
    rig_run(&r, 3601 * SECOND, 0); /* all of them at once: bounces */
    assert_int_equal(r.now, 3601 * SECOND);
    rig_stop(&r);
    rig_remove(&r);
}

static struct {
    unsigned count, node, len;
    uint64_t time;
    uint8_t lamps;
} seen;

static void on_show(void *context, uint64_t time, unsigned node, const uint8_t *face, unsigned len)
{
    (void)context;
    seen.count++;
    seen.node = node;
    seen.len = len;
    seen.time = time;
    seen.lamps = face[0];
}

static void a_panel_is_seen(void **state)
{
    const uint16_t lamps = 0x42;
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    r.handlers.show = on_show;
    seen.count = 0;
    rig_load(&r, 1, "probe-panel", 0x6400, SEMO_WINDOW(5), SEMO_WINDOW(6));
    assert_int_equal(rig_call(&r, 1, LIGHT, &lamps, 1), SEMO_OK);
    assert_int_equal(rig_call(&r, 1, LIGHT, &lamps, 1), SEMO_OK);
    rig_run(&r, r.now + SECOND, 0);
    assert_true(seen.count == 1 && seen.node == 1 && seen.lamps == 0x42);
    assert_int_equal(seen.len, 33);
    assert_int_equal(rig_count(&r, 1, "lamps"), 0x42);
    assert_true(seen.time > 0 && seen.time < r.now);
    for (unsigned kind = 0; kind < 2; kind++) { /* power and reset pin: dark */
        assert_int_equal(semo_control_reset(r.client, 1, kind), SEMO_OK);
        rig_run(&r, r.now + SECOND, 0);
        assert_true(seen.count == 2 + 2 * kind && seen.lamps == 0);
        rig_load(&r, 1, "probe-panel", 0x6400, SEMO_WINDOW(5), SEMO_WINDOW(6));
        assert_int_equal(rig_call(&r, 1, LIGHT, &lamps, 1), SEMO_OK);
        rig_run(&r, r.now + SECOND, 0);
        assert_int_equal(seen.count, 3 + 2 * kind);
    }
    rig_stop(&r);
    rig_remove(&r);
}

static void a_stuck_contact_stays(void **state)
{
    const uint16_t open = 2;
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    rig_load(&r, 0, "probe-relay", 0x6400, SEMO_WINDOW(2), SEMO_WINDOW(3));
    assert_int_equal(semo_control_stick(r.client, 0, true), SEMO_OK);
    assert_int_equal(rig_call(&r, 0, PULSE, &open, 1), SEMO_OK);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(r.pin_count, 0);
    assert_int_equal(semo_control_stick(r.client, 0, false), SEMO_OK);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(r.pin_count, 1);
    assert_false(r.pins[0].closed);
    rig_stop(&r);
    struct rig_options again = plain; /* the relay is latching: it stays open without power */
    again.fresh = false;
    rig_start(&r, &again);
    assert_int_equal(rig_count(&r, 0, "relay_closed"), 0);
    rig_stop(&r);
    rig_remove(&r);
}

static void the_home_port_is_offered_once(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    char *path = rig_path(&r, "han");
    assert_int_equal(semo_control_han(r.client, 0, 1, path), SEMO_OK);
    assert_int_equal(semo_control_han(r.client, 1, 0, ""), SEMO_OK);
    rig_run(&r, r.now, 0);
    assert_memory_equal(r.text, "/dev/pts/", 9);
    assert_int_equal(access(path, F_OK), 0);
    int fd = open(r.text, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(semo_control_han(r.client, 0, 1, path), SEMO_OK);
    rig_run(&r, r.now, 0);
    assert_int_equal(r.refused, SEMO_CONTROL_HAN);
    rig_stop(&r);
    free(path);
    rig_remove(&r);
}

/* ---- bad input ---- */

static void malformed_messages_are_refused_and_survived(void **state)
{
    struct rig r;
    uint8_t junk[40];
    uint32_t x = 5;
    (void)state;
    rig_start(&r, &plain);
    for (unsigned i = 0; i < 3000; i++) {
        unsigned type = 1 + i % 14, len = (x >> 8) % sizeof junk;
        if (type == SEMO_CONTROL_RUN || type == SEMO_CONTROL_QUIT || type == SEMO_CONTROL_SPEED)
            len = 3; /* always malformed */
        for (unsigned k = 0; k < sizeof junk; k++, x = x * 1664525 + 1013904223)
            junk[k] = k || i % 3 ? (uint8_t)(x >> 24) : (uint8_t)(i % 2);
        assert_int_equal(semo_control_message(r.client, type, junk, len), SEMO_OK);
        if (i % 100 == 0)
            rig_run(&r, r.now + SECOND / 100, 0);
    }
    r.refused = 0;
    assert_int_equal(semo_control_message(r.client, 200, junk, 9), SEMO_OK);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(r.refused, 200);
    assert_int_equal(semo_control_reset(r.client, 0, 0), SEMO_OK);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(rig_ask(&r, 0, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
    rig_stop(&r);
    rig_remove(&r);
}

static bool is_closed(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char byte[256];
    while (poll(&p, 1, -1) == 1) {
        ssize_t n = read(fd, byte, sizeof byte);
        if (n <= 0)
            return true;
    }
    return false;
}

static void a_wrong_length_ends_only_that_client(void **state)
{
    static const uint8_t none[4], huge[4] = {0xFF, 0xFF, 0xFF, 0xFF}, long_frame[2] = {0xFF, 0xFF};
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    for (unsigned i = 0; i < 2; i++) {
        struct semo_control_client *c = rig_connect(&r);
        int fd = semo_control_fd(c);
        assert_int_equal(write(fd, i ? huge : none, 4), 4);
        assert_true(is_closed(fd));
        semo_control_close(c);
    }
    int door = rig_door(&r, "node1");
    assert_int_equal(write(door, long_frame, 2), 2);
    assert_true(is_closed(door));
    close(door);
    rig_run(&r, SECOND, 0);
    assert_true(is_deterministic(&r));
    rig_stop(&r);
    rig_remove(&r);
}

/* A stranger floods a node and never reads: what does not fit is dropped and counted, everybody
 * else goes on. */
static void floods_are_bounded(void **state)
{
    static const uint8_t info[] = {3, 0, SEMO_FRAME_INFO, 0, 0};
    static uint8_t flood[sizeof info * 4000];
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    for (unsigned i = 0; i < 4000; i++)
        memcpy(flood + i * sizeof info, info, sizeof info);
    int door = rig_door(&r, "node1");
    assert_int_equal(write(door, flood, sizeof flood), sizeof flood);
    while (rig_count(&r, 0, "dropped") + rig_count(&r, 0, "frames_in") < 4000)
        rig_run(&r, r.now + 1000, 0); /* until the host has handed all of it over */
    rig_run(&r, r.now + 20 * SECOND, 0);
    assert_true(rig_count(&r, 0, "frames_in") >= 100);
    assert_int_equal(rig_ask(&r, 0, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
    close(door);
    rig_stop(&r);
    rig_remove(&r);
}

/* A thousand at one node, all of them heard; what comes past the limit is closed at once, and
 * whoever leaves makes room. */
static void a_thousand_strangers_are_heard(void **state)
{
    enum { STRANGERS = 1100 };
    static const uint8_t info[] = {3, 0, SEMO_FRAME_INFO, 7, 8};
    static int doors[STRANGERS + 1];
    const struct rlimit many = {4096, 4096};
    uint8_t answer[2 + 4 + SEMO_INFO_LEN];
    struct rig r;
    (void)state;
    if (setrlimit(RLIMIT_NOFILE, &many) != 0)
        skip();
    rig_start(&r, &plain);
    for (unsigned i = 0; i < STRANGERS; i++)
        doors[i] = rig_door(&r, "node2");
    while (rig_count(&r, 1, "strangers") < STRANGERS)
        ;
    int late = rig_door(&r, "node2");
    assert_true(is_closed(late));
    close(late);
    for (unsigned i = 0; i < STRANGERS; i++) {
        assert_int_equal(write(doors[i], info, sizeof info), sizeof info);
        if (i % 8)
            continue;
        while (rig_count(&r, 1, "frames_in") <= i)
            rig_run(&r, r.now + SECOND / 20, 0);
    }
    while (rig_count(&r, 1, "frames_out") < STRANGERS)
        rig_run(&r, r.now + SECOND / 10, 0);
    for (unsigned i = 0; i < STRANGERS; i++) {
        read_all(doors[i], answer, sizeof answer);
        assert_memory_equal(answer + 2, "\x81\x07\x08\x00", 4);
        close(doors[i]);
    }
    while (rig_count(&r, 1, "strangers") > 0)
        ;
    late = rig_door(&r, "node2");
    while (rig_count(&r, 1, "strangers") < 1)
        ;
    close(late);
    rig_stop(&r);
    rig_remove(&r);
}

/* 'Z' when it has ended. */
static char process_state(pid_t pid)
{
    char *path = semo_format("/proc/%d/stat", (int)pid), state = 'Z';
    FILE *f = fopen(path, "r");
    free(path);
    if (!f)
        return 'Z';
    if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
        state = 'Z';
    fclose(f);
    return state;
}

static unsigned long peak_kib(pid_t pid)
{
    char *path = semo_format("/proc/%d/status", (int)pid), line[256];
    unsigned long most = 0;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, "VmHWM:", 6) == 0)
            most = strtoul(line + 6, NULL, 10);
    fclose(f);
    free(path);
    return most;
}

/* The steering client asks and asks and does not read: it is not heard until it has read, and then
 * it gets everything. */
static void an_answer_unread_holds_back_the_next_question(void **state)
{
    enum { QUESTIONS = 6000 };
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    pid_t asker = fork();
    if (asker == 0) { /* it blocks as soon as semo-node does not listen */
        for (unsigned i = 0; i < QUESTIONS; i++)
            if (semo_control_status(r.client) != SEMO_OK)
                _exit(1);
        _exit(0);
    }
    assert_true(asker > 0);
    while (process_state(asker) != 'S' || process_state(r.pid) != 'S' ||
           process_state(asker) != 'S')
        assert_int_not_equal(process_state(asker), 'Z'); /* it has been heard to the end */
    for (unsigned i = 0; i < QUESTIONS; i++)
        assert_int_equal(semo_control_next(r.client, NULL, -1, NULL), SEMO_OK);
    assert_int_equal(semo_process_wait(asker), 0);
    assert_in_range(peak_kib(r.pid), 1, 32 * 1024);
    rig_stop(&r);
    rig_remove(&r);
}

/* ---- monitors ---- */

static void send_info(struct rig *r, unsigned node)
{
    static const uint8_t info[] = {SEMO_FRAME_INFO, 1, 0};
    assert_int_equal(semo_control_send(r->client, node, info, sizeof info), SEMO_OK);
}

static void a_bad_monitor_is_lost_and_the_others_go_on(void **state)
{
    static const char *const monitors[] = {"silent", "dead"};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct rig r;
        char *path = semo_format("build/tests/node_host/monitor-%s", monitors[i]);
        struct rig_options o = plain;
        o.linux_monitor = path;
        rig_start(&r, &o);
        assert_true(is_deterministic(&r));
        send_info(&r, 2);
        rig_run(&r, r.now + SECOND, 0);
        assert_int_equal(r.lost, 1);
        assert_non_null(strstr(r.text, i ? "died" : "silent"));
        assert_true(rig_count(&r, 2, "lost"));
        assert_false(is_deterministic(&r));
        send_info(&r, 2);
        rig_run(&r, r.now + SECOND, 0);
        assert_int_equal(rig_count(&r, 2, "dropped"), 1);
        assert_int_equal(rig_ask(&r, 0, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
        assert_int_equal(semo_control_reset(r.client, 2, 0), SEMO_OK); /* a new one */
        assert_false(rig_count(&r, 2, "lost"));
        rig_stop(&r);
        rig_remove(&r);
        free(path);
    }
}

static void a_babbling_monitor_is_dropped_and_counted(void **state)
{
    struct rig r;
    struct rig_options o = plain;
    (void)state;
    o.linux_monitor = "build/tests/node_host/monitor-babble";
    rig_start(&r, &o);
    send_info(&r, 2);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(r.lost, 0);
    assert_true(rig_count(&r, 2, "malformed") + rig_count(&r, 2, "unroutable") > 100);
    rig_stop(&r);
    rig_remove(&r);
}

static pid_t child_of(pid_t parent)
{
    char *path = semo_format("/proc/%d/task/%d/children", (int)parent, (int)parent);
    int pid = 0;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%d", &pid), 1);
    fclose(f);
    free(path);
    return pid;
}

/* The real monitor and the real event manager. */
static void a_linux_node_answers_at_the_time_it_is_asked(void **state)
{
    struct rig r;
    struct rig_options o = plain;
    (void)state;
    o.linux_monitor = "build/bin/semo-monitor";
    rig_start(&r, &o);
    for (unsigned i = 0; i < 3; i++) {
        uint64_t asked = r.now;
        assert_int_equal(rig_ask(&r, 2, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
        assert_int_equal(r.frame_len, 4 + SEMO_INFO_LEN);
        assert_int_equal(r.frame[5], 1); /* linux */
        assert_true(r.now - asked <= LATENCY);
        if (i == 0)
            assert_int_equal(semo_control_reset(r.client, 2, 1), SEMO_OK);
        else
            assert_int_equal(semo_control_reset(r.client, 2, 0), SEMO_OK);
    }
    assert_int_equal(semo_control_manager(r.client, 2, "build/bin/hostile-em"), SEMO_OK);
    assert_int_equal(rig_ask(&r, 2, SEMO_FRAME_COUNTERS, NULL, 0), SEMO_OK);
    assert_int_equal(semo_control_manager(r.client, 2, ""), SEMO_OK);
    assert_int_equal(rig_ask(&r, 2, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
    assert_true(is_deterministic(&r));
    pid_t monitor = child_of(r.pid);
    kill(monitor, SIGKILL);
    send_info(&r, 2);
    rig_run(&r, r.now + SECOND, 0);
    assert_int_equal(r.lost, 1);
    assert_int_equal(semo_control_reset(r.client, 2, 0), SEMO_OK);
    assert_int_equal(rig_ask(&r, 2, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
    rig_stop(&r);
    rig_remove(&r);
}

static void no_monitor_outlives_its_coordinator(void **state)
{
    static const int signals[] = {SIGKILL, SIGTERM};
    struct rig r;
    struct rig_options o = plain;
    (void)state;
    o.linux_monitor = "build/bin/semo-monitor";
    rig_start(&r, &o);
    o.fresh = false;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(rig_ask(&r, 2, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
        pid_t monitor = child_of(r.pid);
        assert_int_not_equal(process_state(monitor), 'Z');
        kill(r.pid, signals[i]);
        semo_process_wait(r.pid);
        semo_control_close(r.client);
        while (process_state(monitor) != 'Z') /* its death is on its way */
            ;
        rig_start(&r, &o);
    }
    rig_stop(&r);
    rig_remove(&r);
}

/* ---- life ---- */

static void a_chip_runs_once(void **state)
{
    struct rig r;
    char says[512];
    (void)state;
    rig_start(&r, &plain);
    char *config = rig_path(&r, "config.json");
    assert_int_equal(rig_spawn_wait(config, says, sizeof says), SEMO_EXIT_RESOURCE);
    assert_non_null(strstr(says, "in use"));
    free(config);
    rig_run(&r, SECOND, 0); /* its socket is still there */
    struct semo_control_client *second = rig_connect(&r);
    semo_control_close(second);
    rig_stop(&r);
    assert_int_not_equal(access(r.socket, F_OK), 0);
    rig_remove(&r);
}

static void it_starts_again_after_any_end(void **state)
{
    static const int signals[] = {SIGKILL, SIGTERM, SIGINT};
    struct rig_options again = plain;
    struct rig r;
    (void)state;
    again.fresh = false;
    rig_start(&r, &plain);
    for (unsigned i = 0; i < 3; i++) {
        rig_puppets(&r);
        rig_bounce(&r, 50);
        assert_int_equal(semo_control_run(r.client, 1000 * SECOND, 0), SEMO_OK);
        assert_int_equal(kill(r.pid, signals[i]), 0);
        assert_int_equal(semo_process_wait(r.pid), signals[i] == SIGKILL ? 256 + SIGKILL : 0);
        semo_control_close(r.client);
        rig_start(&r, &again);
        assert_int_equal(rig_ask(&r, 0, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
        assert_int_equal(r.frame[4 + 5], 0); /* power was off */
    }
    rig_stop(&r);
    rig_remove(&r);
}

static void the_clock_is_kept(void **state)
{
    struct rig_options again = plain;
    struct rig r;
    (void)state;
    again.fresh = false;
    rig_start(&r, &plain);
    assert_int_equal(semo_control_clock(r.client, 500000), SEMO_OK);
    rig_run(&r, r.now + 100 * SECOND, 0);
    rig_stop(&r);
    rig_start(&r, &again);
    long utc = rig_count(&r, 0, "utc");
    assert_in_range(utc, 500099, 500100);
    rig_stop(&r);
    rig_remove(&r);
}

static void bad_configurations_get_one_line(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "not readable as JSON"},
        {"{\"socket\": 1", "not readable as JSON"},
        {"[]", "one JSON object"},
        {"{}", "socket: missing"},
        {"{\"socket\": \"s\"}", "nodes: must be a list"},
        {"{\"socket\": \"s\", \"nodes\": []}", "at least one"},
        {"{\"socket\": \"s\", \"sock\": 1, \"nodes\": []}", "sock: unknown field"},
        {"{\"socket\": \"s\", \"seed\": -1, \"nodes\": [1]}", "seed: must be a whole number"},
        {"{\"socket\": \"s\", \"nodes\": [1]}", "nodes[0]: must be an object"},
        {"{\"socket\": \"s\", \"realtime\": 1, \"nodes\": [1]}", "realtime: must be true or false"},
        {"{\"socket\": \"s\", \"listen\": true, \"nodes\": [1]}", "listen: must be an object"},
        {"{\"socket\": \"s\", \"listen\": {}, \"nodes\": [1]}", "listen.host: missing"},
        {"{\"socket\": \"s\", \"listen\": {\"host\": \"localhost\"}, \"nodes\": [1]}",
         "listen.host: must be a numeric address"},
        {"{\"socket\": \"s\", \"listen\": {\"host\": \"::1\", \"port\": 65536}, \"nodes\": [1]}",
         "listen.port: must be at most 65535"},
        {"{\"socket\": \"s\", \"listen\": {\"host\": \"::1\", \"port\": 65535}, \"nodes\": [1, 2]}",
         "listen.port: too large for so many nodes"},
        {"{\"socket\": \"s\", \"listen\": {\"host\": \"::1\", \"prot\": 1}, \"nodes\": [1]}",
         "listen.prot: unknown field"},
        {"{\"socket\": \"s\", \"nodes\": [{\"name\": \"a\", \"type\": \"serial\"}]}",
         "nodes[0].serial: missing"},
        {"{\"socket\": \"s\", \"nodes\": [{\"name\": \"a\", \"type\": \"remote\"}]}",
         "nodes[0].host: missing"},
        {"{\"socket\": \"s\", \"nodes\": [{\"name\": \"a\", \"type\": \"remote\","
         "\"host\": \"1.2.3\"}]}",
         "nodes[0].host: must be a numeric address"},
        {"{\"socket\": \"s\", \"nodes\": [{\"name\": \"a\", \"type\": \"remote\","
         "\"host\": \"::1\"}]}",
         "nodes[0].port: missing"},
        {"{\"socket\": \"s\", \"nodes\": [{\"name\": \"a b\", \"type\": \"mcu\"}]}", "a word"},
        {"{\"socket\": \"s\", \"nodes\": [{\"name\": \"a\", \"type\": \"sgx\"}]}", "\"linux\""},
        {"{\"socket\": \"s\", \"nodes\": [{\"name\": \"a\", \"type\": \"mcu\", \"chip\": \"c\","
         "\"firmware\": \"\"}]}",
         "nodes[0].firmware: must be a text"},
        {"{\"socket\": \"s\", \"nodes\": [{\"name\": \"a\", \"type\": \"mcu\", \"chip\": \"c\","
         "\"firmware\": \"f\", \"latency_cycles\": 5}]}",
         "latency_cycles"},
    };
    char path[] = "build/tests/config-XXXXXX", says[1024];
    int fd = mkstemp(path);
    (void)state;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, bad[i].text, strlen(bad[i].text), 0), strlen(bad[i].text));
        assert_int_equal(rig_spawn_wait(path, says, sizeof says), SEMO_EXIT_USAGE);
        if (!strstr(says, bad[i].says))
            fail_msg("case %u says: %s", i, says);
        assert_ptr_equal(strchr(says, '\n'), says + strlen(says) - 1);
    }
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_answer_the_steering_client),
        cmocka_unit_test(sleeping_costs_nothing),
        cmocka_unit_test(strangers_get_their_answers_by_tcp),
        cmocka_unit_test(a_second_client_cannot_steer_or_collide),
        cmocka_unit_test(the_next_client_steers_when_the_first_has_left),
        cmocka_unit_test(events_travel_between_nodes),
        cmocka_unit_test(a_forgotten_route_goes_nowhere_and_the_client_is_one),
        cmocka_unit_test(traces_repeat_whatever_the_host_does),
        cmocka_unit_test(a_paced_run_hears_its_client),
        cmocka_unit_test(a_power_cycle_forgets_and_a_reset_too),
        cmocka_unit_test(another_manager_finds_modules_and_tables),
        cmocka_unit_test(a_thousand_supplies_wait_for_their_time),
        cmocka_unit_test(energy_is_the_integral_while_the_contact_was_closed),
        cmocka_unit_test(buttons_are_pressed_when_told),
        cmocka_unit_test(too_many_presses_are_refused),
        cmocka_unit_test(a_panel_is_seen),
        cmocka_unit_test(a_stuck_contact_stays),
        cmocka_unit_test(the_home_port_is_offered_once),
        cmocka_unit_test(malformed_messages_are_refused_and_survived),
        cmocka_unit_test(a_wrong_length_ends_only_that_client),
        cmocka_unit_test(floods_are_bounded),
        cmocka_unit_test(a_thousand_strangers_are_heard),
        cmocka_unit_test(an_answer_unread_holds_back_the_next_question),
        cmocka_unit_test(a_bad_monitor_is_lost_and_the_others_go_on),
        cmocka_unit_test(a_babbling_monitor_is_dropped_and_counted),
        cmocka_unit_test(a_linux_node_answers_at_the_time_it_is_asked),
        cmocka_unit_test(no_monitor_outlives_its_coordinator),
        cmocka_unit_test(a_chip_runs_once),
        cmocka_unit_test(it_starts_again_after_any_end),
        cmocka_unit_test(the_clock_is_kept),
        cmocka_unit_test(bad_configurations_get_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
