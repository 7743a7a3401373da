/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "monitor/linux/packet.h"

int64_t semo_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t semo_now_ms(void)
{
    return semo_now_ns() / 1000000;
}

static enum semo_status wait_for(int socket, int64_t deadline_ms)
{
    struct pollfd p = {socket, POLLIN, 0};
    for (;;) {
        int64_t left = deadline_ms < 0 ? -1 : deadline_ms - semo_now_ms();
        if (deadline_ms >= 0 && left <= 0)
            return SEMO_TIMEOUT;
        int n = poll(&p, 1, (int)left);
        if (n > 0)
            return SEMO_OK;
        if (n < 0 && errno != EINTR)
            return SEMO_SYSTEM;
    }
}

/* Room for one descriptor and not a byte more: the kernel closes all further ones. */
static int descriptor_of(struct msghdr *h)
{
    int fd = -1;
    struct cmsghdr *c = CMSG_FIRSTHDR(h);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

enum semo_status semo_packet_receive(int socket, int64_t deadline_ms, struct semo_packet *p)
{
    p->fd = -1;
    enum semo_status status = wait_for(socket, deadline_ms);
    if (status != SEMO_OK)
        return status;
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {p->bytes, SEMO_MONITOR_MESSAGE_MAX};
    struct msghdr h = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = CMSG_LEN(sizeof(int))};
    ssize_t n = recvmsg(socket, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n <= 0)
        return SEMO_MISSING;
    p->fd = descriptor_of(&h);
    p->len = (unsigned)n;
    if (!(h.msg_flags & MSG_TRUNC))
        return SEMO_OK;
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
    return SEMO_LENGTH;
}

enum semo_status semo_packet_send(int socket, const uint8_t *bytes, unsigned len)
{
    ssize_t n = send(socket, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return n == (ssize_t)len ? SEMO_OK : n < 0 && errno == EAGAIN ? SEMO_FULL : SEMO_MISSING;
}
