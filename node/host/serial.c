/* SPDX-License-Identifier: Apache-2.0 */
/* A board on a serial line: SLIP frames at 115,200 baud, as on the link UART of the emulated chip.
 * Real time only. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>
#include "host/file.h"
#include "lib/crypto/aead.h"
#include "lib/kdf/kdf.h"
#include "machine/chip.h"
#include "node/host/slip.h"
#include "node/host/world.h"

#define OUT_MAX (16 * SEMO_SLIP_MAX)

struct serial {
    int fd; /* -1 = lost */
    struct semo_slip wire;
    unsigned out_len;
    uint8_t out[OUT_MAX];
};

static void lose(struct semo_node *n)
{
    struct serial *s = n->state;
    close(s->fd);
    s->fd = -1;
    semo_node_lose(n, "the serial line has gone; plug it in and reset the node");
}

/* Raw, 8 bits, with RTS and CTS where the line has them. */
static bool make_raw(int fd)
{
    struct termios t;
    if (tcgetattr(fd, &t) != 0)
        return false;
    cfmakeraw(&t);
    cfsetspeed(&t, B115200);
    t.c_cflag |= CLOCAL | CREAD | CRTSCTS;
    if (tcsetattr(fd, TCSANOW, &t) == 0)
        return tcflush(fd, TCIOFLUSH) == 0;
    t.c_cflag &= ~(tcflag_t)CRTSCTS;
    return tcsetattr(fd, TCSANOW, &t) == 0 && tcflush(fd, TCIOFLUSH) == 0;
}

static enum semo_status open_line(struct semo_node *n, struct semo_error *e)
{
    struct serial *s = n->state;
    const char *path = n->config->serial;
    s->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (s->fd >= 0 && flock(s->fd, LOCK_EX | LOCK_NB) == 0 && make_raw(s->fd))
        return SEMO_OK;
    enum semo_status status =
        semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, path, 0, 0,
                       errno == EWOULDBLOCK ? "another semo-node has this line"
                                            : "not a serial line that can be opened: %s",
                       strerror(errno));
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    return status;
}

/* ---- bytes ---- */

static void send_waiting(struct semo_node *n)
{
    struct serial *s = n->state;
    while (s->fd >= 0 && s->out_len) {
        ssize_t done = write(s->fd, s->out, s->out_len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && errno == EAGAIN)
            return;
        if (done <= 0) {
            lose(n);
            return;
        }
        s->out_len -= (unsigned)done;
        memmove(s->out, s->out + done, s->out_len);
    }
}

static void take(struct semo_node *n, uint8_t byte)
{
    struct serial *s = n->state;
    switch (semo_slip_take(&s->wire, byte)) {
    case SEMO_SLIP_FRAME:
        semo_router_from_node(n, s->wire.frame, s->wire.len, n->world->now);
        break;
    case SEMO_SLIP_BROKEN:
        n->malformed++;
        break;
    case SEMO_SLIP_MORE:
        break;
    }
}

void semo_serial_serve(struct semo_node *n)
{
    struct serial *s = n->state;
    uint8_t bytes[4096];
    ssize_t got = s->fd < 0 ? 0 : read(s->fd, bytes, sizeof bytes);
    for (ssize_t i = 0; i < got; i++)
        take(n, bytes[i]);
    if (s->fd >= 0 && (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)))
        lose(n);
    send_waiting(n);
}

bool semo_serial_waits(const struct semo_node *n)
{
    return ((const struct serial *)n->state)->out_len;
}

int semo_serial_fd(const struct semo_node *n)
{
    return ((const struct serial *)n->state)->fd;
}

/* ---- the node ---- */

static void apply(struct semo_node *n, const struct semo_item *item)
{
    struct serial *s = n->state;
    if (s->out_len + SEMO_SLIP_MAX > OUT_MAX) {
        n->dropped++;
        return;
    }
    s->out_len += semo_slip_encode(item->packet->bytes, item->packet->len, s->out + s->out_len);
    send_waiting(n);
}

/* The board is asked to reset itself; a line that had gone is opened anew. */
static void reset(struct semo_node *n, unsigned kind)
{
    static const uint8_t frame[] = {SEMO_FRAME_RESET, 0, 0};
    struct serial *s = n->state;
    struct semo_error why = {.text = ""};
    (void)kind;
    n->lost = s->fd < 0 && open_line(n, &why) != SEMO_OK;
    memset(&s->wire, 0, sizeof s->wire);
    s->out_len = n->lost ? 0 : semo_slip_encode(frame, sizeof frame, s->out);
    if (n->lost)
        semo_node_lose(n, why.text);
    else
        send_waiting(n);
    semo_node_touch(n);
}

static enum semo_status manager(struct semo_node *n, const char *path, const char **why)
{
    (void)n, (void)path;
    *why = "the event manager of a board is in its memory";
    return SEMO_UNSUPPORTED;
}

static void close_node(struct semo_node *n)
{
    struct serial *s = n->state;
    if (s->fd >= 0)
        close(s->fd);
    free(s);
    n->state = NULL;
}

static enum semo_status admin(struct semo_node *n, uint16_t vendor, uint8_t key[SEMO_KEY_LEN])
{
    struct semo_chip_state chip;
    uint8_t vendor_key[SEMO_KEY_LEN];
    if (!n->config->chip || semo_chip_peek(n->config->chip, &chip) != SEMO_OK)
        return SEMO_MISSING;
    semo_kdf_vendor(SEMO_SECURITY, chip.node_key, vendor, vendor_key);
    semo_bytes_wipe(&chip, sizeof chip);
    semo_kdf_admin(SEMO_SECURITY, vendor_key, key);
    semo_bytes_wipe(vendor_key, sizeof vendor_key);
    return SEMO_OK;
}

/* The board keeps its own state. */
static const struct semo_node_class class = {
    .apply = apply, .reset = reset, .manager = manager, .close = close_node, .admin = admin};

enum semo_status semo_serial_open(struct semo_node *n, struct semo_error *e)
{
    struct serial *s = semo_allocate(1, sizeof *s);
    n->class = &class;
    n->state = s;
    enum semo_status status = open_line(n, e);
    if (status != SEMO_OK)
        close_node(n);
    return status;
}
