/* SPDX-License-Identifier: Apache-2.0 */
/* A board on a serial line: a pseudo-terminal, behind it the emulated chip of another
 * semo-node, so that what is at the other end of the line runs the real firmware. */
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "host/file.h"
#include "host/process.h"
#include "lib/bytes/cursor.h"
#include "machine/chip.h"
#include "tests/node_host/board.h"
#include "tests/node_host/door.h"

enum { EMIT = 8, TELL = 9, CONNECTION = 5 };

static char folder[64], board[64];
static pid_t chip_node, line_node, bridge;
static struct door door;

static char *path_of(const char *name)
{
    return semo_format("%s/%s", folder, name);
}

static pid_t spawn(const char *name, const char *node)
{
    pid_t pid;
    char *path = path_of(name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f,
            "{\"socket\": \"%s/%s.sock\", \"realtime\": true,"
            "\"listen\": {\"host\": \"127.0.0.1\", \"port\": 0}, \"nodes\": [%s]}",
            folder, name, node);
    fclose(f);
    assert_true(rig_spawn(path, &pid));
    free(path);
    return pid;
}

static int open_line(void **state)
{
    struct semo_chip_state s = {.relay_closed = true, .utc = 1000};
    (void)state;
    strcpy(folder, "build/tests/line-XXXXXX");
    assert_non_null(mkdtemp(folder));
    char *chip = path_of("chip"), *socket = path_of("chips.sock");
    memset(s.node_key, 1, sizeof s.node_key);
    assert_int_equal(semo_chip_create(chip, &s), SEMO_OK);
    char *node = semo_format("{\"name\": \"chip\", \"type\": \"mcu\", \"chip\": \"%s\","
                             "\"firmware\": \"build/mcu/firmware.elf\"}",
                             chip);
    chip_node = spawn("chips", node);
    free(node);
    const int master = board_open(board, sizeof board);
    assert_true(master >= 0);
    int kept = open(board, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(kept >= 0);
    bridge = fork();
    if (bridge == 0)
        _exit(board_carry(master, socket, CONNECTION));
    close(master);
    node = semo_format("{\"name\": \"board\", \"type\": \"serial\", \"serial\": \"%s\","
                       "\"chip\": \"%s\"}",
                       board, chip);
    line_node = spawn("lines", node);
    close(kept);
    free(node);
    free(chip);
    free(socket);
    return 0;
}

static int close_line(void **state)
{
    char *command = semo_format("rm -r %s", folder);
    (void)state;
    kill(line_node, SIGTERM);
    kill(chip_node, SIGTERM);
    assert_int_equal(semo_process_wait(line_node), 0);
    assert_int_equal(semo_process_wait(chip_node), 0);
    assert_int_equal(system(command), 0);
    free(command);
    return 0;
}

static unsigned port_of(const char *name)
{
    char word[64], *path = semo_format("%s/%s.sock.ports", folder, name);
    unsigned port = 0;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%63s %u", word, &port), 2);
    fclose(f);
    free(path);
    return port;
}

/* ---- tests ---- */

static void a_board_is_loaded_over_the_line(void **state)
{
    uint8_t body[1004], *text;
    size_t len;
    struct semo_error e;
    (void)state;
    door = door_open(NULL, 0, door_connect(port_of("lines")));
    assert_int_equal(door_ask_admin(&door, SEMO_FRAME_INFO, "", 0), SEMO_OK);
    assert_int_equal(door.answer[5], 0); /* a microcontroller */
    for (unsigned i = 0; i < sizeof body;
         i++) /* every byte that SLIP escapes, a whole frame long */
        body[i] = (uint8_t)(i % 3 ? 0xC0 + i % 2 * 0x1B : i);
    memcpy(body, (uint8_t[]){0, 0x64, 0, 0}, 4);
    assert_int_equal(door_ask_admin(&door, SEMO_FRAME_WRITE, body, sizeof body), SEMO_OK);
    assert_int_equal(semo_file_read("build/mcu/puppet-a.bin", 500, &text, &len, &e), SEMO_OK);
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u32(&w, 0x6000);
    semo_cursor_put(&w, text, (unsigned)len);
    free(text);
    assert_int_equal(door_ask_admin(&door, SEMO_FRAME_WRITE, body, (unsigned)(w.at - body)), 0);
    w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, DOOR_VENDOR);
    semo_cursor_put_u32(&w, 0x6000);
    semo_cursor_put_u32(&w, 0x6000 + (uint32_t)len);
    semo_cursor_put_u32(&w, 0x0300);
    semo_cursor_put_u32(&w, 0x0320);
    assert_int_equal(door_ask_admin(&door, SEMO_FRAME_ENABLE, body, (unsigned)(w.at - body)), 0);
}

