/* SPDX-License-Identifier: Apache-2.0 */
/* The page in pieces, by the entry that anybody may call (modules/web.c). */
#include <jansson.h>
#include <semo/map.h>
#include <string.h>
#include "apps/button-led/web/web.h"
#include "host/control.h"
#include "lib/wire/wire.h"

#define ENTRY_PAGE    SEMO_ENTRY_USER /* sorted by name */
#define ENTRY_REFRESH (SEMO_ENTRY_USER + 1)
#define HEAD_LEN      4                    /* of an answer: type, tag u16, status */
#define ASKING_CYCLES (SEMO_CLOCK_HZ / 10) /* for a request and its answer on one node */

struct ask {
    struct semo_control_client *client;
    const char *name; /* of the node */
    int node;         /* -1: none of that name */
    uint64_t now;
    bool guest, answered;
    uint8_t answer[SEMO_FRAME_MAX];
    unsigned len;
};

static void on_status(void *context, const char *text)
{
    struct ask *a = context;
    json_t *root = json_loads(text, 0, NULL), *node;
    size_t i;
    a->now = (uint64_t)json_integer_value(json_object_get(root, "time"));
    json_array_foreach(json_object_get(root, "nodes"), i, node)
    {
        const char *name = json_string_value(json_object_get(node, "name"));
        if (name && strcmp(name, a->name) == 0)
            a->node = (int)i;
    }
    json_decref(root);
}

static void on_frame(void *context, uint64_t time, unsigned node, const uint8_t *frame,
                     unsigned len)
{
    struct ask *a = context;
    (void)time;
    if ((int)node != a->node || len < HEAD_LEN || len > sizeof a->answer ||
        frame[0] != (SEMO_FRAME_CALL | SEMO_FRAME_ANSWER))
        return;
    memcpy(a->answer, frame, len);
    a->len = len;
    a->answered = true;
}

static void on_stopped(void *context, uint64_t time, unsigned reason)
{
    (void)reason;
    ((struct ask *)context)->now = time;
}

/* Somebody else steers the clock: it runs, or will. */
static void on_refused(void *context, unsigned type, const char *reason)
{
    (void)reason;
    ((struct ask *)context)->guest |= type == SEMO_CONTROL_RUN;
}

static bool wait_for(struct ask *a, unsigned wanted)
{
    const struct semo_control_handlers h = {.context = a,
                                            .frame = on_frame,
                                            .stopped = on_stopped,
                                            .text = on_status,
                                            .refused = on_refused};
    unsigned type = 0;
    while (type != wanted && !(wanted == SEMO_CONTROL_STOPPED && a->guest && a->answered))
        if (semo_control_next(a->client, &h, PATIENCE_MS, &type) != SEMO_OK)
            return false;
    return true;
}

/* False: no answer. */
static bool call(struct ask *a, unsigned module, unsigned entry, unsigned offset)
{
    const uint8_t frame[9] = {SEMO_FRAME_CALL,
                              0,
                              0,
                              (uint8_t)module,
                              (uint8_t)(module >> 8),
                              (uint8_t)entry,
                              0,
                              (uint8_t)offset,
                              (uint8_t)(offset >> 8)};
    a->answered = false;
    if (semo_control_send(a->client, (unsigned)a->node, frame, sizeof frame) != SEMO_OK)
        return false;
    if (!a->guest &&
        semo_control_run(a->client, a->now + SEMO_CLOCK_HZ, SEMO_CONTROL_RUN_FRAME) != SEMO_OK)
        return false;
    return wait_for(a, SEMO_CONTROL_STOPPED) && a->answered && a->answer[3] == SEMO_OK;
}

/* The module asks the counter; where nobody else moves the clock, it gets the time to be told. */
static bool refresh(struct ask *a, unsigned module)
{
    if (!call(a, module, ENTRY_REFRESH, 0))
        return false;
    if (a->guest)
        return true;
    return semo_control_run(a->client, a->now + ASKING_CYCLES, 0) == SEMO_OK &&
           wait_for(a, SEMO_CONTROL_STOPPED);
}

int web_page_make(void *source, char *page)
{
    const struct web_source *s = source;
    struct ask a = {.name = s->node, .node = -1};
    unsigned len = 0, piece = SEMO_PAYLOAD_DEFAULT;
    if (semo_control_connect(s->socket, &a.client) != SEMO_OK)
        return -1;
    bool good = semo_control_status(a.client) == SEMO_OK && wait_for(&a, SEMO_CONTROL_TEXT) &&
                a.node >= 0 && refresh(&a, s->module);
    while (good && piece == SEMO_PAYLOAD_DEFAULT && len + SEMO_PAYLOAD_DEFAULT <= PAGE_MAX) {
        good = call(&a, s->module, ENTRY_PAGE, len) && a.len <= HEAD_LEN + SEMO_PAYLOAD_DEFAULT;
        piece = good ? a.len - HEAD_LEN : 0;
        memcpy(page + len, a.answer + HEAD_LEN, piece);
        len += piece;
    }
    semo_control_close(a.client);
    return good ? (int)len : -1;
}
