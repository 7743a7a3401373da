/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of a module in the hardened machine: keys, attestation, events, and every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/channel/channel.h"
#include "lib/crypto/aead.h"
#include "tests/runtime/rig.h"

enum {
    SLOTS = 3,
    STUB_STATE = 6,
    ECHO = 0,
    KEEP = 1,
    SINK = 2,
    NARROW = 0,
    OUT = 1,
    PATIENCE = 100000
};

static const unsigned securities[] = {64, 128};

static struct rig *probe(unsigned security)
{
    const struct rig_options o = {
        "probe", "tests/runtime/modules/probe.c", security, SLOTS, false, 0, 0};
    return rig_new(&o);
}

static unsigned user(const struct rig *r, const char *name)
{
    const struct semo_io *io = semo_unit_io(r->unit, SEMO_IO_ENTRY, name);
    if (!io)
        io = semo_unit_io(r->unit, SEMO_IO_SAMPLE, name);
    assert_non_null(io);
    return io->index;
}

static struct rig_result take(struct rig *r)
{
    return rig_call(r, SEMO_ENTRY_TAKE, "", 0);
}

/* A probe that was attested and has an input and an output connection. */
static struct rig *connected(unsigned security, struct rig_end *in, unsigned input,
                             struct rig_end *out)
{
    struct rig *r = probe(security);
    *in = (struct rig_end){.connection = 0x0107};
    *out = (struct rig_end){.connection = 2};
    assert_int_equal(rig_attest(r).status, SEMO_OK);
    assert_int_equal(rig_set_key(r, in, input, SEMO_RECEIVER, 1).status, SEMO_OK);
    assert_int_equal(rig_set_key(r, out, OUT, SEMO_SENDER, 2).status, SEMO_OK);
    return r;
}

static struct rig_result deliver(struct rig *r, struct rig_end *in, const void *body, unsigned len)
{
    uint8_t frame[SEMO_FRAME_MAX];
    unsigned frame_len = rig_seal(r, in, body, len, frame);
    return rig_call(r, SEMO_ENTRY_INPUT, frame, frame_len);
}

/* received, last status of an output, frames dropped */
static void counts(struct rig *r, uint8_t out[3])
{
    struct rig_result c = rig_call(r, user(r, "count"), "", 0);
    assert_int_equal(c.status, SEMO_OK);
    assert_int_equal(c.len, 3);
    memcpy(out, c.answer, 3);
}

/* --- what works --- */

static void attest_proves_key_epoch_serial_and_connections(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct rig *r = probe(securities[i]);
        uint8_t message[SEMO_ATTEST_AD_LEN] = {SEMO_DOMAIN_ATTEST, 0}, tag[16];
        struct rig_end in = {.connection = 9};
        struct rig_result a = rig_attest(r);
        assert_int_equal(a.status, SEMO_OK);
        assert_int_equal(a.len, 14 + r->tag_len);
        memcpy(message + 2, rig_node, sizeof rig_node);
        memset(message + 10, 0xC4, SEMO_CHALLENGE_LEN);
        memcpy(message + 26, a.answer, 14);
        rig_mac(r, message, sizeof message, tag);
        assert_memory_equal(tag, a.answer + 14, r->tag_len);
        assert_memory_equal(a.answer, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
        assert_int_equal(rig_set_key(r, &in, SINK, SEMO_RECEIVER, 0x01020304).status, SEMO_OK);
        a = rig_attest(r);
        assert_memory_equal(a.answer, "\1\0\0\0\0\0\0\0\4\3\2\1\1\0", 14);
        assert_int_equal(semo_machine_violations(r->machine), 0);
        rig_free(r);
    }
}

static void set_key_confirms_random_serial_and_connections(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct rig *r = probe(securities[i]);
        uint8_t message[24] = {SEMO_DOMAIN_SET_KEY_DONE, 0}, tag[16];
        struct rig_end in = {.connection = 9};
        struct rig_result a;
        rig_attest(r);
        a = rig_set_key(r, &in, SINK, SEMO_RECEIVER, 5);
        assert_int_equal(a.status, SEMO_OK);
        assert_int_equal(a.len, 2 + r->tag_len);
        memset(message + 2, 0x45, 16);
        message[18] = 5;
        message[22] = 1;
        rig_mac(r, message, sizeof message, tag);
        assert_memory_equal(a.answer, "\1\0", 2);
        assert_memory_equal(a.answer + 2, tag, r->tag_len);
        rig_free(r);
    }
}

