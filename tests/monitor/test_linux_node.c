/* SPDX-License-Identifier: Apache-2.0 */
/* A whole Linux node: monitor, event manager and real modules. Its network is this program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <cmocka.h>
#include "lib/bytes/cursor.h"
#include "tests/monitor/app_rig.h"

#define PATIENT 20000
#define BODY    64
#define FRAME   (3 + SEMO_SEALED_LEN(BODY))

enum { KICK = SEMO_ENTRY_USER, REPORT = SEMO_ENTRY_USER + 1 };

static struct app_image pinger, echo;
static uint64_t seed;

static uint64_t next_random(void)
{
    seed += 0x9E3779B97F4A7C15u; /* splitmix64 */
    uint64_t z = seed;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* What a module counted: so many events, so much in their bytes. */
static uint64_t report(struct app_rig *r, const struct app_module *m)
{
    uint64_t counted;
    assert_int_equal(app_call(&r->port, m, REPORT, "", 0), SEMO_OK);
    assert_int_equal(r->port.len, 8);
    memcpy(&counted, r->port.answer, 8);
    return counted;
}

static uint32_t counter(struct app_rig *r, enum semo_counter which)
{
    assert_int_equal(r->port.ask(&r->port, SEMO_FRAME_COUNTERS, "", 0), SEMO_OK);
    struct semo_cursor c = semo_cursor_from(r->port.answer + 1 + 4 * which, 4);
    return semo_cursor_u32(&c);
}

/* ---- many frames at once ---- */

enum { NODES = 2, MODULES = 3, FRAMES = 400 };

struct twin { /* the same node twice: one gets its frames one by one */
    struct app_rig r;
    struct app_module pingers[MODULES], echoes[MODULES];
};

/* Connection 1 + i to pinger i, 11 + i to echo i, 21 + i from echo i to pinger i; one of each three
 * is SPONGENT. */
static struct semo_channel channel(unsigned number, unsigned direction)
{
    struct semo_channel c = {.connection = (uint16_t)number,
                             .kind = (uint8_t)SEMO_KIND(direction, SEMO_NEWEST, number % 10 != 1)};
    memset(c.key, (int)number, sizeof c.key);
    return c;
}

static void populate(struct twin *t)
{
    struct semo_channel c;
    app_rig_start(&t->r, RIG_WEAK, PATIENT);
    for (unsigned i = 0; i < MODULES; i++) {
        assert_int_equal(app_load(&t->r.port, &pinger, &t->pingers[i]), SEMO_OK);
        assert_int_equal(app_load(&t->r.port, &echo, &t->echoes[i]), SEMO_OK);
        assert_true(app_attest(&t->r.port, &t->pingers[i]) &&
                    app_attest(&t->r.port, &t->echoes[i]));
        c = channel(1 + i, SEMO_RECEIVER);
        app_connect(&t->r.port, &t->pingers[i], &c);
        c = channel(11 + i, SEMO_RECEIVER);
        app_connect(&t->r.port, &t->echoes[i], &c);
        c = channel(21 + i, SEMO_SENDER);
        app_connect(&t->r.port, &t->echoes[i], &c);
        c = channel(21 + i, SEMO_RECEIVER);
        app_connect(&t->r.port, &t->pingers[i], &c);
    }
}

static uint8_t old[FRAME];
static unsigned old_len;

/* Good ones, and those of an attacker: changed, repeated, cut, or for nobody. */
static unsigned make_frame(struct semo_channel *from, uint8_t *frame)
{
    uint8_t body[BODY];
    for (unsigned i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)next_random();
    unsigned len = app_event(from, body, (unsigned)(next_random() % (BODY + 1)), frame);
    switch (next_random() % 10) {
    case 0:
        frame[next_random() % len] ^= (uint8_t)(1 << next_random() % 8);
        break;
    case 1:
        if (old_len > 0)
            memcpy(frame, old, len = old_len);
        break;
    case 2:
        len -= (unsigned)(next_random() % len);
        break;
    case 3:
        memcpy(old, frame, old_len = len);
        break;
    default:
        break;
    }
    return len;
}

