/* SPDX-License-Identifier: Apache-2.0 */
/* What events cost on a Linux node: real monitor, event manager and modules, and this program as
 * their network. All of them on one core. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>
#include "bench/measure.h"
#include "lib/bytes/cursor.h"
#include "tests/monitor/app_rig.h"

#define PATIENT 10000
#define EVENTS  100000
#define ROUNDS  5
#define TRIPS   2000
#define MODULES 100
#define BODY    64
#define FRAME   (3 + SEMO_SEALED_LEN(BODY))

enum { KICK = SEMO_ENTRY_USER, REPORT = SEMO_ENTRY_USER + 1 };

static struct app_image pinger, echo;
static unsigned weak;

static void start(struct app_rig *r)
{
    app_rig_start(r, RIG_WEAK, PATIENT);
}

static void load(struct app_rig *r, const struct app_image *image, struct app_module *m)
{
    assert_int_equal(app_load(&r->port, image, m), SEMO_OK);
    assert_true(app_attest(&r->port, m));
    weak = r->r.weak;
}

static uint32_t arrived(struct app_rig *r, const struct app_module *m)
{
    assert_int_equal(app_call(&r->port, m, REPORT, "", 0), SEMO_OK);
    struct semo_cursor c = semo_cursor_from(r->port.answer, 4);
    return semo_cursor_u32(&c);
}

/* Of each event its length and frame. */
static uint8_t *seal_events(struct semo_channel *from, unsigned count)
{
    static const uint8_t body[BODY] = "sixty-four bytes";
    uint8_t *frames = malloc((size_t)count * (2 + FRAME));
    for (unsigned i = 0; i < count; i++) {
        struct semo_cursor c = semo_cursor_over(frames + (size_t)i * (2 + FRAME), 2);
        semo_cursor_put_u16(&c, FRAME);
        app_event(from, body, BODY, c.at);
    }
    return frames;
}

/* Events per second: given to the monitor so many at a time, opened and counted by the module. */
static double throughput(bool aes, unsigned events, unsigned at_a_time)
{
    struct semo_channel to = {.connection = 7, .kind = SEMO_KIND(SEMO_RECEIVER, SEMO_NEWEST, aes)};
    struct app_module m;
    struct app_rig r;
    double speed[ROUNDS];
    start(&r);
    load(&r, &pinger, &m);
    app_connect(&r.port, &m, &to);
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t *frames = seal_events(&to, events);
        uint32_t before = arrived(&r, &m);
        double begin = measure_clock(CLOCK_MONOTONIC);
        for (unsigned i = 0, n; i < events; i += n) {
            n = events - i < at_a_time ? events - i : at_a_time;
            app_rig_turn(&r, frames + (size_t)i * (2 + FRAME), n * (2 + FRAME));
        }
        uint32_t count = arrived(&r, &m) - before;
        speed[round] = events / (measure_clock(CLOCK_MONOTONIC) - begin);
        assert_int_equal(count, events);
        free(frames);
    }
    app_rig_stop(&r);
    return measure_median(speed, ROUNDS);
}

static void at_least(const char *what, double value, double goal)
{
    printf("%-58s %10.0f %-4s %10.0f  %s\n", what, value, "/s", goal,
           value >= goal ? "holds" : "MISSED");
}

static void figure(const char *what, double value)
{
    printf("%-58s %10.0f /s\n", what, value);
}

static void throughputs(void)
{
    at_least("64-byte events, AES-128-GCM, 64 at a time", throughput(true, EVENTS, 64), 100000);
    figure("   16 at a time", throughput(true, EVENTS / 4, 16));
    figure("   one by one", throughput(true, EVENTS / 20, 1));
    figure("64-byte events, SPONGENT, 64 at a time", throughput(false, EVENTS / 20, 64));
}

/* ---- round trip ---- */

struct node {
    struct app_rig r;
    struct app_module m;
};

