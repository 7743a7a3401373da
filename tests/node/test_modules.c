/* SPDX-License-Identifier: Apache-2.0 */
/* Two modules with keys on one microcontroller: deployed through the firmware, connected, and then
 * with the attacker's image in the middle. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "lib/bytes/cursor.h"
#include "tests/attack/hostile_em/attack.h"
#include "tests/node/real.h"

/* Where the hostile image's memory ends: at SEMO_TABLE_END of node/mcu/firmware.h it begins. */
#define ATTACK_END (0x3EDE + sizeof(struct semo_attack))

#define CONNECTION 5

struct house {
    struct peer *node;
    struct real source, sink;
};

static struct house connected(void)
{
    struct house h = {.node = peer_new("firmware", SEMO_HARDENED, 128)};
    h.node->deaf_to_events = true;
    h.source = real_load(h.node, "source", 0x6000, 0x0300);
    h.sink = real_load(h.node, "sink", 0x8000, 0x0A00);
    assert_int_equal(real_attest(h.node, &h.source), SEMO_OK);
    assert_int_equal(real_attest(h.node, &h.sink), SEMO_OK);
    assert_int_equal(real_connect(h.node, &h.source, SEMO_IO_OUTPUT, "number", CONNECTION),
                     SEMO_OK);
    assert_int_equal(real_connect(h.node, &h.sink, SEMO_IO_INPUT, "number", CONNECTION), SEMO_OK);
    assert_int_equal(peer_route(h.node, CONNECTION, h.sink.id), SEMO_OK);
    return h;
}

static void leave(struct house *h)
{
    assert_int_equal(semo_machine_violations(h->node->machine), 0);
    real_free(&h->source);
    real_free(&h->sink);
    peer_free(h->node);
}

static void send(struct house *h, unsigned events)
{
    struct peer_frame f;
    while (events--)
        assert_int_equal(real_call(h->node, &h->source, "next", &f), SEMO_OK);
}

struct told {
    unsigned last, came, wrong;
};

static struct told tell(struct house *h)
{
    struct peer_frame f;
    assert_int_equal(real_call(h->node, &h->sink, "tell", &f), SEMO_OK);
    assert_int_equal(f.len, 6);
    struct semo_cursor c = semo_cursor_over(f.bytes, f.len);
    struct told t = {.last = semo_cursor_u16(&c)};
    t.came = semo_cursor_u16(&c);
    t.wrong = semo_cursor_u16(&c);
    return t;
}

static void events_arrive(void **state)
{
    (void)state;
    struct house h = connected();
    send(&h, 50);
    const struct told t = tell(&h);
    assert_int_equal(t.last, 50);
    assert_int_equal(t.came, 50);
    assert_int_equal(t.wrong, 0);
    assert_int_equal(peer_counter(h.node, SEMO_COUNT_REFUSED), 0);
    leave(&h);
}

/* A text that is not the one that was sent has another key. */
static void another_text_does_not_attest(void **state)
{
    (void)state;
    struct house h = connected();
    const uint8_t flipped = 0x40;
    uint8_t byte;
    const uint16_t at = (uint16_t)(h.sink.layout.pe - 2);
    h.sink.id = 0;
    semo_machine_reset(h.node->machine);
    peer_run(h.node, 10 * MS);
    semo_machine_peek(h.node->machine, at, &byte, 1);
    byte ^= flipped;
    assert_int_equal(peer_write(h.node, at, &byte, 1), SEMO_OK);
    const struct semo_layout *l = &h.sink.layout;
    assert_int_equal(peer_enable(h.node, (uint32_t[]){l->ps, l->pe, l->ss, l->se}, &h.sink.id),
                     SEMO_OK);
    assert_int_equal(real_attest(h.node, &h.sink), SEMO_REFUSED);
    leave(&h);
}

static void the_attacker_changes_when_and_whether_never_what(void **state)
{
    (void)state;
    const char *seed = getenv("SEED");
    const unsigned events = getenv("SOAK") ? 10000 : 500;
    struct house h = connected();
    peer_take_over(h.node, "hostile");
    peer_attack(h.node, 0, seed ? (uint16_t)strtoul(seed, NULL, 0) : 1);
    send(&h, events);
    const struct told t = tell(&h);
    printf("# %u events, %u arrived; dropped %u, replayed %u, forged %u, corrupted %u\n", events,
           t.came, (unsigned)peer_counter(h.node, SEMO_COUNT_DROPPED),
           (unsigned)peer_counter(h.node, SEMO_COUNT_REPLAYED),
           (unsigned)peer_counter(h.node, SEMO_COUNT_FORGED),
           (unsigned)peer_counter(h.node, SEMO_COUNT_CORRUPTED));
    assert_int_equal(peer_counter(h.node, SEMO_COUNT_ACCEPTED), 0);
    assert_int_equal(t.wrong, 0);
    assert_in_range(t.came, events / 2, events - 1);
    assert_true(peer_counter(h.node, SEMO_COUNT_FORGED) > 10);
    printf("# stack of the hostile image: %u bytes were never used\n",
           peer_stack_room(h.node, ATTACK_END));
    assert_true(peer_stack_room(h.node, ATTACK_END) > 32);
    peer_take_over(h.node, "firmware");
    send(&h, 10);
    assert_int_equal(tell(&h).came, t.came + 10);
    assert_int_equal(tell(&h).last, events + 10);
    leave(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_arrive),
        cmocka_unit_test(another_text_does_not_attest),
        cmocka_unit_test(the_attacker_changes_when_and_whether_never_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
