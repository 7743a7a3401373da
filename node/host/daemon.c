/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host/daemon.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <semo/map.h>

#define SLICE_NS     4000000 /* of stepping, between looks at the sockets */
#define LOOK_EVERY   16      /* steps between looks at the host's clock */
#define LATE_CYCLES  (SEMO_CLOCK_HZ / 4)
#define LATE_NS      250000000 /* past that a paced run no longer tries to catch up */
#define HELD_BYTES   (1 << 20) /* unread by the steering client: the clock waits for it */
#define AWAKE_CYCLES (SEMO_CLOCK_HZ / 1000) /* real time: what an awake chip runs at once */
#define KEEP_MS      1000
#define KEEP_CYCLES  (60 * (uint64_t)SEMO_CLOCK_HZ)

static const int ending_signals[] = {SIGTERM, SIGINT, SIGHUP};

/* ---- the run under way ---- */

static void count_pace_from_here(struct semo_daemon *d)
{
    d->pace_host = uv_hrtime();
    d->pace_virtual = d->world.now;
}

/* Nanoseconds until the host's clock allows this virtual time; 0 = now. */
static uint64_t too_early(const struct semo_daemon *d, uint64_t time)
{
    if (!d->speed || time <= d->pace_virtual)
        return 0;
    double ns = (double)(time - d->pace_virtual) * (1e9 / SEMO_CLOCK_HZ) / d->speed;
    double passed = (double)(uv_hrtime() - d->pace_host);
    return ns > passed ? (uint64_t)(ns - passed) : 0;
}

static void keep_pace(struct semo_daemon *d)
{
    double due = (double)(d->world.now - d->pace_virtual) * (1e9 / SEMO_CLOCK_HZ) / d->speed;
    if ((double)(uv_hrtime() - d->pace_host) - due > LATE_NS)
        count_pace_from_here(d);
}

/* Cycles: what the host's clock says. */
static uint64_t present(const struct semo_daemon *d)
{
    double passed = (double)(uv_hrtime() - d->pace_host);
    return d->pace_virtual + (uint64_t)(passed * d->speed * (SEMO_CLOCK_HZ / 1e9));
}

void semo_daemon_speed(struct semo_daemon *d, uint32_t factor)
{
    if (d->config.realtime)
        return;
    d->speed = factor;
    count_pace_from_here(d);
}

void semo_daemon_start(struct semo_daemon *d, uint64_t until, bool stop_at_frame)
{
    d->running = true;
    d->until = until > d->world.now ? until : d->world.now;
    d->stop_at_frame = stop_at_frame;
    d->frame_seen = false;
    if (d->speed && !d->config.realtime)
        keep_pace(d);
}

/* While a paced run waits for the host's clock, the virtual one lags behind it by up to one event.
 */
void semo_daemon_reach_present(struct semo_daemon *d)
{
    if (!d->config.realtime && (!d->running || !d->speed))
        return;
    uint64_t time = present(d);
    if (!d->config.realtime && time > d->until)
        time = d->until;
    if (time > d->world.now && semo_world_next(&d->world) > time)
        semo_world_step(&d->world, time);
}

void semo_daemon_stop(struct semo_daemon *d, enum semo_control_stop reason)
{
    uint8_t head[9];
    struct semo_cursor w = semo_cursor_over(head, sizeof head);
    d->running = false;
    semo_note_violations(d);
    uv_timer_stop(&d->pace);
    if (d->trace) /* who hears that the clock stands finds in it all that was before */
        fflush(d->trace);
    if (!d->steering)
        return;
    semo_cursor_put_u64(&w, d->world.now);
    semo_cursor_put_u8(&w, (uint8_t)reason);
    semo_server_tell(d->steering, SEMO_CONTROL_STOPPED, head, sizeof head, "", 0);
}

static void on_pace(uv_timer_t *timer)
{
    (void)timer; /* it has ended the wait of the loop */
}

/* One look-ahead, or an end. False: nothing more can be done now. */
static bool step(struct semo_daemon *d)
{
    struct semo_world *w = &d->world;
    if (d->frame_seen && d->stop_at_frame) {
        semo_daemon_stop(d, SEMO_CONTROL_AT_FRAME);
        return false;
    }
    if (w->now >= d->until) {
        semo_daemon_stop(d, SEMO_CONTROL_UNTIL);
        return false;
    }
    uint64_t next = semo_world_next(w);
    uint64_t wait = too_early(d, next < d->until ? next : d->until);
    if (wait) {
        uv_timer_start(&d->pace, on_pace, (wait + 999999) / 1000000, 0);
        return false;
    }
    semo_world_step(w, d->until);
    return true;
}

/* ---- real time ---- */

/* The host slept, or was too slow for long: nobody wants what was due meanwhile all at once. */
static uint64_t present_without_gaps(struct semo_daemon *d)
{
    uint64_t time = present(d), due = semo_world_next(&d->world);
    if (due < d->world.now)
        due = d->world.now;
    if (due == UINT64_MAX || time < due + LATE_CYCLES)
        return time;
    d->pace_host = uv_hrtime();
    return d->pace_virtual = due;
}

static void wake_at(struct semo_daemon *d, uint64_t time, uint64_t now)
{
    uint64_t ms = (time - now) / (SEMO_CLOCK_HZ / 1000);
    if (time != UINT64_MAX)
        uv_timer_start(&d->pace, on_pace, ms + 1, 0);
}

/* What somebody waits for at once, awake chips a millisecond at a time. When it is next due. */
static uint64_t catch_up(struct semo_daemon *d, uint64_t now)
{
    struct semo_world *w = &d->world;
    uint64_t next = semo_world_next(w), queued = semo_world_queued(w);
    if (queued <= now || (next <= now && now - w->now >= AWAKE_CYCLES)) {
        semo_world_step(w, now);
        return now;
    }
    return next <= now ? w->now + AWAKE_CYCLES : next;
}

