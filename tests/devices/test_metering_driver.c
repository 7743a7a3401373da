/* SPDX-License-Identifier: Apache-2.0 */
/* The metering driver module, compiled for the host, over the front end: one reading a tick. */
#include "tests/devices/rig.h"

static uint16_t registers[(SEMO_METERING_TICKS + 2) / 2];
#undef SEMO_WINDOW_REG
#define SEMO_WINDOW_REG(n, o) ((uintptr_t)registers + (o))
#include "meter/modules/metering_driver.c"

static uint8_t said[METERING_READING_LEN];
static unsigned outputs;
static struct rig rig;

enum semo_status semo_output(const struct semo_output_record *output, const void *data,
                             unsigned len)
{
    assert_ptr_equal(output, &semo_output_record_reading);
    assert_int_equal(len, METERING_READING_LEN);
    memcpy(said, data, len);
    outputs++;
    return SEMO_OK;
}

static void call(void)
{
    for (unsigned o = 0; o < sizeof registers; o += 2)
        registers[o / 2] = rig_read(&rig, o);
    semo_entry_sample();
}

static void test_one_reading_a_tick(void **state)
{
    (void)state;
    const struct semo_supply s = {.power_w = 0x12345678,
                                  .reactive_var = -1,
                                  .voltage_10mv = 23484,
                                  .current_10ma = 1840,
                                  .frequency_10mhz = 4998};
    rig = rig_with(semo_metering_new());
    semo_metering_supply(rig.device, &s, 0);
    call();
    assert_int_equal(outputs, 0);
    for (unsigned tick = 1; tick < 70; tick++) {
        rig_advance(&rig, tick * (uint64_t)SEMO_CLOCK_HZ);
        call();
        call(); /* a stranger once more */
        assert_int_equal(outputs, tick);
        const uint64_t ws = get_u32(said) | (uint64_t)get_u16(said + 4) << 32;
        assert_true(ws == (uint64_t)0x12345678 * tick);
        assert_int_equal(get_u32(said + 6), 0x12345678);
        assert_int_equal(get_u16(said + 10), 23484);
        assert_int_equal(get_u16(said + 12), 1840);
        assert_int_equal(get_u16(said + 14), 4998);
    }
    semo_machine_free(rig.machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_reading_a_tick)};
    return cmocka_run_group_tests_name("metering driver", tests, NULL, NULL);
}
