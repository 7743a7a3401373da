/* SPDX-License-Identifier: Apache-2.0 */
/* A Linux node: everything it does happens at the time stamp of the message it is given, while the
 * clock stands still (monitor/protocol.h). Only host time can end its turn early. In real time no
 * clock can stand still: the node is busy until its turn is over, and the others go on. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <openssl/crypto.h>
#include "host/file.h"
#include "host/process.h"
#include "lib/bytes/cursor.h"
#include "monitor/protocol.h"
#include "node/host/world.h"

struct monitored {
    int fd; /* -1 = no monitor */
    pid_t pid;
    unsigned turns;    /* under way: messages without their DONE */
    uint64_t deadline; /* of the first of them, in milliseconds of the host */
    bool weak;
    uint8_t landlock; /* version, 0 = the kernel has none */
    bool has_key;     /* the answer to ADMIN */
    uint8_t key[SEMO_KEY_LEN];
};

static uint64_t milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void stop(struct semo_node *n)
{
    struct monitored *m = n->state;
    if (m->fd >= 0)
        close(m->fd);
    m->fd = -1;
    m->turns = 0;
    n->busy = false;
    if (m->pid > 0) {
        kill(m->pid, SIGKILL);
        semo_process_wait(m->pid);
    }
    m->pid = 0;
}

static void lose(struct semo_node *n, const char *why)
{
    stop(n);
    n->died++;
    semo_node_lose(n, why);
    semo_node_touch(n);
}

/* ---- what the monitor says ---- */

static void on_done(struct semo_node *n, struct semo_cursor *c)
{
    struct semo_onlooker *o = &n->world->onlooker;
    unsigned killed = semo_cursor_u8(c), died = semo_cursor_u8(c);
    ((struct monitored *)n->state)->weak = semo_cursor_u8(c);
    ((struct monitored *)n->state)->landlock = semo_cursor_u8(c);
    n->killed += killed;
    n->died += died;
    if (killed) {
        semo_world_not_deterministic(n->world, "a process was killed for its silence");
        o->lost(o->context, n->world->now, n, "a process of the node was killed for its silence");
    }
    if (died)
        o->lost(o->context, n->world->now, n, "a process of the node died");
}

static void on_seal(struct semo_node *n, struct semo_cursor *c, uint64_t time)
{
    struct semo_onlooker *o = &n->world->onlooker;
    unsigned module = semo_cursor_u16(c);
    const uint8_t *key = semo_cursor_take(c, 16);
    if (!c->bad)
        o->seal(o->context, time, n, module, key, c->at, c->left);
}

static void on_admin_key(struct semo_node *n, struct semo_cursor *c)
{
    struct monitored *m = n->state;
    semo_cursor_u16(c);
    const uint8_t *key = semo_cursor_take(c, sizeof m->key);
    m->has_key = !c->bad && !c->left;
    if (m->has_key)
        memcpy(m->key, key, sizeof m->key);
}

/* True: that was DONE. */
static bool hear(struct semo_node *n, uint8_t *bytes, unsigned len, uint64_t time)
{
    struct semo_cursor c = semo_cursor_from(bytes, len);
    switch (semo_cursor_u8(&c)) {
    case SEMO_MONITOR_OUT:
        semo_router_from_node(n, c.at, c.left, time);
        return false;
    case SEMO_MONITOR_SEAL:
        on_seal(n, &c, time);
        return false;
    case SEMO_MONITOR_ADMIN_KEY:
        on_admin_key(n, &c);
        return false;
    case SEMO_MONITOR_DONE:
        on_done(n, &c);
        return true;
    default:
        n->malformed++;
        return false;
    }
}

/* ---- turns ---- */

static void begin(struct semo_node *n, unsigned turns)
{
    struct monitored *m = n->state;
    m->turns = turns;
    m->deadline = milliseconds() + n->world->config->monitor_ms;
    n->busy = turns > 0;
}

