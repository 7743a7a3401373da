/* SPDX-License-Identifier: Apache-2.0 */
/* What a channel accepts and, mostly, what it refuses. Forged frames are sealed here with the
 * right key, so that a refusal is the channel's own judgement and not the tag's. */
#include "lib/channel/channel.h"
#include "tests/lib/support.h"

#define BODY_MAX   64
#define SEALED_MAX SEMO_SEALED_LEN(BODY_MAX + 8)

struct frame {
    _Alignas(2) uint8_t at[SEALED_MAX];
    unsigned len;
};

/* Room beyond the body to see that nothing is written there. */
struct room {
    _Alignas(2) uint8_t at[BODY_MAX + 16];
};

static void set_sequence(struct semo_channel *c, uint64_t n)
{
    for (unsigned i = 0; i < 4; i++)
        c->sequence[i] = (uint16_t)(n >> 16 * i);
}

static uint64_t sequence(const struct semo_channel *c)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < 4; i++)
        n |= (uint64_t)c->sequence[i] << 16 * i;
    return n;
}

static struct semo_channel end(uint8_t direction, uint64_t last)
{
    struct semo_channel c = {.connection = 1, .kind = direction};
    for (unsigned i = 0; i < SEMO_KEY_LEN; i++)
        c.key[i] = (uint8_t)(0xA0 + i);
    set_sequence(&c, last);
    return c;
}

static struct frame seal(struct semo_channel *c, const void *body, unsigned len)
{
    struct frame f = {.len = SEMO_SEALED_LEN(len)};
    assert_int_equal(semo_channel_seal(c, 0, body, len, f.at), SEMO_OK);
    return f;
}

/* Any head and any even body, sealed with the key of `c`. */
static struct frame forge(const struct semo_channel *c, uint8_t domain, uint8_t flags, uint64_t n,
                          const uint8_t *body, unsigned len)
{
    struct frame f = {.len = SEMO_EVENT_AD_LEN + len + SEMO_TAG_LEN};
    uint8_t *cipher = f.at + SEMO_EVENT_AD_LEN;
    f.at[0] = domain;
    f.at[1] = flags;
    for (unsigned i = 0; i < 8; i++)
        f.at[2 + i] = (uint8_t)(n >> 8 * i);
    assert_int_equal(
        semo_crypto_wrap(c->key, f.at, SEMO_EVENT_AD_LEN, body, len, cipher, cipher + len),
        SEMO_OK);
    return f;
}

/* A refusal changes nothing but the count, and releases none of the plaintext. */
static void refuse(struct semo_channel *c, const struct frame *f, unsigned body_max,
                   enum semo_status why)
{
    struct semo_channel before = *c;
    struct room room, untouched;
    unsigned len = 4711;
    memset(&room, 0x5C, sizeof room);
    untouched = room;
    assert_int_equal(semo_channel_open(c, f->at, f->len, room.at, body_max, &len), why);
    assert_int_equal(len, 4711);
    if (why == SEMO_REFUSED) {
        memset(untouched.at, 0, f->len - SEMO_EVENT_AD_LEN - SEMO_TAG_LEN);
    }
    assert_memory_equal(&room, &untouched, sizeof room);
    assert_int_equal(c->refused, before.refused + 1);
    before.refused++;
    assert_memory_equal(c, &before, sizeof before);
}

static void accept(struct semo_channel *c, const struct frame *f, const void *body, unsigned len)
{
    struct room room;
    unsigned got = 4711, even = len ? (len + 1) & ~1u : 2;
    memset(&room, 0x5C, sizeof room);
    assert_int_equal(semo_channel_open(c, f->at, f->len, room.at, len, &got), SEMO_OK);
    assert_int_equal(got, len);
    assert_memory_equal(room.at, body, len);
    for (unsigned i = even; i < sizeof room.at; i++)
        assert_int_equal(room.at[i], 0x5C);
}

