/* SPDX-License-Identifier: Apache-2.0 */
/* Family P of docs/attacks.md: what the caller of an entry may point at, for how long, and what
 * comes back. Upstream's stubs and the words of the rows: assurance, "A Tale of Two Worlds". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <semo/map.h>
#include "lib/crypto/aead.h"
#include "tests/attack/party.h"

enum { PATIENCE = 100000, SECURITY = 128, FRAME = 2 + SEMO_EVENT_AD_LEN + 64 + 16 };
enum { ECHO = 0, SINK = 2, OUT = 1 };

static struct rig *probe(void)
{
    const struct rig_options o = {.module = "probe",
                                  .source = "tests/runtime/modules/probe.c",
                                  .security = 128,
                                  .connections = 3};
    struct rig *r = rig_new(&o);
    assert_int_equal(rig_attest(r).status, SEMO_OK);
    return r;
}

/* ---- P1, P2 ---- */

static bool touches(unsigned start, unsigned end, unsigned at, unsigned len)
{
    return len ? at < end && at + len > start : at > start && at < end;
}

/* A buffer lies in data memory, whole, even, and not in the module. */
static bool allowed(const struct semo_layout *l, unsigned at, unsigned len)
{
    return at % 2 == 0 && at >= SEMO_DATA_START && at + len <= SEMO_DATA_END &&
           !touches(l->ss, l->se, at, len) && !touches(l->ps, l->pe, at, len);
}

/* More payload than capacity: a good place is refused as well, for its length, and nothing is
 * copied. */
static void judge(struct rig *r, unsigned at, unsigned capacity)
{
    struct rig_registers g = rig_registers(SEMO_ENTRY_TAKE, 0xFFFF);
    g.buffer = (uint16_t)at;
    g.capacity = (uint16_t)capacity;
    struct rig_result a = rig_jump(r, &g, PATIENCE);
    bool good = allowed(&r->image.layout, at, capacity);
    if (!a.returned || a.len != 0 || a.status != (good ? SEMO_LENGTH : SEMO_PLACE))
        fail_msg("%u bytes at %04x: status %d", capacity, at, a.status);
}

static void p01_every_buffer(void **state)
{
    (void)state;
    struct rig *r = probe();
    const struct semo_layout *l = &r->image.layout;
    const unsigned limits[] = {0,     SEMO_DATA_START, SEMO_DATA_END, l->ps,     l->pe,
                               l->ss, l->se,           0x10000,       RIG_BUFFER};
    const unsigned count = sizeof limits / sizeof *limits;
    unsigned tried = 0;
    for (unsigned i = 0; i < count; i++)
        for (unsigned at = limits[i] - 9; at != limits[i] + 10; at++)
            for (unsigned k = 0; k < count && at < 0x10000; k++)
                for (unsigned end = limits[k] - 3; end != limits[k] + 4; end++)
                    if (end >= at && end - at < 0xFFFF) { /* covering, straddling, wrapping */
                        judge(r, at, end - at);
                        judge(r, at, 0x10000 - (end - at) - 1);
                        tried += 2;
                    }
    for (unsigned at = 0; at < 0x10000; at += 1 + (unsigned)party_random() % 40, tried++)
        judge(r, at, (unsigned)party_random() % 0xFFFF >> party_random() % 16);
    printf("# p01: %u buffers\n", tried);
    assert_int_equal(semo_machine_violations(r->machine), 0);
    rig_free(r);
}

/* Nothing, one byte, and one word at every address. */
static void p02_nothing_and_one_word_everywhere(void **state)
{
    (void)state;
    struct rig *r = probe();
    for (unsigned at = 0; at < 0x10000; at++)
        judge(r, at, at % 6 < 2 ? 0 : at % 6 < 4 ? 1 : 2);
    for (unsigned at = r->image.layout.ss - 4; at < r->image.layout.se + 4U; at++)
        for (unsigned len = 0; len < 3; len++)
            judge(r, at, len);
    static const unsigned limits[] = {SEMO_DATA_START, SEMO_DATA_END, 0xFFFE};
    for (unsigned i = 0; i < 3; i++)
        for (unsigned at = limits[i] - 4; at < limits[i] + 4 && at < 0x10000; at++)
            for (unsigned len = 0; len < 3; len++)
                judge(r, at, len);
    assert_int_equal(semo_machine_violations(r->machine), 0);
    rig_free(r);
}

