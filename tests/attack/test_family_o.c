/* SPDX-License-Identifier: Apache-2.0 */
/* Family O of docs/attacks.md: two owners on the same nodes. A has LEFT, B has RIGHT and attacks:
 * with all keys that it has, as every event manager, loader and network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/kdf/kdf.h"
#include "tests/attack/world.h"

enum { ORDER, KEYS_MAX = 16, ROOM = 1200, RECORDS = 64, NUMBERS = 128 };
enum { NUMBERS_KEYED = 6, IOS = 3 };
enum { HEARD, OTHERS };

static struct world a;       /* the holder of the nodes, and the owner of LEFT */
static struct world_guest b; /* RIGHT's */
static struct semo_offer there, back;

/* ---- modules ---- */

static unsigned entry_of(const struct semo_deploy *p, const char *name)
{
    const struct semo_io *io = semo_unit_io(p->units[0], SEMO_IO_ENTRY, name);
    assert_non_null(io);
    return io->index;
}

static unsigned count_of(unsigned node, unsigned what)
{
    uint8_t tally[ROOM];
    unsigned len;
    assert_int_equal(world_call(&a, node, entry_of(node == LEFT ? a.deploy : b.deploy, "tally"), "",
                                0, tally, &len),
                     SEMO_OK);
    return tally[what];
}

/* What a module says next, as it leaves it: connection | sealed event. */
static unsigned say(unsigned node, uint8_t *frame)
{
    static const uint8_t plain[] = {0, 0x61};
    unsigned len;
    assert_int_equal(world_call(&a, node, entry_of(node == LEFT ? a.deploy : b.deploy, "say"),
                                plain, sizeof plain, frame, &len),
                     SEMO_OK);
    return world_call(&a, node, SEMO_ENTRY_TAKE, "", 0, frame, &len) == SEMO_OK ? len : 0;
}

static bool hears(unsigned node, const uint8_t *frame, unsigned len)
{
    uint8_t none[ROOM];
    unsigned none_len;
    return world_call(&a, node, SEMO_ENTRY_INPUT, frame, len, none, &none_len) == SEMO_OK;
}

/* 0 to 63, as numbers of back channels, too. */
static unsigned put_number(uint8_t *frame, unsigned i)
{
    const unsigned number = i / 2 | (i % 2 ? SEMO_BACK : 0U);
    frame[0] = (uint8_t)number;
    frame[1] = (uint8_t)(number >> 8);
    return number;
}

static bool passes(unsigned from, unsigned to)
{
    uint8_t frame[ROOM];
    unsigned len = say(from, frame);
    return len && hears(to, frame, len);
}

/* ---- two owners ---- */

static unsigned shared(const struct semo_descriptor *d, const char *name)
{
    for (unsigned i = 0; i < d->connection_count; i++)
        if (strcmp(d->connections[i].name, name) == 0)
            return i;
    fail();
    return 0;
}

static bool a_offers(const char *name, struct semo_offer *o)
{
    return semo_deploy_attest(a.deploy, &a.e) == SEMO_OK &&
           semo_deploy_offer(a.deploy, shared(a.d, name), 0, o, &a.e) == SEMO_OK;
}

static bool b_accepts(const char *name, const struct semo_offer *o)
{
    return semo_deploy_attest(b.deploy, &b.e) == SEMO_OK &&
           semo_deploy_accept(b.deploy, shared(b.d, name), o, &b.e) == SEMO_OK;
}

static int begin(void **state)
{
    (void)state;
    world_open_as(&a, "tests/attack/owners/a.json");
    world_join(&a, &b, "tests/attack/owners/b.json");
    assert_int_equal(semo_deploy_load(a.deploy, &a.e), SEMO_OK);
    assert_int_equal(semo_deploy_connect(a.deploy, &a.e), SEMO_OK);
    assert_int_equal(semo_deploy_load(b.deploy, &b.e), SEMO_OK);
    assert_int_equal(semo_deploy_connect(b.deploy, &b.e), SEMO_OK);
    if (!a_offers("there", &there) || !b_accepts("there", &there) || !a_offers("back", &back) ||
        !b_accepts("back", &back))
        fail_msg("%s %s", a.e.text, b.e.text);
    assert_true(passes(LEFT, RIGHT) && passes(RIGHT, LEFT));
    return 0;
}

static int end(void **state)
{
    (void)state;
    world_leave(&b);
    world_close(&a);
    return 0;
}

/* ---- what B has ---- */

struct keys {
    uint8_t all[KEYS_MAX][SEMO_KEY_LEN];
    unsigned count;
};

static void have(struct keys *k, const uint8_t *key)
{
    assert_true(k->count < KEYS_MAX);
    memcpy(k->all[k->count++], key, SEMO_KEY_LEN);
}

