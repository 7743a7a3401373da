/* SPDX-License-Identifier: Apache-2.0 */
/* Who comes by TCP changes nothing of a node without its admin key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <jansson.h>
#include "tests/node_host/door.h"

enum { NODES = 3, FLIPS = 100 };

static const struct rig_options plain = {
    .linux_monitor = "build/bin/semo-monitor", .seed = -1, .fresh = true};
static unsigned long seed;

static long timers(struct rig *r)
{
    json_t *o = rig_json(r);
    long n = (long)json_integer_value(json_object_get(o, "timers"));
    json_decref(o);
    return n;
}

static unsigned modules(struct door *d)
{
    uint8_t frame[3];
    door_say(d, frame, door_request(frame, SEMO_FRAME_INFO, "", 0));
    assert_int_equal(door_hear(d), SEMO_OK);
    return d->answer[4 + 5];
}

/* ---- with the key ---- */

static const uint8_t timer[] = {1, 0, 5, 0, 250, 0, 0, 0}, no_timer[] = {1, 0, 5, 0, 0, 0, 0, 0},
                     route[] = {9, 0, 1, 0}, sample[] = {3, 1, 0, 8, 0};
/* vendor, ps, pe, ss, se: two instructions that nobody runs (window 3 has no events) */
static const uint8_t text[] = {0x00, 0x60, 0, 0, 0x03, 0x43, 0x03, 0x43},
                     layout[] = {0x34, 0x12, 0x00, 0x60, 0, 0,    0x04, 0x60, 0,
                                 0,    0x00, 0x03, 0,    0, 0x20, 0x03, 0,    0};

static void who_has_the_key_administrates(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    for (unsigned node = 0; node < NODES; node++) {
        bool mcu = node < 2;
        struct door d = door_knock(&r, node);
        assert_int_equal(door_ask_admin(&d, SEMO_FRAME_ROUTE, route, sizeof route), SEMO_OK);
        assert_int_equal(door_ask_admin(&d, SEMO_FRAME_TIMER, timer, sizeof timer), SEMO_OK);
        assert_int_equal(timers(&r), 1);
        assert_int_equal(door_ask_admin(&d, SEMO_FRAME_TIMER, timer, 5), SEMO_MALFORMED);
        assert_int_equal(door_ask_admin(&d, SEMO_FRAME_TIMER, no_timer, sizeof no_timer), SEMO_OK);
        assert_int_equal(timers(&r), 0);
        assert_int_equal(door_ask_admin(&d, SEMO_FRAME_SAMPLE, sample, sizeof sample),
                         mcu ? SEMO_OK : SEMO_UNSUPPORTED);
        assert_int_equal(door_ask_admin(&d, SEMO_FRAME_INFO, "", 0), SEMO_OK);
        if (mcu) {
            assert_int_equal(door_ask_admin(&d, SEMO_FRAME_WRITE, text, sizeof text), SEMO_OK);
            assert_int_equal(door_ask_admin(&d, SEMO_FRAME_ENABLE, layout, sizeof layout), SEMO_OK);
            assert_int_equal(modules(&d), 1);
        }
        long seen = rig_count(&r, node, "frames_in");
        door_say_admin(&d, SEMO_FRAME_RESET, "", 0);
        while (mcu && rig_count(&r, node, "frames_in") == seen)
            rig_run(&r, r.now + 1000, 0); /* a firmware that resets hears nothing meanwhile */
        rig_run(&r, r.now + SECOND, 0);
        assert_int_equal(modules(&d), 0);
        assert_int_equal(rig_count(&r, node, "refused"), 0);
        close(d.fd);
    }
    rig_stop(&r);
    rig_remove(&r);
}