static void its_events_leave_by_the_line(void **state)
{
    static const uint8_t peer[] = {CONNECTION, 0, 0, 0, '-'},
                         emit[] = {1, 0, EMIT, 0, CONNECTION, 0, 0, 0, 3, 0};
    unsigned events = 0, answers = 0;
    (void)state;
    assert_int_equal(door_ask_admin(&door, SEMO_FRAME_PEER, peer, sizeof peer), SEMO_OK);
    door_say_admin(&door, SEMO_FRAME_CALL, emit, sizeof emit);
    while (events < 3 || answers < 1) {
        door_hear(&door);
        events += door.answer[0] == SEMO_FRAME_EVENT;
        answers += door.answer[0] == (SEMO_FRAME_CALL | SEMO_FRAME_ANSWER);
    }
    assert_int_equal(events, 3);
}

static void nobody_else_gets_the_line(void **state)
{
    char says[512], *path = path_of("second");
    FILE *f = fopen(path, "w");
    (void)state;
    fprintf(f,
            "{\"socket\": \"%s/second.sock\", \"nodes\": [{\"name\": \"b\", \"type\": \"serial\","
            "\"serial\": \"%s\"}]}",
            folder, board);
    fclose(f);
    assert_int_equal(rig_spawn_wait(path, says, sizeof says), SEMO_EXIT_RESOURCE);
    assert_non_null(strstr(says, "another semo-node has this line"));
    f = fopen(path, "w");
    fprintf(f,
            "{\"socket\": \"%s/second.sock\", \"nodes\": [{\"name\": \"b\", \"type\": \"serial\","
            "\"serial\": \"/dev/null\"}]}",
            folder);
    fclose(f);
    assert_int_equal(rig_spawn_wait(path, says, sizeof says), SEMO_EXIT_RESOURCE);
    assert_non_null(strstr(says, "/dev/null: not a serial line"));
    free(path);
}

static char status[SEMO_CONTROL_MAX];

static void on_text(void *context, const char *text)
{
    (void)context;
    strcpy(status, text);
}

static bool is_lost(struct semo_control_client *c)
{
    const struct semo_control_handlers handlers = {.text = on_text};
    unsigned type = 0;
    assert_int_equal(semo_control_status(c), SEMO_OK);
    while (type != SEMO_CONTROL_TEXT)
        assert_int_equal(semo_control_next(c, &handlers, -1, &type), SEMO_OK);
    return strstr(status, "\"lost\":true");
}

static void a_pulled_plug_is_told_and_survived(void **state)
{
    static const uint8_t ask[] = {SEMO_FRAME_CHALLENGE, 0, 0};
    struct semo_control_client *c;
    char *socket = path_of("lines.sock");
    (void)state;
    assert_int_equal(semo_control_connect(socket, &c), SEMO_OK);
    assert_false(is_lost(c));
    kill(bridge, SIGKILL);
    waitpid(bridge, NULL, 0);
    while (!is_lost(c))
        ;
    door_say(&door, ask, sizeof ask); /* semo-node goes on */
    assert_int_equal(door_hear(&door), SEMO_OK);
    assert_int_equal(semo_control_reset(c, 0, 0), SEMO_OK); /* nothing is plugged in */
    assert_true(is_lost(c));
    semo_control_close(c);
    close(door.fd);
    free(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_is_loaded_over_the_line),
        cmocka_unit_test(its_events_leave_by_the_line),
        cmocka_unit_test(nobody_else_gets_the_line),
        cmocka_unit_test(a_pulled_plug_is_told_and_survived),
    };
    return cmocka_run_group_tests(tests, open_line, close_line);
}
