/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "monitor/protocol.h"
#include "node/host/em.h"

/* Sends type | bytes, with a descriptor unless it is negative. */
static void say(uint8_t type, const void *bytes, unsigned len, int fd)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.head = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec parts[] = {{&type, 1}, {(void *)(uintptr_t)bytes, len}};
    struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};
    if (fd >= 0) {
        m.msg_control = &control;
        m.msg_controllen = sizeof control;
        memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    }
    while (sendmsg(SEMO_MONITOR_SOCKET, &m, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            exit(SEMO_EXIT_DONE);
}

/* The body of the next message, which must be of this type: the monitor makes no mistakes. */
static unsigned hear(uint8_t type, uint8_t *body, unsigned room)
{
    uint8_t got;
    struct iovec parts[] = {{&got, 1}, {body, room}};
    struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t n;
    do
        n = recvmsg(SEMO_MONITOR_SOCKET, &m, 0);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        exit(SEMO_EXIT_DONE);
    if (got != type || (m.msg_flags & MSG_TRUNC))
        abort();
    return (unsigned)n - 1;
}

void semo_gate_next(void)
{
    say(SEMO_EM_NEXT, NULL, 0, -1);
}

unsigned semo_gate_frames(uint8_t *frames, unsigned room)
{
    return hear(SEMO_EM_FRAME, frames, room);
}

void semo_link_send(const uint8_t *frame, unsigned len)
{
    say(SEMO_EM_OUT, frame, len, -1);
}

void semo_gate_call(const uint8_t *message, unsigned len)
{
    say(SEMO_EM_CALL, message, len, -1);
}

unsigned semo_gate_result(uint8_t *result, unsigned room)
{
    const unsigned len = hear(SEMO_EM_RESULT, result, room);
    if (!len)
        abort();
    return len;
}

enum semo_status semo_module_enable(uint16_t vendor, int file, const struct semo_cursor *seal,
                                    uint16_t *module)
{
    uint8_t body[2 + SEMO_CONCEALED_LEN], result[3];
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, vendor);
    semo_cursor_put(&c, seal->at, seal->left);
    say(SEMO_EM_ENABLE, body, (unsigned)(c.at - body), file);
    c = semo_cursor_over(result, semo_gate_result(result, sizeof result));
    const enum semo_status status = (enum semo_status)semo_cursor_u8(&c);
    *module = semo_cursor_u16(&c);
    return status;
}
