/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/node_host/board.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
#include "host/control.h"
#include "lib/channel/channel.h"
#include "node/host/slip.h"

struct line {
    int master;
    bool broken;
};

int board_open(char *path, size_t room)
{
    struct termios raw;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
        ptsname_r(master, path, room) != 0 || tcgetattr(master, &raw) != 0)
        return -1;
    cfmakeraw(&raw);
    return tcsetattr(master, TCSANOW, &raw) == 0 ? master : -1;
}

static void to_line(void *context, uint64_t time, unsigned node, const uint8_t *frame, unsigned len)
{
    struct line *l = context;
    uint8_t coded[SEMO_SLIP_MAX];
    (void)time, (void)node;
    unsigned coded_len = semo_slip_encode(frame, len, coded);
    l->broken |= write(l->master, coded, coded_len) != (ssize_t)coded_len;
}

static bool to_chip(const struct line *l, struct semo_control_client *c, struct semo_slip *wire)
{
    uint8_t bytes[512];
    ssize_t n = read(l->master, bytes, sizeof bytes);
    for (ssize_t i = 0; i < n; i++)
        if (semo_slip_take(wire, bytes[i]) == SEMO_SLIP_FRAME &&
            semo_control_send(c, 0, wire->frame, wire->len) != SEMO_OK)
            return false;
    return true;
}

static bool take_events(struct semo_control_client *c, unsigned connections)
{
    for (unsigned i = 1; i <= connections; i++)
        if (semo_control_route(c, i, SEMO_CONTROL_CLIENT) != SEMO_OK ||
            semo_control_route(c, i | SEMO_BACK, SEMO_CONTROL_CLIENT) != SEMO_OK)
            return false;
    return true;
}

int board_carry(int master, const char *socket, unsigned connections)
{
    static struct semo_slip wire;
    struct line line = {.master = master};
    const struct semo_control_handlers handlers = {.context = &line, .frame = to_line};
    struct semo_control_client *c;
    if (semo_control_connect(socket, &c) != SEMO_OK || !take_events(c, connections))
        return 1;
    struct pollfd polls[2] = {{.fd = master, .events = POLLIN},
                              {.fd = semo_control_fd(c), .events = POLLIN}};
    while (!line.broken && poll(polls, 2, -1) > 0) {
        enum semo_status status = SEMO_OK;
        while (polls[1].revents && status == SEMO_OK)
            status = semo_control_next(c, &handlers, 0, NULL);
        if (status == SEMO_MISSING)
            return 0;
        if (polls[0].revents && !to_chip(&line, c, &wire))
            return 1;
    }
    return 1;
}
