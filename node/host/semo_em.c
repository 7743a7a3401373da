/* SPDX-License-Identifier: Apache-2.0 */
/* semo-em: the event manager of a Linux node, a libuv loop. Started by semo-monitor, never by hand:
 * the monitor's socket is descriptor 3, the tables 4, standard output leads nowhere. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <uv.h>
#include "monitor/protocol.h"
#include "node/host/em.h"

struct semo_em_table *semo_em_table;
bool semo_em_weak, semo_em_landlock;

/* Nobody starts it by hand but to ask what it is. */
static bool explain(const char *word)
{
    if (strcmp(word, "--version") == 0)
        puts("semo-em 0.1");
    else if (strcmp(word, "--help") == 0)
        puts("semo-em: event manager and loader of a Linux node; semo-monitor starts it.\n"
             "Untrusted: any program that speaks monitor/protocol.h can take its place.\n"
             "example: semo up meter/descriptor.json --event-manager utility=build/bin/semo-em");
    else
        return false;
    return true;
}

/* A copy: others behind it must not change while it is handled. */
static void take_frame(struct semo_cursor *c)
{
    uint8_t frame[SEMO_FRAME_MAX + 1];
    const unsigned len = semo_cursor_u16(c);
    const uint8_t *bytes = semo_cursor_take(c, len);
    if (bytes && len < sizeof frame)
        memcpy(frame, bytes, len);
    semo_em_frame(frame, bytes && len < sizeof frame ? len : 0);
}

/* One turn, in which the monitor answers at once what it is asked. */
static void on_frames(uv_poll_t *monitor, int status, int events)
{
    static uint8_t frames[SEMO_MONITOR_MESSAGE_MAX];
    (void)monitor, (void)status, (void)events; /* whatever is wrong with the socket ends us there */
    struct semo_cursor c = semo_cursor_from(frames, semo_gate_frames(frames, sizeof frames));
    while (c.left > 0 && !c.bad)
        take_frame(&c);
    semo_em_turn();
    semo_gate_next();
}

/* libuv makes the socket one that does not block, which within a turn it has to. */
static bool watch(uv_loop_t *loop, uv_poll_t *monitor)
{
    return uv_loop_init(loop) == 0 && uv_poll_init(loop, monitor, SEMO_MONITOR_SOCKET) == 0 &&
           fcntl(SEMO_MONITOR_SOCKET, F_SETFL, O_RDWR) == 0 &&
           uv_poll_start(monitor, UV_READABLE, on_frames) == 0;
}

int main(int argc, char **argv)
{
    uv_loop_t loop;
    uv_poll_t monitor;
    if (argc > 1 && explain(argv[1]))
        return SEMO_EXIT_DONE;
    semo_em_weak = argc > 1 && strcmp(argv[1], "weak") == 0;
    semo_em_landlock = argc > 2 && strcmp(argv[2], "landlock") == 0;
    semo_em_table = mmap(NULL, sizeof *semo_em_table, PROT_READ | PROT_WRITE, MAP_SHARED,
                         SEMO_MONITOR_TABLES, 0);
    if (semo_em_table == MAP_FAILED || !watch(&loop, &monitor)) {
        fputs("semo-em: no tables: it is semo-monitor that starts this program\n", stderr);
        return SEMO_EXIT_USAGE;
    }
    semo_em_start();
    semo_gate_next();
    return uv_run(&loop, UV_RUN_DEFAULT);
}
