/* SPDX-License-Identifier: Apache-2.0 */
/* A frame that is lost, late, repeated or kept for later delays an acknowledgement: it never makes
 * one, and never moves the contact twice (design section 9). */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tests/meter/house.h"

/* CS repeats an open order at each of its ticks. */
#define TICK (10 * SECOND)

static struct house *house(void **state)
{
    return *state;
}

static int open_house(void **state)
{
    static struct house h;
    house_seed();
    house_open(&h);
    house_deploy(&h);
    house_draw(&h, 2000);
    house_run(&h, 3 * SECOND);
    *state = &h;
    return 0;
}

static int close_house(void **state)
{
    house_close(house(state));
    return 0;
}

static unsigned orders(const struct house *h)
{
    return house_connection(h, "HASM_LS", "cs_in");
}

static unsigned answers(const struct house *h)
{
    return house_connection(h, "CS", "ls_in");
}

static const uint8_t *answer(const struct house *h, uint16_t number, uint8_t opcode, unsigned times)
{
    const uint8_t *body = NULL;
    assert_int_equal(house_heard(h, number, opcode, &body), times);
    return body;
}

static void release_all(struct house *h)
{
    for (unsigned i = 0; i < h->catches; i++) {
        house_release(h, &h->caught[i]);
        house_run(h, SECOND / 10);
    }
    house_run(h, 2 * SECOND);
}

static void hoarded_orders_move_nothing_twice(void **state)
{
    struct house *h = house(state);
    const unsigned pins = h->pins, entries = house_log_entries(h);
    h->catches = 0;
    house_catch(h, orders(h));
    house_order(h, 1, DISABLE_SPLY, 0);
    house_run(h, 6 * TICK);
    assert_in_range(h->catches, 5, 8); /* repeated each tick */
    assert_int_equal(h->pins, pins);
    answer(h, 1, DISABLE_SPLY, 0);
    house_release(h, &h->caught[h->catches - 1]);
    house_run(h, SECOND / 2);
    assert_int_equal(h->pins, pins + 1);
    assert_int_equal(answer(h, 1, DISABLE_SPLY, 1)[3], OUTCOME_DONE);
    release_all(h);
    assert_int_equal(h->pins, pins + 1);
    house_let_go(h, orders(h));
    house_switch(h, ENABLE_SPLY, 1);
    release_all(h);
    assert_int_equal(h->pins, pins + 2);
    answer(h, 1, DISABLE_SPLY, 1);
    assert_int_equal(house_log_entries(h), entries + 2);
    assert_int_equal(house_supply(h), SPLY_ENABLED);
}

/* The last of the repeats was kept: it is newer than all that arrived. */
static void a_late_repeat_is_a_repeat(void **state)
{
    struct house *h = house(state);
    const unsigned pins = h->pins, entries = house_log_entries(h);
    h->catches = 0;
    house_catch(h, orders(h));
    house_order(h, 2, DISABLE_SPLY, 0);
    house_run(h, 3 * TICK);
    assert_true(h->catches >= 3);
    const struct house_event late = h->caught[h->catches - 1];
    house_release(h, &h->caught[0]);
    house_run(h, SECOND / 2);
    answer(h, 2, DISABLE_SPLY, 1);
    house_release(h, &late);
    house_run(h, SECOND);
    answer(h, 2, DISABLE_SPLY, 1); /* not told again: nobody waits for it */
    assert_int_equal(h->pins, pins + 1);
    house_let_go(h, orders(h));
    assert_int_equal(house_log_entries(h), entries + 1);
    house_switch(h, ENABLE_SPLY, 1);
}

static void a_hoarded_answer_acknowledges_nothing_else(void **state)
{
    struct house *h = house(state);
    const unsigned pins = h->pins;
    h->catches = 0;
    house_catch(h, answers(h));
    house_order(h, 3, DISABLE_SPLY, 0);
    house_run(h, 4 * TICK);
    assert_int_equal(h->pins, pins + 1); /* obeyed, and nobody knows */
    assert_in_range(h->catches, 3, 6);
    answer(h, 3, DISABLE_SPLY, 0);
    const unsigned hoarded = h->catches - 1;
    house_release(h, &h->caught[hoarded]); /* delivered late: believed once */
    house_run(h, SECOND);
    assert_int_equal(answer(h, 3, DISABLE_SPLY, 1)[3], OUTCOME_DONE);
    h->catches = hoarded;
    house_order(h, 4, ENABLE_SPLY, 0);
    house_run(h, SECOND / 10);
    h->catches = hoarded; /* of the answers to order 3 */
    for (unsigned i = 0; i < hoarded; i++)
        house_release(h, &h->caught[i]);
    house_run(h, SECOND);
    answer(h, 4, ENABLE_SPLY, 0);
    answer(h, 3, DISABLE_SPLY, 1);
    house_let_go(h, answers(h));
    house_run(h, 2 * TICK);
    assert_int_equal(answer(h, 4, ENABLE_SPLY, 1)[3], OUTCOME_DONE);
    assert_int_equal(h->pins, pins + 2);
}