static void an_event_of_every_length_is_handled_and_sent_on(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct rig_end in, out;
        struct rig *r = connected(securities[i], &in, ECHO, &out);
        for (unsigned len = 0; len <= SEMO_PAYLOAD_DEFAULT; len++) {
            uint8_t body[64], back[80];
            unsigned back_len = 99;
            struct rig_result a;
            for (unsigned k = 0; k < len; k++)
                body[k] = (uint8_t)(len + k);
            assert_int_equal(deliver(r, &in, body, len).status, SEMO_OK);
            a = take(r);
            assert_int_equal(a.status, SEMO_OK);
            assert_true(rig_open(r, &out, a.answer, a.len, back, &back_len));
            assert_int_equal(back_len, len);
            assert_memory_equal(back, body, len);
            assert_int_equal(take(r).status, SEMO_EMPTY);
        }
        assert_int_equal(semo_machine_violations(r->machine), 0);
        rig_free(r);
    }
}

static void the_hosts_channel_is_the_same_channel(void **state)
{
    struct rig_end in, out;
    struct rig *r = connected(128, &in, ECHO, &out);
    struct semo_channel to = {.connection = in.connection}, from = {.connection = out.connection};
    _Alignas(2) uint8_t frame[200], body[64];
    (void)state;
    memcpy(to.key, in.key, 16);
    memcpy(from.key, out.key, 16);
    for (unsigned len = 0; len < 20; len++) {
        struct rig_result a;
        unsigned body_len = 0;
        frame[0] = (uint8_t)in.connection;
        frame[1] = (uint8_t)(in.connection >> 8);
        assert_int_equal(semo_channel_seal(&to, 0, "the quick brown fox..", len, frame + 2),
                         SEMO_OK);
        assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, 2 + SEMO_SEALED_LEN(len)).status,
                         SEMO_OK);
        a = take(r);
        memcpy(frame, a.answer + 2, a.len - 2);
        assert_int_equal(semo_channel_open(&from, frame, a.len - 2, body, sizeof body, &body_len),
                         SEMO_OK);
        assert_int_equal(body_len, len);
        assert_memory_equal(body, "the quick brown fox..", len);
    }
    rig_free(r);
}

static void a_sample_sends_and_an_output_reaches_every_connection(void **state)
{
    struct rig_end in, out, more = {.connection = 3};
    struct rig *r = connected(64, &in, ECHO, &out);
    uint8_t body[16];
    unsigned len;
    struct rig_result a;
    (void)state;
    assert_int_equal(rig_set_key(r, &more, OUT, SEMO_SENDER, 3).status, SEMO_OK);
    assert_int_equal(rig_call(r, user(r, "tick"), "", 0).status, SEMO_OK);
    a = take(r);
    assert_true(rig_open(r, &out, a.answer, a.len, body, &len));
    assert_memory_equal(body, "\xBE\xEF", 2);
    a = take(r);
    assert_true(rig_open(r, &more, a.answer, a.len, body, &len));
    assert_memory_equal(body, "\xBE\xEF", 2);
    assert_int_equal(take(r).status, SEMO_EMPTY);
    rig_free(r);
}

/* --- the queue --- */

static void a_full_queue_is_a_status_and_a_count_and_keeps_its_frames(void **state)
{
    struct rig_end in, out;
    struct rig *r = connected(128, &in, ECHO, &out);
    uint8_t c[3], body[64];
    unsigned sent = 0, len;
    (void)state;
    do {
        assert_int_equal(deliver(r, &in, &sent, 1).status, SEMO_OK);
        counts(r, c);
        sent++;
    } while (c[1] == SEMO_OK && sent < 50);
    assert_int_equal(c[1], SEMO_FULL);
    assert_int_equal(sent, 4); /* 120 bytes hold three frames of 32 */
    assert_int_equal(c[2], 1);
    for (unsigned i = 0; i + 1 < sent; i++) {
        struct rig_result a = take(r);
        assert_int_equal(a.status, SEMO_OK);
        assert_true(rig_open(r, &out, a.answer, a.len, body, &len));
        assert_int_equal(body[0], i);
    }
    assert_int_equal(take(r).status, SEMO_EMPTY);
    assert_int_equal(deliver(r, &in, "x", 1).status, SEMO_OK);
    assert_int_equal(take(r).status, SEMO_OK);
    rig_free(r);
}