/* Of what the monitor says, one message; false: nothing there. Without flags it waits as long as a
 * turn may last (SO_RCVTIMEO). */
static bool take(struct semo_node *n, uint64_t time, int flags)
{
    struct monitored *m = n->state;
    uint8_t in[SEMO_MONITOR_MESSAGE_MAX];
    ssize_t got = recv(m->fd, in, sizeof in, flags);
    if (got > 0 && hear(n, in, (unsigned)got, time) && m->turns > 0)
        begin(n, m->turns - 1);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        lose(n, "the monitor has died");
    semo_monitored_check(n);
    return got > 0;
}

void semo_monitored_check(struct semo_node *n)
{
    const struct monitored *m = n->state;
    if (m->turns > 0 && milliseconds() >= m->deadline)
        lose(n, "the monitor was silent too long and was killed");
}

/* Waits until no turn is under way. */
static void finish(struct semo_node *n, uint64_t time)
{
    const struct monitored *m = n->state;
    while (m->turns > 0) {
        struct pollfd p = {m->fd, POLLIN, 0};
        if (n->world->config->realtime) /* then the socket does not block */
            poll(&p, 1, (int)n->world->config->monitor_ms);
        take(n, time, 0);
    }
}

/* The message goes in; everything up to DONE comes out, in real time later. */
static void turn(struct semo_node *n, const uint8_t *message, unsigned len, uint64_t time)
{
    struct monitored *m = n->state;
    if (m->fd < 0)
        return;
    if (send(m->fd, message, len, MSG_NOSIGNAL) != (ssize_t)len) {
        lose(n, "the monitor does not listen");
        return;
    }
    if (m->turns++ == 0)
        begin(n, 1);
    if (!n->world->config->realtime)
        finish(n, time);
}

int semo_monitored_fd(const struct semo_node *n)
{
    return ((const struct monitored *)n->state)->fd;
}

void semo_monitored_serve(struct semo_node *n)
{
    const struct monitored *m = n->state;
    while (m->turns > 0 && take(n, n->world->now, MSG_DONTWAIT))
        ;
    semo_node_touch(n);
}

/* False: no room. */
static bool put_frame(struct semo_cursor *w, const struct semo_packet *p)
{
    if (w->left < 2u + p->len)
        return false;
    semo_cursor_put_u16(w, (uint16_t)p->len);
    semo_cursor_put(w, p->bytes, p->len);
    return true;
}

/* In real time all frames that wait go in one turn: it costs less than one for each. */
static void apply(struct semo_node *n, const struct semo_item *item)
{
    const bool realtime = n->world->config->realtime;
    uint8_t message[SEMO_MONITOR_MESSAGE_MAX];
    struct semo_cursor w = semo_cursor_over(message, sizeof message);
    semo_cursor_put_u8(&w, SEMO_MONITOR_FRAME);
    semo_cursor_put_u64(&w, realtime ? SEMO_MONITOR_REAL_TIME : item->time);
    put_frame(&w, item->packet);
    while (realtime && semo_queue_time(&n->inbox) < n->world->horizon &&
           put_frame(&w, n->inbox.items[0].packet)) {
        n->frames_in++;
        semo_packet_drop(semo_queue_pop(&n->inbox).packet);
    }
    turn(n, message, (unsigned)(w.at - message), item->time);
}

/* ---- life ---- */

