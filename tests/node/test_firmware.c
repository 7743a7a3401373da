/* SPDX-License-Identifier: Apache-2.0 */
/* The microcontroller's event manager and loader, run by the machine (design section 6). */
#include <stdarg.h>
#include <setjmp.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/bytes/cursor.h"
#include "lib/kdf/kdf.h"
#include "tests/node/peer.h"
#include "tests/node/puppet.h"

static struct peer *node(void)
{
    return peer_new("firmware", SEMO_HARDENED, 128);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    return *seed ^= *seed << 5;
}

static uint32_t first_seed(void)
{
    const char *given = getenv("SEED");
    const uint32_t seed = given ? (uint32_t)strtoul(given, NULL, 0) | 1 : 0xF1A3E001;
    printf("# SEED=%u\n", seed);
    return seed;
}

static void tells_what_it_is(void **state)
{
    (void)state;
    for (unsigned security = 64; security <= 128; security += 64)
        for (int profile = SEMO_COMPAT; profile <= SEMO_HARDENED; profile++) {
            struct peer *p = peer_new("firmware", (enum semo_profile)profile, security);
            const struct peer_info i = peer_info(p);
            assert_int_equal(i.security, security);
            assert_int_equal(i.modules, 0);
            assert_int_equal(i.flags, 2);
            assert_int_equal(i.text_start, SEMO_PROGRAM_START);
            assert_int_equal(i.text_end, SEMO_FIRMWARE_TEXT);
            assert_int_equal(i.data_start, SEMO_DATA_START);
            assert_int_equal(i.data_end, SEMO_FIRMWARE_DATA);
            assert_int_equal(semo_machine_violations(p->machine), 0);
            peer_free(p);
        }
}

static void count_instruction(void *context, const char *line)
{
    *(unsigned *)context += *line == 'D';
}

static void sleeps_when_nothing_is_left(void **state)
{
    (void)state;
    struct peer *p = node();
    const uint16_t a = puppet_load(p, "puppet-a", puppet_place_a);
    assert_int_equal(peer_route(p, 5, a), SEMO_OK);
    unsigned instructions = 0;
    semo_machine_trace(p->machine, count_instruction, &instructions, false);
    peer_run(p, 10 * SEMO_CLOCK_HZ);
    assert_int_equal(instructions, 0);
    const uint8_t event[] = {
        SEMO_FRAME_EVENT, 5, 0, 0x11, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x17, 0};
    peer_send(p, event, sizeof event);
    peer_run(p, SEMO_CLOCK_HZ);
    semo_machine_trace(p->machine, NULL, NULL, false);
    printf("# an event of %zu bytes costs %u instructions, module included\n", sizeof event,
           instructions);
    assert_int_equal(puppet_tell(p, a).accepted, 1);
    assert_true(instructions < 1000);
    peer_free(p);
}

static void writes_only_where_nothing_is(void **state)
{
    (void)state;
    static const uint8_t junk[600];
    struct peer *p = node();
    const struct peer_info i = peer_info(p);
    puppet_load(p, "puppet-a", puppet_place_a);
    assert_int_equal(peer_write(p, i.text_end, junk, 2), SEMO_PLACE);
    assert_int_equal(peer_write(p, i.text_end - 1, junk, 2), SEMO_PLACE);
    assert_int_equal(peer_write(p, i.text_end - 2, junk, 2), SEMO_OK);
    assert_int_equal(peer_write(p, SEMO_VECTORS, junk, 2), SEMO_PLACE);
    assert_int_equal(peer_write(p, 0xFFFE, junk, 2), SEMO_PLACE);
    assert_int_equal(peer_write(p, 0xFFFE, junk, 600), SEMO_PLACE); /* wraps */
    assert_int_equal(peer_write(p, SEMO_PROGRAM_START - 1, junk, 1), SEMO_PLACE);
    assert_int_equal(peer_write(p, SEMO_PROGRAM_START, junk, 1), SEMO_OK);
    assert_int_equal(peer_write(p, SEMO_DATA_START, junk, 2), SEMO_PLACE);
    assert_int_equal(peer_write(p, 0x16000, junk, 2), SEMO_PLACE);
    assert_int_equal(peer_write(p, 0x80006000, junk, 2), SEMO_PLACE);
    assert_int_equal(peer_write(p, 0x6000, junk, 2), SEMO_PLACE); /* the module's text */
    assert_int_equal(peer_write(p, 0x5FFF, junk, 2), SEMO_PLACE);
    assert_int_equal(peer_write(p, 0x5FFE, junk, 2), SEMO_OK);
    assert_int_equal(peer_write(p, 0x5F00, junk, 600), SEMO_PLACE); /* around it */
    assert_int_equal(peer_write(p, 0x6100, junk, 1), SEMO_PLACE);
    assert_int_equal(semo_machine_violations(p->machine), 0);
    peer_free(p);
}