/* True: there is more to do at once. */
static bool advance_real(struct semo_daemon *d)
{
    uint64_t now = present_without_gaps(d), next = catch_up(d, now);
    if (d->running && d->stop_at_frame && d->frame_seen)
        semo_daemon_stop(d, SEMO_CONTROL_AT_FRAME);
    if (d->running && now >= d->until) {
        semo_daemon_reach_present(d);
        semo_daemon_stop(d, SEMO_CONTROL_UNTIL);
    }
    if (d->running && d->until < next)
        next = d->until;
    if (next > now)
        wake_at(d, next, now);
    return next <= now;
}

/* ---- virtual time ---- */

/* True: there is more to do at once. */
static bool advance(struct semo_daemon *d)
{
    if (d->config.realtime)
        return advance_real(d);
    uint64_t end = uv_hrtime() + SLICE_NS;
    for (unsigned i = 1; d->running; i++) {
        if (d->steering && d->steering->out_len > HELD_BYTES)
            return false;
        if (!step(d))
            return false;
        if (i % LOOK_EVERY == 0 && uv_hrtime() > end)
            return true;
    }
    return false;
}

void semo_daemon_run(struct semo_daemon *d)
{
    while (!d->quit) {
        bool more = advance(d);
        more |= semo_peers_resume(d);
        semo_peers_flush(d);
        semo_peers_reap(d);
        semo_lines_follow(d);
        if (!more && d->trace)
            fflush(d->trace);
        uv_run(&d->loop, more ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    }
    for (struct semo_peer *p = d->peers; p; p = p->next)
        semo_peer_flush(p);
}

/* ---- life ---- */

static void on_signal(uv_signal_t *signal, int number)
{
    (void)number;
    ((struct semo_daemon *)signal->data)->quit = true;
}

/* Each store is synced to the disk: not more often than once a virtual minute and a host second. */
static void on_keep(uv_timer_t *timer)
{
    struct semo_daemon *d = timer->data;
    semo_note_violations(d);
    if (d->world.now - d->stored < KEEP_CYCLES)
        return;
    d->stored = d->world.now;
    semo_world_store(&d->world);
}

static enum semo_status open_loop(struct semo_daemon *d, struct semo_error *e)
{
    if (uv_loop_init(&d->loop) != 0)
        return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, NULL, 0, 0, "no event loop");
    uv_timer_init(&d->loop, &d->pace);
    uv_timer_init(&d->loop, &d->keep);
    d->keep.data = d;
    uv_timer_start(&d->keep, on_keep, KEEP_MS, KEEP_MS);
    for (unsigned i = 0; i < 3; i++) {
        uv_signal_init(&d->loop, &d->signals[i]);
        d->signals[i].data = d;
        uv_signal_start(&d->signals[i], on_signal, ending_signals[i]);
    }
    return SEMO_OK;
}

static enum semo_status open_log(FILE **f, const char *path, int mode, struct semo_error *e)
{
    if (!path)
        return SEMO_OK;
    *f = fopen(path, "we");
    if (!*f)
        return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_USAGE, path, 0, 0, "cannot write it: %s",
                              strerror(errno));
    setvbuf(*f, NULL, mode, 1 << 16);
    return SEMO_OK;
}

static void forget_descriptors(struct semo_daemon *d)
{
    d->control.fd = -1;
    for (unsigned i = 0; i < SEMO_NODES_MAX; i++) {
        d->tcp[i].fd = -1;
        d->han[i].listener.fd = d->han[i].terminal = d->han[i].other_end = -1;
        memset(d->han[i].readers, -1, sizeof d->han[i].readers);
    }
}

enum semo_status semo_daemon_open(struct semo_daemon *d, const char *config, struct semo_error *e)
{
    memset(d, 0, sizeof *d);
    forget_descriptors(d);
    enum semo_status status = semo_config_read(config, &d->config, e);
    if (status == SEMO_OK)
        status = open_log(&d->trace, d->config.trace, _IOFBF, e);
    /* A seal is on disk before its frame is anywhere: a kill must not hide one. */
    if (status == SEMO_OK)
        status = open_log(&d->seal_log, d->config.seal_log, _IOLBF, e);
    if (status == SEMO_OK)
        status = open_loop(d, e);
    if (d->config.realtime) {
        d->speed = 1;
        d->pace_host = uv_hrtime();
    }
    struct semo_onlooker onlooker = semo_server_onlooker;
    onlooker.context = d;
    if (status == SEMO_OK)
        status = semo_world_open(&d->world, &d->config, &onlooker, e);
    if (status == SEMO_OK && d->config.realtime)
        semo_world_not_deterministic(&d->world, "it runs in real time");
    if (status == SEMO_OK)
        status = semo_bridge_open(d, e);
    if (status == SEMO_OK)
        status = semo_server_open(d, e);
    if (status == SEMO_OK)
        semo_note(d, 0, NULL, "nodes run");
    return status;
}

void semo_daemon_close(struct semo_daemon *d)
{
    semo_note_violations(d);
    semo_note(d, d->world.now, NULL, "end");
    semo_server_close(d);
    semo_bridge_close(d);
    semo_uplinks_close(d);
    for (unsigned i = 0; i < SEMO_NODES_MAX; i++)
        semo_han_close(d, i);
    semo_world_close(&d->world);
    if (d->trace)
        fclose(d->trace);
    if (d->seal_log)
        fclose(d->seal_log);
}