static void every_length(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    struct semo_channel s = end(SEMO_SENDER, 0), r = end(SEMO_RECEIVER, 0);
    for (unsigned len = 0; len <= BODY_MAX; len++) {
        uint8_t body[BODY_MAX];
        test_fill(&seed, body, sizeof body);
        struct frame f = seal(&s, body, len);
        accept(&r, &f, body, len);
        assert_int_equal(sequence(&s), len + 1);
        assert_int_equal(sequence(&r), len + 1);
        assert_int_equal(f.at[0], SEMO_DOMAIN_EVENT);
        assert_int_equal(f.at[1], len == 0 ? 2 : len % 2);
        for (unsigned max = 0; max < len; max++) {
            f = seal(&s, body, len);
            refuse(&r, &f, max, SEMO_LENGTH);
        }
        set_sequence(&s, len + 1);
    }
    assert_int_equal(r.gaps, 0);
}

/* A body at an odd address seals to the same bytes. */
static void odd_addresses(void **state)
{
    (void)state;
    _Alignas(2) uint8_t body[BODY_MAX + 1];
    for (unsigned i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)(i * 7);
    for (unsigned len = 1; len <= BODY_MAX; len++) {
        struct semo_channel s = end(SEMO_SENDER, 8), again = end(SEMO_SENDER, 8);
        uint8_t even[BODY_MAX];
        memcpy(even, body + 1, len);
        struct frame a = seal(&s, body + 1, len), b = seal(&again, even, len);
        assert_memory_equal(a.at, b.at, a.len);
    }
}

static void every_flipped_bit(void **state)
{
    (void)state;
    struct semo_channel s = end(SEMO_SENDER, 41), r = end(SEMO_RECEIVER, 41);
    const char body[] = "open the relay";
    struct frame f = seal(&s, body, sizeof body);
    for (unsigned bit = 0; bit < 8 * f.len; bit++) {
        struct semo_channel fresh = r;
        struct frame bad = f;
        unsigned len;
        struct room room;
        bad.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(&room, 0, sizeof room);
        assert_int_not_equal(semo_channel_open(&fresh, bad.at, bad.len, room.at, BODY_MAX, &len),
                             SEMO_OK);
        assert_int_equal(fresh.refused, 1);
        assert_int_equal(sequence(&fresh), 41);
        for (unsigned i = 0; i < sizeof room.at; i++)
            assert_int_equal(room.at[i], 0);
    }
    accept(&r, &f, body, sizeof body);
}

static void every_truncation_and_extension(void **state)
{
    (void)state;
    struct semo_channel s = end(SEMO_SENDER, 0), r = end(SEMO_RECEIVER, 0);
    const char body[] = "sixteen letters";
    struct frame f = seal(&s, body, sizeof body);
    for (unsigned len = 0; len <= f.len + 8; len++) {
        struct frame cut = f;
        cut.len = len;
        int shaped = len >= SEMO_SEALED_LEN(0) && len % 2 == 0;
        if (len != f.len)
            refuse(&r, &cut, BODY_MAX, shaped ? SEMO_REFUSED : SEMO_MALFORMED);
    }
    accept(&r, &f, body, sizeof body);
}

static void wrong_keys(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 8 * SEMO_KEY_LEN; bit++) {
        struct semo_channel s = end(SEMO_SENDER, 0), r = end(SEMO_RECEIVER, 0);
        struct frame f = seal(&s, "secret", 6);
        r.key[bit / 8] ^= (uint8_t)(1 << bit % 8);
        refuse(&r, &f, BODY_MAX, SEMO_REFUSED);
    }
}

