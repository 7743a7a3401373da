/* SPDX-License-Identifier: Apache-2.0 */
/* world SOCKET TRACE COMMAND...: the physical world of nodes that are up, and its strangers. One
 * after the other:
 *   press:NODE:BUTTON  release:NODE:BUTTON
 *   run:MS             prints `MS NODE LAMPS ROW|ROW` for what panels show meanwhile
 *   call:ROUNDS        calls every entry of every module of every node that often, with and without
 *                      a payload; those that are for the deployer get noise
 *   replay             hands every event of the trace to every node it went to, once more
 *   counters:NODE      prints how often its event manager says that an attack was accepted */
#include <jansson.h>
#include <semo/map.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host/control.h"
#include "lib/wire/wire.h"

#define MS          (SEMO_CLOCK_HZ / 1000)
#define MODULES_MAX 8
#define ENTRIES_MAX 12
#define NAMES_MAX   32
#define PACE_MS     40 /* time that a node gets for a batch of frames */

static struct semo_control_client *client;
static char name[NAMES_MAX][SEMO_NAME_MAX + 1];
static unsigned names;
static uint64_t now, start;
static const char *trace;
static unsigned sent;
static unsigned long accepted;

static void fail(const char *what)
{
    fprintf(stderr, "world: %s\n", what);
    exit(1);
}

static void must(enum semo_status status)
{
    if (status != SEMO_OK)
        fail("semo-node has gone");
}

/* ---- what comes ---- */

static void on_show(void *context, uint64_t time, unsigned node, const uint8_t *face, unsigned len)
{
    (void)context, (void)len;
    printf("%llu %s %02x %.16s|%.16s\n", (unsigned long long)((time - start) / MS), name[node],
           face[0], (const char *)face + 1, (const char *)face + 17);
}

/* Answer of COUNTERS: type, tag u16, status, count u8, u32 each. */
static void on_frame(void *context, uint64_t time, unsigned node, const uint8_t *frame,
                     unsigned len)
{
    (void)context, (void)time, (void)node;
    const uint8_t *at = frame + 5 + 4 * SEMO_COUNT_ACCEPTED;
    if (frame[0] == (SEMO_FRAME_COUNTERS | SEMO_FRAME_ANSWER) && at + 4 <= frame + len)
        accepted = at[0] | at[1] << 8 | (unsigned long)at[2] << 16;
}

static void on_text(void *context, const char *text)
{
    json_t *root = json_loads(text, 0, NULL), *node;
    size_t i;
    (void)context;
    now = (uint64_t)json_integer_value(json_object_get(root, "time"));
    json_array_foreach(json_object_get(root, "nodes"), i, node) snprintf(
        name[names++], sizeof name[0], "%s", json_string_value(json_object_get(node, "name")));
    json_decref(root);
}

static const struct semo_control_handlers handlers = {
    .show = on_show, .frame = on_frame, .text = on_text};

static void ask_names(void)
{
    unsigned type = 0;
    must(semo_control_status(client));
    while (type != SEMO_CONTROL_TEXT)
        must(semo_control_next(client, &handlers, -1, &type));
}

static void run(uint64_t ms)
{
    unsigned reason;
    must(semo_control_run_until(client, &handlers, now + ms * MS, 0, &now, &reason));
}

/* ---- what goes ---- */

static unsigned node_of(const char *text, const char **end)
{
    size_t len = strcspn(text, ":");
    *end = text + len + (text[len] == ':');
    for (unsigned n = 0; n < names; n++)
        if (strlen(name[n]) == len && strncmp(name[n], text, len) == 0)
            return n;
    fail("no such node");
    return 0;
}

static void press(const char *text, bool down)
{
    const char *button;
    unsigned node = node_of(text, &button);
    must(semo_control_press(client, node, (unsigned)strtoul(button, NULL, 10), down, now));
}