/* The return address is a pointer, too: one into the module is never jumped to. */
static void p01_every_return_address(void **state)
{
    (void)state;
    struct rig *r = probe();
    const struct semo_layout *l = &r->image.layout;
    for (unsigned at = 0x0200; at < 0xFFE0; at++) {
        const bool inside = touches(l->ps, l->pe, at, 1) || touches(l->ss, l->se, at, 1);
        const bool near =
            touches(l->ps - 64U, l->pe + 64U, at, 1) || touches(l->ss - 64U, l->se + 64U, at, 1);
        struct rig_registers g = rig_registers(SEMO_ENTRY_TAKE, 0);
        if (!near || (!inside && at % 2)) /* an odd one elsewhere is the even one below it */
            continue;
        g.back = (uint16_t)at;
        g.stop = inside ? RIG_RESET : 0;
        struct rig_result a = rig_jump(r, &g, PATIENCE);
        if (!a.returned || a.status != (inside ? SEMO_PLACE : SEMO_EMPTY))
            fail_msg("return to %04x: at %04x, status %d", at, a.at, a.status);
    }
    assert_int_equal(semo_machine_violations(r->machine), 0);
    rig_free(r);
}

/* ---- P3 ---- */

enum { CODE = 0xE300, OTHER_TEXT = 0xA000, OTHER_DATA = 0x1400 };

/* A second module in the same machine. */
static struct semo_image neighbour(struct rig *r)
{
    static const uint16_t code[] = {0x1381, 0x3FFF};
    struct semo_image other;
    struct semo_error e = {.text = ""};
    if (semo_toolchain_link(r->unit, OTHER_TEXT, OTHER_DATA, &other, &e) != SEMO_OK)
        fail_msg("%s", e.text);
    const struct semo_layout *l = &other.layout;
    const uint16_t registers[7] = {0, 0, RIG_VENDOR, l->ps, l->pe, l->ss, l->se};
    semo_machine_poke(r->machine, CODE, code, sizeof code);
    semo_machine_poke(r->machine, l->ps, other.text, other.text_len);
    for (unsigned n = 0; n < 7; n++)
        semo_machine_set_register(r->machine, 9 + n, registers[n]);
    semo_machine_set_register(r->machine, 0, CODE);
    semo_machine_run(r->machine, semo_machine_cycle(r->machine) + 1);
    assert_int_not_equal(semo_machine_register(r->machine, 15), 0);
    return other;
}

static uint8_t *section(struct rig *r, unsigned start, unsigned end)
{
    uint8_t *bytes = malloc(end - start);
    semo_machine_peek(r->machine, (uint16_t)start, bytes, end - start);
    return bytes;
}

static void same_section(struct rig *r, unsigned start, unsigned end, uint8_t *before)
{
    uint8_t *now = section(r, start, end);
    assert_memory_equal(now, before, end - start);
    free(now);
    free(before);
}

/* The called module is asked to read and write there in its neighbour's, a device's or the
 * processor's place. What it cannot tell from plain memory costs it its life, nobody else's. */
static void point_at(struct rig *r, const struct semo_image *other, unsigned at, unsigned capacity,
                     bool data)
{
    const struct semo_layout *l = &other->layout;
    const uint16_t id = semo_machine_module_at(r->machine, l->ps);
    for (unsigned entry = 0; entry <= SEMO_ENTRY_USER + 4; entry++) {
        uint8_t *text = section(r, l->ps, l->pe), *private = section(r, l->ss, l->se);
        uint8_t *devices = section(r, 0x0100, 0x0200), *vectors = section(r, 0xFF00, 0xFFFF);
        struct rig_registers g = rig_registers(entry, 0);
        g.buffer = (uint16_t)at;
        g.capacity = (uint16_t)capacity;
        g.len = (uint16_t)(entry % 2 ? SEMO_ATTEST_LEN : 0);
        struct rig_result a = rig_jump(r, &g, PATIENCE);
        same_section(r, l->ps, l->pe, text);
        same_section(r, l->ss, l->se, private);
        same_section(r, 0x0100, 0x0200, devices);
        same_section(r, 0xFF00, 0xFFFF, vectors);
        assert_int_equal(semo_machine_module_at(r->machine, l->ps), id);
        if (!data)
            assert_true(a.returned && a.status == SEMO_PLACE);
        if (!a.returned) /* gone, and nothing left to read */
            assert_int_equal(semo_machine_module_at(r->machine, r->image.layout.ps), 0);
    }
}