/* A second owner finds room by asking: where no module has been since the reset. */
static void tells_what_is_free(void **state)
{
    (void)state;
    struct peer *p = node();
    puppet_load(p, "puppet-a", puppet_place_a);
    const struct peer_info i = peer_info(p);
    assert_int_equal(i.modules, 1);
    assert_in_range(i.text_start, 0x6000, 0x6200);
    assert_int_equal(i.text_end, SEMO_FIRMWARE_TEXT);
    assert_in_range(i.data_start, 0x0302, 0x0400);
    assert_int_equal(i.data_end, SEMO_FIRMWARE_DATA);
    uint16_t id;
    const uint32_t below[] = {i.text_start, i.text_start + 64U, i.data_start - 2U, i.data_end};
    const uint32_t all[] = {i.text_start, i.text_start + 64U, i.data_start, i.data_end};
    assert_int_equal(peer_enable(p, below, &id), SEMO_PLACE);
    assert_int_equal(peer_enable(p, all, &id), SEMO_OK);
    const struct peer_info full = peer_info(p);
    assert_int_equal(full.text_start, i.text_start + 64);
    assert_int_equal(full.data_start, full.data_end);
    peer_free(p);
}

static void enables_only_what_leaves_it_alive(void **state)
{
    (void)state;
    struct peer *p = node();
    const uint32_t end = peer_info(p).text_end;
    const uint32_t bad[][4] = {
        {0x6000, 0x6010, 0x3700, 0x3802}, /* its tables */
        {0x6000, 0x6010, 0x4100, 0x4200}, /* its stack */
        {0x6000, 0x6010, 0x0100, 0x0110}, /* devices */
        {0x6000, 0x6010, 0x4200, 0x5A02}, /* past the windows */
        {0x6000, 0x6010, 0x0310, 0x0300},   {0x6010, 0x6000, 0x0300, 0x0310},
        {0x6000, 0x6000, 0x0300, 0x0310},   {0x5BFE, 0x6010, 0x0300, 0x0310},
        {0x6000, end + 2, 0x0300, 0x0310},  {0xFFE0, 0xFFF0, 0x0300, 0x0310},
        {0x16000, 0x16010, 0x0300, 0x0310}, {0x6000, 0x6010, 0x10300, 0x10310},
    };
    uint16_t module = 0;
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(peer_enable(p, bad[i], &module), SEMO_PLACE);
    assert_int_equal(peer_info(p).modules, 0);
    puppet_load(p, "puppet-a", puppet_place_a);
    const uint32_t same[4] = {0x6000, 0x6010, 0x0400, 0x0410};
    assert_int_equal(peer_enable(p, same, &module), SEMO_PLACE);
    const uint32_t window[4] = {0x6400, 0x6402, SEMO_WINDOW(3), SEMO_WINDOW(4)};
    assert_int_equal(peer_enable(p, window, &module), SEMO_OK);
    assert_int_equal(peer_info(p).modules, 2);
    peer_free(p);
}

