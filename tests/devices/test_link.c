/* SPDX-License-Identifier: Apache-2.0 */
/* The link UART: exact byte times, flow control both ways, few wake-ups. */
#include "tests/devices/rig.h"

#define BYTE       ((uint64_t)SEMO_LINK_BYTE_CYCLES)
#define DATA       0
#define COUNT      (SEMO_LINK_RX_COUNT - SEMO_LINK_DATA)
#define FREE       (SEMO_LINK_TX_FREE - SEMO_LINK_DATA)
#define CONTROL    (SEMO_LINK_CONTROL - SEMO_LINK_DATA)
#define LINE       (1 << SEMO_IRQ_LINK)
#define TRIGGER(n) ((n) << 8 | 1)

static struct {
    uint8_t byte[4096];
    uint64_t at[4096];
    unsigned count;
} wire;

static void sent(void *context, uint8_t byte, uint64_t at)
{
    assert_ptr_equal(context, &wire);
    assert_true(wire.count < 4096);
    wire.byte[wire.count] = byte;
    wire.at[wire.count++] = at;
}

static struct rig link_rig(void)
{
    wire.count = 0;
    return rig_with(semo_link_new(sent, &wire));
}

static uint16_t lines(struct rig *r)
{
    return r->device->class->interrupts(r->device);
}

static unsigned receive(struct rig *r, unsigned first, unsigned len, uint64_t start)
{
    uint8_t bytes[9000];
    for (unsigned i = 0; i < len; i++)
        bytes[i] = (uint8_t)(first + i);
    return semo_link_receive(r->device, bytes, len, start);
}

static void test_bytes_leave_one_after_the_other(void **state)
{
    (void)state;
    struct rig r = link_rig();
    rig_advance(&r, 1000);
    rig_write(&r, DATA, 0x11);
    rig_write(&r, DATA, 0x22);
    assert_int_equal(rig_read(&r, FREE), 255); /* one is being shifted out */
    rig_advance(&r, 1000 + BYTE);
    assert_int_equal(rig_read(&r, FREE), 256);
    rig_advance(&r, 90000);
    rig_write(&r, DATA, 0x33);
    assert_int_equal(wire.count, 3);
    assert_memory_equal(wire.byte, "\x11\x22\x33", 3);
    assert_int_equal(wire.at[0], 1000 + BYTE);
    assert_int_equal(wire.at[1], 1000 + 2 * BYTE);
    assert_int_equal(wire.at[2], 90000 + BYTE);
    semo_machine_free(r.machine);
}

static void test_full_transmit_fifo_loses_what_software_forces_in(void **state)
{
    (void)state;
    struct rig r = link_rig();
    for (unsigned i = 0; i < 300; i++)
        rig_write(&r, DATA, i);
    assert_int_equal(wire.count, 257); /* the FIFO and the shift register */
    assert_int_equal(rig_read(&r, FREE), 0);
    rig_advance(&r, BYTE);
    assert_int_equal(rig_read(&r, FREE), 1);
    semo_machine_free(r.machine);
}

static void test_peer_holds_the_transmitter(void **state)
{
    (void)state;
    struct rig r = link_rig();
    semo_link_accept(r.device, false, 0);
    for (unsigned i = 0; i < 300; i++)
        rig_write(&r, DATA, i);
    rig_write(&r, CONTROL, 2);
    assert_int_equal(wire.count, 0);
    assert_int_equal(rig_read(&r, FREE), 0);
    rig_advance(&r, 1000000);
    assert_int_equal(lines(&r), 0);
    semo_link_accept(r.device, true, 1000000);
    assert_int_equal(wire.count, 256);
    for (unsigned i = 0; i < 256; i++) {
        assert_int_equal(wire.byte[i], i);
        assert_int_equal(wire.at[i], 1000000 + (i + 1) * BYTE);
    }
    semo_machine_free(r.machine);
}