/* Against a model: any order of sends and takes, lengths from 0 to 40. */
static void the_queue_is_first_in_first_out_over_every_wrap(void **state)
{
    struct rig_end in, out;
    struct rig *r = connected(64, &in, ECHO, &out);
    uint8_t waiting[8][48], c[3], body[48];
    unsigned lens[8], count = 0, sent = 0, len, seed = 20261121;
    (void)state;
    for (unsigned step = 0; step < 600; step++) {
        seed = seed * 1103515245 + 12345;
        if (seed >> 16 & 1) {
            struct rig_result a = take(r);
            assert_int_equal(a.status, count ? SEMO_OK : SEMO_EMPTY);
            if (!count)
                continue;
            assert_true(rig_open(r, &out, a.answer, a.len, body, &len));
            assert_int_equal(len, lens[0]);
            assert_memory_equal(body, waiting[0], len);
            memmove(waiting, waiting + 1, sizeof waiting - sizeof waiting[0]);
            memmove(lens, lens + 1, sizeof lens - sizeof lens[0]);
            count--;
        } else {
            lens[count] = (seed >> 20) % 41;
            memset(waiting[count], (int)step, lens[count]);
            assert_int_equal(deliver(r, &in, waiting[count], lens[count]).status, SEMO_OK);
            counts(r, c);
            assert_true(c[1] == SEMO_OK || (c[1] == SEMO_FULL && count > 0));
            count += c[1] == SEMO_OK;
            sent += c[1] == SEMO_OK;
        }
    }
    assert_true(sent > 100);
    rig_free(r);
}

static void a_frame_too_long_for_the_caller_stays(void **state)
{
    struct rig_end in, out;
    struct rig *r = connected(64, &in, ECHO, &out);
    struct rig_registers g = rig_registers(SEMO_ENTRY_TAKE, 0);
    struct rig_result a;
    (void)state;
    deliver(r, &in, "ab", 2);
    for (g.capacity = 0; g.capacity < 22; g.capacity++)
        assert_int_equal(rig_jump(r, &g, PATIENCE).status, SEMO_LENGTH);
    a = rig_jump(r, &g, PATIENCE);
    assert_int_equal(a.status, SEMO_OK);
    assert_int_equal(a.len, 22);
    rig_free(r);
}

/* --- refusals at the entry --- */

struct bad_call {
    const char *what;
    struct rig_registers g;
    enum semo_status status;
};

static void refuse_call(struct rig *r, const struct bad_call *b)
{
    const struct semo_layout *l = &r->image.layout;
    unsigned state = l->ss + r->unit->stack_len + STUB_STATE, len = l->se - state;
    uint8_t before[1024], after[1024];
    struct rig_result a;
    semo_machine_peek(r->machine, (uint16_t)state, before, len);
    a = rig_jump(r, &b->g, PATIENCE);
    semo_machine_peek(r->machine, (uint16_t)state, after, len);
    if (!a.returned || a.status != b->status || a.len != 0 || memcmp(before, after, len) != 0 ||
        semo_machine_violations(r->machine) != 0)
        fail_msg("%s: at %04x, status %d, %u bytes", b->what, a.at, a.status, a.len);
    for (unsigned n = 2; n < 16; n++)
        if (n != 12)
            assert_int_equal(a.registers[n], 0);
    assert_int_equal(a.registers[1], b->g.sp);
}

