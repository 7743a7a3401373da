/* SPDX-License-Identifier: Apache-2.0 */
/* Entries that semo-node calls once a period: the trace says when it did. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/node_host/rig.h"

enum { TELL = 9, MS = SEMO_CLOCK_HZ / 1000, ENTRIES = 6, STEPS = 60, CALLS_MAX = 20000 };

static const struct rig_options traced = {.seed = 1, .trace = true, .fresh = true};
static unsigned long seed;

struct call {
    uint64_t time;
    unsigned node, entry;
};

static struct call seen[CALLS_MAX], wanted[CALLS_MAX];

/* What was called on module 1, in the order of the trace. */
static unsigned read_calls(const struct rig *r)
{
    char line[4096], frame[64];
    unsigned n = 0, node, entry;
    char *path = rig_path(r, "trace");
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        uint64_t time;
        if (sscanf(line, "%" SCNu64 " frame client node%u %20s", &time, &node, frame) != 3 ||
            strlen(frame) != 14 || strncmp(frame, "04ff000100", 10) != 0)
            continue;
        assert_int_equal(sscanf(frame + 10, "%2x00", &entry), 1);
        assert_true(n < CALLS_MAX);
        seen[n++] = (struct call){time, node - 1, entry};
    }
    fclose(f);
    free(path);
    return n;
}

static void set(struct rig *r, unsigned node, unsigned entry, uint32_t period_ms)
{
    assert_int_equal(semo_control_timer(r->client, node, 1, entry, period_ms), SEMO_OK);
}

static void the_period_is_exact_and_the_entry_answers(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &traced);
    rig_puppets(&r);
    uint64_t start = r.now;
    set(&r, 0, TELL, 250);
    rig_run(&r, start + 10100 * (uint64_t)MS, 0);
    assert_int_equal(r.frames, 0); /* nobody waits for the answers */
    set(&r, 0, TELL, 0);
    rig_run(&r, r.now + 10 * SECOND, 0);
    assert_int_equal(rig_count(&r, 0, "unroutable") + rig_count(&r, 0, "dropped"), 0);
    assert_true(rig_count(&r, 0, "frames_out") >= 40);
    rig_stop(&r);
    assert_int_equal(read_calls(&r), 40);
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal(seen[i].time, start + (i + 1) * 250 * (uint64_t)MS);
    rig_remove(&r);
}

/* ---- any timers at any time, against a model ---- */

static int by_time(const void *a, const void *b)
{
    const struct call *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->node != y->node ? (int)x->node - (int)y->node : (int)x->entry - (int)y->entry;
}

struct model {
    uint64_t next[2][ENTRIES], period[2][ENTRIES];
    unsigned calls;
};

static void model_run(struct model *m, uint64_t until)
{
    for (unsigned node = 0; node < 2; node++)
        for (unsigned i = 0; i < ENTRIES; i++)
            while (m->period[node][i] && m->next[node][i] < until) {
                assert_true(m->calls < CALLS_MAX);
                wanted[m->calls++] = (struct call){m->next[node][i], node, 100 + i};
                m->next[node][i] += m->period[node][i];
            }
}

static void any_timers_follow_the_model(void **state)
{
    static struct model m;
    struct rig r;
    (void)state;
    srandom((unsigned)seed);
    rig_start(&r, &traced);
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned node = (unsigned)random() % 2, i = (unsigned)random() % ENTRIES;
        uint32_t period = random() % 4 ? 20 + (uint32_t)random() % 500 : 0;
        set(&r, node, 100 + i, period);
        m.period[node][i] = period * (uint64_t)MS;
        m.next[node][i] = r.now + m.period[node][i];
        uint64_t until = r.now + (uint64_t)random() % SECOND;
        model_run(&m, until);
        rig_run(&r, until, 0);
    }
    assert_int_equal(rig_count(&r, 0, "dropped") + rig_count(&r, 1, "dropped"), 0);
    rig_stop(&r);
    unsigned count = read_calls(&r);
    assert_int_equal(count, m.calls);
    qsort(seen, count, sizeof *seen, by_time);
    qsort(wanted, count, sizeof *wanted, by_time);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(by_time(&seen[i], &wanted[i]), 0);
    printf("# %u calls of random timers\n", count);
    rig_remove(&r);
}

/* ---- bounds ---- */

static void their_number_is_bounded_and_a_storm_survived(void **state)
{
    struct rig r;
    (void)state;
    rig_start(&r, &traced);
    for (unsigned i = 0; i < SEMO_TIMERS_MAX; i++)
        set(&r, i % 2, i, 1);
    rig_run(&r, r.now, 0);
    assert_int_equal(r.refused, 0);
    set(&r, 0, SEMO_TIMERS_MAX, 1);
    rig_run(&r, r.now, 0);
    assert_int_equal(r.refused, SEMO_CONTROL_TIMER);
    r.refused = 0;
    set(&r, 0, 0, 2); /* another period for one that is there */
    set(&r, 0, 0, UINT32_MAX);
    rig_run(&r, r.now + SECOND / 10, 0);
    assert_int_equal(r.refused, 0);
    assert_true(rig_count(&r, 0, "dropped") > 1000);
    for (unsigned i = 0; i < SEMO_TIMERS_MAX; i++)
        set(&r, i % 2, i, 0);
    rig_run(&r, r.now + 2 * SECOND, 0);
    assert_int_equal(rig_ask(&r, 0, SEMO_FRAME_INFO, NULL, 0), SEMO_OK);
    static const uint8_t shorter[8];
    assert_int_equal(semo_control_message(r.client, SEMO_CONTROL_TIMER, shorter, 8), SEMO_OK);
    rig_run(&r, r.now, 0);
    assert_int_equal(r.refused, SEMO_CONTROL_TIMER);
    set(&r, 7, 0, 1);
    rig_run(&r, r.now, 0);
    assert_string_equal(r.text, "no such node");
    rig_stop(&r);
    rig_remove(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_period_is_exact_and_the_entry_answers),
        cmocka_unit_test(any_timers_follow_the_model),
        cmocka_unit_test(their_number_is_bounded_and_a_storm_survived),
    };
    const char *given = getenv("SEMO_SEED");
    seed = given ? strtoul(given, NULL, 0) : (unsigned long)getpid();
    printf("# SEMO_SEED=%lu\n", seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
