/* SPDX-License-Identifier: Apache-2.0 */
#include "host/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "host/socket.h"
#include "lib/bytes/cursor.h"

enum { HEAD_LEN = 5, STOPPED_LEN = 9 };

struct semo_control_client {
    int fd;
    unsigned start, held;                 /* `in` holds this many bytes, from start on */
    uint8_t in[4 + SEMO_CONTROL_MAX + 1]; /* room for a 0 behind a text */
};

enum semo_status semo_control_connect(const char *path, struct semo_control_client **out)
{
    struct semo_control_client *c = malloc(sizeof *c);
    int fd = semo_socket_connect(path);
    if (!c || fd < 0) {
        if (fd >= 0)
            close(fd);
        free(c);
        return SEMO_MISSING;
    }
    c->fd = fd;
    c->start = c->held = 0;
    *out = c;
    return SEMO_OK;
}

void semo_control_close(struct semo_control_client *c)
{
    if (!c)
        return;
    close(c->fd);
    free(c);
}

int semo_control_fd(const struct semo_control_client *c)
{
    return c->fd;
}

/* ---- what comes ---- */

static int64_t milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One read; waits until `deadline` (milliseconds; < 0 for ever). */
static enum semo_status fill(struct semo_control_client *c, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline < 0 ? -1 : deadline - milliseconds();
        struct pollfd p = {.fd = c->fd, .events = POLLIN};
        int ready = poll(&p, 1, deadline < 0 ? -1 : left > 0 ? (int)left : 0);
        if (ready == 0)
            return SEMO_TIMEOUT;
        if (ready < 0 && errno == EINTR)
            continue;
        memmove(c->in, c->in + c->start, c->held);
        c->start = 0;
        ssize_t n = read(c->fd, c->in + c->held, sizeof c->in - 1 - c->held);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return SEMO_MISSING;
        c->held += (unsigned)n;
        return SEMO_OK;
    }
}

/* The rest of the message as a text; the byte behind it is put back afterwards. */
#define WITH_TEXT(cursor, text, call)                                                              \
    do {                                                                                           \
        char *text = (char *)(cursor)->at;                                                         \
        char behind = text[(cursor)->left];                                                        \
        text[(cursor)->left] = 0;                                                                  \
        call;                                                                                      \
        text[(cursor)->left] = behind;                                                             \
    } while (0)

static void hand_untimed(const struct semo_control_handlers *h, unsigned type,
                         struct semo_cursor *b)
{
    if (type == SEMO_CONTROL_TEXT && h->text)
        WITH_TEXT(b, text, h->text(h->context, text));
    if (type != SEMO_CONTROL_REFUSED || !h->refused)
        return;
    unsigned refused = semo_cursor_u8(b);
    WITH_TEXT(b, text, h->refused(h->context, refused, text));
}

static void hand(const struct semo_control_handlers *h, unsigned type, struct semo_cursor b)
{
    if (type == SEMO_CONTROL_TEXT || type == SEMO_CONTROL_REFUSED) {
        hand_untimed(h, type, &b);
        return;
    }
    uint64_t time = semo_cursor_u64(&b);
    unsigned first = semo_cursor_u8(&b);
    if (b.bad)
        return;
    if (type == SEMO_CONTROL_FRAME && h->frame)
        h->frame(h->context, time, first, b.at, b.left);
    else if (type == SEMO_CONTROL_STOPPED && h->stopped)
        h->stopped(h->context, time, first);
    else if (type == SEMO_CONTROL_HAN_BYTES && h->han)
        h->han(h->context, time, first, b.at, b.left);
    else if (type == SEMO_CONTROL_SHOW && h->show)
        h->show(h->context, time, first, b.at, b.left);
    else if (type == SEMO_CONTROL_LOST && h->lost)
        WITH_TEXT(&b, text, h->lost(h->context, time, first, text));
    else if (type == SEMO_CONTROL_PRINT && h->print)
        WITH_TEXT(&b, text, h->print(h->context, time, first, text));
    else if (type == SEMO_CONTROL_PIN && h->pin)
        h->pin(h->context, time, first, semo_cursor_u8(&b));
    else if (type == SEMO_CONTROL_HOP && h->hop) {
        unsigned to = semo_cursor_u8(&b);
        h->hop(h->context, time, first, to, semo_cursor_u16(&b));
    }
}