static void every_bad_call_is_refused_before_anything_changes(void **state)
{
    struct rig_end in, out;
    struct rig *r = connected(64, &in, ECHO, &out);
    const struct semo_layout *l = &r->image.layout;
    const uint16_t ps = l->ps, pe = l->pe, ss = l->ss, se = l->se, ok = RIG_RETURN;
    const uint16_t frame = (uint16_t)(2 + SEMO_EVENT_AD_LEN + 64 + 8);
    const struct bad_call table[] = {
        {"buffer is the text", {2, ps, 0, 16, ok, RIG_STACK, 0, 0, 0}, SEMO_PLACE},
        {"buffer in the text",
         {2, (uint16_t)(ps + 100), 0, 16, ok, RIG_STACK, 0, 0, 0},
         SEMO_PLACE},
        {"buffer ends in the text",
         {2, (uint16_t)(ps - 2), 0, 4, ok, RIG_STACK, 0, 0, 0},
         SEMO_PLACE},
        {"buffer ends one byte in",
         {2, (uint16_t)(ps - 2), 0, 3, ok, RIG_STACK, 0, 0, 0},
         SEMO_PLACE},
        {"buffer starts at last word",
         {2, (uint16_t)(pe - 2), 0, 8, ok, RIG_STACK, 0, 0, 0},
         SEMO_PLACE},
        {"buffer around the text", {2, 0x5000, 0, 0x5000, ok, RIG_STACK, 0, 0, 0}, SEMO_PLACE},
        {"buffer is the data", {2, ss, 0, (uint16_t)(se - ss), ok, RIG_STACK, 0, 0, 0}, SEMO_PLACE},
        {"buffer in the data", {3, (uint16_t)(ss + 64), 0, 64, ok, RIG_STACK, 0, 0, 0}, SEMO_PLACE},
        {"buffer ends in the data",
         {3, (uint16_t)(ss - 10), 0, 11, ok, RIG_STACK, 0, 0, 0},
         SEMO_PLACE},
        {"buffer is the data's end",
         {3, (uint16_t)(se - 2), 0, 100, ok, RIG_STACK, 0, 0, 0},
         SEMO_PLACE},
        {"buffer around the data", {3, 0x0200, 0, 0x2000, ok, RIG_STACK, 0, 0, 0}, SEMO_PLACE},
        {"empty buffer in the data",
         {3, (uint16_t)(ss + 8), 0, 0, ok, RIG_STACK, 0, 0, 0},
         SEMO_PLACE},
        {"buffer wraps", {3, 0xFF00, 0, 0x0200, ok, RIG_STACK, 0, 0, 0}, SEMO_PLACE},
        {"buffer wraps into the data", {3, 0xFF00, 0, 0x0600, ok, RIG_STACK, 0, 0, 0}, SEMO_PLACE},
        {"buffer ends at 64 Ki", {3, 0xFF00, 0, 0x0100, ok, RIG_STACK, 0, 0, 0}, SEMO_PLACE},
        {"all of memory", {3, 2, 0, 0xFFFF, ok, RIG_STACK, 0, 0, 0}, SEMO_PLACE},
        {"odd buffer", {3, RIG_BUFFER + 1, 0, 64, ok, RIG_STACK, 0, 0, 0}, SEMO_PLACE},
        {"payload over capacity", {2, RIG_BUFFER, 21, 20, ok, RIG_STACK, 0, 0, 0}, SEMO_LENGTH},
        {"payload of 64 Ki", {2, RIG_BUFFER, 0xFFFF, 64, ok, RIG_STACK, 0, 0, 0}, SEMO_LENGTH},
        {"payload over the frame",
         {2, RIG_BUFFER, (uint16_t)(frame + 1), RIG_CAPACITY, ok, RIG_STACK, 0, 0, 0},
         SEMO_LENGTH},
        {"return to the text", {3, RIG_BUFFER, 0, 64, ps, RIG_STACK, 0, 0, 0}, SEMO_PLACE},
        {"return into the text",
         {3, RIG_BUFFER, 0, 64, (uint16_t)(ps + 30), RIG_STACK, 0, 0, 0},
         SEMO_PLACE},
        {"return to its last byte",
         {3, RIG_BUFFER, 0, 64, (uint16_t)(pe - 1), RIG_STACK, 0, 0, 0},
         SEMO_PLACE},
        {"return into the data",
         {3, RIG_BUFFER, 0, 64, (uint16_t)(ss + 40), RIG_STACK, 0, 0, 0},
         SEMO_PLACE},
        {"return to the data's last byte",
         {3, RIG_BUFFER, 0, 64, (uint16_t)(se - 1), RIG_STACK, 0, 0, 0},
         SEMO_PLACE},
        {"stack pointer in the data",
         {3, RIG_BUFFER, 0, 0, ps, (uint16_t)(ss + 20), 0, 0, 0},
         SEMO_PLACE},
        {"interrupts enabled", {3, RIG_BUFFER + 1, 0, 64, ok, RIG_STACK, 8, 0, 0}, SEMO_PLACE},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        struct bad_call b = table[i];
        bool back_inside = b.g.back != ok;
        if (back_inside) { /* it goes to the reset vector's target instead */
            struct rig_result a;
            b.g.stop = RIG_RESET;
            a = rig_jump(r, &b.g, PATIENCE);
            assert_int_equal(a.at, RIG_RESET);
            assert_int_equal(a.registers[12], SEMO_PLACE);
            for (unsigned n = 2; n < 16; n++)
                if (n != 12)
                    assert_int_equal(a.registers[n], 0);
            assert_int_equal(semo_machine_violations(r->machine), 0);
            continue;
        }
        refuse_call(r, &b);
    }
    assert_int_equal(deliver(r, &in, "ab", 2).status, SEMO_OK);
    rig_free(r);
}

static void a_reset_vector_into_the_module_is_no_way_in(void **state)
{
    struct rig *r = probe(64);
    struct rig_registers g = rig_registers(SEMO_ENTRY_TAKE, 0);
    (void)state;
    for (unsigned at = r->image.layout.ps; at < r->image.layout.pe; at += 512) {
        uint8_t vector[2] = {(uint8_t)at, (uint8_t)(at >> 8)};
        uint16_t resting;
        semo_machine_poke(r->machine, 0xFFFE, vector, 2);
        g.back = (uint16_t)(r->image.layout.ps + 2);
        g.stop = RIG_RETURN;
        assert_false(rig_jump(r, &g, 2000).returned);
        resting = semo_machine_register(r->machine, 0);
        semo_machine_run(r->machine, semo_machine_cycle(r->machine) + 5000);
        assert_int_equal(semo_machine_register(r->machine, 0), resting);
        assert_in_range(resting, r->image.layout.ps, r->image.layout.pe - 1);
    }
    rig_free(r);
}

