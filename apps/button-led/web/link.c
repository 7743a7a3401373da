/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <limits.h>
#include <semo/https.h>
#include <semo/map.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "apps/button-led/web/web.h"
#include "host/control.h"
#include "lib/bytes/cursor.h"
#include "lib/wire/wire.h"

#define HEAD_LEN      4                    /* of an answer: type, tag u16, status */
#define ASKING_CYCLES (SEMO_CLOCK_HZ / 10) /* for a request and its answer on one node */

struct web_link {
    struct semo_control_client *client; /* NULL: by TCP */
    int fd;
    char node_name[SEMO_NAME_MAX + 1];
    int node;        /* -1: none of that name */
    uint16_t module; /* its number there; 0: it is not loaded */
    uint64_t now;
    bool guest, answered;
    uint8_t *answer;
    int len;
};

static void on_status(void *context, const char *text)
{
    struct web_link *l = context;
    json_t *root = json_loads(text, 0, NULL), *node;
    size_t i;
    l->now = (uint64_t)json_integer_value(json_object_get(root, "time"));
    json_array_foreach(json_object_get(root, "nodes"), i, node)
    {
        const char *name = json_string_value(json_object_get(node, "name"));
        if (name && strcmp(name, l->node_name) == 0)
            l->node = (int)i;
    }
    json_decref(root);
}

static void on_frame(void *context, uint64_t time, unsigned node, const uint8_t *frame,
                     unsigned len)
{
    struct web_link *l = context;
    (void)time;
    if ((int)node != l->node || len < HEAD_LEN || len > HEAD_LEN + SEMO_HTTPS_CALL_MAX ||
        frame[0] != (SEMO_FRAME_CALL | SEMO_FRAME_ANSWER))
        return;
    l->answered = true;
    l->len = frame[3] == SEMO_OK ? (int)len - HEAD_LEN : -1;
    memcpy(l->answer, frame + HEAD_LEN, len - HEAD_LEN);
}

static void on_stopped(void *context, uint64_t time, unsigned reason)
{
    (void)reason;
    ((struct web_link *)context)->now = time;
}

/* Somebody else steers the clock: it runs, or will. */
static void on_refused(void *context, unsigned type, const char *reason)
{
    (void)reason;
    ((struct web_link *)context)->guest |= type == SEMO_CONTROL_RUN;
}

static bool wait_for(struct web_link *l, unsigned wanted)
{
    const struct semo_control_handlers h = {.context = l,
                                            .frame = on_frame,
                                            .stopped = on_stopped,
                                            .text = on_status,
                                            .refused = on_refused};
    unsigned type = 0;
    while (type != wanted && !(wanted == SEMO_CONTROL_STOPPED && l->guest && l->answered))
        if (semo_control_next(l->client, &h, PATIENCE_MS, &type) != SEMO_OK)
            return false;
    return true;
}

/* Where the module is by the deployer's last word: elsewhere after it was loaded anew. */
static void find(struct web_link *l, const struct web_target *t)
{
    char path[PATH_MAX];
    json_t *root, *module;
    size_t i;
    snprintf(path, sizeof path, "%s/status.json", t->folder);
    root = json_load_file(path, 0, NULL);
    json_array_foreach(json_object_get(root, "modules"), i, module)
    {
        const char *name = json_string_value(json_object_get(module, "name"));
        const char *node = json_string_value(json_object_get(module, "node"));
        if (!name || !node || strcmp(name, t->module) != 0)
            continue;
        snprintf(l->node_name, sizeof l->node_name, "%s", node);
        l->module = (uint16_t)json_integer_value(json_object_get(module, "id"));
    }
    json_decref(root);
}

static bool connect_elsewhere(struct web_link *l, const struct web_target *t)
{
    const struct timeval limit = {.tv_sec = PATIENCE_MS / 1000};
    l->node = 0;
    l->fd = socket(t->node.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
           setsockopt(l->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
           connect(l->fd, &t->node.any, t->node.len) == 0;
}

static bool connect_to(struct web_link *l, const struct web_target *t)
{
    char path[PATH_MAX];
    find(l, t);
    if (l->module && t->node.len)
        return connect_elsewhere(l, t);
    snprintf(path, sizeof path, "%s/control.sock", t->folder);
    return l->module && semo_control_connect(path, &l->client) == SEMO_OK &&
           semo_control_status(l->client) == SEMO_OK && wait_for(l, SEMO_CONTROL_TEXT) &&
           l->node >= 0;
}

struct web_link *web_link_open(const struct web_target *t)
{
    struct web_link *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->node = l->fd = -1;
    if (connect_to(l, t))
        return l;
    web_link_close(l);
    return NULL;
}

void web_link_close(struct web_link *l)
{
    if (!l)
        return;
    semo_control_close(l->client);
    if (l->fd >= 0)
        close(l->fd);
    free(l);
}

/* Virtual time runs for it, unless somebody else lets it run. */
static bool call_here(struct web_link *l, const uint8_t *frame, unsigned len)
{
    if (semo_control_send(l->client, (unsigned)l->node, frame, len) != SEMO_OK)
        return false;
    if (!l->guest &&
        semo_control_run(l->client, l->now + SEMO_CLOCK_HZ, SEMO_CONTROL_RUN_FRAME) != SEMO_OK)
        return false;
    return wait_for(l, SEMO_CONTROL_STOPPED);
}

/* Frames behind their length. */
static bool call_elsewhere(struct web_link *l, const uint8_t *frame, unsigned len)
{
    uint8_t bytes[2 + SEMO_FRAME_MAX] = {(uint8_t)len, (uint8_t)(len >> 8)};
    memcpy(bytes + 2, frame, len);
    if (send(l->fd, bytes, 2 + len, MSG_NOSIGNAL) != 2 + (ssize_t)len)
        return false;
    while (!l->answered) {
        if (recv(l->fd, bytes, 2, MSG_WAITALL) != 2)
            return false;
        len = bytes[0] | (unsigned)bytes[1] << 8;
        if (len > SEMO_FRAME_MAX || recv(l->fd, bytes + 2, len, MSG_WAITALL) != (ssize_t)len)
            return false;
        on_frame(l, 0, 0, bytes + 2, len);
    }
    return true;
}

int web_link_call(struct web_link *l, const uint8_t *payload, unsigned len, uint8_t *answer)
{
    uint8_t frame[SEMO_FRAME_MAX];
    struct semo_cursor w = semo_cursor_over(frame, sizeof frame);
    semo_cursor_put_u8(&w, SEMO_FRAME_CALL);
    semo_cursor_put_u16(&w, 0);
    semo_cursor_put_u16(&w, l->module);
    semo_cursor_put_u16(&w, SEMO_ENTRY_USER); /* `carry` is the first of its entries */
    semo_cursor_put(&w, payload, len);
    l->answered = false;
    l->answer = answer;
    unsigned frame_len = (unsigned)(w.at - frame);
    bool done = l->client ? call_here(l, frame, frame_len) : call_elsewhere(l, frame, frame_len);
    return done && l->answered ? l->len : -1;
}

bool web_link_wait(struct web_link *l)
{
    return l->client && !l->guest &&
           semo_control_run(l->client, l->now + ASKING_CYCLES, 0) == SEMO_OK &&
           wait_for(l, SEMO_CONTROL_STOPPED);
}