/* Length of the whole first message held, 0 = not there yet. */
static enum semo_status whole(struct semo_control_client *c, unsigned *len)
{
    *len = 0;
    if (c->held < HEAD_LEN)
        return SEMO_OK;
    struct semo_cursor head = semo_cursor_from(c->in + c->start, c->held);
    uint32_t body = semo_cursor_u32(&head);
    if (body == 0 || body > SEMO_CONTROL_MAX)
        return SEMO_MALFORMED;
    if (c->held >= 4 + body)
        *len = 4 + body;
    return SEMO_OK;
}

/* *stop (may be NULL) gets time and reason of a STOPPED. */
static enum semo_status next(struct semo_control_client *c, const struct semo_control_handlers *h,
                             int timeout_ms, unsigned *type, uint64_t *time, unsigned *reason)
{
    int64_t deadline = timeout_ms < 0 ? -1 : milliseconds() + timeout_ms;
    unsigned len;
    for (;;) {
        enum semo_status status = whole(c, &len);
        if (status == SEMO_OK && len == 0)
            status = fill(c, deadline);
        if (status != SEMO_OK)
            return status;
        if (len)
            break;
    }
    const uint8_t *first = c->in + c->start;
    unsigned got = first[4];
    struct semo_cursor b = semo_cursor_from(first + HEAD_LEN, len - HEAD_LEN);
    if (got == SEMO_CONTROL_STOPPED && b.left < STOPPED_LEN) /* who waits for it needs the time */
        return SEMO_MALFORMED;
    if (h)
        hand(h, got, b);
    if (type)
        *type = got;
    if (got == SEMO_CONTROL_STOPPED && time) {
        *time = semo_cursor_u64(&b);
        *reason = semo_cursor_u8(&b);
    }
    c->held -= len;
    c->start += len;
    return SEMO_OK;
}

enum semo_status semo_control_next(struct semo_control_client *c,
                                   const struct semo_control_handlers *h, int timeout_ms,
                                   unsigned *type)
{
    return next(c, h, timeout_ms, type, NULL, NULL);
}

enum semo_status semo_control_run_until(struct semo_control_client *c,
                                        const struct semo_control_handlers *h, uint64_t until,
                                        unsigned flags, uint64_t *time, unsigned *reason)
{
    enum semo_status status = semo_control_run(c, until, flags);
    unsigned type = 0;
    while (status == SEMO_OK && type != SEMO_CONTROL_STOPPED)
        status = next(c, h, -1, &type, time, reason);
    return status;
}

/* ---- what goes ---- */

static enum semo_status put(int fd, const uint8_t *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return SEMO_MISSING;
        bytes += n;
        len -= (size_t)n;
    }
    return SEMO_OK;
}

/* head and tail together are the body. */
static enum semo_status message(struct semo_control_client *c, unsigned type, const void *head,
                                unsigned head_len, const void *tail, unsigned tail_len)
{
    if (1 + head_len + tail_len > SEMO_CONTROL_MAX)
        return SEMO_LENGTH;
    uint8_t small[2048];
    unsigned len = HEAD_LEN + head_len + tail_len;
    uint8_t *bytes = len <= sizeof small ? small : malloc(len);
    if (!bytes)
        return SEMO_SYSTEM;
    struct semo_cursor w = semo_cursor_over(bytes, len);
    semo_cursor_put_u32(&w, 1 + head_len + tail_len);
    semo_cursor_put_u8(&w, (uint8_t)type);
    semo_cursor_put(&w, head, head_len);
    semo_cursor_put(&w, tail, tail_len);
    enum semo_status status = put(c->fd, bytes, len);
    if (bytes != small)
        free(bytes);
    return status;
}

enum semo_status semo_control_message(struct semo_control_client *c, unsigned type,
                                      const void *body, unsigned len)
{
    return message(c, type, "", 0, body, len);
}

enum semo_status semo_control_send(struct semo_control_client *c, unsigned node,
                                   const uint8_t *frame, unsigned len)
{
    uint8_t head = (uint8_t)node;
    return message(c, SEMO_CONTROL_SEND, &head, 1, frame, len);
}

static enum semo_status flush(struct semo_control_client *c, unsigned type, const uint8_t *body,
                              const struct semo_cursor *w)
{
    return message(c, type, body, (unsigned)(w->at - body), "", 0);
}