static void p03_a_neighbours_memory_and_devices(void **state)
{
    (void)state;
    struct rig *r = probe();
    struct rig_end in = {.connection = 7}, out = {.connection = 9};
    uint8_t frame[SEMO_FRAME_MAX];
    struct semo_image other = neighbour(r);
    const struct semo_layout *l = &other.layout;
    uint8_t *snapshot = malloc(semo_machine_snapshot_size(r->machine));
    rig_set_key(r, &in, ECHO, SEMO_RECEIVER, 1);
    rig_set_key(r, &out, OUT, SEMO_SENDER, 2);
    unsigned len = rig_seal(r, &in, "an event waits", 14, frame);
    assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, len).status, SEMO_OK);
    semo_machine_snapshot(r->machine, snapshot);
    const struct {
        unsigned at, capacity;
        bool data;
    } places[] = {
        {l->ps, 64, false},
        {l->ps - 8U, 64, false},
        {l->pe - 8U, 64, false},
        {l->ps - 64U, 128, false},
        {0, 64, false},
        {0x0120, 64, false},
        {0x0160, 64, false},
        {0x00A0, 64, false},
        {0x01F0, 64, false},
        {0xFFE0, 31, false},
        {0xFF80, 127, false},
        {SEMO_WINDOW(2), 64, false},
        {SEMO_DATA_END - 8, 64, false},
        {SEMO_PROGRAM_START, 64, false},
        {l->ss, 64, true},
        {l->ss - 32U, 64, true},
        {l->se - 8U, 64, true},
        {l->ss + 40U, 64, true},
        {l->ss - 2U, 1200, true},
    };
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        semo_machine_restore(r->machine, snapshot);
        point_at(r, &other, places[i].at, places[i].capacity, places[i].data);
    }
    free(snapshot);
    semo_image_free(&other);
    rig_free(r);
}

/* ---- P4 ---- */

/* What is in the caller's buffer becomes something else after `cycles` of the call. */
static bool change_after(struct rig *r, const struct party_frame *f, uint64_t cycles,
                         enum semo_status *status)
{
    struct rig_registers g = rig_registers(SEMO_ENTRY_INPUT, f->len);
    uint8_t other[SEMO_FRAME_MAX];
    semo_machine_poke(r->machine, RIG_BUFFER, f->at, f->len);
    if (rig_jump(r, &g, cycles).returned)
        return false;
    for (unsigned i = 0; i < f->len; i++)
        other[i] = (uint8_t)~f->at[i];
    semo_machine_poke(r->machine, RIG_BUFFER, other, f->len);
    while (semo_machine_register(r->machine, 0) != RIG_RETURN)
        semo_machine_run(r->machine, semo_machine_cycle(r->machine) + 1);
    *status = (enum semo_status)semo_machine_register(r->machine, 12);
    return true;
}

/* By DMA, at every cycle; no interrupt comes in between (p04 in the table). */
static void p04_the_buffer_changes_at_any_cycle(void **state)
{
    (void)state;
    struct pair p;
    struct party_frame f;
    unsigned accepted = 0, refused = 0;
    pair_open(&p);
    uint8_t *snapshot = malloc(semo_machine_snapshot_size(p.b->machine));
    assert_int_equal(party_say(p.a, PLAIN, 0x21), SEMO_OK);
    assert_true(party_take(p.a, &f));
    semo_machine_snapshot(p.b->machine, snapshot);
    for (uint64_t cycles = 1;; cycles += cycles < 900 ? 1 : 7) {
        enum semo_status status;
        if (!change_after(p.b, &f, cycles, &status))
            break;
        struct party_tally t = party_tally(p.b);
        assert_int_equal(t.heard, status == SEMO_OK);
        if (status == SEMO_OK)
            assert_int_equal(t.log[0], 0x21);
        accepted += status == SEMO_OK;
        refused += status != SEMO_OK;
        semo_machine_restore(p.b->machine, snapshot);
    }
    printf("# p04: changed at %u cycles: %u times too late, %u times refused\n", accepted + refused,
           accepted, refused);
    assert_true(accepted > 100 && refused > 50);
    free(snapshot);
    pair_close(&p);
}

/* ---- P5 ---- */

