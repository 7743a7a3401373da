/* SPDX-License-Identifier: Apache-2.0 */
/* All browsers in one loop, none of which waits for another: bytes of a browser go to the module
 * when the module's last ones for it have gone out. */
#include <errno.h>
#include <poll.h>
#include <semo/https.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "apps/button-led/web/web.h"
#include "lib/bytes/cursor.h"

#define READERS_MAX 64 /* one more ends the one that was quiet for longest */
#define IN_MAX      (SEMO_HTTPS_CALL_MAX - SEMO_HTTPS_CALL_HEAD)
#define IN_AT       SEMO_HTTPS_CALL_HEAD

struct reader {
    int fd;          /* -1: free */
    uint32_t number; /* that the module gave it; 0: not yet */
    uint64_t turn;   /* in which it was heard last */
    enum semo_https_state state;
    unsigned in_len, out_len;
    uint8_t in[SEMO_HTTPS_CALL_MAX], out[SEMO_HTTPS_CALL_MAX];
};

static struct reader readers[READERS_MAX], *const readers_end = readers + READERS_MAX;
static uint64_t turn;

static void leave(struct reader *r)
{
    close(r->fd);
    r->fd = -1;
}

static void welcome(int listening)
{
    struct reader *r = readers;
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    for (struct reader *other = readers; other < readers_end && r->fd >= 0; other++)
        if (other->fd < 0 || other->turn < r->turn)
            r = other;
    if (r->fd >= 0)
        leave(r);
    *r = (struct reader){.fd = fd, .turn = ++turn};
}

/* After the module's last bytes what comes is read and forgotten: to close at once could take back
 * what is on its way. */
static void hear(struct reader *r)
{
    unsigned held = r->state == SEMO_HTTPS_CLOSED ? 0 : r->in_len;
    ssize_t n = recv(r->fd, r->in + IN_AT + held, IN_MAX - held, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        leave(r);
    else if (n > 0) {
        r->in_len = held + (unsigned)n;
        r->turn = ++turn;
    }
}

static void tell(struct reader *r)
{
    ssize_t n = send(r->fd, r->out, r->out_len, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        leave(r);
        return;
    }
    r->out_len -= n > 0 ? (unsigned)n : 0;
    memmove(r->out, r->out + (n > 0 ? n : 0), r->out_len);
    if (r->out_len == 0 && r->state == SEMO_HTTPS_CLOSED)
        shutdown(r->fd, SHUT_WR);
}

/* False: the module does not answer, or says nonsense. */
static bool call(struct reader *r, struct web_link *link)
{
    uint8_t answer[SEMO_HTTPS_CALL_MAX];
    struct semo_cursor w = semo_cursor_over(r->in, SEMO_HTTPS_CALL_HEAD);
    semo_cursor_put_u32(&w, r->number);
    int len = link ? web_link_call(link, r->in, IN_AT + r->in_len, answer) : -1;
    struct semo_cursor a = semo_cursor_from(answer, len > 0 ? (unsigned)len : 0);
    r->number = semo_cursor_u32(&a);
    r->state = semo_cursor_u8(&a);
    unsigned taken = semo_cursor_u16(&a);
    if (a.bad || taken > r->in_len || (taken == 0 && r->in_len == IN_MAX && a.left == 0))
        return false;
    r->in_len -= taken;
    memmove(r->in + IN_AT, r->in + IN_AT + taken, r->in_len);
    r->out_len = a.left;
    memcpy(r->out, a.at, a.left);
    return true;
}

static bool wants_call(const struct reader *r)
{
    return r->fd >= 0 && r->out_len == 0 && r->state != SEMO_HTTPS_CLOSED &&
           (r->in_len > 0 || r->state != SEMO_HTTPS_OPEN);
}

/* As long as there is something to carry at once. */
static void serve(struct reader *r, struct web_link *link)
{
    while (wants_call(r)) {
        bool waits = r->state == SEMO_HTTPS_LATER;
        if (!call(r, link)) {
            leave(r);
            return;
        }
        if (r->out_len || r->state == SEMO_HTTPS_CLOSED)
            tell(r);
        if (waits && r->state == SEMO_HTTPS_LATER)
            return;
        if (r->state == SEMO_HTTPS_LATER && !web_link_wait(link))
            return;
    }
}

static void serve_all(const struct web_target *t)
{
    struct web_link *link = NULL;
    for (struct reader *r = readers; r < readers_end; r++)
        if (wants_call(r)) {
            link = link ? link : web_link_open(t);
            serve(r, link);
        }
    web_link_close(link);
}

/* How long nothing needs to be done if nobody is heard. */
static int patience(void)
{
    for (const struct reader *r = readers; r < readers_end; r++)
        if (wants_call(r))
            return LATER_MS;
    return -1;
}

static short wanted(const struct reader *r)
{
    short in = r->in_len < IN_MAX || r->state == SEMO_HTTPS_CLOSED ? POLLIN : 0;
    return r->out_len ? in | POLLOUT : in;
}

void web_readers_serve(int listening, const struct web_target *t)
{
    struct pollfd p[READERS_MAX + 1];
    for (struct reader *r = readers; r < readers_end; r++)
        r->fd = -1;
    for (;;) {
        p[READERS_MAX] = (struct pollfd){.fd = listening, .events = POLLIN};
        for (unsigned i = 0; i < READERS_MAX; i++)
            p[i] = (struct pollfd){.fd = readers[i].fd, .events = wanted(&readers[i])};
        if (poll(p, READERS_MAX + 1, patience()) < 0)
            continue;
        for (unsigned i = 0; i < READERS_MAX; i++) {
            if (p[i].revents & POLLOUT)
                tell(&readers[i]);
            if (readers[i].fd >= 0 && p[i].revents & ~POLLOUT)
                hear(&readers[i]);
        }
        if (p[READERS_MAX].revents)
            welcome(listening);
        serve_all(t);
    }
}
