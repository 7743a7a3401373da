/* SPDX-License-Identifier: Apache-2.0 */
/* What a deployer hears from semo-node, and through it from a node: any bytes on its side of the
 * control socket, while it opens the link, asks, and listens. */
#include <sys/socket.h>
#include <unistd.h>
#include "deploy/link.h"
#include "host/control.h"
#include "host/socket.h"
#include "tests/fuzz/fuzz.h"

/* So few that the socket holds what is said in answer to each message. */
enum { BYTES_MAX = 2048 };

static const uint8_t *heard;
static size_t heard_len;
static int far = -1;

int __wrap_semo_socket_connect(const char *path);
int __wrap_semo_socket_connect(const char *path)
{
    int pair[2];
    (void)path;
    FUZZ_MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    FUZZ_MUST(send(pair[1], heard, heard_len, MSG_NOSIGNAL) == (ssize_t)heard_len);
    FUZZ_MUST(shutdown(pair[1], SHUT_WR) == 0);
    far = pair[1];
    return pair[0];
}

/* ---- what is told must be within what came ---- */

static unsigned sum;

static void look(const uint8_t *bytes, unsigned len)
{
    FUZZ_MUST(len <= SEMO_CONTROL_MAX);
    for (unsigned i = 0; i < len; i++)
        sum += bytes[i];
}

static void on_event(void *context, uint64_t time, unsigned connection, uint8_t *sealed,
                     unsigned len)
{
    (void)context, (void)time;
    FUZZ_MUST(connection <= UINT16_MAX && len <= SEMO_FRAME_MAX);
    look(sealed, len);
}

static void on_counters(void *context, unsigned node, const uint32_t *count, unsigned n)
{
    (void)context, (void)node;
    FUZZ_MUST(n <= SEMO_COUNTERS);
    look((const uint8_t *)count, n * sizeof *count);
}

static void on_han(void *context, uint64_t time, unsigned node, const uint8_t *bytes, unsigned len)
{
    (void)context, (void)time, (void)node;
    look(bytes, len);
}

static void on_pin(void *context, uint64_t time, unsigned node, bool closed)
{
    (void)context, (void)time, (void)node, (void)closed;
}

static void on_hop(void *context, uint64_t time, unsigned from, unsigned to, unsigned connection)
{
    (void)context, (void)time, (void)from, (void)to, (void)connection;
}

static void on_text(void *context, const char *text)
{
    (void)context;
    look((const uint8_t *)text, (unsigned)strlen(text));
}

static void on_lost(void *context, uint64_t time, unsigned node, const char *reason)
{
    (void)time, (void)node;
    on_text(context, reason);
}

static void check(enum semo_status status, const struct semo_error *e)
{
    FUZZ_MUST(status == SEMO_OK || (e->text[0] && !strchr(e->text, '\n')));
}

static void talk(struct semo_link *l, struct semo_error *e)
{
    struct semo_node_info info;
    uint64_t time;
    unsigned reason, len = 0;
    l->event = on_event;
    l->counters = on_counters;
    l->handlers.han = on_han;
    l->handlers.pin = on_pin;
    l->handlers.hop = on_hop;
    l->handlers.text = on_text;
    l->handlers.lost = on_lost;
    check(semo_link_info(l, 0, "node", &info, e), e);
    check(semo_link_post(l, 0, SEMO_FRAME_COUNTERS, "", 0, e), e);
    enum semo_status status = semo_link_call(l, 0, "module", 1, SEMO_ENTRY_ATTEST, "", 0, &len, e);
    check(status, e);
    if (status == SEMO_OK)
        look(l->answer + 1, len);
    while (semo_control_run_until(l->client, &l->handlers, 1000, 0, &time, &reason) == SEMO_OK)
        ;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct semo_link l;
    struct semo_error e = {{0}, 0};
    if (len > BYTES_MAX)
        return 0;
    heard = input;
    heard_len = len;
    if (semo_link_open(&l, "control", &e) == SEMO_OK)
        talk(&l, &e);
    semo_link_close(&l);
    close(far);
    return 0;
}