static void what_is_sealed_or_harmless_needs_none(void **state)
{
    static const uint8_t entries[] = {2, 3, 5, 8, 9, 255};
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    for (unsigned node = 0; node < NODES; node++) {
        struct door d = door_knock(&r, node);
        uint8_t frame[16];
        modules(&d);
        door_say(&d, frame, door_request(frame, SEMO_FRAME_COUNTERS, "", 0));
        assert_int_equal(door_hear(&d), SEMO_OK);
        for (unsigned i = 0; i < sizeof entries; i++) {
            const uint8_t call[] = {1, 0, entries[i], 0};
            door_say(&d, frame, door_request(frame, SEMO_FRAME_CALL, call, sizeof call));
            assert_int_equal(door_hear(&d), SEMO_UNKNOWN); /* no such module: the node has looked */
        }
        assert_int_equal(rig_count(&r, node, "refused"), 0);
        close(d.fd);
    }
    rig_stop(&r);
    rig_remove(&r);
}

/* ---- without it ---- */

static long before[NODES];

static void watch(struct rig *r)
{
    for (unsigned node = 0; node < NODES; node++)
        before[node] = rig_count(r, node, "frames_in");
}

/* A frame was answered by REFUSED, counted, and the node has not even seen it. */
static void is_refused(struct door *d, const uint8_t *frame, unsigned len)
{
    long count = rig_count(d->rig, d->node, "refused");
    door_say(d, frame, len);
    assert_int_equal(door_hear(d), SEMO_REFUSED);
    assert_int_equal(rig_count(d->rig, d->node, "refused"), count + 1);
    assert_int_equal(timers(d->rig), 0);
}

static void nobody_saw_it(struct rig *r)
{
    rig_run(r, r->now + SECOND, 0);
    for (unsigned node = 0; node < NODES; node++)
        assert_int_equal(rig_count(r, node, "frames_in"), before[node]);
    json_t *o = rig_json(r);
    assert_true(json_is_true(json_object_get(o, "deterministic")));
    json_decref(o);
}

static void bare_frames_have_no_effect(void **state)
{
    static const uint8_t peer[] = {9, 0, 1, 0, '1'};
    uint8_t encrypted[SEMO_ENABLE_LEN + SEMO_CONCEALED_LEN] = {0};
    memcpy(encrypted, layout, sizeof layout);
    const struct {
        uint8_t type;
        const uint8_t *body;
        unsigned len;
    } bare[] = {
        {SEMO_FRAME_ENABLE, encrypted, sizeof encrypted},
        {SEMO_FRAME_WRITE, text, sizeof text},
        {SEMO_FRAME_ENABLE, layout, sizeof layout},
        {SEMO_FRAME_ROUTE, route, sizeof route},
        {SEMO_FRAME_SAMPLE, sample, sizeof sample},
        {SEMO_FRAME_TIMER, timer, sizeof timer},
        {SEMO_FRAME_PEER, peer, sizeof peer},
        {SEMO_FRAME_RESET, timer, 0},
        {SEMO_FRAME_CALL, (uint8_t[]){1, 0, 0, 0}, 4},
        {SEMO_FRAME_CALL, (uint8_t[]){1, 0, 1, 0}, 4},
        {SEMO_FRAME_CALL, (uint8_t[]){1, 0, 4, 0}, 4},
        {SEMO_FRAME_CALL, (uint8_t[]){1, 0, 7, 0}, 4},
        {SEMO_FRAME_CALL, (uint8_t[]){1, 0, 8}, 3},
        {0x0F, timer, sizeof timer},
    };
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    watch(&r);
    for (unsigned node = 0; node < NODES; node++) {
        struct door d = door_knock(&r, node);
        for (unsigned i = 0; i < sizeof bare / sizeof *bare; i++) {
            uint8_t frame[64];
            is_refused(&d, frame, door_request(frame, bare[i].type, bare[i].body, bare[i].len));
        }
        close(d.fd);
    }
    nobody_saw_it(&r);
    rig_stop(&r);
    rig_remove(&r);
}