static void unknown_entries_are_refused(void **state)
{
    struct rig *r = probe(64);
    static const uint16_t entries[] = {5,   6,   7,   14,     15,     100,   255,
                                       256, 263, 264, 0x7FFF, 0x8008, 0xFFFF};
    (void)state;
    for (unsigned i = 0; i < sizeof entries / sizeof *entries; i++)
        assert_int_equal(rig_call(r, entries[i], "", 0).status, SEMO_UNKNOWN);
    assert_int_equal(semo_machine_violations(r->machine), 0);
    rig_free(r);
}

/* Nobody can be inside twice while interrupts are off; the word is there for the day they are not.
 */
static void reentry_is_refused(void **state)
{
    struct rig_end in, out;
    struct rig *r = connected(64, &in, ECHO, &out);
    const uint16_t busy = (uint16_t)(r->image.layout.ss + r->unit->stack_len);
    struct bad_call b = {"busy", rig_registers(SEMO_ENTRY_TAKE, 0), SEMO_BUSY};
    (void)state;
    semo_machine_poke(r->machine, busy, "\1\0", 2);
    refuse_call(r, &b);
    refuse_call(r, &b);
    semo_machine_poke(r->machine, busy, "\0\0", 2);
    assert_int_equal(take(r).status, SEMO_EMPTY);
    rig_free(r);
}

/* A timer fires `delay` cycles after the caller armed it and jumped: the handler runs before the
 * entry or after the return, never in between, and the call is as if there were no timer. */
static void an_interrupt_at_any_cycle_waits_for_the_return(void **state)
{
    enum { ARM = 0xE300, HANDLER = 0xE340, COUNTER = 0x2600, TIMER_VECTOR = 0xFFF2 };
    struct rig_end in, out;
    struct rig *r = connected(64, &in, ECHO, &out);
    const struct semo_layout *l = &r->image.layout;
    unsigned before = 0, frame_len;
    uint8_t frame[64];
    (void)state;
    frame_len = rig_seal(r, &in, "ab", 2, frame);
    assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, frame_len).status, SEMO_OK);
    for (unsigned delay = 2; delay < 700; delay++) {
        const uint16_t arm[] = {
            0x40B2, (uint16_t)delay, 0x0172, /* mov #delay, &TACCR0 */
            0x40B2, 0x0010,          0x0162, /* mov #CCIE, &TACCTL0 */
            0x40B2, 0x0224,          0x0160, /* mov #continuous|SMCLK|clear, &TACTL */
            0xD232, 0x4030,          l->ps}; /* eint; br #ps */
        const uint16_t handler[] = {0x5392, COUNTER, 0x4382, 0x0160, 0x1300}, zero = 0;
        const uint16_t leave[] = {0xD232, 0x4303, 0x4303, 0x3FFF}, vector = HANDLER;
        struct rig_registers g = rig_registers(SEMO_ENTRY_TAKE, 0);
        struct rig_result a;
        uint16_t count;
        semo_machine_poke(r->machine, ARM, arm, sizeof arm);
        semo_machine_poke(r->machine, HANDLER, handler, sizeof handler);
        semo_machine_poke(r->machine, TIMER_VECTOR, &vector, 2);
        semo_machine_poke(r->machine, RIG_RETURN, leave, sizeof leave);
        semo_machine_poke(r->machine, COUNTER, &zero, 2);
        g.start = ARM;
        a = rig_jump(r, &g, PATIENCE);
        assert_int_equal(a.status, delay == 2 ? SEMO_OK : SEMO_EMPTY);
        for (unsigned n = 2; n < 16; n++)
            if (n != 12 && n != 13)
                assert_int_equal(a.registers[n], 0);
        semo_machine_peek(r->machine, COUNTER, &count, 2);
        before += count;
        semo_machine_run(r->machine, semo_machine_cycle(r->machine) + 2000);
        semo_machine_peek(r->machine, COUNTER, &count, 2);
        assert_int_equal(count, 1);
    }
    assert_in_range(before, 1, 30);
    assert_int_equal(semo_machine_violations(r->machine), 0);
    rig_free(r);
}

/* --- refusals of messages --- */

static void read_table(const struct rig *r, uint8_t *table)
{
    semo_machine_peek(r->machine, (uint16_t)(r->image.layout.ss + r->unit->stack_len + STUB_STATE),
                      table, SLOTS * (16 + r->tag_len));
}