/* An answer newer than all that came, to an order that was answered meanwhile. */
static void an_old_answer_under_a_new_order(void **state)
{
    struct house *h = house(state);
    const unsigned pins = h->pins;
    h->catches = 0;
    house_catch(h, answers(h));
    house_order(h, 5, DISABLE_SPLY, 0);
    house_run(h, 3 * TICK);
    assert_true(h->catches >= 2);
    const struct house_event newest = h->caught[h->catches - 1];
    house_release(h, &h->caught[0]);
    house_run(h, SECOND / 10);
    answer(h, 5, DISABLE_SPLY, 1);
    assert_int_equal(semo_control_stick(h->link.client, house_node(h, "node1"), true), SEMO_OK);
    house_order(h, 6, ENABLE_SPLY, 0); /* the contact is stuck: it will fail */
    house_run(h, SECOND / 20);
    house_release(h, &newest); /* says: order 5 is done */
    house_run(h, SECOND);
    answer(h, 6, ENABLE_SPLY, 0);
    house_let_go(h, answers(h));
    house_run(h, 2 * TICK);
    assert_int_equal(answer(h, 6, ENABLE_SPLY, 1)[3], OUTCOME_FAILED);
    assert_int_equal(h->pins, pins + 1);
    assert_int_equal(semo_control_stick(h->link.client, house_node(h, "node1"), false), SEMO_OK);
    house_run(h, 2 * SECOND);
    assert_int_equal(h->pins, pins + 2);
    assert_int_equal(house_supply(h), SPLY_ENABLED);
}

static void a_repeated_number_gets_the_last_answer(void **state)
{
    struct house *h = house(state);
    const unsigned pins = h->pins, entries = house_log_entries(h);
    for (unsigned times = 1; times <= 3; times++) {
        house_order(h, 7, DISABLE_SPLY, 0);
        house_run(h, SECOND);
        const uint8_t *a = answer(h, 7, DISABLE_SPLY, times);
        assert_int_equal(a[3], OUTCOME_DONE);
        assert_int_equal(a[4], SPLY_DISABLED);
    }
    assert_int_equal(h->pins, pins + 1);
    assert_int_equal(house_log_entries(h), entries + 1);
    house_order(h, 7, ENABLE_SPLY, 0); /* the number of another order, and none */
    house_order(h, 0, ENABLE_SPLY, 0);
    house_run(h, SECOND);
    assert_int_equal(answer(h, 7, ENABLE_SPLY, 1)[3], OUTCOME_REFUSED);
    assert_int_equal(answer(h, 0, ENABLE_SPLY, 1)[3], OUTCOME_REFUSED);
    assert_int_equal(h->pins, pins + 1);
    house_switch(h, ENABLE_SPLY, 1);
}

static void a_second_order_while_one_is_open_is_busy(void **state)
{
    struct house *h = house(state);
    const unsigned pins = h->pins;
    house_catch(h, orders(h));
    h->catches = 0;
    house_order(h, 8, DISABLE_SPLY, 0);
    house_run(h, SECOND / 2);
    house_order(h, 9, ENABLE_SPLY, 0);
    house_order(h, 8, DISABLE_SPLY, 0); /* a repeat of the open one is no second one */
    house_run(h, SECOND / 2);
    assert_int_equal(answer(h, 9, ENABLE_SPLY, 1)[3], OUTCOME_BUSY);
    answer(h, 8, DISABLE_SPLY, 0);
    house_let_go(h, orders(h));
    house_run(h, 2 * TICK);
    assert_int_equal(answer(h, 8, DISABLE_SPLY, 1)[3], OUTCOME_DONE);
    assert_int_equal(h->pins, pins + 1);
    house_order(h, 9, ENABLE_SPLY, 0); /* that answer was not for ever */
    house_run(h, SECOND);
    assert_int_equal(answer(h, 9, ENABLE_SPLY, 2)[3], OUTCOME_DONE);
    assert_int_equal(h->pins, pins + 2);
}