/* Each way to come by a wrong ADMIN frame around a right one. */
static void wrong_frames_have_no_effect(void **state)
{
    uint8_t inner[64], whole[SEMO_ADMIN_FRAME_MAX], again[SEMO_ADMIN_FRAME_MAX];
    struct rig r;
    (void)state;
    srandom((unsigned)seed);
    rig_start(&r, &plain);
    unsigned len = door_request(inner, SEMO_FRAME_TIMER, timer, sizeof timer);
    watch(&r);
    for (unsigned node = 0; node < NODES; node++) {
        struct door d = door_knock(&r, node), other = door_knock(&r, node);
        uint8_t key[SEMO_KEY_LEN];
        memset(key, 7, sizeof key);
        unsigned whole_len = semo_admin_wrap(&d.admin, key, DOOR_VENDOR, inner, len, whole);
        is_refused(&d, whole, whole_len); /* another key */
        door_derive(node, DOOR_VENDOR + 1, key);
        is_refused(&d, whole, semo_admin_wrap(&d.admin, key, DOOR_VENDOR, inner, len, whole));
        is_refused(&d, whole, semo_admin_wrap(&d.admin, d.key, DOOR_VENDOR + 1, inner, len, whole));
        semo_admin_wrap(&other.admin, d.key, DOOR_VENDOR, inner, len, whole);
        is_refused(&d, whole, whole_len); /* another connection's challenge */
        struct door silent = {.rig = &r,
                              .node = node,
                              .fd = rig_door(&r, node == 0   ? "node1"
                                                 : node == 1 ? "node2"
                                                             : "node3")};
        semo_admin_wrap(&silent.admin, d.key, DOOR_VENDOR, inner, len, whole);
        is_refused(&silent, whole, whole_len);   /* nobody asked for a challenge */
        door_derive(node, DOOR_VENDOR + 1, key); /* a right frame that loads for another vendor */
        uint8_t enable[64];
        unsigned enable_len = door_request(enable, SEMO_FRAME_ENABLE, layout, sizeof layout);
        is_refused(&d, whole,
                   semo_admin_wrap(&d.admin, key, DOOR_VENDOR + 1, enable, enable_len, whole));
        semo_admin_wrap(&d.admin, d.key, DOOR_VENDOR, inner, len, whole);
        for (unsigned cut = 3; cut < whole_len; cut++)
            is_refused(&d, whole, cut);
        for (unsigned i = 0; i < FLIPS; i++) {
            memcpy(again, whole, whole_len);
            unsigned at =
                3 + (unsigned)random() % (whole_len - 3); /* type and tag are not covered */
            again[at] ^= (uint8_t)(1 << random() % 8);
            is_refused(&d, again, whole_len);
        }
        close(d.fd);
        close(other.fd);
        close(silent.fd);
    }
    nobody_saw_it(&r);
    rig_stop(&r);
    rig_remove(&r);
}

static void a_frame_counts_once(void **state)
{
    uint8_t inner[64], first[SEMO_ADMIN_FRAME_MAX], second[SEMO_ADMIN_FRAME_MAX];
    struct rig r;
    (void)state;
    rig_start(&r, &plain);
    for (unsigned node = 0; node < NODES; node++) {
        struct door d = door_knock(&r, node);
        unsigned len = door_request(inner, SEMO_FRAME_TIMER, no_timer, sizeof no_timer);
        unsigned whole = semo_admin_wrap(&d.admin, d.key, DOOR_VENDOR, inner, len, first);
        semo_admin_wrap(&d.admin, d.key, DOOR_VENDOR, inner, len, second);
        door_say(&d, second, whole);
        assert_int_equal(door_hear(&d), SEMO_OK);
        is_refused(&d, second, whole); /* replayed */
        is_refused(&d, first, whole);  /* overtaken */
        assert_int_equal(door_ask_admin(&d, SEMO_FRAME_TIMER, no_timer, sizeof no_timer), SEMO_OK);
        close(d.fd);
    }
    rig_stop(&r);
    rig_remove(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_the_key_administrates),
        cmocka_unit_test(what_is_sealed_or_harmless_needs_none),
        cmocka_unit_test(bare_frames_have_no_effect),
        cmocka_unit_test(wrong_frames_have_no_effect),
        cmocka_unit_test(a_frame_counts_once),
    };
    const char *given = getenv("SEMO_SEED");
    seed = given ? strtoul(given, NULL, 0) : (unsigned long)getpid();
    printf("# SEMO_SEED=%lu\n", seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
