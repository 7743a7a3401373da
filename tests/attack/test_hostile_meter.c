/* SPDX-License-Identifier: Apache-2.0 */
/* The meter with the attacker's event manager on a node, on each in turn and on all: it may cost
 * time, and when it is done nothing was lost or made up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/bytes/cursor.h"
#include "tests/attack/hostile_em/attack.h"
#include "tests/meter/house.h"

#define BUDGET 60 /* attacks of one event manager */

static unsigned seed = 7;

static struct house *house(void **state)
{
    return *state;
}

static int open_house(void **state)
{
    static struct house h;
    if (getenv("SEED"))
        seed = (unsigned)strtoul(getenv("SEED"), NULL, 0);
    printf("# SEED=%u\n", seed);
    house_open(&h);
    house_deploy(&h);
    house_run(&h, 3 * SECOND);
    *state = &h;
    return 0;
}

static int close_house(void **state)
{
    house_close(house(state));
    return 0;
}

static uint32_t base[HOUSE_NODES][SEMO_COUNTERS];

static void count(struct house *h, unsigned node, uint32_t since[SEMO_COUNTERS])
{
    house_counters(h, node, since);
    for (unsigned i = 0; i < SEMO_COUNTERS; i++)
        since[i] -= base[node][i];
}

static void attack(struct house *h, unsigned node)
{
    const bool mcu = h->d->nodes[node].kind == SEMO_NODE_MCU;
    uint8_t body[4];
    house_counters(h, node, base[node]);
    assert_int_equal(semo_control_manager(h->link.client, node,
                                          mcu ? "build/mcu/hostile.elf" : "build/bin/hostile-em"),
                     SEMO_OK);
    house_run(h, SECOND / 10);
    put_u16(body, BUDGET);
    put_u16(body + 2, (uint16_t)(seed + node));
    assert_int_equal(house_request(h, node, SEMO_FRAME_ATTACK, body, sizeof body), SEMO_OK);
}

/* Until it attacks no more: it has not been taken back, it just behaves. */
static void wear_out(struct house *h, unsigned node)
{
    uint32_t c[SEMO_COUNTERS];
    unsigned before, now = 0;
    do {
        before = now;
        now = 0;
        house_run(h, 60 * SECOND);
        count(h, node, c);
        for (unsigned i = SEMO_COUNT_DROPPED; i <= SEMO_COUNT_CORRUPTED; i++)
            now += c[i];
    } while (now != before || now < BUDGET - 10); /* a replay of nothing is none */
    printf("# %s: dropped %u, replayed %u, forged %u, corrupted %u; refused %u, accepted %u\n",
           h->d->nodes[node].name, (unsigned)c[SEMO_COUNT_DROPPED],
           (unsigned)c[SEMO_COUNT_REPLAYED], (unsigned)c[SEMO_COUNT_FORGED],
           (unsigned)c[SEMO_COUNT_CORRUPTED], (unsigned)c[SEMO_COUNT_REFUSED],
           (unsigned)c[SEMO_COUNT_ACCEPTED]);
    for (unsigned i = SEMO_COUNT_DROPPED; i <= SEMO_COUNT_CORRUPTED; i++)
        assert_true(c[i] > 0);
    assert_true(c[SEMO_COUNT_REFUSED] > 0);
    assert_int_equal(c[SEMO_COUNT_ACCEPTED], 0);
}

/* The supply may be off and known to be, or the other way round, in the time of a message. */
static bool was_true(const struct house *h, uint64_t ws)
{
    for (uint64_t tick = 0; tick <= h->link.now; tick += SECOND)
        if (house_drawn_until(h, tick) <= ws && ws <= house_drawn_until(h, tick + SECOND / 20))
            return true;
    return false;
}

/* No line at the HAN port but with a reading of the front end, each later than the one before. */
static void lines_are_true(const struct house *h, unsigned from)
{
    uint64_t last_ws = 0;
    unsigned last_utc = 0;
    assert_true(h->lines > from && h->lines - from <= HOUSE_LINES);
    for (unsigned i = from; i < h->lines; i++) {
        unsigned utc, watts, wh, ws;
        char supply[8];
        const char *line = h->line[i % HOUSE_LINES];
        assert_int_equal(sscanf(line,
                                "utc=%u supply=%7[a-z] power_w=%u import_wh=%u remainder_ws=%u",
                                &utc, supply, &watts, &wh, &ws),
                         5);
        const uint64_t now = (uint64_t)wh * 3600 + ws;
        if (!was_true(h, now) || now < last_ws || utc < last_utc ||
            (i > from && strcmp(line, h->line[(i - 1) % HOUSE_LINES]) == 0))
            fail_msg("a line without its input: %s", line);
        last_ws = now;
        last_utc = utc;
    }
}