static const struct {
    const char *what;
    uint8_t domain, flags;
    unsigned len;
    enum semo_status expected;
    unsigned body_len;
} shapes[] = {
    {"plain", SEMO_DOMAIN_EVENT, 0, 4, SEMO_OK, 4},
    {"one byte of padding", SEMO_DOMAIN_EVENT, 1, 4, SEMO_OK, 3},
    {"one byte, padded", SEMO_DOMAIN_EVENT, 1, 2, SEMO_OK, 1},
    {"empty", SEMO_DOMAIN_EVENT, 2, 2, SEMO_OK, 0},
    {"two bytes of padding behind a body", SEMO_DOMAIN_EVENT, 2, 4, SEMO_MALFORMED, 0},
    {"three bytes of padding", SEMO_DOMAIN_EVENT, 3, 4, SEMO_MALFORMED, 0},
    {"more padding than body", SEMO_DOMAIN_EVENT, 3, 2, SEMO_MALFORMED, 0},
    {"reserved flag 2", SEMO_DOMAIN_EVENT, 4, 4, SEMO_MALFORMED, 0},
    {"reserved flag 7", SEMO_DOMAIN_EVENT, 0x80, 4, SEMO_MALFORMED, 0},
    {"set-key's domain", SEMO_DOMAIN_SET_KEY, 0, 4, SEMO_MALFORMED, 0},
    {"attest's domain", SEMO_DOMAIN_ATTEST, 0, 4, SEMO_MALFORMED, 0},
    {"another version", SEMO_DOMAIN_EVENT + 0x10, 0, 4, SEMO_MALFORMED, 0},
    {"too long", SEMO_DOMAIN_EVENT, 0, BODY_MAX + 2, SEMO_LENGTH, 0},
    {"too long but for the padding", SEMO_DOMAIN_EVENT, 1, BODY_MAX + 2, SEMO_LENGTH, 0},
};

static void shapes_under_the_right_key(void **state)
{
    (void)state;
    static const uint8_t body[BODY_MAX + 8] = {1, 2, 3};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct semo_channel r = end(SEMO_RECEIVER, 0);
        struct frame f = forge(&r, shapes[i].domain, shapes[i].flags, 1, body, shapes[i].len);
        print_message("# %s\n", shapes[i].what);
        if (shapes[i].expected == SEMO_OK)
            accept(&r, &f, body, shapes[i].body_len);
        else
            refuse(&r, &f, BODY_MAX, shapes[i].expected);
    }
}

#define TOP UINT64_MAX
static const struct {
    uint64_t last, received;
    enum semo_status expected;
    uint16_t gaps;
} orders[] = {
    {0, 1, SEMO_OK, 0},
    {0, 0, SEMO_STALE, 0},
    {7, 7, SEMO_STALE, 0},
    {7, 6, SEMO_STALE, 0},
    {7, 8, SEMO_OK, 0},
    {7, 9, SEMO_OK, 1},
    {0xFFFF, 0x10000, SEMO_OK, 0},
    {0xFFFF, 0x10005, SEMO_OK, 5},
    {0xFFFF, 0, SEMO_STALE, 0},
    {0x10000, 0xFFFF, SEMO_STALE, 0},
    {0x1FFFF, 0x10000, SEMO_STALE, 0},
    {0x20001, 0x10002, SEMO_STALE, 0},
    {0x10002, 0x20001, SEMO_OK, 0xFFFE},
    {0x10000, 0x20000, SEMO_OK, 0xFFFF},
    {0x10000, 0x20001, SEMO_OK, 0xFFFF},
    {0, 0x10000, SEMO_OK, 0xFFFF},
    {0, TOP, SEMO_OK, 0xFFFF},
    {0xFFFFFFFF, 0x100000000, SEMO_OK, 0},
    {0xFFFFFFFF, 0x100000003, SEMO_OK, 3},
    {0x100000000, 0xFFFFFFFF, SEMO_STALE, 0},
    {0xFFFFFFFFFFFF, 0x1000000000000, SEMO_OK, 0},
    {0x1000000000000, 0xFFFFFFFFFFFF, SEMO_STALE, 0},
    {0x1000000000000, 0x0FFFF00000000, SEMO_STALE, 0},
    {TOP - 1, TOP, SEMO_OK, 0},
    {TOP, TOP, SEMO_STALE, 0},
    {TOP, 0, SEMO_STALE, 0},
};

/* The key that the numbers of another upper half have, if it is the next one. */
static void roll_key(struct semo_channel *c, uint64_t n)
{
    uint8_t message[10] = {SEMO_DOMAIN_REKEY};
    if (n >> 32 == sequence(c) >> 32)
        return;
    for (unsigned i = 0; i < 4; i++)
        message[6 + i] = (uint8_t)(n >> (32 + 8 * i));
    assert_int_equal(semo_crypto_mac(c->key, message, sizeof message, c->key), SEMO_OK);
}

