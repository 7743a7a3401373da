/* SPDX-License-Identifier: Apache-2.0 */
/* CS alone, compiled for the host: one answer for each order of the operator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "meter/modules/cs.c"

static uint8_t to_operator[16][ACK_LEN];
static unsigned told, ordered;

enum semo_status semo_output(const struct semo_output_record *output, const void *data,
                             unsigned len)
{
    ordered += output == &semo_output_record_ls_out;
    if (output == &semo_output_record_operator_out) {
        assert_true(told < 16 && len == ACK_LEN);
        memcpy(to_operator[told++], data, len);
    }
    return SEMO_OK;
}

static void order(uint16_t number, uint8_t opcode)
{
    uint8_t m[COMMAND_LEN];
    put_head(m, number, opcode);
    semo_input_operator_in(m, sizeof m);
}

static void done(uint16_t number, uint8_t opcode)
{
    uint8_t m[ACK_LEN] = {0, 0, opcode, OUTCOME_DONE, SPLY_DISABLED};
    put_u16(m, number);
    semo_input_ls_in(m, sizeof m);
}

static void number_0_is_refused(void **state)
{
    (void)state;
    order(1, DISABLE_SPLY);
    done(1, DISABLE_SPLY);
    assert_int_equal(told, 1);
    order(0, DISABLE_SPLY);
    order(0, ENABLE_SPLY);
    assert_int_equal(told, 3);
    assert_int_equal(ordered, 1);
    assert_int_equal(to_operator[1][3], OUTCOME_REFUSED);
    assert_int_equal(to_operator[2][3], OUTCOME_REFUSED);
}

static void a_repeat_gets_the_last_answer(void **state)
{
    (void)state;
    told = ordered = 0;
    order(1, DISABLE_SPLY);
    assert_int_equal(told, 1);
    assert_int_equal(to_operator[0][3], OUTCOME_DONE);
    order(1, ENABLE_SPLY); /* another order under a number that is used up */
    assert_int_equal(to_operator[1][3], OUTCOME_REFUSED);
    order(2, ENABLE_SPLY);
    order(2, ENABLE_SPLY);
    order(3, DISABLE_SPLY);
    assert_int_equal(told, 3);
    assert_int_equal(to_operator[2][3], OUTCOME_BUSY);
    done(1, DISABLE_SPLY); /* late */
    done(2, DISABLE_SPLY); /* not what was ordered */
    assert_int_equal(told, 3);
    done(2, ENABLE_SPLY);
    done(2, ENABLE_SPLY);
    assert_int_equal(told, 4);
    assert_int_equal(ordered, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_0_is_refused),
        cmocka_unit_test(a_repeat_gets_the_last_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
