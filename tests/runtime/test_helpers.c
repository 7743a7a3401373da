/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler calls by itself, in the machine against the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/runtime/rig.h"

enum { COMPUTE = SEMO_ENTRY_USER, MOVE, OPERATIONS = 13 };

static struct rig *rig;
static unsigned seed = 1;

static uint32_t random_32(void)
{
    uint32_t r = 0;
    for (unsigned i = 0; i < 4; i++) {
        seed = seed * 1103515245 + 12345;
        r = r << 8 | (seed >> 16 & 0xFF);
    }
    return r >> (seed >> 24 & 31); /* all magnitudes */
}

static uint32_t native_16(unsigned op, uint16_t a, uint16_t b)
{
    const int16_t sa = (int16_t)a, sb = (int16_t)b;
    switch (op) {
    case 0:
        return (uint16_t)((uint32_t)a * b);
    case 1:
        return a / b;
    case 2:
        return a % b;
    case 3:
        return (uint16_t)(sa / sb);
    default:
        return (uint16_t)(sa % sb);
    }
}

static uint32_t native(unsigned op, uint32_t a, uint32_t b)
{
    const int64_t sa = (int32_t)a, sb = (int32_t)b;
    switch (op) {
    case 5:
        return a * b;
    case 6:
        return a / b;
    case 7:
        return a % b;
    case 8:
        return (uint32_t)(sa / sb);
    case 9:
        return (uint32_t)(sa % sb);
    case 10:
        return a << (b & 31);
    case 11:
        return a >> (b & 31);
    case 12:
        return (uint32_t)(sa >> (b & 31));
    default:
        return native_16(op, (uint16_t)a, (uint16_t)b);
    }
}

static bool divides(unsigned op)
{
    return (op >= 1 && op <= 4) || (op >= 6 && op <= 9);
}

static void check(unsigned op, uint32_t a, uint32_t b)
{
    uint8_t request[10] = {(uint8_t)op};
    struct rig_result r;
    uint32_t got = 0;
    if (divides(op) && (op < 5 ? (uint16_t)b : b) == 0)
        return; /* undefined in C */
    for (unsigned i = 0; i < 4; i++) {
        request[2 + i] = (uint8_t)(a >> 8 * i);
        request[6 + i] = (uint8_t)(b >> 8 * i);
    }
    r = rig_call(rig, COMPUTE, request, sizeof request);
    assert_int_equal(r.len, 4);
    for (unsigned i = 0; i < 4; i++)
        got |= (uint32_t)r.answer[i] << 8 * i;
    if (got != native(op, a, b))
        fail_msg("operation %u of %08x, %08x: %08x, not %08x", op, (unsigned)a, (unsigned)b,
                 (unsigned)got, (unsigned)native(op, a, b));
}

static void arithmetic_is_the_hosts(void **state)
{
    static const uint32_t edges[] = {0,      1,      2,       3,          7,          10,
                                     0x7FFF, 0x8000, 0x8001,  0xFFFF,     0x10000,    0x10001,
                                     31,     32,     0x12345, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    const unsigned n = sizeof edges / sizeof *edges;
    const char *count = getenv("SEMO_COUNT");
    (void)state;
    for (unsigned op = 0; op < OPERATIONS; op++) {
        for (unsigned i = 0; i < n * n; i++)
            check(op, edges[i / n], edges[i % n]);
        for (unsigned i = 0; i < (count ? strtoul(count, NULL, 10) : 200); i++)
            check(op, random_32(), random_32());
    }
    assert_int_equal(semo_machine_violations(rig->machine), 0);
}

static void copies_and_fills_touch_what_they_should(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1500; i++) {
        uint8_t request[64], expected[128] = {0};
        struct rig_result r;
        for (unsigned k = 0; k < sizeof request; k++)
            request[k] = (uint8_t)(i + k * 7);
        request[2] = (uint8_t)(i % 29);
        request[0] = (uint8_t)(i / 29 % 4);
        request[1] = (uint8_t)(i % 5 == 0 ? 255 : 30 + i / 116 % 3);
        memcpy(expected, request + 4, 60);
        if (request[1] == 255)
            memset(expected + request[0], 0xC3, request[2]);
        else
            memcpy(expected + request[0], expected + request[1], request[2]);
        r = rig_call(rig, MOVE, request, sizeof request);
        assert_int_equal(r.len, 60);
        assert_memory_equal(r.answer, expected, 60);
    }
}

int main(void)
{
    const struct rig_options o = {
        "arithmetic", "tests/runtime/modules/arithmetic.c", 64, 1, false, 0, 0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_is_the_hosts),
        cmocka_unit_test(copies_and_fills_touch_what_they_should),
    };
    rig = rig_new(&o);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