static void orders_of_sequences(void **state)
{
    (void)state;
    static const uint8_t body[2] = {0x11, 0x22};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct semo_channel r = end(SEMO_RECEIVER, orders[i].last);
        struct semo_channel s = r;
        if (orders[i].expected == SEMO_OK)
            roll_key(&s, orders[i].received);
        struct frame f = forge(&s, SEMO_DOMAIN_EVENT, 0, orders[i].received, body, 2);
        print_message("# %llx after %llx\n", (unsigned long long)orders[i].received,
                      (unsigned long long)orders[i].last);
        if (orders[i].expected != SEMO_OK) {
            refuse(&r, &f, BODY_MAX, orders[i].expected);
            continue;
        }
        accept(&r, &f, body, 2);
        assert_true(sequence(&r) == orders[i].received);
        assert_int_equal(r.gaps, orders[i].gaps);
        assert_memory_equal(r.key, s.key, sizeof r.key);
        refuse(&r, &f, BODY_MAX, SEMO_STALE);
    }
}

/* Nobody has the old key any more, and the new one fits nothing but the next 2^32 numbers. */
static void keys_roll(void **state)
{
    (void)state;
    struct semo_channel s = end(SEMO_SENDER, 0xFFFFFFFF), r = end(SEMO_RECEIVER, 0xFFFFFFF0);
    const struct semo_channel old = r;
    struct frame f = seal(&s, "ab", 2), under_the_old;
    assert_memory_not_equal(s.key, old.key, sizeof old.key);
    under_the_old = forge(&old, SEMO_DOMAIN_EVENT, 0, sequence(&s), (const uint8_t *)"ab", 2);
    refuse(&r, &under_the_old, BODY_MAX, SEMO_REFUSED);
    accept(&r, &f, "ab", 2);
    assert_memory_equal(s.key, r.key, sizeof s.key);
    for (uint64_t n = 1; n <= 2; n++) { /* all numbers of a key lost: only a set-key helps */
        set_sequence(&s, n << 32 | 0xFFFFFFFF);
        f = seal(&s, "ab", 2);
    }
    refuse(&r, &f, BODY_MAX, SEMO_REFUSED);
}

static void counters_saturate(void **state)
{
    (void)state;
    static const uint8_t body[2];
    struct semo_channel r = end(SEMO_RECEIVER, 5);
    struct room room;
    unsigned len;
    struct frame f = forge(&r, SEMO_DOMAIN_EVENT, 0, 5, body, 2);
    r.refused = 0xFFFF;
    assert_int_equal(semo_channel_open(&r, f.at, f.len, room.at, 2, &len), SEMO_STALE);
    assert_int_equal(r.refused, 0xFFFF);
    r.gaps = 0xFFFE;
    f = forge(&r, SEMO_DOMAIN_EVENT, 0, 7, body, 2);
    accept(&r, &f, body, 2);
    assert_int_equal(r.gaps, 0xFFFF);
    f = forge(&r, SEMO_DOMAIN_EVENT, 0, 9, body, 2);
    accept(&r, &f, body, 2);
    assert_int_equal(r.gaps, 0xFFFF);
}

static void senders_carry(void **state)
{
    (void)state;
    const uint64_t edges[] = {0xFFFE, 0xFFFFFFFE, 0xFFFFFFFFFFFE};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        struct semo_channel s = end(SEMO_SENDER, edges[i]), r = end(SEMO_RECEIVER, edges[i]);
        for (unsigned n = 1; n <= 3; n++) {
            struct frame f = seal(&s, "ab", 2);
            assert_true(sequence(&s) == edges[i] + n);
            accept(&r, &f, "ab", 2);
        }
        assert_int_equal(r.gaps, 0);
    }
}

