/* SPDX-License-Identifier: Apache-2.0 */
/* The relay driver module, compiled for the host, over the relay device: commands in, answers out.
 * The module's registers are an array that is filled from the device before each call; what it
 * writes to the coil goes to the device after the call. */
#include "tests/devices/rig.h"

static uint16_t registers[4];
#undef SEMO_WINDOW_REG
#define SEMO_WINDOW_REG(n, o) ((uintptr_t)registers + (o))
#include "meter/modules/relay_driver.c"

#define MS ((uint64_t)SEMO_CLOCK_HZ / 1000)

static struct {
    uint8_t said[RELAY_RESULT_LEN];
    unsigned outputs; /* of the last call */
    unsigned pulses;
} world;
static struct rig rig;

enum semo_status semo_output(const struct semo_output_record *output, const void *data,
                             unsigned len)
{
    assert_ptr_equal(output, &semo_output_record_result_out);
    assert_int_equal(len, RELAY_RESULT_LEN);
    memcpy(world.said, data, len);
    world.outputs++;
    return SEMO_OK;
}

static void before_call(void)
{
    for (unsigned o = 0; o < sizeof registers; o += 2)
        registers[o / 2] = rig_read(&rig, o);
    world.outputs = 0;
}

static void after_call(void)
{
    assert_true(world.outputs <= 1);
    if (registers[SEMO_RELAY_COIL / 2] == 0)
        return;
    world.pulses++;
    rig_write(&rig, SEMO_RELAY_COIL, registers[SEMO_RELAY_COIL / 2]);
}

/* The event manager calls the sample at each event. 1: it said something. */
static unsigned run_to(uint64_t to)
{
    unsigned outputs = 0;
    while (rig.device->class->next(rig.device) <= to) {
        rig_advance(&rig, rig.device->class->next(rig.device));
        before_call();
        semo_entry_sample();
        after_call();
        outputs += world.outputs;
    }
    rig_advance(&rig, to);
    return outputs;
}

static unsigned stranger_samples(void)
{
    before_call();
    semo_entry_sample();
    after_call();
    return world.outputs;
}

static unsigned command(uint16_t number, uint8_t wanted)
{
    const uint8_t m[RELAY_COMMAND_LEN] = {(uint8_t)number, (uint8_t)(number >> 8), wanted};
    before_call();
    semo_input_command_in(m, sizeof m);
    after_call();
    return world.outputs;
}

static void assert_said(uint16_t number, uint8_t wanted, uint8_t contact, uint8_t result)
{
    assert_int_equal(get_u16(world.said), number);
    assert_int_equal(world.said[2], wanted);
    assert_int_equal(world.said[3], contact);
    assert_int_equal(world.said[4], result);
}

static void moved(void *context, bool closed, uint64_t at)
{
    (void)context, (void)closed, (void)at;
}

/* A module just enabled, on a closed relay whose state it has said. */
static int start_module(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    memset(answer, 0, sizeof answer);
    open = known = 0;
    refused = 0;
    rig = rig_with(semo_relay_new(true, moved, NULL));
    rig_advance(&rig, SEMO_CLOCK_HZ);
    assert_int_equal(stranger_samples(), 1);
    assert_said(0, 1, 1, RELAY_CONFIRMED);
    return 0;
}

static int stop_module(void **state)
{
    (void)state;
    semo_machine_free(rig.machine);
    return 0;
}

static void test_opens_and_confirms_once_stable(void **state)
{
    (void)state;
    const uint64_t t = rig.now;
    assert_int_equal(command(1, RELAY_OPEN), 0);
    assert_int_equal(run_to(t + 30 * MS - 1), 0);
    assert_int_equal(run_to(t + 30 * MS), 1);
    assert_said(1, RELAY_OPEN, 0, RELAY_CONFIRMED);
    assert_int_equal(get_u16(world.said + 5), 30);
    assert_int_equal(run_to(t + SEMO_CLOCK_HZ), 0);
    assert_int_equal(world.pulses, 1);
}

static void test_close_when_closed_is_confirmed(void **state)
{
    (void)state;
    assert_int_equal(command(1, RELAY_CLOSE), 0);
    assert_int_equal(run_to(rig.now + SEMO_CLOCK_HZ), 1);
    assert_said(1, RELAY_CLOSE, 1, RELAY_CONFIRMED);
}

static void test_welded_contact_fails_after_200_ms(void **state)
{
    (void)state;
    const uint64_t t = rig.now;
    semo_relay_stick(rig.device, true);
    command(7, RELAY_OPEN);
    assert_int_equal(run_to(t + 200 * MS - 1), 0);
    assert_int_equal(run_to(t + 200 * MS), 1);
    assert_said(7, RELAY_OPEN, 1, RELAY_FAILED);
    /* asked again: the same, without another pulse */
    run_to(t + SEMO_CLOCK_HZ);
    assert_int_equal(command(7, RELAY_OPEN), 1);
    assert_said(7, RELAY_OPEN, 1, RELAY_FAILED);
    assert_int_equal(world.pulses, 1);
    /* it breaks loose: said without a command, and once */
    semo_machine_set_register(rig.machine, 2, 0x10); /* asleep: only its clock runs */
    semo_machine_run(rig.machine, rig.now);
    semo_relay_stick(rig.device, false);
    assert_int_equal(stranger_samples(), 0);
    assert_int_equal(run_to(rig.now + 20 * MS), 1);
    assert_said(0, 0, 0, RELAY_CONFIRMED);
    assert_int_equal(stranger_samples(), 0);
    assert_int_equal(command(7, RELAY_OPEN), 1);
    assert_said(7, RELAY_OPEN, 0, RELAY_FAILED);
}