/* The same frames, in turns of any length; then both must have counted the same. */
static void compare_batches(void)
{
    static const unsigned numbers[] = {1, 2, 3, 11, 12, 13};
    struct semo_channel from[6];
    struct twin one, many;
    uint8_t batch[SEMO_MONITOR_MESSAGE_MAX - 16];
    unsigned turns = 0;
    old_len = 0;
    print_message("# SEMO_SEED=%llu\n", (unsigned long long)seed);
    for (unsigned i = 0; i < 6; i++)
        from[i] = channel(numbers[i], SEMO_SENDER);
    populate(&one);
    populate(&many);
    for (unsigned sent = 0; sent < FRAMES; turns++) {
        struct semo_cursor c = semo_cursor_over(batch, sizeof batch);
        for (unsigned n = 1 + (unsigned)(next_random() % 60); n > 0; n--, sent++) {
            uint8_t frame[FRAME];
            unsigned len = make_frame(&from[next_random() % 6], frame);
            app_rig_frame(&one.r, frame, len);
            assert_int_equal(one.r.r.died + one.r.r.killed, 0);
            semo_cursor_put_u16(&c, (uint16_t)len);
            semo_cursor_put(&c, frame, len);
        }
        app_rig_turn(&many.r, batch, (unsigned)(c.at - batch));
        assert_int_equal(many.r.r.died + many.r.r.killed, 0);
    }
    uint64_t all = 0;
    for (unsigned i = 0; i < MODULES; i++) {
        uint64_t counted = report(&many.r, &many.pingers[i]);
        assert_int_equal(counted, report(&one.r, &one.pingers[i]));
        all += (uint32_t)counted;
    }
    for (int which = SEMO_COUNT_EVENTS_IN; which <= SEMO_COUNT_UNROUTABLE; which++)
        assert_int_equal(counter(&many.r, which), counter(&one.r, which));
    assert_in_range(all, FRAMES / 3, FRAMES);
    print_message("# %u frames in %u turns, %u accepted\n", FRAMES, turns, (unsigned)all);
    app_rig_stop(&one.r);
    app_rig_stop(&many.r);
}

static void test_batches(void **state)
{
    (void)state;
    for (unsigned rounds = getenv("SOAK") ? 20 : 1; rounds > 0; rounds--)
        compare_batches();
}

/* ---- a thousand of all ---- */

enum { THOUSAND = 1000 };

static struct semo_channel to_module(unsigned i)
{
    struct semo_channel c = {.connection = (uint16_t)(7 + 31 * i),
                             .kind = SEMO_KIND(SEMO_RECEIVER, SEMO_NEWEST, true)};
    memcpy(c.key, &i, sizeof i);
    return c;
}

static bool allows(__rlimit_resource_t resource)
{
    struct rlimit l;
    return getrlimit(resource, &l) == 0 && l.rlim_max >= THOUSAND + 100;
}

static void test_thousand(void **state)
{
    static struct app_module modules[THOUSAND];
    struct app_rig r;
    (void)state;
    if (!allows(RLIMIT_NOFILE) || !allows(RLIMIT_NPROC)) {
        print_message("# SKIP this host allows no %u descriptors or processes\n", THOUSAND + 100);
        skip();
    }
    app_rig_start(&r, RIG_WEAK, PATIENT);
    for (unsigned i = 0; i < THOUSAND; i++) {
        struct semo_channel c = to_module(i);
        assert_int_equal(app_load(&r.port, &pinger, &modules[i]), SEMO_OK);
        assert_true(app_attest(&r.port, &modules[i]));
        app_connect(&r.port, &modules[i], &c);
    }
    for (unsigned i = 0; i < THOUSAND; i++) {
        struct semo_channel c = to_module(i);
        uint8_t frame[FRAME];
        app_rig_frame(&r, frame, app_event(&c, "\1\2", 2, frame));
    }
    for (unsigned i = 0; i < THOUSAND; i++)
        assert_int_equal(report(&r, &modules[i]), 3ull << 32 | 1);
    assert_int_equal(r.port.ask(&r.port, SEMO_FRAME_INFO, "", 0), SEMO_OK);
    assert_int_equal(r.port.answer[4], 255);
    assert_int_equal(r.port.answer[5], 255); /* as many as a byte holds */
    app_rig_stop(&r);
}

/* Where the host does not give so many descriptors, it is told, and the rest goes on. */
static void test_few_files(void **state)
{
    struct app_rig r;
    struct app_module m, first;
    size_t len;
    unsigned count = 0;
    (void)state;
    app_rig_start(&r, RIG_WEAK | RIG_FEW_FILES, PATIENT);
    assert_int_equal(app_load(&r.port, &pinger, &first), SEMO_OK);
    while (app_load(&r.port, &pinger, &m) == SEMO_OK)
        count++;
    assert_int_equal(r.r.frame[3], SEMO_FULL);
    assert_int_equal(count, 48 - 32 - 1);
    assert_int_equal(report(&r, &first), 0);
    char *said = (char *)rig_read(r.r.says, &len);
    assert_non_null(memmem(said, len, "node node3: room for 16 modules only", 36));
    free(said);
    app_rig_stop(&r);
}

static int build(void **state)
{
    const char *given = getenv("SEMO_SEED");
    (void)state;
    seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
    pinger = app_build("Pinger", "tests/monitor/pinger.c", 4);
    echo = app_build("Echo", "tests/monitor/echo.c", 4);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_thousand),
        cmocka_unit_test(test_few_files),
    };
    return cmocka_run_group_tests_name("linux node", tests, build, NULL);
}