/* By the terminal; tests/attack/test_only_cs.c does it by the socket. */
static void what_is_said_to_the_han_port_is_not_heard(void **state)
{
    struct house *h = house(state);
    char heard[4096];
    const unsigned pins = h->pins, entries = house_log_entries(h), lines = h->lines;
    const int port = house_han_port(h, true);
    assert_true(port >= 0);
    h->catches = 0;
    house_catch(h, orders(h)); /* an order that nobody has obeyed */
    house_order(h, 12, DISABLE_SPLY, 0);
    house_run(h, 2 * SECOND);
    house_shout(h, port, &h->caught[h->catches - 1]);
    house_run(h, 20 * SECOND);
    house_shout(h, port, &h->caught[h->catches - 1]);
    house_run(h, 10 * SECOND);
    assert_int_equal(h->pins, pins);
    assert_in_range(h->lines, lines + 3, lines + 4);
    const ssize_t n = read(port, heard, sizeof heard - 1);
    assert_true(n > 0);
    heard[n] = 0;
    assert_non_null(strstr(heard, "supply=on power_w="));
    house_let_go(h, orders(h)); /* by the wire it is */
    house_run(h, 2 * TICK);
    assert_int_equal(h->pins, pins + 1);
    house_switch(h, ENABLE_SPLY, 1);
    assert_int_equal(house_log_entries(h), entries + 2);
    close(port);
}

static struct semo_channel as(struct house *h, const char *module, enum semo_io_kind kind,
                              const char *io, unsigned connection, uint8_t direction)
{
    const unsigned m = house_module(h, module), node = h->d->modules[m].node;
    struct semo_channel c = {.connection = (uint16_t)connection, .kind = direction};
    memset(c.key, 0x40 + (int)connection, sizeof c.key);
    assert_int_equal(
        semo_set_key(&h->link, node, h->d->nodes[node].name, module, &h->state->modules[m],
                     connection, semo_unit_io(h->deploy->units[m], kind, io)->index,
                     direction == SEMO_SENDER ? SEMO_RECEIVER : SEMO_SENDER, c.key, &h->e),
        SEMO_OK);
    return c;
}

/* The switch itself, by somebody in the place of CS who does not wait. */
static void the_switch_has_one_order_open(void **state)
{
    struct house *h = house(state);
    struct semo_channel to = as(h, "HASM_LS", SEMO_IO_INPUT, "cs_in", orders(h), SEMO_SENDER),
                        from =
                            as(h, "HASM_LS", SEMO_IO_OUTPUT, "cs_out", answers(h), SEMO_RECEIVER);
    const unsigned pins = h->pins;
    unsigned len;
    _Alignas(2) uint8_t sealed[64], body[REPORT_LEN];
    house_catch(h, answers(h));
    h->catches = 0;
    assert_int_equal(semo_control_stick(h->link.client, house_node(h, "node1"), true), SEMO_OK);
    static const uint8_t said[][COMMAND_LEN] = {
        {20, 0, DISABLE_SPLY}, {21, 0, ENABLE_SPLY}, {20, 0, DISABLE_SPLY}};
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(semo_channel_seal(&to, 0, said[i], COMMAND_LEN, sealed), SEMO_OK);
        house_send_event(h, house_node(h, "node1"), orders(h), sealed,
                         SEMO_SEALED_LEN(COMMAND_LEN));
        house_run(h, SECOND / 50);
    }
    house_run(h, SECOND);
    static const uint8_t heard[][ACK_LEN] = {{21, 0, ENABLE_SPLY, OUTCOME_BUSY, SPLY_ENABLED},
                                             {20, 0, DISABLE_SPLY, OUTCOME_FAILED, SPLY_ENABLED}};
    assert_int_equal(h->catches, 2);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(
            semo_channel_open(&from, h->caught[i].sealed, h->caught[i].len, body, ACK_LEN, &len),
            SEMO_OK);
        assert_int_equal(len, ACK_LEN);
        assert_memory_equal(body, heard[i], ACK_LEN);
    }
    assert_int_equal(h->pins, pins);
    house_let_go(h, answers(h));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hoarded_orders_move_nothing_twice),
        cmocka_unit_test(a_late_repeat_is_a_repeat),
        cmocka_unit_test(a_hoarded_answer_acknowledges_nothing_else),
        cmocka_unit_test(an_old_answer_under_a_new_order),
        cmocka_unit_test(a_repeated_number_gets_the_last_answer),
        cmocka_unit_test(a_second_order_while_one_is_open_is_busy),
        cmocka_unit_test(what_is_said_to_the_han_port_is_not_heard),
        cmocka_unit_test(the_switch_has_one_order_open),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