static void senders_stop_before_the_end(void **state)
{
    (void)state;
    const uint64_t end_of_use = UINT64_C(0xFFFF000000000000);
    const uint64_t beyond[] = {end_of_use, end_of_use + 1, TOP - 1, TOP};
    struct semo_channel s = end(SEMO_SENDER, end_of_use - 2);
    struct frame f = seal(&s, "ab", 2), before;
    assert_true(sequence(&s) == end_of_use - 1);
    f = seal(&s, "ab", 2);
    before = f;
    assert_int_equal(semo_channel_seal(&s, 0, "ab", 2, f.at), SEMO_EXHAUSTED);
    assert_memory_equal(&f, &before, sizeof f);
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        set_sequence(&s, beyond[i]);
        assert_int_equal(semo_channel_seal(&s, 0, "ab", 2, f.at), SEMO_EXHAUSTED);
        assert_true(sequence(&s) == beyond[i]);
    }
}

/* A network that reorders, loses, repeats and corrupts at random: what comes out is a strictly
 * rising selection of what went in, and the counters account for every frame. */
static void hostile_network(void **state)
{
    (void)state;
    enum { SENT = 32 };
    uint64_t seed = test_seed(), runs = test_count() / 20;
    for (uint64_t run = 0; run < runs; run++) {
        uint64_t start = test_random(&seed) >> test_random(&seed) % 48 >> 16;
        struct semo_channel s = end(SEMO_SENDER, start), r = end(SEMO_RECEIVER, start);
        struct frame sent[SENT];
        uint8_t bodies[SENT][BODY_MAX];
        unsigned lens[SENT], accepted = 0, refused = 0;
        uint64_t newest = start;
        for (unsigned i = 0; i < SENT; i++) {
            lens[i] = (unsigned)(test_random(&seed) % (BODY_MAX + 1));
            test_fill(&seed, bodies[i], lens[i]);
            sent[i] = seal(&s, bodies[i], lens[i]);
        }
        for (unsigned n = 0; n < 2 * SENT; n++) {
            unsigned pick = (unsigned)(test_random(&seed) % SENT), len;
            unsigned bit = (unsigned)(test_random(&seed) % (8 * sent[pick].len));
            int corrupt = test_random(&seed) % 4 == 0;
            struct frame f = sent[pick];
            struct room room;
            if (corrupt)
                f.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            enum semo_status status = semo_channel_open(&r, f.at, f.len, room.at, BODY_MAX, &len);
            assert_int_equal(status == SEMO_OK, !corrupt && start + pick + 1 > newest);
            if (status != SEMO_OK) {
                refused++;
                continue;
            }
            assert_int_equal(len, lens[pick]);
            assert_memory_equal(room.at, bodies[pick], len);
            newest = start + pick + 1;
            accepted++;
        }
        assert_int_equal(r.refused, refused);
        assert_int_equal(accepted + r.gaps, newest - start);
    }
    print_message("# %llu runs\n", (unsigned long long)runs);
}

static void a_host_has_no_key_of_its_own(void **state)
{
    (void)state;
    uint8_t in[16] = {0}, out[16], tag[16];
    assert_int_equal(semo_crypto_wrap(NULL, in, 2, in, 2, out, tag), SEMO_UNSUPPORTED);
    assert_int_equal(semo_crypto_unwrap(NULL, in, 2, in, 2, in, out), SEMO_UNSUPPORTED);
    assert_int_equal(semo_crypto_mac(NULL, in, 2, tag), SEMO_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length),
        cmocka_unit_test(odd_addresses),
        cmocka_unit_test(every_flipped_bit),
        cmocka_unit_test(every_truncation_and_extension),
        cmocka_unit_test(wrong_keys),
        cmocka_unit_test(shapes_under_the_right_key),
        cmocka_unit_test(orders_of_sequences),
        cmocka_unit_test(keys_roll),
        cmocka_unit_test(counters_saturate),
        cmocka_unit_test(senders_carry),
        cmocka_unit_test(senders_stop_before_the_end),
        cmocka_unit_test(hostile_network),
        cmocka_unit_test(a_host_has_no_key_of_its_own),
    };
    return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