static void send_frame(unsigned node, const uint8_t *frame, unsigned len)
{
    must(semo_control_send(client, node, frame, len));
    sent++;
}

static void call(unsigned node, unsigned module, unsigned entry, unsigned len)
{
    uint8_t frame[7 + 96] = {SEMO_FRAME_CALL, 0, 0, (uint8_t)module, 0, (uint8_t)entry, 0};
    for (unsigned i = 0; i < len; i++)
        frame[7 + i] = (uint8_t)(rand() >> 7);
    send_frame(node, frame, 7 + len);
}

/* TAKE is left to the event manager: a stranger who takes events only loses them. */
static void call_all(unsigned rounds)
{
    static const unsigned lengths[] = {0, 1, 16, 80};
    for (unsigned r = 0; r < rounds; r++)
        for (unsigned module = 1; module <= MODULES_MAX; module++) {
            for (unsigned n = 0; n < names; n++)
                for (unsigned entry = 0; entry < ENTRIES_MAX; entry++)
                    if (entry != SEMO_ENTRY_TAKE)
                        call(n, module, entry, lengths[(r + entry) % 4]);
            run(PACE_MS);
        }
}

static unsigned unhex(const char *text, uint8_t *out, unsigned room)
{
    unsigned len = 0, byte;
    for (; len < room && sscanf(text + 2 * len, "%2x", &byte) == 1; len++)
        out[len] = (uint8_t)byte;
    return len;
}

static void replay(void)
{
    static char line[2 * SEMO_FRAME_MAX + 128];
    char to[SEMO_NAME_MAX + 1];
    uint8_t frame[SEMO_FRAME_MAX];
    int at;
    FILE *f = fopen(trace, "re");
    if (!f)
        fail("no trace");
    fseek(f, 0, SEEK_END);
    long end = ftell(f); /* what this adds itself is not for now */
    rewind(f);
    while (ftell(f) < end && fgets(line, sizeof line, f)) {
        const char *rest;
        if (sscanf(line, "%*u frame %*s %31s %n", to, &at) != 1 || strcmp(to, "client") == 0)
            continue;
        unsigned len = unhex(line + at, frame, sizeof frame);
        if (len == 0 || frame[0] != SEMO_FRAME_EVENT)
            continue;
        send_frame(node_of(to, &rest), frame, len);
        if (sent % 8 == 0)
            run(PACE_MS);
    }
    fclose(f);
    run(PACE_MS);
}

static void tell_counters(const char *text)
{
    const char *rest;
    const uint8_t frame[3] = {SEMO_FRAME_COUNTERS, 0, 0};
    send_frame(node_of(text, &rest), frame, sizeof frame);
    accepted = ~0ul;
    run(PACE_MS);
    printf("accepted %ld\n", (long)accepted);
}

static void obey(const char *command)
{
    const char *text = command + strcspn(command, ":");
    text += *text == ':';
    if (strncmp(command, "press:", 6) == 0 || strncmp(command, "release:", 8) == 0)
        press(text, command[0] == 'p');
    else if (strncmp(command, "run:", 4) == 0)
        run(strtoul(text, NULL, 10));
    else if (strncmp(command, "call:", 5) == 0)
        call_all((unsigned)strtoul(text, NULL, 10));
    else if (strcmp(command, "replay") == 0)
        replay();
    else if (strncmp(command, "counters:", 9) == 0)
        tell_counters(text);
    else
        fail("no such command");
}

int main(int argc, char **argv)
{
    if (argc < 4)
        fail("world SOCKET TRACE COMMAND...");
    const char *seed = getenv("SEMO_SEED");
    srand(seed ? (unsigned)strtoul(seed, NULL, 0) : 1);
    trace = argv[2];
    must(semo_control_connect(argv[1], &client));
    ask_names();
    start = now;
    for (int i = 3; i < argc; i++)
        obey(argv[i]);
    fprintf(stderr, "# %u frames of strangers\n", sent);
    semo_control_close(client);
    return 0;
}