static void set_key_with_any_bit_flipped_changes_nothing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct rig_end in, out, third = {.connection = 3};
        struct rig *r = connected(securities[i], &in, ECHO, &out);
        uint8_t request[SEMO_SET_KEY_LEN + 1], before[128], after[128];
        unsigned len = rig_set_key_request(r, &third, SINK, SEMO_RECEIVER, 3, request);
        read_table(r, before);
        for (unsigned bit = 0; bit < len * 8; bit++) {
            request[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(rig_call(r, SEMO_ENTRY_SET_KEY, request, len).status, SEMO_REFUSED);
            request[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (unsigned cut = 0; cut <= len + 1; cut++)
            if (cut != len)
                assert_int_equal(rig_call(r, SEMO_ENTRY_SET_KEY, request, cut).status,
                                 SEMO_MALFORMED);
        read_table(r, after);
        assert_memory_equal(before, after,
                            sizeof before <= SLOTS * (16 + r->tag_len) ? sizeof before
                                                                       : SLOTS * (16 + r->tag_len));
        assert_memory_equal(rig_attest(r).answer + 8, "\2\0\0\0\2\0", 6);
        assert_int_equal(rig_call(r, SEMO_ENTRY_SET_KEY, request, len).status, SEMO_OK);
        assert_int_equal(semo_machine_violations(r->machine), 0);
        rig_free(r);
    }
}

static enum semo_status key(struct rig *r, unsigned connection, unsigned io, unsigned direction,
                            uint32_t serial)
{
    struct rig_end e = {.connection = (uint16_t)connection};
    return rig_set_key(r, &e, io, direction, serial).status;
}

static void authentic_set_keys_that_make_no_sense_are_refused(void **state)
{
    struct rig_end in, out;
    struct rig *r = connected(64, &in, ECHO, &out);
    uint8_t before[128], after[128], node[24] = {9};
    (void)state;
    read_table(r, before);
    assert_int_equal(key(r, 3, SINK, SEMO_RECEIVER, 2), SEMO_STALE);
    assert_int_equal(key(r, 3, SINK, SEMO_RECEIVER, 0), SEMO_STALE);
    assert_int_equal(key(r, 0, SINK, SEMO_RECEIVER, 3), SEMO_MALFORMED);
    assert_int_equal(key(r, SEMO_BACK, SINK, SEMO_SENDER, 3), SEMO_MALFORMED);
    assert_int_equal(key(r, 3, SINK, SEMO_KIND(0, SEMO_STRICT, 0), 3), SEMO_UNSUPPORTED);
    assert_int_equal(key(r, 3, SINK, SEMO_KIND(1, 0, 1), 3), SEMO_UNSUPPORTED); /* AES */
    assert_int_equal(key(r, 3, SINK, 32, 3), SEMO_MALFORMED);
    assert_int_equal(key(r, 3, SINK, 255, 3), SEMO_MALFORMED);
    assert_int_equal(key(r, 3, 3, SEMO_RECEIVER, 3), SEMO_UNKNOWN);
    assert_int_equal(key(r, 3, 2, SEMO_SENDER, 3), SEMO_UNKNOWN);
    assert_int_equal(key(r, 3, 255, SEMO_RECEIVER, 3), SEMO_UNKNOWN);
    assert_int_equal(key(r, in.connection, SINK, SEMO_RECEIVER, 3), SEMO_MALFORMED);
    r->epoch++;
    assert_int_equal(key(r, 3, SINK, SEMO_RECEIVER, 3), SEMO_STALE);
    r->epoch -= 2;
    assert_int_equal(key(r, 3, SINK, SEMO_RECEIVER, 3), SEMO_STALE);
    r->epoch++;
    rig_call(r, SEMO_ENTRY_ATTEST, node, sizeof node); /* for another node's name */
    assert_int_equal(key(r, 3, SINK, SEMO_RECEIVER, 3), SEMO_UNKNOWN);
    rig_attest(r);
    read_table(r, after);
    assert_memory_equal(before, after, SLOTS * (16 + r->tag_len));
    assert_int_equal(key(r, 3, SINK, SEMO_RECEIVER, 0x00010000), SEMO_OK); /* serials are 32 bits */
    assert_int_equal(key(r, 3, SINK, SEMO_RECEIVER, 0x0000FFFF), SEMO_STALE);
    assert_int_equal(key(r, 4, SINK, SEMO_RECEIVER, 0x00010001), SEMO_FULL);
    rig_free(r);
}

static void a_connection_is_keyed_anew_in_its_place(void **state)
{
    struct rig_end in, out, old;
    struct rig *r = connected(64, &in, ECHO, &out);
    (void)state;
    assert_int_equal(deliver(r, &in, "ab", 2).status, SEMO_OK);
    old = in;
    assert_int_equal(rig_set_key(r, &in, ECHO, SEMO_RECEIVER, 3).status, SEMO_OK);
    assert_int_equal(deliver(r, &old, "ab", 2).status, SEMO_REFUSED);
    assert_int_equal(deliver(r, &in, "ab", 2).status, SEMO_OK);
    assert_memory_equal(rig_attest(r).answer + 12, "\2\0", 2);
    rig_free(r);
}

/* No key without an attestation in this run: the node it names is not known before. */
static void a_key_before_the_attestation_is_refused(void **state)
{
    struct rig *r = probe(64);
    (void)state;
    take(r); /* draws the epoch */
    assert_int_equal(key(r, 3, SINK, SEMO_RECEIVER, 3), SEMO_UNKNOWN);
    rig_attest(r);
    assert_int_equal(key(r, 3, SINK, SEMO_RECEIVER, 3), SEMO_OK);
    rig_free(r);
}

static void without_an_epoch_nothing_is_keyed(void **state)
{
    const struct rig_options o = {"probe", "tests/runtime/modules/probe.c", 64, SLOTS, true, 0, 0};
    struct rig *r = rig_new(&o);
    (void)state;
    assert_int_equal(rig_attest(r).status, SEMO_UNFRESH);
    assert_int_equal(key(r, 3, SINK, SEMO_RECEIVER, 3), SEMO_UNFRESH);
    assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, "\3\0..........................", 22).status,
                     SEMO_UNFRESH);
    rig_free(r);
}