enum semo_status semo_control_run(struct semo_control_client *c, uint64_t until, unsigned flags)
{
    uint8_t body[9];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u64(&w, until);
    semo_cursor_put_u8(&w, (uint8_t)flags);
    return flush(c, SEMO_CONTROL_RUN, body, &w);
}

static enum semo_status message_u32(struct semo_control_client *c, unsigned type, uint32_t v)
{
    uint8_t body[4];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u32(&w, v);
    return flush(c, type, body, &w);
}

enum semo_status semo_control_speed(struct semo_control_client *c, uint32_t factor)
{
    return message_u32(c, SEMO_CONTROL_SPEED, factor);
}

enum semo_status semo_control_clock(struct semo_control_client *c, uint32_t utc)
{
    return message_u32(c, SEMO_CONTROL_CLOCK, utc);
}

enum semo_status semo_control_route(struct semo_control_client *c, unsigned connection,
                                    unsigned node)
{
    uint8_t body[3];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, (uint16_t)connection);
    semo_cursor_put_u8(&w, (uint8_t)node);
    return flush(c, SEMO_CONTROL_ROUTE, body, &w);
}

enum semo_status semo_control_supply(struct semo_control_client *c, unsigned node,
                                     const struct semo_control_supply *s)
{
    uint8_t body[21];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u8(&w, (uint8_t)node);
    semo_cursor_put_u64(&w, s->at);
    semo_cursor_put_u32(&w, s->power_w);
    semo_cursor_put_u16(&w, (uint16_t)s->reactive_var);
    semo_cursor_put_u16(&w, s->voltage_10mv);
    semo_cursor_put_u16(&w, s->current_10ma);
    semo_cursor_put_u16(&w, s->frequency_10mhz);
    return flush(c, SEMO_CONTROL_SUPPLY, body, &w);
}

static enum semo_status message_pair(struct semo_control_client *c, unsigned type, unsigned a,
                                     unsigned b)
{
    uint8_t body[2] = {(uint8_t)a, (uint8_t)b};
    return message(c, type, body, sizeof body, "", 0);
}

enum semo_status semo_control_wire(struct semo_control_client *c, unsigned from, unsigned to)
{
    return message_pair(c, SEMO_CONTROL_WIRE, from, to);
}

enum semo_status semo_control_stick(struct semo_control_client *c, unsigned node, bool stuck)
{
    return message_pair(c, SEMO_CONTROL_STICK, node, stuck);
}

enum semo_status semo_control_reset(struct semo_control_client *c, unsigned node, unsigned kind)
{
    return message_pair(c, SEMO_CONTROL_RESET, node, kind);
}

enum semo_status semo_control_manager(struct semo_control_client *c, unsigned node,
                                      const char *path)
{
    uint8_t head = (uint8_t)node;
    return message(c, SEMO_CONTROL_MANAGER, &head, 1, path, (unsigned)strlen(path));
}

enum semo_status semo_control_han(struct semo_control_client *c, unsigned node, unsigned kind,
                                  const char *path)
{
    uint8_t head[2] = {(uint8_t)node, (uint8_t)kind};
    return message(c, SEMO_CONTROL_HAN, head, 2, path, (unsigned)strlen(path));
}

enum semo_status semo_control_timer(struct semo_control_client *c, unsigned node, unsigned module,
                                    unsigned entry, uint32_t period_ms)
{
    uint8_t body[9];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u8(&w, (uint8_t)node);
    semo_cursor_put_u16(&w, (uint16_t)module);
    semo_cursor_put_u16(&w, (uint16_t)entry);
    semo_cursor_put_u32(&w, period_ms);
    return flush(c, SEMO_CONTROL_TIMER, body, &w);
}

enum semo_status semo_control_press(struct semo_control_client *c, unsigned node, unsigned button,
                                    bool down, uint64_t at)
{
    uint8_t body[11];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u8(&w, (uint8_t)node);
    semo_cursor_put_u8(&w, (uint8_t)button);
    semo_cursor_put_u8(&w, down);
    semo_cursor_put_u64(&w, at);
    return flush(c, SEMO_CONTROL_PRESS, body, &w);
}

enum semo_status semo_control_status(struct semo_control_client *c)
{
    return message(c, SEMO_CONTROL_STATUS, "", 0, "", 0);
}

enum semo_status semo_control_quit(struct semo_control_client *c)
{
    return message(c, SEMO_CONTROL_QUIT, "", 0, "", 0);
}