/* Each way to be wrong, then right; the line has seen nothing of the text. */
static void enables_an_encrypted_text(void **state)
{
    (void)state;
    static const uint8_t secret[16] = {0x00, 0x4F, 1, 2, 3, 4, 5, 6, 7, 8, 9}, master[16];
    const struct semo_layout layout = {0x6000, 0x6010, 0x0300, 0x0310};
    const uint32_t range[4] = {0x6000, 0x6010, 0x0300, 0x0310};
    struct peer *p = node();
    uint8_t text[16], seal[SEMO_CONCEALED_LEN], now[16], key[16];
    uint16_t module = 0;
    memcpy(text, secret, sizeof text);
    semo_kdf_vendor(128, master, 0x1234, key);
    semo_kdf_conceal(128, key, &layout, text, sizeof text, seal);
    assert_int_equal(peer_write(p, range[0], text, sizeof text), SEMO_OK);
    for (unsigned i = 0; i < sizeof seal; i++) {
        uint8_t bad[sizeof seal];
        memcpy(bad, seal, sizeof seal);
        bad[i] ^= 0x40;
        assert_int_equal(peer_enable_sealed(p, range, bad, &module), SEMO_REFUSED);
    }
    const uint8_t zero[sizeof seal] = {0};
    const uint32_t other[4] = {0x6000, 0x6010, 0x0310, 0x0320};
    assert_int_equal(peer_enable_sealed(p, range, zero, &module), SEMO_MALFORMED);
    assert_int_equal(peer_enable_sealed(p, other, seal, &module), SEMO_REFUSED);
    const uint32_t malformed = peer_counter(p, SEMO_COUNT_MALFORMED);
    for (unsigned len = 0; len < 40; len++) {
        uint8_t frame[3 + 40] = {SEMO_FRAME_ENABLE};
        if (len != SEMO_ENABLE_LEN && len != SEMO_ENABLE_LEN + SEMO_CONCEALED_LEN)
            peer_send(p, frame, 3 + len);
    }
    assert_int_equal(peer_counter(p, SEMO_COUNT_MALFORMED), malformed + 38);
    assert_int_equal(peer_enable_sealed(p, range, seal, &module), SEMO_OK);
    semo_machine_peek(p->machine, 0x6000, now, sizeof now);
    assert_memory_equal(now, secret, sizeof now);
    assert_int_equal(peer_info(p).modules, 1);
    peer_free(p);
}

static void has_sixteen_slots(void **state)
{
    (void)state;
    static const uint8_t br_r15[2] = {0x00, 0x4F};
    struct peer *p = node();
    uint16_t module = 0;
    for (uint32_t i = 0; i < 17; i++) {
        const uint32_t range[4] = {0x6000 + 16 * i, 0x6002 + 16 * i, 0x400 + 16 * i,
                                   0x402 + 16 * i};
        assert_int_equal(peer_write(p, range[0], br_r15, 2), SEMO_OK);
        assert_int_equal(peer_enable(p, range, &module), i < 16 ? SEMO_OK : SEMO_FULL);
    }
    assert_int_equal(peer_info(p).modules, 16);
    peer_free(p);
}

static void has_sixty_four_routes(void **state)
{
    (void)state;
    struct peer *p = node();
    for (unsigned i = 1; i <= 64; i++)
        assert_int_equal(peer_route(p, i, 1), SEMO_OK);
    assert_int_equal(peer_route(p, 65, 1), SEMO_FULL);
    assert_int_equal(peer_route(p, 64, 2), SEMO_OK); /* the same again */
    assert_int_equal(peer_route(p, 7, 0), SEMO_OK);  /* forget */
    assert_int_equal(peer_route(p, 65, 1), SEMO_OK);
    assert_int_equal(peer_route(p, 66, 1), SEMO_FULL);
    peer_free(p);
}

/* Any order of new, moved and forgotten routes, against a list. */
static void routes_are_what_was_said_last(void **state)
{
    (void)state;
    uint32_t seed = first_seed();
    struct peer *p = node();
    const uint16_t a = puppet_load(p, "puppet-a", puppet_place_a);
    bool routed[100] = {false};
    unsigned count = 0, unroutable = 0;
    for (unsigned i = 0; i < 3000; i++) {
        const unsigned connection = 1 + next_random(&seed) % 99;
        const bool on = next_random(&seed) % 3;
        const enum semo_status status = peer_route(p, connection, on ? a : 0);
        assert_int_equal(status == SEMO_FULL, on && !routed[connection] && count == 64);
        if (status == SEMO_OK) {
            count += on - routed[connection];
            routed[connection] = on;
        }
        const uint8_t event[] = {SEMO_FRAME_EVENT, (uint8_t)(1 + next_random(&seed) % 99), 0, 1};
        peer_send(p, event, sizeof event);
        unroutable += !routed[event[1]];
        if (i % 50 == 0)
            assert_int_equal(peer_counter(p, SEMO_COUNT_UNROUTABLE), unroutable);
    }
    assert_int_equal(peer_route(p, 0, a), SEMO_UNKNOWN);
    assert_int_equal(peer_counter(p, SEMO_COUNT_UNROUTABLE), unroutable);
    peer_free(p);
}

