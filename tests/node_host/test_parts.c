/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of semo-node that need no process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "node/host/drbg.h"
#include "node/host/queue.h"
#include "node/host/slip.h"

static uint32_t next_random(uint32_t *x)
{
    *x = *x * 1664525 + 1013904223;
    return *x >> 8;
}

/* Any frame comes out as it went in, whatever noise was before. */
static void slip_carries_every_frame(void **state)
{
    (void)state;
    uint32_t x = 1;
    struct semo_slip line = {0};
    uint8_t frame[SEMO_FRAME_MAX], coded[SEMO_SLIP_MAX];
    for (unsigned round = 0; round < 500; round++) {
        unsigned len = 1 + next_random(&x) % SEMO_FRAME_MAX;
        for (unsigned i = 0; i < len; i++)
            frame[i] = round % 2 ? (uint8_t)next_random(&x) : (uint8_t[]){0xC0, 0xDB, 0xDC}[i % 3];
        for (unsigned i = next_random(&x) % 8; i; i--)
            semo_slip_take(&line, (uint8_t)next_random(&x));
        unsigned coded_len = semo_slip_encode(frame, len, coded);
        assert_true(coded_len <= 2 * len + 2);
        semo_slip_take(&line, coded[0]); /* ends the noise */
        for (unsigned i = 1; i < coded_len - 1; i++)
            assert_int_equal(semo_slip_take(&line, coded[i]), SEMO_SLIP_MORE);
        assert_int_equal(semo_slip_take(&line, coded[coded_len - 1]), SEMO_SLIP_FRAME);
        assert_int_equal(line.len, len);
        assert_memory_equal(line.frame, frame, len);
    }
}

static void slip_drops_what_is_broken(void **state)
{
    (void)state;
    struct semo_slip line = {0};
    static const uint8_t wrong_escape[] = {1, 0xDB, 2, 3}, cut_escape[] = {1, 0xDB};
    for (unsigned i = 0; i < sizeof wrong_escape; i++)
        semo_slip_take(&line, wrong_escape[i]);
    assert_int_equal(semo_slip_take(&line, 0xC0), SEMO_SLIP_BROKEN);
    for (unsigned i = 0; i < sizeof cut_escape; i++)
        semo_slip_take(&line, cut_escape[i]);
    assert_int_equal(semo_slip_take(&line, 0xC0), SEMO_SLIP_BROKEN);
    for (unsigned i = 0; i <= SEMO_FRAME_MAX; i++)
        assert_int_equal(semo_slip_take(&line, 7), SEMO_SLIP_MORE);
    assert_int_equal(semo_slip_take(&line, 0xC0), SEMO_SLIP_BROKEN);
    assert_int_equal(semo_slip_take(&line, 0xC0), SEMO_SLIP_MORE); /* empty: nothing */
    semo_slip_take(&line, 9);
    assert_int_equal(semo_slip_take(&line, 0xC0), SEMO_SLIP_FRAME);
    assert_int_equal(line.len, 1);
}

/* Time first, then the sender's name, then the order of arrival. */
static void queue_keeps_the_order(void **state)
{
    (void)state;
    struct semo_queue q = {.limit = 1000};
    uint32_t x = 3;
    for (unsigned i = 0; i < 1000; i++) {
        struct semo_item item = {
            .time = next_random(&x) % 50, .rank = (uint8_t)(next_random(&x) % 4), .client = i};
        assert_true(semo_queue_push(&q, &item));
    }
    struct semo_item last = {.time = 0}, more = {.time = 1};
    assert_false(semo_queue_push(&q, &more));
    for (unsigned i = 0; i < 1000; i++) {
        struct semo_item item = semo_queue_pop(&q);
        assert_true(item.time >= last.time);
        if (i && item.time == last.time) {
            assert_true(item.rank >= last.rank);
            if (item.rank == last.rank)
                assert_true(item.client > last.client);
        }
        last = item;
    }
    assert_int_equal(semo_queue_time(&q), UINT64_MAX);
    semo_queue_free(&q);
}

static void queue_forgets_what_was_not_sent(void **state)
{
    (void)state;
    struct semo_queue q = {.limit = 10};
    for (unsigned i = 0; i < 10; i++) {
        struct semo_item item = {
            .time = i, .from = i % 2, .packet = semo_packet_new((uint8_t *)"x", 1)};
        assert_true(semo_queue_push(&q, &item));
    }
    semo_queue_forget(&q, 1, 4);
    assert_int_equal(q.count, 7); /* 5, 7 and 9 are gone */
    while (q.count) {
        struct semo_item item = semo_queue_pop(&q);
        assert_false(item.from == 1 && item.time > 4);
        semo_packet_drop(item.packet);
    }
    semo_queue_free(&q);
}

static void randomness_follows_seed_and_name(void **state)
{
    (void)state;
    struct semo_drbg a = {.seeded = true, .seed = 7, .name = "node1"}, b = a, c = a, d = a;
    struct semo_drbg e = {.name = "node1"}, f = e;
    uint8_t bytes[6][80];
    b.seed = 8;
    strcpy(c.name, "node2");
    semo_drbg_fill(&a, bytes[0], 80);
    semo_drbg_fill(&b, bytes[1], 80);
    semo_drbg_fill(&c, bytes[2], 80);
    for (unsigned i = 0; i < 80; i += 2)
        semo_drbg_fill(&d, bytes[3] + i, 2);
    semo_drbg_fill(&e, bytes[4], 80);
    semo_drbg_fill(&f, bytes[5], 80);
    assert_memory_equal(bytes[0], bytes[3], 80);
    assert_memory_not_equal(bytes[0], bytes[1], 80);
    assert_memory_not_equal(bytes[0], bytes[2], 80);
    assert_memory_not_equal(bytes[4], bytes[5], 80);
    assert_memory_not_equal(bytes[0], bytes[0] + 32, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slip_carries_every_frame),
        cmocka_unit_test(slip_drops_what_is_broken),
        cmocka_unit_test(queue_keeps_the_order),
        cmocka_unit_test(queue_forgets_what_was_not_sent),
        cmocka_unit_test(randomness_follows_seed_and_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
