/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that modules print, or that anybody who has an event manager makes up: what is shown of
 * them has a bounded length, printable characters only, and a bounded rate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/wire/wire.h"
#include "node/host/world.h"

static struct semo_config config;
static struct semo_world world;
static char shown[SEMO_PRINT_SHOWN + 1]; /* last */
static unsigned prints, frames;

static void see_print(void *context, const struct semo_item *item)
{
    (void)context;
    assert_true(item->packet->len <= SEMO_PRINT_SHOWN);
    memcpy(shown, item->packet->bytes, item->packet->len);
    shown[item->packet->len] = 0;
    prints++;
}

static void see_frame(void *context, const struct semo_item *item)
{
    (void)context, (void)item;
    frames++;
}

static struct semo_node *open_world(void)
{
    static const struct semo_node_class class;
    struct semo_node *n = &world.nodes[0];
    memset(&world, 0, sizeof world);
    memset(world.route, SEMO_CONTROL_CLIENT, sizeof world.route);
    prints = frames = 0;
    world.config = &config;
    world.onlooker = (struct semo_onlooker){.frame = see_frame, .print = see_print};
    world.count = 1;
    world.seen.limit = 10000;
    world.lookahead = 1736;
    *n = (struct semo_node){
        .config = &config.nodes[0], .world = &world, .class = &class, .due = UINT64_MAX};
    world.order[0] = n;
    return n;
}

static void print(struct semo_node *n, const void *text, unsigned len)
{
    uint8_t frame[SEMO_FRAME_MAX + 100] = {SEMO_FRAME_EVENT};
    memcpy(frame + 3, text, len);
    semo_router_from_node(n, frame, 3 + len, world.now);
    while (semo_queue_time(&world.seen) <= world.now)
        semo_world_step(&world, world.now + 1);
}

static void what_no_terminal_minds(void **state)
{
    static const struct {
        const char *text, *shown;
        unsigned len;
    } lines[] = {
        {"m: hello", "m: hello", 8},
        {"m: odd\0", "m: odd", 7}, /* padded */
        {"m: \033[2J\\\r\n", "m: \\x1b[2J\\x5c\\x0d\\x0a", 10},
        {"m: a\0b", "m: a\\x00b", 6},
        {"\xff\x80 ~", "\\xff\\x80 ~", 4},
        {"", "", 0},
        {"\0\0\0", "", 3},
    };
    struct semo_node *n = open_world();
    (void)state;
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        print(n, lines[i].text, lines[i].len);
        assert_string_equal(shown, lines[i].shown);
    }
    assert_int_equal(prints, sizeof lines / sizeof *lines);
    assert_int_equal(frames, 0); /* nobody takes it for an event */
    semo_world_close(&world);
}

static void every_length_is_cut_or_dropped(void **state)
{
    struct semo_node *n = open_world();
    uint8_t bytes[SEMO_FRAME_MAX];
    (void)state;
    memset(bytes, 1, sizeof bytes);
    for (unsigned len = 1; len < SEMO_FRAME_MAX + 10; len++) {
        uint64_t malformed = n->malformed;
        n->prints = prints = 0;
        print(n, bytes, len < sizeof bytes ? len : sizeof bytes);
        if (3 + len > SEMO_FRAME_MAX)
            assert_int_equal(n->malformed, malformed + 1);
        else
            assert_int_equal(strlen(shown),
                             4 * len < SEMO_PRINT_SHOWN ? 4 * len : SEMO_PRINT_SHOWN);
        assert_int_equal(prints, 3 + len <= SEMO_FRAME_MAX);
    }
    semo_world_close(&world);
}

static void a_flood_is_shown_in_part_and_counted(void **state)
{
    struct semo_node *n = open_world();
    (void)state;
    for (unsigned second = 0; second < 3; second++) {
        world.now = second * (uint64_t)SEMO_CLOCK_HZ;
        prints = 0;
        for (unsigned i = 0; i < 5 * SEMO_PRINT_RATE; i++)
            print(n, "m: flood", 8);
        assert_int_equal(prints, SEMO_PRINT_RATE + 1);
        assert_string_equal(shown, "(more lines in this second)");
        assert_int_equal(n->unprinted, (second + 1) * 4 * SEMO_PRINT_RATE);
    }
    semo_world_close(&world);
}

static void connection_zero_has_no_way(void **state)
{
    static const uint8_t event[] = {SEMO_FRAME_EVENT, 0, 0, 'm', ':', ' ', 'x'};
    struct semo_node *n = open_world();
    (void)state;
    world.route[0] = 0; /* whatever somebody made of it */
    print(n, "m: x", 4);
    assert_int_equal(prints, 1);
    assert_int_equal(world.events[0], 0);
    assert_int_equal(n->inbox.count, 0);
    n->inbox.limit = 8;
    semo_router_from_client(n, 1, event, sizeof event); /* a stranger's goes to the node, as all */
    assert_int_equal(prints, 1);
    assert_int_equal(n->inbox.count, 1);
    semo_packet_drop(semo_queue_pop(&n->inbox).packet);
    semo_world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_terminal_minds),
        cmocka_unit_test(every_length_is_cut_or_dropped),
        cmocka_unit_test(a_flood_is_shown_in_part_and_counted),
        cmocka_unit_test(connection_zero_has_no_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