static void calls_modules(void **state)
{
    (void)state;
    struct peer *p = node();
    struct peer_frame a;
    const uint16_t module = puppet_load(p, "puppet-a", puppet_place_a);
    assert_int_equal(peer_call(p, module, 99, NULL, 0, &a), SEMO_UNKNOWN);
    assert_int_equal(peer_call(p, module + 1u, PUPPET_TELL, NULL, 0, &a), SEMO_UNKNOWN);
    assert_int_equal(peer_call(p, 0, PUPPET_TELL, NULL, 0, &a), SEMO_UNKNOWN);
    assert_int_equal(puppet_tell(p, module).accepted, 0);
    assert_int_equal(peer_call(p, module, PUPPET_LIE, NULL, 0, &a), SEMO_OK);
    assert_int_equal(a.len, 0);
    const uint8_t len[2] = {0xE8, 3}, too_much[2] = {0x50, 4};
    assert_int_equal(peer_call(p, module, PUPPET_BIG, len, sizeof len, &a), SEMO_OK);
    assert_int_equal(a.len, 1000); /* four times what the transmit FIFO holds */
    assert_memory_equal(a.bytes, len, sizeof len);
    assert_int_equal(peer_call(p, module, PUPPET_BIG, too_much, sizeof too_much, &a), SEMO_LENGTH);
    assert_int_equal(a.len, 0);
    peer_free(p);
}

static void survives_a_module_that_violates(void **state)
{
    (void)state;
    struct peer *p = node();
    struct peer_frame a;
    const uint16_t module = puppet_load(p, "puppet-a", puppet_place_a),
                   victim = puppet_load(p, "puppet-b", puppet_place_b);
    const uint8_t of_b[2] = {0x28, 0x03};
    assert_int_equal(peer_call(p, module, PUPPET_VIOLATE, of_b, sizeof of_b, &a), SEMO_SYSTEM);
    assert_true(semo_machine_violations(p->machine) > 0);
    assert_int_equal(peer_call(p, module, PUPPET_TELL, NULL, 0, &a), SEMO_UNKNOWN);
    assert_int_equal(puppet_tell(p, victim).last, 0);
    assert_int_equal(peer_info(p).modules, 1);
    peer_free(p);
}

static void survives_a_module_that_lets_itself_be_interrupted(void **state)
{
    (void)state;
    struct peer *p = node();
    struct peer_frame f;
    const uint16_t module = puppet_load(p, "puppet-a", puppet_place_a);
    const uint8_t spin[] = {SEMO_FRAME_CALL, 1, 0, (uint8_t)module, 0, PUPPET_SPIN, 0};
    peer_send(p, spin, sizeof spin);
    peer_run(p, 10 * MS);
    assert_int_equal(p->count, 0);
    const uint8_t info[] = {SEMO_FRAME_INFO, 2, 0};
    peer_send(p, info, sizeof info);
    assert_true(peer_take(p, &f));
    assert_int_equal(f.bytes[1], 1);
    assert_int_equal(f.bytes[3], SEMO_SYSTEM);
    assert_true(peer_take(p, &f));
    assert_int_equal(f.bytes[1], 2);
    assert_int_equal(f.bytes[3], SEMO_OK);
    peer_free(p);
}

static void forgets_a_module_that_leaves(void **state)
{
    (void)state;
    struct peer *p = node();
    struct peer_frame a;
    const uint16_t module = puppet_load(p, "puppet-a", puppet_place_a);
    assert_int_equal(peer_call(p, module, PUPPET_LEAVE, NULL, 0, &a), SEMO_OK);
    assert_int_equal(peer_call(p, module, PUPPET_TELL, NULL, 0, &a), SEMO_UNKNOWN);
    assert_int_equal(peer_info(p).modules, 0);
    assert_int_equal(puppet_tell(p, puppet_load(p, "puppet-a", puppet_place_a)).accepted,
                     0); /* its place is free */
    peer_free(p);
}

static void sends_events_out(void **state)
{
    (void)state;
    struct peer *p = node();
    struct peer_frame f;
    const uint16_t a = puppet_load(p, "puppet-a", puppet_place_a);
    assert_int_equal(puppet_emit(p, a, 9, 0, 40), SEMO_OK);
    for (unsigned i = 1; i <= 40; i++) { /* more than the FIFO holds, none lost */
        assert_true(peer_take(p, &f));
        const uint8_t head[] = {SEMO_FRAME_EVENT, 9, 0, 0x11, 0, (uint8_t)i};
        assert_int_equal(f.len, 17);
        assert_memory_equal(f.bytes, head, sizeof head);
    }
    assert_int_equal(peer_counter(p, SEMO_COUNT_EVENTS_OUT), 40);
    assert_int_equal(peer_counter(p, SEMO_COUNT_EVENTS_IN), 0);
    peer_free(p);
}