/* A late change of mind: what the contact showed before it could move is not believed. */
static void test_opposite_command_during_travel(void **state)
{
    (void)state;
    const uint64_t t = rig.now;
    command(1, RELAY_OPEN);
    run_to(t + 5 * MS);
    assert_int_equal(command(2, RELAY_CLOSE), 0);
    assert_int_equal(stranger_samples(), 0);
    assert_int_equal(run_to(t + SEMO_CLOCK_HZ), 1);
    assert_said(2, RELAY_CLOSE, 1, RELAY_CONFIRMED);
}

/* Every event is withheld: the repeated command gets the answer. */
static void test_lost_events_do_not_wedge(void **state)
{
    (void)state;
    command(3, RELAY_OPEN);
    rig_advance(&rig, rig.now + SEMO_CLOCK_HZ);
    assert_int_equal(command(3, RELAY_OPEN), 1);
    assert_said(3, RELAY_OPEN, 0, RELAY_CONFIRMED);
    assert_int_equal(stranger_samples(), 0);
    assert_int_equal(command(3, RELAY_OPEN), 1);
    assert_int_equal(world.pulses, 1);
}

static void test_same_number_other_wish_is_a_new_command(void **state)
{
    (void)state;
    command(3, RELAY_OPEN);
    run_to(rig.now + SEMO_CLOCK_HZ);
    assert_int_equal(command(3, RELAY_CLOSE), 0);
    assert_int_equal(run_to(rig.now + SEMO_CLOCK_HZ), 1);
    assert_said(3, RELAY_CLOSE, 1, RELAY_CONFIRMED);
    assert_int_equal(world.pulses, 2);
}

static void test_report_moves_nothing(void **state)
{
    (void)state;
    assert_int_equal(command(0, RELAY_REPORT), 1);
    assert_said(0, 1, 1, RELAY_CONFIRMED);
    assert_int_equal(command(9, RELAY_REPORT), 1);
    assert_said(0, 1, 1, RELAY_CONFIRMED);
    assert_int_equal(world.pulses, 0);
}

static void test_everything_else_is_refused(void **state)
{
    (void)state;
    static const uint8_t m[RELAY_COMMAND_LEN + 1] = {1, 0, RELAY_OPEN, 0};
    unsigned expected = 0;
    for (unsigned len = 0; len <= sizeof m; len++) {
        if (len == RELAY_COMMAND_LEN)
            continue;
        before_call();
        semo_input_command_in(m, len);
        after_call();
        assert_int_equal(refused, ++expected);
    }
    for (unsigned wanted = RELAY_REPORT + 1; wanted < 256; wanted++) {
        command(1, (uint8_t)wanted);
        assert_int_equal(refused, ++expected);
    }
    command(0, RELAY_OPEN);
    command(0, RELAY_CLOSE);
    assert_int_equal(refused, expected + 2);
    assert_int_equal(world.pulses, 0);
}

/* A stranger may call the sample at any time and as often as it likes: nothing is said twice. */
static void test_stranger_learns_and_moves_nothing(void **state)
{
    (void)state;
    uint32_t seed = rig_seed();
    for (uint16_t n = 1; n < 100; n++) {
        const uint64_t t = rig.now;
        unsigned said = command(n, n % 3 == 0), answers = 0;
        assert_int_equal(said, 0);
        while (rig.now < t + SEMO_CLOCK_HZ) {
            rig_advance(&rig, rig.now + rig_random(&seed) % (20 * MS));
            answers += stranger_samples();
        }
        assert_int_equal(answers, 1);
        assert_said(n, n % 3 == 0, n % 3 == 0, RELAY_CONFIRMED);
        assert_int_equal(world.pulses, n);
    }
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, start_module, stop_module)
    const struct CMUnitTest tests[] = {
        CASE(test_opens_and_confirms_once_stable),
        CASE(test_close_when_closed_is_confirmed),
        CASE(test_welded_contact_fails_after_200_ms),
        CASE(test_opposite_command_during_travel),
        CASE(test_lost_events_do_not_wedge),
        CASE(test_same_number_other_wish_is_a_new_command),
        CASE(test_report_moves_nothing),
        CASE(test_everything_else_is_refused),
        CASE(test_stranger_learns_and_moves_nothing),
    };
    return cmocka_run_group_tests_name("relay driver", tests, NULL, NULL);
}