static enum semo_status start(struct semo_node *n, struct semo_error *e)
{
    const struct semo_node_config *c = n->config;
    const struct semo_config *all = n->world->config;
    struct monitored *m = n->state;
    char seed[24];
    const char *argv[16] = {c->monitor, "--chip", c->chip, "--em", c->em, "--node", c->name};
    unsigned count = 7;
    int pair[2];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)all->seed);
    if (c->weak)
        argv[count++] = "--weak";
    if (all->seal_log)
        argv[count++] = "--seal-log";
    if (all->seeded) {
        argv[count++] = "--seed";
        argv[count++] = seed;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, NULL, 0, 0,
                              "no socket pair for the monitor: %s", strerror(errno));
    const struct semo_fd_map map = {SEMO_MONITOR_SOCKET, pair[1]};
    enum semo_status status = semo_process_spawn((char *const *)argv, &map, 1, &m->pid, e);
    close(pair[1]);
    m->fd = pair[0];
    n->opened++;
    const struct timeval limit = {all->monitor_ms / 1000, all->monitor_ms % 1000 * 1000};
    setsockopt(m->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(m->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (status != SEMO_OK)
        stop(n);
    return status;
}

static void reset(struct semo_node *n, unsigned kind)
{
    struct semo_error e = {.text = ""};
    struct monitored *m = n->state;
    const uint8_t message = SEMO_MONITOR_RESET;
    if (kind == 0)
        semo_world_cut(n);
    n->lost = false;
    if (m->fd >= 0)
        turn(n, &message, 1, n->world->now);
    else if (start(n, &e) != SEMO_OK)
        semo_node_lose(n, e.text);
    semo_node_touch(n);
}

static enum semo_status manager(struct semo_node *n, const char *path, const char **why)
{
    uint8_t message[SEMO_MONITOR_MESSAGE_MAX];
    struct semo_cursor w = semo_cursor_over(message, sizeof message);
    *why = "the path is too long";
    semo_cursor_put_u8(&w, SEMO_MONITOR_MANAGER);
    semo_cursor_put(&w, path, (unsigned)strlen(path));
    if (w.bad)
        return SEMO_LENGTH;
    *why = "cannot read the program";
    if (*path && access(path, R_OK | X_OK) != 0)
        return SEMO_MISSING;
    turn(n, message, (unsigned)(w.at - message), n->world->now);
    return SEMO_OK;
}

static void close_node(struct semo_node *n)
{
    stop(n);
    free(n->state);
    n->state = NULL;
}

static enum semo_status admin(struct semo_node *n, uint16_t vendor, uint8_t key[SEMO_KEY_LEN])
{
    struct monitored *m = n->state;
    const uint8_t message[] = {SEMO_MONITOR_ADMIN, (uint8_t)vendor, (uint8_t)(vendor >> 8)};
    m->has_key = false;
    turn(n, message, sizeof message, n->world->now);
    finish(n, n->world->now);
    if (!m->has_key)
        return SEMO_MISSING;
    memcpy(key, m->key, sizeof m->key);
    OPENSSL_cleanse(m->key, sizeof m->key);
    return SEMO_OK;
}

/* The monitor keeps the chip's state. */
static const struct semo_node_class class = {
    .apply = apply, .reset = reset, .manager = manager, .close = close_node, .admin = admin};

/* It serves when it answers; before that it may find that it cannot, and says why itself. */
static enum semo_status await(struct semo_node *n, struct semo_error *e)
{
    uint8_t nobody[SEMO_KEY_LEN];
    (void)!admin(n, 0, nobody);
    OPENSSL_cleanse(nobody, sizeof nobody);
    if (!n->lost)
        return SEMO_OK;
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_RESOURCE, n->config->name, 0, 0,
                          "its monitor did not start; its own message stands above");
}

enum semo_status semo_monitored_open(struct semo_node *n, struct semo_error *e)
{
    struct monitored *m = semo_allocate(1, sizeof *m);
    m->fd = -1;
    m->weak = n->config->weak;
    n->class = &class;
    n->state = m;
    enum semo_status status = start(n, e);
    if (status == SEMO_OK)
        status = await(n, e);
    if (status != SEMO_OK)
        close_node(n);
    return status;
}

bool semo_monitored_weak(const struct semo_node *n)
{
    return ((const struct monitored *)n->state)->weak;
}

unsigned semo_monitored_landlock(const struct semo_node *n)
{
    return ((const struct monitored *)n->state)->landlock;
}