static void connects_two_modules(void **state)
{
    (void)state;
    struct peer *p = node();
    const uint16_t a = puppet_load(p, "puppet-a", puppet_place_a),
                   b = puppet_load(p, "puppet-b", puppet_place_b);
    assert_int_equal(peer_route(p, 5, b), SEMO_OK);
    assert_int_equal(puppet_emit(p, a, 5, 0, 100), SEMO_OK);
    peer_run(p, SEMO_CLOCK_HZ);
    assert_int_equal(puppet_tell(p, b).accepted, 100);
    assert_int_equal(puppet_tell(p, b).last, 100);
    assert_int_equal(peer_counter(p, SEMO_COUNT_EVENTS_OUT), 100);
    assert_int_equal(peer_counter(p, SEMO_COUNT_EVENTS_IN), 100);
    assert_int_equal(peer_counter(p, SEMO_COUNT_REFUSED), 0);
    assert_int_equal(p->count, 0);
    peer_free(p);
}

static void counts_events_that_a_module_refuses(void **state)
{
    (void)state;
    struct peer *p = node();
    const uint16_t a = puppet_load(p, "puppet-a", puppet_place_a);
    assert_int_equal(peer_route(p, 5, a), SEMO_OK);
    const uint8_t event[] = {
        SEMO_FRAME_EVENT, 5, 0, 0x11, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x18, 0};
    peer_send(p, event, sizeof event);
    assert_int_equal(peer_counter(p, SEMO_COUNT_REFUSED), 1);
    assert_int_equal(peer_counter(p, SEMO_COUNT_EVENTS_IN), 1);
    assert_int_equal(puppet_tell(p, a).accepted, 0);
    peer_free(p);
}

/* A and B send each other events for ever: requests are answered all the same. */
static void a_flood_inside_does_not_deafen_it(void **state)
{
    (void)state;
    struct peer *p = node();
    const uint16_t a = puppet_load(p, "puppet-a", puppet_place_a),
                   b = puppet_load(p, "puppet-b", puppet_place_b);
    assert_int_equal(peer_route(p, 5, b), SEMO_OK);
    assert_int_equal(peer_route(p, 6, a), SEMO_OK);
    assert_int_equal(puppet_emit(p, b, 6, 0, 0), SEMO_OK);
    assert_int_equal(puppet_emit(p, a, 5, 0xFFFF, 1), SEMO_OK);
    const unsigned before = puppet_tell(p, b).accepted;
    assert_int_equal(peer_info(p).modules, 2);
    assert_true(puppet_tell(p, b).accepted > before);
    peer_free(p);
}

/* Half a frame on the line, for whatever reason, keeps no device event from its module. */
static void samples_beside_half_a_frame(void **state)
{
    (void)state;
    struct peer *p = node();
    struct peer_frame f;
    const uint16_t a = puppet_load(p, "puppet-a", puppet_place_a);
    assert_int_equal(puppet_emit(p, a, 9, 0, 0), SEMO_OK);
    const uint8_t sample[] = {SEMO_WINDOW_CLOCK, (uint8_t)a, 0, PUPPET_SAMPLE, 0};
    assert_int_equal(peer_ask(p, SEMO_FRAME_SAMPLE, sample, sizeof sample, &f), SEMO_OK);
    const uint8_t first[] = {SEMO_FRAME_INFO, 0x33}, second[] = {0x44, 0xC0};
    peer_send_raw(p, first, sizeof first);
    peer_run(p, 2 * SEMO_CLOCK_HZ);
    assert_int_equal(p->count, 2);
    assert_true(peer_take(p, &f) && f.bytes[0] == SEMO_FRAME_EVENT);
    assert_true(peer_take(p, &f) && f.bytes[0] == SEMO_FRAME_EVENT);
    peer_send_raw(p, second, sizeof second);
    assert_true(peer_take(p, &f));
    const uint8_t head[] = {SEMO_FRAME_INFO | SEMO_FRAME_ANSWER, 0x33, 0x44, SEMO_OK};
    assert_memory_equal(f.bytes, head, sizeof head);
    assert_int_equal(puppet_tell(p, a).sampled, 2);
    peer_free(p);
}