/* An odd or empty body is filled up; nothing of what was there before goes with it. */
static void p05_padding_is_zero(void **state)
{
    (void)state;
    struct pair p;
    struct party_frame f;
    pair_open(&p);
    struct semo_channel c = party_slot(p.a, PLAIN);
    const unsigned say = party_io(p.a, SEMO_IO_ENTRY, "say");
    for (unsigned round = 0; round < 60; round++) {
        uint8_t body[9] = {0}, plain[16];
        const unsigned len = round % 9;
        struct semo_aead a;
        memset(body + 1, 0xFF, 8); /* fills the place of the next */
        assert_int_equal(rig_call(p.a, say, body, 9).answer[0], SEMO_OK);
        assert_true(party_take(p.a, &f));
        assert_int_equal(rig_call(p.a, say, body, 1 + len).answer[0], SEMO_OK);
        assert_true(party_take(p.a, &f));
        const unsigned padded = f.len - 2 - SEMO_EVENT_AD_LEN - SEMO_TAG_LEN;
        const uint8_t *cipher = f.at + 2 + SEMO_EVENT_AD_LEN;
        semo_aead_key(&a, SECURITY, c.key);
        assert_int_equal(semo_aead_unwrap(&a, f.at + 2, SEMO_EVENT_AD_LEN, cipher, padded,
                                          cipher + padded, plain),
                         SEMO_OK);
        assert_int_equal(padded - len, f.at[3]);
        for (unsigned i = len; i < padded; i++)
            assert_int_equal(plain[i], 0);
    }
    pair_close(&p);
}

/* ---- P6 ---- */

static void p06_every_length(void **state)
{
    (void)state;
    struct rig *r = probe();
    struct rig_end in = {.connection = 7};
    uint8_t attested[14], noise[RIG_CAPACITY];
    assert_int_equal(rig_set_key(r, &in, SINK, SEMO_RECEIVER, 1).status, SEMO_OK);
    memcpy(attested, rig_attest(r).answer, sizeof attested);
    for (unsigned i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)party_random();
    for (unsigned entry = 0; entry < 16; entry++)
        for (unsigned len = 0; len <= 0xFFFF; len = len < 2 * FRAME ? len + 1 : len * 2 + 1) {
            struct rig_registers g = rig_registers(entry, len);
            if (len > RIG_CAPACITY) /* a caller that lies about what it has */
                g.capacity = (uint16_t)(SEMO_DATA_END - RIG_BUFFER);
            semo_machine_poke(r->machine, RIG_BUFFER, noise, sizeof noise);
            struct rig_result a = rig_jump(r, &g, PATIENCE);
            assert_true(a.returned);
            assert_true(a.len <= 64);
            if (len > FRAME)
                assert_int_equal(a.status, SEMO_LENGTH);
            else if (a.status == SEMO_OK)
                assert_true(entry == SEMO_ENTRY_ATTEST || entry == SEMO_ENTRY_TAKE ||
                            (entry >= SEMO_ENTRY_USER && (len <= 64 || a.len == 0)));
        }
    rig_attest(r); /* names the node again */
    assert_memory_equal(rig_attest(r).answer, attested, sizeof attested);
    unsigned len = rig_seal(r, &in, "ab", 2, noise);
    assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, noise, len).status, SEMO_OK);
    assert_int_equal(semo_machine_violations(r->machine), 0);
    rig_free(r);
}

static void p06_an_answer_longer_than_declared(void **state)
{
    (void)state;
    struct pair p;
    struct party_frame f;
    pair_open(&p);
    assert_int_equal(party_say(p.a, ASK, 0xEE), SEMO_OK);
    assert_true(party_take(p.a, &f));
    assert_int_equal(party_give(p.b, &f), SEMO_OK);
    assert_int_equal(party_tally(p.b).answered, 1);
    assert_false(party_take(p.b, &f)); /* not sent, nor counted as lost */
    pair_close(&p);
}

/* ---- P7 ---- */

/* No module takes memory from outside: who wants it is not built. */
static void p07_no_heap_outside(void **state)
{
    (void)state;
    const char *file = "tests/attack/modules/heap.c";
    const struct semo_module_source source = {.name = "heap",
                                              .files = &file,
                                              .file_count = 1,
                                              .target = SEMO_TARGET_MCU,
                                              .security = SECURITY,
                                              .connections = 1,
                                              .root = ".",
                                              .objects = "build/tests/modules"};
    struct semo_unit *unit = NULL;
    struct semo_error e = {.text = ""};
    assert_int_not_equal(semo_toolchain_compile(&source, &unit, &e), SEMO_OK);
    printf("# p07: %s\n", e.text);
    assert_non_null(strstr(e.text, "malloc: a function outside the module"));
}

/* ---- P9 ---- */

struct outcome {
    enum semo_status status;
    uint64_t cycles;
};

/* Every bit from `from` on, flipped: the same answer in the same time. */
static void uniform(struct rig *r, unsigned entry, uint8_t *message, unsigned from, unsigned len)
{
    struct outcome first = {SEMO_OK, 0};
    for (unsigned bit = 8 * from; bit < 8 * len; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct rig_result a = rig_call(r, entry, message, len);
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (bit == 8 * from)
            first = (struct outcome){a.status, a.cycles};
        assert_int_equal(a.status, SEMO_REFUSED);
        assert_int_equal(a.status, first.status);
        assert_int_equal(a.cycles, first.cycles);
    }
}