static void test_transmit_empty_interrupt(void **state)
{
    (void)state;
    struct rig r = link_rig();
    for (unsigned i = 0; i < 10; i++)
        rig_write(&r, DATA, i);
    rig_write(&r, CONTROL, 2);
    assert_int_equal(lines(&r), 0);
    rig_advance(&r, 9 * BYTE - 1);
    assert_int_equal(lines(&r), 0);
    rig_advance(&r, 9 * BYTE);
    assert_int_equal(lines(&r), LINE);
    assert_int_equal(rig_read(&r, FREE), 256);
    assert_int_equal(r.ticks, 1);
    rig_write(&r, CONTROL, 0);
    assert_int_equal(lines(&r), 0);
    semo_machine_free(r.machine);
}

static void test_bytes_arrive_one_after_the_other(void **state)
{
    (void)state;
    struct rig r = link_rig();
    assert_int_equal(receive(&r, 5, 3, 500), 3);
    rig_advance(&r, 500 + BYTE - 1);
    assert_int_equal(rig_read(&r, COUNT), 0);
    assert_int_equal(rig_read(&r, DATA), 0);
    rig_advance(&r, 500 + BYTE);
    assert_int_equal(rig_read(&r, COUNT), 1);
    rig_advance(&r, 500 + 3 * BYTE);
    assert_int_equal(rig_read(&r, COUNT), 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(rig_read(&r, DATA), 5 + i);
    assert_int_equal(rig_read(&r, COUNT), 0);
    semo_machine_free(r.machine);
}

static void test_high_byte_access_takes_nothing(void **state)
{
    (void)state;
    struct rig r = link_rig();
    receive(&r, 7, 1, 0);
    rig_advance(&r, BYTE);
    assert_int_equal(r.device->class->read(r.device, DATA, 2, r.now, 0), 0);
    r.device->class->write(r.device, DATA, 0x4400, 2, r.now, 0);
    assert_int_equal(wire.count, 0);
    assert_int_equal(rig_read(&r, COUNT), 1);
    semo_machine_free(r.machine);
}

static void test_one_wake_up_for_a_short_frame(void **state)
{
    (void)state;
    struct rig r = link_rig();
    rig_write(&r, CONTROL, TRIGGER(200));
    receive(&r, 0, 60, 0);
    rig_advance(&r, 60 * BYTE + 4 * BYTE - 1);
    assert_int_equal(lines(&r), 0);
    rig_advance(&r, 60 * BYTE + 4 * BYTE);
    assert_int_equal(lines(&r), LINE);
    assert_int_equal(r.ticks, 1);
    assert_int_equal(rig_read(&r, COUNT), 60);
    for (unsigned i = 0; i < 60; i++)
        assert_int_equal(rig_read(&r, DATA), i);
    assert_int_equal(lines(&r), 0);
    rig_advance(&r, 10000000);
    assert_int_equal(r.ticks, 1);
    semo_machine_free(r.machine);
}

static void test_trigger_level(void **state)
{
    (void)state;
    struct rig r = link_rig();
    rig_write(&r, CONTROL, TRIGGER(16));
    receive(&r, 0, 40, 0);
    rig_advance(&r, 16 * BYTE - 1);
    assert_int_equal(lines(&r), 0);
    rig_advance(&r, 16 * BYTE);
    assert_int_equal(lines(&r), LINE);
    rig_write(&r, CONTROL, 1); /* trigger 0 means 1 */
    assert_int_equal(lines(&r), LINE);
    rig_write(&r, CONTROL, TRIGGER(17));
    assert_int_equal(lines(&r), 0);
    rig_advance(&r, 17 * BYTE);
    assert_int_equal(lines(&r), LINE);
    semo_machine_free(r.machine);
}

/* A processor that is busy for long loses nothing: the line is held back while the FIFO is full. */
static void test_no_byte_is_lost_while_the_cpu_is_busy(void **state)
{
    (void)state;
    struct rig r = link_rig();
    assert_int_equal(receive(&r, 0, 5000, 0), 5000);
    unsigned next = 0;
    while (next < 5000) {
        rig_advance(&r, r.now + 600 * BYTE);
        const unsigned count = rig_read(&r, COUNT);
        assert_int_equal(count, 5000 - next < 256 ? 5000 - next : 256);
        for (unsigned i = 0; i < count; i++)
            assert_int_equal(rig_read(&r, DATA), (uint8_t)next++);
    }
    semo_machine_free(r.machine);
}

static void test_held_line_goes_on_where_room_was_made(void **state)
{
    (void)state;
    struct rig r = link_rig();
    receive(&r, 0, 300, 0);
    rig_advance(&r, 1000 * BYTE + 7);
    rig_read(&r, DATA);
    assert_int_equal(rig_read(&r, COUNT), 255);
    rig_advance(&r, 1001 * BYTE + 6);
    assert_int_equal(rig_read(&r, COUNT), 255);
    rig_advance(&r, 1001 * BYTE + 7);
    assert_int_equal(rig_read(&r, COUNT), 256);
    semo_machine_free(r.machine);
}

static void test_line_buffer_is_bounded(void **state)
{
    (void)state;
    struct rig r = link_rig();
    assert_int_equal(receive(&r, 0, 8000, 0), 8000);
    assert_int_equal(receive(&r, 0, 8000, 0), 192);
    assert_int_equal(receive(&r, 0, 1, 0), 0);
    semo_machine_free(r.machine);
}

static void test_reset_empties_the_fifo_and_not_the_line(void **state)
{
    (void)state;
    struct rig r = link_rig();
    rig_write(&r, CONTROL, TRIGGER(4));
    receive(&r, 0, 10, 0);
    rig_advance(&r, 6 * BYTE);
    assert_int_equal(lines(&r), LINE);
    r.device->class->reset(r.device, r.now);
    assert_int_equal(lines(&r), 0);
    assert_int_equal(rig_read(&r, CONTROL), 0);
    assert_int_equal(rig_read(&r, COUNT), 0);
    rig_advance(&r, 10 * BYTE);
    assert_int_equal(rig_read(&r, COUNT), 4);
    assert_int_equal(rig_read(&r, DATA), 6);
    semo_machine_free(r.machine);
}

/* A receiver that looks at every cycle at which a byte may end, as the hardware does. */
struct model {
    struct {
        uint8_t byte;
        uint64_t start;
    } ahead[8192];
    unsigned ahead_count;
    uint8_t fifo[256];
    unsigned count, trigger;
    uint64_t free_at, last, time;
};

static void model_advance(struct model *m, uint64_t to)
{
    while (m->ahead_count && m->count < 256) {
        uint64_t start = m->ahead[0].start > m->free_at ? m->ahead[0].start : m->free_at;
        if (start + BYTE > to)
            break;
        m->fifo[m->count++] = m->ahead[0].byte;
        memmove(m->ahead, m->ahead + 1, --m->ahead_count * sizeof m->ahead[0]);
        m->free_at = m->last = start + BYTE;
    }
    m->time = to;
}

static bool model_line(const struct model *m)
{
    return m->count >= m->trigger || (m->count && m->time >= m->last + 4 * BYTE);
}

static uint8_t model_take(struct model *m)
{
    const uint8_t byte = m->fifo[0];
    if (m->count == 256 && m->free_at < m->time)
        m->free_at = m->time;
    memmove(m->fifo, m->fifo + 1, --m->count);
    m->last = m->time;
    return byte;
}

static void random_frame(struct rig *r, struct model *m, uint32_t *seed)
{
    uint8_t bytes[300];
    const unsigned len = 1 + rig_random(seed) % 300;
    const uint64_t start = r->now + rig_random(seed) % (8 * BYTE);
    for (unsigned i = 0; i < len; i++)
        bytes[i] = (uint8_t)rig_random(seed);
    const unsigned taken = semo_link_receive(r->device, bytes, len, start);
    for (unsigned i = 0; i < taken; i++) {
        m->ahead[m->ahead_count].byte = bytes[i];
        m->ahead[m->ahead_count++].start = start;
    }
}

/* The lazy device and the model agree on every count, byte and interrupt, at the cycle. */
static void test_same_as_a_byte_by_byte_model(void **state)
{
    (void)state;
    static struct model m;
    uint32_t seed = rig_seed();
    struct rig r = link_rig();
    unsigned rises = 0;
    m = (struct model){.trigger = 100};
    rig_write(&r, CONTROL, TRIGGER(100));
    for (unsigned step = 0; step < 20000; step++) {
        const uint64_t wake = r.device->class->next(r.device);
        const uint64_t to = r.now + rig_random(&seed) % (40 * BYTE);
        const bool was = lines(&r);
        const unsigned ticks = r.ticks;
        rig_advance(&r, to);
        if (r.ticks == ticks + 1 && lines(&r)) { /* the first cycle at which it could rise */
            model_advance(&m, wake - 1);
            assert_false(model_line(&m));
            model_advance(&m, wake);
            assert_true(model_line(&m));
            rises++;
        }
        model_advance(&m, to);
        assert_int_equal(lines(&r) != 0, model_line(&m) || (was && lines(&r)));
        assert_int_equal(rig_read(&r, COUNT), m.count);
        assert_int_equal(lines(&r) != 0, model_line(&m));
        const unsigned reads = rig_random(&seed) % 4 ? rig_random(&seed) % 200 : 0;
        for (unsigned i = 0; i < reads && m.count; i++)
            assert_int_equal(rig_read(&r, DATA), model_take(&m));
        assert_int_equal(lines(&r) != 0, model_line(&m));
        if (m.ahead_count < 3000 && rig_random(&seed) % 6 == 0)
            random_frame(&r, &m, &seed);
    }
    assert_true(rises > 100);
    semo_machine_free(r.machine);
}

/* The state is the snapshot: put back, it does the same again. */
static void test_snapshot(void **state)
{
    (void)state;
    struct rig r = link_rig();
    rig_write(&r, CONTROL, TRIGGER(10));
    receive(&r, 0, 100, 0);
    rig_advance(&r, 20 * BYTE);
    const size_t size = r.device->class->state_size;
    void *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, r.device->state, size);
    for (unsigned round = 0; round < 2; round++) {
        memcpy(r.device->state, copy, size);
        r.now = 20 * BYTE;
        for (unsigned i = 0; i < 20; i++)
            assert_int_equal(rig_read(&r, DATA), i);
        rig_advance(&r, 30 * BYTE);
        assert_int_equal(lines(&r), LINE);
    }
    free(copy);
    semo_machine_free(r.machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_leave_one_after_the_other),
        cmocka_unit_test(test_full_transmit_fifo_loses_what_software_forces_in),
        cmocka_unit_test(test_peer_holds_the_transmitter),
        cmocka_unit_test(test_transmit_empty_interrupt),
        cmocka_unit_test(test_bytes_arrive_one_after_the_other),
        cmocka_unit_test(test_high_byte_access_takes_nothing),
        cmocka_unit_test(test_one_wake_up_for_a_short_frame),
        cmocka_unit_test(test_trigger_level),
        cmocka_unit_test(test_no_byte_is_lost_while_the_cpu_is_busy),
        cmocka_unit_test(test_held_line_goes_on_where_room_was_made),
        cmocka_unit_test(test_line_buffer_is_bounded),
        cmocka_unit_test(test_reset_empties_the_fifo_and_not_the_line),
        cmocka_unit_test(test_same_as_a_byte_by_byte_model),
        cmocka_unit_test(test_snapshot),
    };
    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