static void connect_back(struct node *n, const struct app_image *image, unsigned in, unsigned out)
{
    struct semo_channel c = {.connection = (uint16_t)in,
                             .kind = SEMO_KIND(SEMO_RECEIVER, SEMO_NEWEST, true)};
    start(&n->r);
    load(&n->r, image, &n->m);
    app_connect(&n->r.port, &n->m, &c);
    c = (struct semo_channel){.connection = (uint16_t)out,
                              .kind = SEMO_KIND(SEMO_SENDER, SEMO_NEWEST, true)};
    app_connect(&n->r.port, &n->m, &c);
}

/* What the last turn of one node sent, to the other. */
static void carry(const struct node *from, struct node *to)
{
    uint8_t frame[SEMO_FRAME_MAX];
    unsigned len = from->r.r.len;
    assert_int_equal(from->r.r.frames, 1);
    memcpy(frame, from->r.r.frame, len);
    app_rig_frame(&to->r, frame, len);
}

static void kick(struct node *n)
{
    uint8_t call[7 + BODY] = {SEMO_FRAME_CALL,         1,   0, (uint8_t)n->m.id,
                              (uint8_t)(n->m.id >> 8), KICK};
    app_rig_frame(&n->r, call, sizeof call);
    assert_int_equal(n->r.r.frames, 2); /* the answer, then the event */
}

/* From the output of a module to the end of its input, by way of a module on another node; frames
 * pass from monitor to monitor through this program, without a network. */
static void round_trip(void)
{
    static double us[TRIPS];
    struct node near, far;
    connect_back(&near, &pinger, 2, 1);
    connect_back(&far, &echo, 1, 2);
    for (unsigned i = 0; i < TRIPS; i++) {
        double begin = measure_clock(CLOCK_MONOTONIC);
        kick(&near);
        near.r.r.frames = 1;
        carry(&near, &far);
        carry(&far, &near);
        us[i] = 1e6 * (measure_clock(CLOCK_MONOTONIC) - begin);
    }
    assert_int_equal(arrived(&near.r, &near.m), TRIPS);
    app_rig_stop(&near.r);
    app_rig_stop(&far.r);
    measure_row("round trip of 64 bytes between modules of two nodes", measure_median(us, TRIPS),
                "us", 1000);
}

/* ---- many modules ---- */

/* Of the modules, where we may see it. */
static double proportional(const struct app_rig *r)
{
    static pid_t pids[MODULES + 1];
    double sum = 0, kib;
    unsigned n = rig_children(&r->r, pids, MODULES + 1);
    for (unsigned i = 1; i < n; i++) {
        char path[64], line[128];
        snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pids[i]);
        FILE *f = fopen(path, "r");
        while (f && fgets(line, sizeof line, f))
            if (sscanf(line, "Pss: %lf", &kib) == 1)
                sum += kib;
        if (f)
            fclose(f);
    }
    return sum / MODULES;
}

static void many_modules(void)
{
    struct app_rig r;
    struct app_module m;
    struct rusage before, after;
    getrusage(RUSAGE_CHILDREN, &before);
    start(&r);
    double begin = measure_cpu();
    for (unsigned i = 0; i < MODULES; i++)
        load(&r, &pinger, &m);
    double own = measure_cpu() - begin, pss = proportional(&r);
    app_rig_stop(&r);
    getrusage(RUSAGE_CHILDREN, &after);
    double theirs = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
                    (double)(after.ru_stime.tv_sec - before.ru_stime.tv_sec) +
                    (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e6 +
                    (double)(after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
    measure_row("100 modules: load, measure, start, attest, end; CPU time", own + theirs, "s", 5);
    measure_row("an idle module: memory of its process", pss, "KiB", 128);
}

int main(void)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(0, sizeof one, &one);
    pinger = app_build("Pinger", "tests/monitor/pinger.c", 4);
    echo = app_build("Echo", "tests/monitor/echo.c", 4);
    printf("%-58s %10s %-4s %10s\n", "one Linux node, all its processes on one core", "measured",
           "", "goal");
    throughputs();
    round_trip();
    many_modules();
    if (weak)
        puts("weak: no namespaces here");
    return 0;
}