static void resets(void **state)
{
    (void)state;
    struct peer *p = node();
    const uint16_t a = puppet_load(p, "puppet-a", puppet_place_a);
    assert_int_equal(peer_route(p, 5, a), SEMO_OK);
    const uint8_t reset[] = {SEMO_FRAME_RESET, 1, 0};
    peer_send(p, reset, sizeof reset);
    peer_run(p, 100 * MS);
    assert_int_equal(p->count, 0);
    assert_int_equal(peer_info(p).modules, 0);
    assert_int_equal(peer_counter(p, SEMO_COUNT_UNROUTABLE), 0);
    peer_free(p);
}

/* Code in unprotected memory that reads what it must not, as a slip of the firmware would. */
static void survives_its_own_violation(void **state)
{
    (void)state;
    struct peer *p = node();
    const uint16_t a = puppet_load(p, "puppet-a", puppet_place_a);
    const uint8_t slip[] = {0x15, 0x42, 0x00, 0x03, 0xFF, 0x3F}; /* mov &0x0300, r5; jmp $ */
    assert_int_equal(peer_write(p, 0x7000, slip, sizeof slip), SEMO_OK);
    assert_int_equal(peer_route(p, 5, a), SEMO_OK);
    peer_run(p, 10 * MS);
    for (unsigned n = 1; n < 5; n++) {
        semo_machine_set_register(p->machine, 2, 0);
        semo_machine_set_register(p->machine, 0, 0x7000);
        peer_run(p, 10 * MS);
        assert_int_equal(semo_machine_violations(p->machine), n);
        assert_int_equal(peer_counter(p, SEMO_COUNT_MALFORMED), n);
        assert_int_equal(puppet_emit(p, a, 5, 0, 0), SEMO_OK); /* the tables hold */
    }
    peer_free(p);
}

/* Whenever a byte comes, also between the last look at the FIFO and sleep, it is not overslept. */
static void no_byte_comes_at_a_bad_time(void **state)
{
    (void)state;
    uint32_t seed = first_seed();
    struct peer *p = node();
    struct peer_frame f;
    const uint16_t a = puppet_load(p, "puppet-a", puppet_place_a);
    const uint8_t sample[] = {SEMO_WINDOW_CLOCK, (uint8_t)a, 0, PUPPET_SAMPLE, 0};
    assert_int_equal(puppet_emit(p, a, 9, 0, 0), SEMO_OK);
    assert_int_equal(peer_ask(p, SEMO_FRAME_SAMPLE, sample, sizeof sample, &f), SEMO_OK);
    p->deaf_to_events = true;
    for (unsigned i = 0; i < 500; i++) {
        const uint8_t info[] = {SEMO_FRAME_INFO, (uint8_t)(i % 100), 0, 0xC0};
        for (unsigned k = 0; k < sizeof info; k++) {
            peer_run(p, next_random(&seed) % 3000);
            peer_send_raw(p, info + k, 1);
        }
        peer_run(p, 10 * MS);
        assert_int_equal(p->count, 1);
        assert_true(peer_take(p, &f));
        assert_int_equal(f.bytes[1], i % 100);
    }
    assert_int_equal(peer_counter(p, SEMO_COUNT_MALFORMED), 0);
    peer_free(p);
}

/* More than both FIFOs hold, and for a while nobody takes the answers: none is lost. */
static void answers_wait_for_a_slow_peer(void **state)
{
    (void)state;
    struct peer *p = node();
    struct peer_frame f;
    semo_link_accept(p->link, false, semo_machine_cycle(p->machine));
    for (uint8_t i = 0; i < PEER_FRAMES; i++) {
        const uint8_t counters[] = {SEMO_FRAME_COUNTERS, i, 0};
        peer_send(p, counters, sizeof counters);
    }
    peer_run(p, 2 * SEMO_CLOCK_HZ);
    assert_int_equal(p->count, 0);
    semo_link_accept(p->link, true, semo_machine_cycle(p->machine));
    for (unsigned i = 0; i < PEER_FRAMES; i++) {
        assert_true(peer_take(p, &f));
        assert_int_equal(f.bytes[1], i);
        assert_int_equal(f.len, 4 + 1 + 4 * SEMO_COUNTERS);
    }
    peer_free(p);
}