/* Its own ones, those it shares, and what follows from its vendor keys for A's text and place. */
static void collect(struct keys *k)
{
    const struct world_node *n = &a.nodes[LEFT];
    static const uint8_t zero[SEMO_KEY_LEN];
    uint8_t key[SEMO_KEY_LEN];
    k->count = 0;
    for (unsigned i = 0; i < WORLD_NODES; i++) {
        const uint8_t *vendor = b.state->nodes[i].vendor_key;
        have(k, vendor);
        semo_kdf_module(128, vendor, n->text, n->text_len, &a.state->modules[0].layout, key);
        have(k, key);
    }
    have(k, b.state->modules[0].key);
    have(k, b.state->connections[ORDER].channel.key);
    for (unsigned i = 0; i < 2; i++) {
        have(k, there.keys[i]);
        have(k, back.keys[i]);
    }
    have(k, zero);
}

/* ---- O1, O2 ---- */

static void o1_keys_that_are_not_a_modules(void **state)
{
    static struct keys k;
    const struct semo_state_module *known = &a.state->modules[0];
    uint8_t new_key[SEMO_KEY_LEN] = {1};
    (void)state;
    collect(&k);
    for (unsigned i = 0; i < k.count; i++) {
        struct semo_state_module m = *known; /* all but the key can be heard */
        memcpy(m.key, k.all[i], SEMO_KEY_LEN);
        assert_int_not_equal(semo_attest_module(&b.link, LEFT, "a", "LEFT", &m, &b.e), SEMO_OK);
        m.epoch = known->epoch;
        m.serial = known->serial;
        for (unsigned c = 0; c < NUMBERS_KEYED * IOS; c++)
            assert_int_not_equal(semo_set_key(&b.link, LEFT, "a", "LEFT", &m, 1 + c / IOS, c % IOS,
                                              SEMO_RECEIVER, new_key, &b.e),
                                 SEMO_OK);
    }
    assert_int_equal(semo_deploy_attest(a.deploy, &a.e), SEMO_OK);
    assert_int_equal(a.state->modules[0].connections, 3);
    printf("# o1: %u keys\n", k.count);
    assert_true(passes(LEFT, RIGHT) && passes(RIGHT, LEFT));
}

static void o1_a_copy_of_another_vendor(void **state)
{
    (void)state;
    a.nodes[LEFT].enabled[0] = 4661;
    world_reload(&a, LEFT);
    assert_int_not_equal(semo_deploy_attest(a.deploy, &a.e), SEMO_OK);
    assert_false(a.deploy->attested_now[0]);
    assert_false(a_offers("there", &there));
}

static void o2_orders_to_end(void **state)
{
    static struct keys k;
    const struct semo_state_module *known = &a.state->modules[0];
    (void)state;
    collect(&k);
    for (unsigned i = 0; i < k.count; i++) {
        struct semo_state_module m = *known;
        memcpy(m.key, k.all[i], SEMO_KEY_LEN);
        assert_int_not_equal(semo_disable_module(&b.link, LEFT, "a", "LEFT", &m, &b.e), SEMO_OK);
        assert_true(passes(LEFT, RIGHT));
    }
}

/* ---- recorded ---- */

static struct world_frame records[RECORDS];
static unsigned recorded;

static bool record(struct world *w, struct world_frame *f)
{
    (void)w;
    if (f->at[0] == SEMO_FRAME_CALL && recorded < RECORDS)
        records[recorded++] = *f;
    return true;
}

/* Orders that A gave, at its own node and at B's. */
static void o2_as_orders_said_again(void **state)
{
    uint8_t answer[ROOM];
    unsigned len;
    (void)state;
    recorded = 0;
    a.request = record;
    assert_true(a_offers("there", &there));
    assert_int_equal(semo_deploy_disable(a.deploy, 0, &a.e), SEMO_OK);
    a.request = NULL;
    world_reload(&a, LEFT);
    a.state->modules[0].step = SEMO_STEP_ENABLED;
    assert_int_equal(semo_deploy_attest(a.deploy, &a.e), SEMO_OK);
    assert_int_equal(semo_deploy_connect(a.deploy, &a.e), SEMO_OK);
    struct semo_channel before = world_slot(&a, LEFT, a.state->connections[ORDER].number);
    for (unsigned i = 0; i < recorded; i++) {
        const unsigned entry = records[i].at[5];
        if (entry != SEMO_ENTRY_SET_KEY && entry != SEMO_ENTRY_DISABLE)
            continue;
        for (unsigned node = LEFT; node <= RIGHT; node++)
            assert_int_not_equal(
                world_call(&a, node, entry, records[i].at + 7, records[i].len - 7, answer, &len),
                SEMO_OK);
    }
    struct semo_channel after = world_slot(&a, LEFT, before.connection);
    assert_int_not_equal(before.connection, 0);
    assert_memory_equal(&before, &after, sizeof after);
}

/* ---- O3 ---- */