static void attest_takes_exactly_its_length(void **state)
{
    struct rig *r = probe(64);
    uint8_t request[40] = {0};
    (void)state;
    for (unsigned len = 0; len <= 40; len++)
        assert_int_equal(rig_call(r, SEMO_ENTRY_ATTEST, request, len).status,
                         len == SEMO_ATTEST_LEN ? SEMO_OK : SEMO_MALFORMED);
    rig_free(r);
}

static void an_event_with_any_bit_flipped_is_refused(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct rig_end in, out;
        struct rig *r = connected(securities[i], &in, ECHO, &out);
        uint8_t frame[80], c[3];
        unsigned len = rig_seal(r, &in, "open", 4, frame);
        for (unsigned bit = 0; bit < len * 8; bit++) {
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, len).status, SEMO_OK);
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (unsigned cut = 0; cut < len; cut++)
            assert_int_not_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, cut).status, SEMO_OK);
        counts(r, c);
        assert_int_equal(c[0], 0);
        assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, len).status, SEMO_OK);
        assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, len).status, SEMO_STALE);
        counts(r, c);
        assert_int_equal(c[0], 1);
        assert_int_equal(semo_machine_violations(r->machine), 0);
        rig_free(r);
    }
}

static void an_input_longer_than_declared_is_refused(void **state)
{
    struct rig_end in, out;
    struct rig *r = connected(64, &in, SINK, &out);
    uint8_t c[3];
    (void)state;
    assert_int_equal(deliver(r, &in, "abc", 3).status, SEMO_LENGTH);
    assert_int_equal(deliver(r, &in, "abcd", 4).status, SEMO_LENGTH);
    assert_int_equal(deliver(r, &in, "ab", 2).status, SEMO_OK);
    assert_int_equal(deliver(r, &out, "ab", 2).status, SEMO_UNKNOWN); /* a sender's connection */
    counts(r, c);
    assert_int_equal(c[0], 1);
    rig_free(r);
}

static void connection_zero_is_no_free_slot_to_talk_to(void **state)
{
    struct rig *r = probe(64);
    struct rig_end nobody = {.connection = 0};
    (void)state;
    rig_attest(r);
    assert_int_equal(deliver(r, &nobody, "ab", 2).status, SEMO_UNKNOWN);
    rig_free(r);
}

static void a_strangers_answer_holds_nothing_old(void **state)
{
    struct rig_end in, out;
    struct rig *r = connected(64, &in, KEEP, &out);
    struct rig_result a;
    uint8_t zero[64] = {0};
    (void)state;
    assert_int_equal(deliver(r, &in, "a secret of thirty-two letters..", 32).status, SEMO_OK);
    a = rig_call(r, user(r, "show"), "ab", 2);
    assert_int_equal(a.len, 64);
    assert_memory_equal(a.answer, "ab", 2);
    assert_memory_equal(a.answer + 2, zero, 62);
    assert_int_equal(rig_call(r, user(r, "overlong"), "", 0).status, SEMO_LENGTH);
    assert_int_equal(rig_call(r, user(r, "show"), zero, 65).status, SEMO_LENGTH);
    rig_free(r);
}

static void an_entry_has_its_own_bound(void **state)
{
    struct rig_end in, out;
    struct rig *r = connected(64, &in, KEEP, &out);
    struct rig_result a = rig_call(r, user(r, "small"), "abc", 3);
    (void)state;
    assert_int_equal(a.status, SEMO_OK);
    assert_int_equal(a.len, 3);
    assert_memory_equal(a.answer, "ab\3", 3);
    assert_int_equal(rig_call(r, user(r, "small"), "abcd", 4).status, SEMO_LENGTH);
    assert_int_equal(rig_call(r, user(r, "small"), "a", 1).status, SEMO_LENGTH);
    rig_free(r);
}

/* --- what leaves --- */