static void attacked(struct house *h, unsigned first, unsigned end)
{
    const unsigned pins = h->pins, lines = h->lines;
    house_draw(h, 3456);
    for (unsigned node = first; node < end; node++)
        attack(h, node);
    house_run(h, 3 * SECOND);
    assert_int_equal(h->pins, pins);
    static uint16_t number = 100;
    const uint8_t *answer = NULL;
    house_order(h, ++number, DISABLE_SPLY, 0);
    for (unsigned s = 0; s < 300 && !answer; s++) {
        house_run(h, SECOND);
        if (s % 5 == 4) /* the operator is as patient as CS is */
            house_order(h, number, DISABLE_SPLY, 0);
        house_heard(h, number, DISABLE_SPLY, &answer);
    }
    assert_non_null(answer); /* in the end */
    assert_int_equal(answer[3], OUTCOME_DONE);
    assert_int_equal(h->pins, pins + 1);
    for (unsigned node = first; node < end; node++)
        wear_out(h, node);
    assert_int_equal(h->pins, pins + 1);
    house_run(h, 2 * SECOND);
    house_switch(h, ENABLE_SPLY, 1); /* no reset, no new keys: it just goes on */
    house_run(h, 12 * SECOND);
    house_draw(h, 0);
    assert_int_equal(house_register(h), house_drawn(h));
    lines_are_true(h, lines);
    for (unsigned node = first; node < end; node++)
        assert_int_equal(semo_control_manager(h->link.client, node, ""), SEMO_OK);
    house_run(h, SECOND);
    assert_int_equal(h->lost, 0);
}

static void on_node1(void **state)
{
    attacked(house(state), 0, 1);
}

static void on_node2(void **state)
{
    attacked(house(state), 1, 2);
}

static void on_the_utilitys_node(void **state)
{
    attacked(house(state), 2, 3);
}

static void on_all(void **state)
{
    attacked(house(state), 0, HOUSE_NODES);
}

/* Everything it had kept is of an earlier life. */
static void a_reset_needs_one_deployment_under_new_epochs(void **state)
{
    struct house *h = house(state);
    uint64_t epoch[16];
    const unsigned node = house_node(h, "node1"), pins = h->pins;
    for (unsigned m = 0; m < h->d->module_count; m++)
        epoch[m] = h->state->modules[m].epoch;
    attack(h, node);
    house_run(h, 5 * SECOND);
    h->catches = 0;
    house_catch(h, house_connection(h, "HASM_LS", "cs_in"));
    house_order(h, 200, DISABLE_SPLY, 0);
    house_run(h, 2 * SECOND);
    assert_true(h->catches > 0);
    const struct house_event old = h->caught[h->catches - 1];
    assert_int_equal(semo_control_reset(h->link.client, node, 1), SEMO_OK);
    house_run(h, SECOND);
    house_deploy(h);
    for (unsigned m = 0; m < h->d->module_count; m++)
        if (h->d->modules[m].node == node)
            assert_true(h->state->modules[m].epoch > epoch[m]);
    house_catch(h, old.connection);
    house_release(h, &old); /* obeyed by nobody: the key is another */
    house_run(h, SECOND / 2);
    assert_int_equal(h->pins, pins);
    assert_int_equal(semo_control_manager(h->link.client, node, ""), SEMO_OK);
    house_let_go(h, old.connection);
    house_run(h, 20 * SECOND); /* CS still waits for an answer, and asks again at its tick */
    assert_int_equal(h->pins, pins + 1);
    const uint8_t *answer = NULL;
    house_heard(h, 200, DISABLE_SPLY, &answer);
    assert_non_null(answer);
    assert_int_equal(answer[3], OUTCOME_DONE);
    house_switch(h, ENABLE_SPLY, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_node1),
        cmocka_unit_test(on_node2),
        cmocka_unit_test(on_the_utilitys_node),
        cmocka_unit_test(on_all),
        cmocka_unit_test(a_reset_needs_one_deployment_under_new_epochs),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