/* A's direct input: under every key that B has, and with what B may say elsewhere. */
static void o3_direct_inputs_of_another(void **state)
{
    static struct keys k;
    _Alignas(8) uint8_t frame[ROOM];
    unsigned number = a.state->connections[ORDER].number, len;
    (void)state;
    collect(&k);
    for (unsigned i = 0; i < k.count; i++) {
        struct semo_channel c = {.connection = (uint16_t)number, .sequence = {100}};
        memcpy(c.key, k.all[i], SEMO_KEY_LEN);
        memcpy(frame, &c.connection, 2);
        _Alignas(8) uint8_t sealed[SEMO_SEALED_LEN(2)];
        assert_int_equal(semo_channel_seal(&c, 0, "hi", 2, sealed), SEMO_OK);
        memcpy(frame + 2, sealed, sizeof sealed);
        assert_false(hears(LEFT, frame, 2 + sizeof sealed));
    }
    len = say(RIGHT, frame);
    for (unsigned i = 0; i < NUMBERS; i++)
        if (put_number(frame, i) != back.number)
            assert_false(hears(LEFT, frame, len));
    put_number(frame, 2 * back.number);
    assert_true(hears(LEFT, frame, len));
    assert_int_equal(count_of(LEFT, OTHERS), 0);
}

/* ---- O5, O6 ---- */

static void o5_an_offer_accepted_again(void **state)
{
    uint8_t first[ROOM], second[ROOM];
    struct semo_offer next;
    (void)state;
    unsigned first_len = say(LEFT, first), second_len = say(LEFT, second);
    assert_true(hears(RIGHT, first, first_len) && hears(RIGHT, second, second_len));
    assert_false(b_accepts("there", &there)); /* while it is in use */
    assert_false(hears(RIGHT, first, first_len));
    assert_true(a_offers("there", &next) && b_accepts("there", &next));
    assert_true(passes(LEFT, RIGHT));
    assert_false(b_accepts("there", &there)); /* after another */
    world_reload(&a, RIGHT);
    assert_false(b_accepts("there", &there)); /* in another life */
    assert_false(hears(RIGHT, first, first_len) || hears(RIGHT, second, second_len));
    assert_true(a_offers("there", &next) && b_accepts("there", &next));
    assert_false(hears(RIGHT, first, first_len) || hears(RIGHT, second, second_len));
    assert_true(passes(LEFT, RIGHT));
}

/* One change each: nothing is sent to any module. */
static void o6_an_offer_for_another_end(void **state)
{
    struct semo_offer next;
    (void)state;
    assert_true(a_offers("there", &next));
    assert_int_equal(semo_deploy_attest(b.deploy, &b.e), SEMO_OK);
    recorded = 0;
    a.request = record;
    struct semo_offer wrong = next;
    wrong.sends = false;
    assert_int_not_equal(semo_deploy_accept(b.deploy, shared(b.d, "there"), &wrong, &b.e), SEMO_OK);
    for (unsigned kind = 2; kind < 32; kind += 2) {
        wrong = next;
        wrong.kind = kind;
        if (kind != next.kind)
            assert_int_not_equal(semo_deploy_accept(b.deploy, shared(b.d, "there"), &wrong, &b.e),
                                 SEMO_OK);
    }
    wrong = next;
    wrong.number = b.state->connections[ORDER].number;
    assert_int_not_equal(semo_deploy_accept(b.deploy, shared(b.d, "there"), &wrong, &b.e), SEMO_OK);
    wrong.number = b.state->connections[shared(b.d, "back")].number;
    assert_int_not_equal(semo_deploy_accept(b.deploy, shared(b.d, "there"), &wrong, &b.e), SEMO_OK);
    a.request = NULL;
    assert_int_equal(recorded, 0);
    assert_true(b_accepts("there", &next) && passes(LEFT, RIGHT));
}

/* ---- O7 ---- */

/* A's events led to B's module under every number, back to A's, and twice to where they belong. */
static void o7_events_led_elsewhere(void **state)
{
    uint8_t frame[ROOM];
    (void)state;
    unsigned len = say(LEFT, frame), heard = 0;
    for (unsigned node = LEFT; node <= RIGHT; node++)
        for (unsigned i = 0; i < NUMBERS; i++) {
            unsigned number = put_number(frame, i);
            if (!hears(node, frame, len))
                continue;
            assert_true(node == RIGHT && number == there.number);
            heard++;
        }
    assert_int_equal(heard, 1);
    put_number(frame, 2 * there.number);
    assert_false(hears(RIGHT, frame, len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(o1_keys_that_are_not_a_modules, begin, end),
        cmocka_unit_test_setup_teardown(o1_a_copy_of_another_vendor, begin, end),
        cmocka_unit_test_setup_teardown(o2_orders_to_end, begin, end),
        cmocka_unit_test_setup_teardown(o2_as_orders_said_again, begin, end),
        cmocka_unit_test_setup_teardown(o3_direct_inputs_of_another, begin, end),
        cmocka_unit_test_setup_teardown(o5_an_offer_accepted_again, begin, end),
        cmocka_unit_test_setup_teardown(o6_an_offer_for_another_end, begin, end),
        cmocka_unit_test_setup_teardown(o7_events_led_elsewhere, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