/* tests/reject/frame: comments, what must be counted, bytes on the line (hex, "*n" repeats). */
static void send_file(struct peer *p, const char *path)
{
    char line[512], name[32] = "";
    unsigned expected = 0;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '#' || sscanf(line, "expect: %31s %u", name, &expected) == 2)
            continue;
        for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n")) {
            char *times = NULL;
            const uint8_t byte = (uint8_t)strtoul(word, &times, 16);
            for (unsigned n = *times ? (unsigned)strtoul(times + 1, NULL, 10) : 1; n; n--)
                peer_send_raw(p, &byte, 1);
        }
    }
    fclose(f);
    const bool route = !strcmp(name, "unroutable");
    assert_true(route || !strcmp(name, "malformed"));
    const uint32_t n = peer_counter(p, route ? SEMO_COUNT_UNROUTABLE : SEMO_COUNT_MALFORMED);
    if (n != expected || p->count)
        fail_msg("%s: counted %u, expected %u; %u frames came", path, n, expected, p->count);
}

static void drops_and_counts_bad_frames(void **state)
{
    (void)state;
    glob_t files;
    assert_int_equal(glob("tests/reject/frame/*.frame", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct peer *p = node();
        send_file(p, files.gl_pathv[i]);
        assert_int_equal(peer_info(p).modules, 0);
        assert_int_equal(semo_machine_violations(p->machine), 0);
        peer_free(p);
    }
    printf("# %zu files\n", files.gl_pathc);
    globfree(&files);
}

/* Random frames, none of them RESET. Each is answered, counted malformed or counted unroutable. */
static void survives_noise(void **state)
{
    (void)state;
    uint32_t seed = first_seed();
    const unsigned frames = getenv("SOAK") ? 50000 : 2000;
    struct peer *p = node();
    struct peer_frame f;
    unsigned answered = 0;
    for (unsigned i = 0; i < frames; i++) {
        uint8_t frame[64];
        const unsigned len = 1 + next_random(&seed) % sizeof frame;
        for (unsigned k = 0; k < len; k++)
            frame[k] = (uint8_t)next_random(&seed);
        if (i % 2)
            frame[0] %= 0x12; /* types that exist, for the most part */
        if (frame[0] == SEMO_FRAME_RESET)
            frame[0] = SEMO_FRAME_CALL;
        peer_send(p, frame, len);
        peer_run(p, 20 * MS);
        for (; p->count; answered++)
            assert_true(peer_take(p, &f));
    }
    const unsigned malformed = peer_counter(p, SEMO_COUNT_MALFORMED),
                   unroutable = peer_counter(p, SEMO_COUNT_UNROUTABLE),
                   refused = peer_counter(p, SEMO_COUNT_REFUSED);
    printf("# %u answered, %u malformed, %u for nobody, %u refused\n", answered, malformed,
           unroutable, refused);
    assert_int_equal(answered + malformed + unroutable + refused, frames);
    assert_true(answered && malformed && unroutable);
    assert_true(peer_stack_room(p, 0x3EDE) > 500);
    assert_int_equal(semo_machine_violations(p->machine), 0);
    peer_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_it_is),
        cmocka_unit_test(sleeps_when_nothing_is_left),
        cmocka_unit_test(writes_only_where_nothing_is),
        cmocka_unit_test(tells_what_is_free),
        cmocka_unit_test(enables_only_what_leaves_it_alive),
        cmocka_unit_test(enables_an_encrypted_text),
        cmocka_unit_test(has_sixteen_slots),
        cmocka_unit_test(has_sixty_four_routes),
        cmocka_unit_test(routes_are_what_was_said_last),
        cmocka_unit_test(calls_modules),
        cmocka_unit_test(survives_a_module_that_violates),
        cmocka_unit_test(survives_a_module_that_lets_itself_be_interrupted),
        cmocka_unit_test(forgets_a_module_that_leaves),
        cmocka_unit_test(sends_events_out),
        cmocka_unit_test(connects_two_modules),
        cmocka_unit_test(counts_events_that_a_module_refuses),
        cmocka_unit_test(a_flood_inside_does_not_deafen_it),
        cmocka_unit_test(samples_beside_half_a_frame),
        cmocka_unit_test(resets),
        cmocka_unit_test(survives_its_own_violation),
        cmocka_unit_test(no_byte_comes_at_a_bad_time),
        cmocka_unit_test(answers_wait_for_a_slow_peer),
        cmocka_unit_test(drops_and_counts_bad_frames),
        cmocka_unit_test(survives_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
