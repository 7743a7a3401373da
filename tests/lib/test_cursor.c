/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bytes/cursor.h"
#include "tests/lib/support.h"

static const uint8_t count_up[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void reads_little_endian(void **state)
{
    (void)state;
    struct semo_cursor c = semo_cursor_from(count_up, sizeof count_up);
    assert_int_equal(semo_cursor_u8(&c), 0x01);
    assert_int_equal(semo_cursor_u16(&c), 0x0302);
    assert_int_equal(semo_cursor_u32(&c), 0x07060504);
    assert_true(semo_cursor_u64(&c) == UINT64_C(0x0F0E0D0C0B0A0908));
    assert_int_equal(c.left, 1);
    assert_ptr_equal(semo_cursor_take(&c, 1), count_up + 15);
    assert_false(c.bad);
    assert_ptr_equal(semo_cursor_take(&c, 0), count_up + 16);
    assert_false(c.bad);
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    uint8_t bytes[sizeof count_up] = {0};
    struct semo_cursor c = semo_cursor_over(bytes, sizeof bytes);
    semo_cursor_put_u64(&c, UINT64_C(0x0807060504030201));
    semo_cursor_put_u32(&c, 0x0C0B0A09);
    semo_cursor_put_u16(&c, 0x0E0D);
    semo_cursor_put_u8(&c, 0x0F);
    semo_cursor_put(&c, count_up + 15, 1);
    assert_false(c.bad);
    assert_int_equal(c.left, 0);
    assert_memory_equal(bytes, count_up, sizeof bytes);
}

/* One access of each kind, by number; the values it reads are added up. */
static uint64_t access_kind(struct semo_cursor *c, unsigned kind)
{
    switch (kind) {
    case 0:
        return semo_cursor_u8(c);
    case 1:
        return semo_cursor_u16(c);
    case 2:
        return semo_cursor_u32(c);
    case 3:
        return semo_cursor_u64(c);
    case 4:
        return semo_cursor_take(c, 3) ? 1 : 0;
    case 5:
        semo_cursor_put_u8(c, 0xFF);
        return 0;
    case 6:
        semo_cursor_put_u16(c, 0xFFFF);
        return 0;
    case 7:
        semo_cursor_put_u32(c, 0xFFFFFFFF);
        return 0;
    case 8:
        semo_cursor_put_u64(c, UINT64_MAX);
        return 0;
    default:
        semo_cursor_put(c, count_up, 5);
        return 0;
    }
}

static const unsigned kind_len[] = {1, 2, 4, 8, 3, 1, 2, 4, 8, 5};
#define KINDS (sizeof kind_len / sizeof *kind_len)

/* Each access with one byte too little, and then every access after it. */
static void past_the_end_stays_bad(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        uint8_t bytes[32];
        memset(bytes, 0x77, sizeof bytes);
        struct semo_cursor c = semo_cursor_over(bytes, kind_len[kind] - 1);
        assert_true(access_kind(&c, kind) == 0);
        assert_true(c.bad);
        c.left = sizeof bytes; /* even if there were room again */
        for (unsigned after = 0; after < KINDS; after++)
            assert_true(access_kind(&c, after) == 0);
        assert_true(c.bad);
        for (unsigned i = 0; i < sizeof bytes; i++)
            assert_int_equal(bytes[i], 0x77);
    }
}

static void huge_lengths_do_not_wrap(void **state)
{
    (void)state;
    uint8_t bytes[4] = {0};
    const unsigned lens[] = {5, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct semo_cursor c = semo_cursor_over(bytes, sizeof bytes);
        assert_null(semo_cursor_take(&c, lens[i]));
        c = semo_cursor_over(bytes, sizeof bytes);
        semo_cursor_u8(&c);
        assert_null(semo_cursor_take(&c, lens[i]));
        assert_true(c.bad);
    }
}

/* Random walks stay within the bytes: `left` accounts for every step, the rest is untouched. */
static void random_walks_stay_inside(void **state)
{
    (void)state;
    uint64_t seed = test_seed(), count = test_count();
    for (uint64_t n = 0; n < count; n++) {
        uint8_t bytes[64];
        unsigned len = (unsigned)(test_random(&seed) % 33), used = 0;
        memset(bytes, 0x77, sizeof bytes);
        struct semo_cursor c = semo_cursor_over(bytes + 16, len);
        while (!c.bad) {
            unsigned kind = (unsigned)(test_random(&seed) % KINDS);
            access_kind(&c, kind);
            if (!c.bad)
                used += kind_len[kind];
            assert_int_equal(c.left, len - used);
            assert_ptr_equal(c.at, bytes + 16 + used);
        }
        for (unsigned i = 0; i < sizeof bytes; i++)
            if (i < 16 || i >= 16 + used)
                assert_int_equal(bytes[i], 0x77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_little_endian),      cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(past_the_end_stays_bad),   cmocka_unit_test(huge_lengths_do_not_wrap),
        cmocka_unit_test(random_walks_stay_inside),
    };
    return cmocka_run_group_tests_name("cursor", tests, NULL, NULL);
}