static void p09_all_errors_are_one(void **state)
{
    (void)state;
    struct pair p;
    struct party_frame f;
    uint8_t order[SEMO_SET_KEY_LEN];
    pair_open(&p);
    party_order(p.b, SEMO_DOMAIN_SET_KEY, PLAIN, 0, SEMO_RECEIVER, p.serial + 1, order);
    uniform(p.b, SEMO_ENTRY_SET_KEY, order, 0, sizeof order);
    party_order(p.b, SEMO_DOMAIN_DISABLE, 0, 0, 0, p.serial + 1, order);
    uniform(p.b, SEMO_ENTRY_DISABLE, order, 0, sizeof order);
    for (unsigned connection = PLAIN; connection <= ASK; connection++) {
        assert_int_equal(party_say(p.a, connection, 0x33), SEMO_OK);
        assert_true(party_take(p.a, &f));
        uniform(p.b, SEMO_ENTRY_INPUT, f.at, 2 + SEMO_EVENT_AD_LEN, f.len);
        assert_int_equal(party_give(p.b, &f), SEMO_OK);
        if (party_take(p.b, &f)) /* what is said to the sender, too */
            uniform(p.a, SEMO_ENTRY_INPUT, f.at, 2 + SEMO_EVENT_AD_LEN, f.len);
    }
    pair_close(&p);
}

/* ---- P10 ---- */

struct seals {
    const uint8_t *own;
    unsigned own_key, events, strange;
};

static void watch(void *context, uint16_t module, const uint8_t *key, const uint8_t *ad,
                  unsigned len)
{
    struct seals *s = context;
    const bool own = memcmp(key, s->own, SECURITY / 8) == 0;
    (void)module;
    assert_true(len >= 2);
    s->own_key += own;
    s->events += ad[0] == SEMO_DOMAIN_EVENT;
    s->strange += own != (ad[0] == SEMO_DOMAIN_ATTEST || ad[0] == SEMO_DOMAIN_SET_KEY_DONE ||
                          ad[0] == SEMO_DOMAIN_DISABLE_DONE);
}

/* A key that is nowhere means the module's own to the crypto unit: it is used for what only the
 * module says of itself, under every policy, and never for an event. */
static void p10_the_modules_own_key(void **state)
{
    (void)state;
    struct pair p;
    struct party_frame f = {.len = 60};
    uint8_t order[SEMO_SET_KEY_LEN];
    pair_open(&p);
    struct seals s = {.own = p.b->module_key};
    semo_machine_on_seal(p.a->machine, watch, &s);
    semo_machine_on_seal(p.b->machine, watch, &s);
    for (unsigned round = 0; round < 4; round++)
        for (unsigned connection = 0; connection <= ASK; connection++) {
            f.at[0] = (uint8_t)connection;
            (void)party_give(p.b, &f);
            (void)party_give(p.a, &f);
            if (connection)
                (void)party_say(p.a, connection, (uint8_t)round);
            (void)party_say(p.b, BACKWARD, (uint8_t)round);
            party_tick(p.a);
            pair_settle(&p);
            rig_attest(p.a);
        }
    party_order(p.b, SEMO_DOMAIN_DISABLE, 0, 0, 0, p.serial + 1, order);
    assert_int_equal(rig_call(p.b, SEMO_ENTRY_DISABLE, order, sizeof order).status, SEMO_OK);
    printf("# p10: %u events, %u times the module's own key\n", s.events, s.own_key);
    assert_true(s.events > 40 && s.own_key > 20);
    assert_int_equal(s.strange, 0);
    semo_machine_on_seal(p.a->machine, NULL, NULL);
    semo_machine_on_seal(p.b->machine, NULL, NULL);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p01_every_buffer),
        cmocka_unit_test(p01_every_return_address),
        cmocka_unit_test(p02_nothing_and_one_word_everywhere),
        cmocka_unit_test(p03_a_neighbours_memory_and_devices),
        cmocka_unit_test(p04_the_buffer_changes_at_any_cycle),
        cmocka_unit_test(p05_padding_is_zero),
        cmocka_unit_test(p06_every_length),
        cmocka_unit_test(p06_an_answer_longer_than_declared),
        cmocka_unit_test(p07_no_heap_outside),
        cmocka_unit_test(p09_all_errors_are_one),
        cmocka_unit_test(p10_the_modules_own_key),
    };
    return cmocka_run_group_tests(tests, party_seed, NULL);
}
