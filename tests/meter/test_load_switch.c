/* SPDX-License-Identifier: Apache-2.0 */
/* HASM_LS alone, compiled for the host: what it says when frames to and from it are lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "meter/modules/hasm_ls.c"

static struct said {
    const struct semo_output_record *output;
    uint8_t body[LOG_LEN];
} said[64];
static unsigned count;

enum semo_status semo_output(const struct semo_output_record *output, const void *data,
                             unsigned len)
{
    assert_true(count < 64 && len <= LOG_LEN);
    said[count].output = output;
    memcpy(said[count++].body, data, len);
    return SEMO_OK;
}

static unsigned said_to(const struct semo_output_record *output)
{
    unsigned n = 0;
    for (unsigned i = 0; i < count; i++)
        n += said[i].output == output;
    return n;
}

static void ticks(unsigned n)
{
    static const uint8_t tick[CLOCK_TICK_LEN] = {1, 2, 3, 4};
    while (n-- > 0)
        semo_input_tick_in(tick, sizeof tick);
}

static void order(uint16_t number, uint8_t opcode)
{
    uint8_t m[COMMAND_LEN];
    put_head(m, number, opcode);
    semo_input_cs_in(m, sizeof m);
}

static void result(uint16_t number, uint8_t wanted, uint8_t contact)
{
    uint8_t m[RELAY_RESULT_LEN] = {0, 0, wanted, contact, RELAY_CONFIRMED, 0, 0};
    put_u16(m, number);
    semo_input_relay_in(m, sizeof m);
}

/* The contact moved by itself and the report of it was lost: it is asked for again. */
static void lost_report_is_made_up_for(void **state)
{
    (void)state;
    result(0, 1, 1);
    count = 0;
    ticks(CONTACT_EVERY);
    assert_int_equal(said_to(&semo_output_record_relay_out), 1);
    assert_memory_equal(said[0].body, ((uint8_t[]){0, 0, RELAY_REPORT}), RELAY_COMMAND_LEN);
    result(0, 0, 0);
    assert_int_equal(supply(), SPLY_DISABLED);
    assert_int_equal(log_count, 1);
    result(0, 0, 0);
    assert_int_equal(log_count, 1);
}

static void open_order_is_repeated(void **state)
{
    (void)state;
    order(5, ENABLE_SPLY);
    count = 0;
    ticks(3);
    assert_int_equal(said_to(&semo_output_record_relay_out), 3);
    assert_memory_equal(said[2].body, ((uint8_t[]){5, 0, RELAY_CLOSE}), RELAY_COMMAND_LEN);
    result(5, RELAY_CLOSE, 1);
    result(5, RELAY_CLOSE, 1);
    assert_int_equal(said_to(&semo_output_record_cs_out), 1);
    assert_memory_equal(said[4].body, ((uint8_t[]){5, 0, ENABLE_SPLY, OUTCOME_DONE, 0}), ACK_LEN);
}

/* Number 0 means "not asked": as an order it is refused, whatever the last order was. */
static void number_0_is_refused(void **state)
{
    (void)state;
    count = 0;
    order(0, ENABLE_SPLY);
    order(0, DISABLE_SPLY);
    assert_int_equal(count, 2);
    for (unsigned i = 0; i < 2; i++) {
        assert_ptr_equal(said[i].output, &semo_output_record_cs_out);
        assert_int_equal(said[i].body[3], OUTCOME_REFUSED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_report_is_made_up_for),
        cmocka_unit_test(open_order_is_repeated),
        cmocka_unit_test(number_0_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