static void two_secrets_look_the_same_on_every_way_out(void **state)
{
    struct rig_end in[2], out[2];
    struct rig *r[2];
    const unsigned entries[] = {SEMO_ENTRY_SET_KEY,
                                SEMO_ENTRY_ATTEST,
                                SEMO_ENTRY_INPUT,
                                SEMO_ENTRY_TAKE,
                                4,
                                8,
                                9,
                                10,
                                11,
                                12,
                                13,
                                0xFFFF};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        r[i] = connected(64, &in[i], KEEP, &out[i]);
        assert_int_equal(
            deliver(r[i], &in[i],
                    i ? "0123456789abcdef0123456789abcdef" : "another secret of thirty-two....", 32)
                .status,
            SEMO_OK);
    }
    for (unsigned k = 0; k < sizeof entries / sizeof *entries; k++)
        for (unsigned len = 0; len < 80; len += 13) {
            struct rig_result a[2];
            uint8_t payload[80] = {1, 2, 3};
            for (unsigned i = 0; i < 2; i++) {
                rig_call(r[i], 8, "", 0); /* the secret has been in registers and on the stack */
                a[i] = rig_call(r[i], entries[k], payload, len);
            }
            assert_memory_equal(a[0].registers, a[1].registers, sizeof a[0].registers);
            assert_int_equal(a[0].cycles, a[1].cycles);
            for (unsigned n = 2; n < 16; n++)
                if (n != 12 && n != 13)
                    assert_int_equal(a[0].registers[n], 0);
            assert_int_equal(a[0].registers[1], RIG_STACK);
            assert_memory_equal(a[0].answer, a[1].answer, sizeof a[0].answer);
        }
    rig_free(r[0]);
    rig_free(r[1]);
}

static void the_stack_bound_holds_and_is_not_far_off(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct rig *r = probe(securities[i]);
        struct rig_end in = {.connection = 1}, out = {.connection = 2}, kept = {.connection = 3};
        unsigned used;
        rig_stack_paint(r);
        rig_attest(r);
        rig_set_key(r, &in, ECHO, SEMO_RECEIVER, 1);
        rig_set_key(r, &out, OUT, SEMO_SENDER, 2);
        rig_set_key(r, &kept, KEEP, SEMO_RECEIVER, 3);
        out.sequence = 0;
        deliver(r, &in, "x", 1);
        deliver(r, &kept, "12", 2);
        rig_call(r, user(r, "compute"), "", 0);
        rig_call(r, user(r, "tick"), "", 0);
        used = rig_stack_used(r);
        print_message("# %u bit: stack bound %u, used %u\n", r->security, r->unit->stack_len, used);
        assert_in_range(used, r->unit->stack_len * 3 / 4, r->unit->stack_len);
        rig_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attest_proves_key_epoch_serial_and_connections),
        cmocka_unit_test(set_key_confirms_random_serial_and_connections),
        cmocka_unit_test(an_event_of_every_length_is_handled_and_sent_on),
        cmocka_unit_test(the_hosts_channel_is_the_same_channel),
        cmocka_unit_test(a_sample_sends_and_an_output_reaches_every_connection),
        cmocka_unit_test(a_full_queue_is_a_status_and_a_count_and_keeps_its_frames),
        cmocka_unit_test(the_queue_is_first_in_first_out_over_every_wrap),
        cmocka_unit_test(a_frame_too_long_for_the_caller_stays),
        cmocka_unit_test(every_bad_call_is_refused_before_anything_changes),
        cmocka_unit_test(a_reset_vector_into_the_module_is_no_way_in),
        cmocka_unit_test(unknown_entries_are_refused),
        cmocka_unit_test(reentry_is_refused),
        cmocka_unit_test(an_interrupt_at_any_cycle_waits_for_the_return),
        cmocka_unit_test(set_key_with_any_bit_flipped_changes_nothing),
        cmocka_unit_test(authentic_set_keys_that_make_no_sense_are_refused),
        cmocka_unit_test(a_connection_is_keyed_anew_in_its_place),
        cmocka_unit_test(a_key_before_the_attestation_is_refused),
        cmocka_unit_test(without_an_epoch_nothing_is_keyed),
        cmocka_unit_test(attest_takes_exactly_its_length),
        cmocka_unit_test(an_event_with_any_bit_flipped_is_refused),
        cmocka_unit_test(an_input_longer_than_declared_is_refused),
        cmocka_unit_test(connection_zero_is_no_free_slot_to_talk_to),
        cmocka_unit_test(a_strangers_answer_holds_nothing_old),
        cmocka_unit_test(an_entry_has_its_own_bound),
        cmocka_unit_test(two_secrets_look_the_same_on_every_way_out),
        cmocka_unit_test(the_stack_bound_holds_and_is_not_far_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
