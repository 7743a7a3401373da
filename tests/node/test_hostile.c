/* SPDX-License-Identifier: Apache-2.0 */
/* The hostile event manager takes over a running microcontroller and gives it back. Modules are
 * puppets: what is on trial here is that the attacks happen, are counted and end. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/node/peer.h"
#include "tests/node/puppet.h"

struct pair {
    struct peer *node;
    uint16_t a, b;
};

/* A sends to B on connection 5. */
static struct pair connected(void)
{
    struct pair n = {.node = peer_new("firmware", SEMO_HARDENED, 128)};
    n.node->deaf_to_events = true; /* those sent on a connection that does not exist */
    n.a = puppet_load(n.node, "puppet-a", puppet_place_a);
    n.b = puppet_load(n.node, "puppet-b", puppet_place_b);
    assert_int_equal(peer_route(n.node, 5, n.b), SEMO_OK);
    return n;
}

static unsigned attacks(struct peer *p)
{
    unsigned n = 0;
    for (unsigned which = SEMO_COUNT_DROPPED; which <= SEMO_COUNT_CORRUPTED; which++)
        n += peer_counter(p, (enum semo_counter)which);
    return n;
}

static void emit(struct pair *n, unsigned events)
{
    assert_int_equal(puppet_emit(n->node, n->a, 5, 0, events), SEMO_OK);
    peer_run(n->node, SEMO_CLOCK_HZ);
}

static void attacks_in_every_way_and_none_succeeds(void **state)
{
    (void)state;
    const char *given = getenv("SEED");
    const unsigned seed = given ? (uint16_t)strtoul(given, NULL, 0) : 7;
    printf("# SEED=%u\n", seed);
    struct pair n = connected();
    peer_take_over(n.node, "hostile");
    peer_attack(n.node, 0, seed);
    for (int i = 0; i < 20; i++)
        emit(&n, 200);
    for (unsigned which = SEMO_COUNT_DROPPED; which <= SEMO_COUNT_CORRUPTED; which++)
        assert_true(peer_counter(n.node, (enum semo_counter)which) > 100);
    assert_int_equal(peer_counter(n.node, SEMO_COUNT_ACCEPTED), 0);
    const unsigned accepted = puppet_tell(n.node, n.b).accepted;
    printf("# %u attacks on 4000 events, %u arrived\n", attacks(n.node), accepted);
    assert_true(accepted > 2000 && accepted < 4000);
    assert_int_equal(semo_machine_violations(n.node->machine), 0);
    peer_free(n.node);
}

static void behaves_when_its_count_is_used_up(void **state)
{
    (void)state;
    struct pair n = connected();
    peer_take_over(n.node, "hostile");
    peer_attack(n.node, 10, 1);
    emit(&n, 100);
    assert_in_range(attacks(n.node), 9, 10); /* a replay of nothing is none */
    const unsigned before = puppet_tell(n.node, n.b).accepted, made = attacks(n.node);
    emit(&n, 100);
    assert_int_equal(puppet_tell(n.node, n.b).accepted, before + 100);
    assert_int_equal(attacks(n.node), made);
    peer_free(n.node);
}

static void is_taken_back(void **state)
{
    (void)state;
    struct pair n = connected();
    emit(&n, 10);
    peer_take_over(n.node, "hostile");
    emit(&n, 50);
    assert_true(attacks(n.node) > 10);
    peer_take_over(n.node, "firmware");
    const unsigned made = attacks(n.node), before = puppet_tell(n.node, n.b).accepted;
    emit(&n, 100);
    assert_int_equal(attacks(n.node), made);
    assert_int_equal(puppet_tell(n.node, n.b).accepted, before + 100);
    assert_int_equal(puppet_tell(n.node, n.a).sent, 160);
    assert_int_equal(peer_info(n.node).modules, 2);
    peer_free(n.node);
}

/* Half a frame has arrived when the image changes: the other half completes it. */
static void a_change_loses_no_frame(void **state)
{
    (void)state;
    struct pair n = connected();
    const uint8_t first[] = {SEMO_FRAME_INFO, 0x33}, second[] = {0x44, 0xC0};
    struct peer_frame f;
    peer_send_raw(n.node, first, sizeof first);
    peer_take_over(n.node, "hostile");
    peer_send_raw(n.node, second, sizeof second);
    assert_true(peer_take(n.node, &f));
    assert_int_equal(f.bytes[0], SEMO_FRAME_INFO | SEMO_FRAME_ANSWER);
    peer_free(n.node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attacks_in_every_way_and_none_succeeds),
        cmocka_unit_test(behaves_when_its_count_is_used_up),
        cmocka_unit_test(is_taken_back),
        cmocka_unit_test(a_change_loses_no_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
