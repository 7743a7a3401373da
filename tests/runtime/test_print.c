/* SPDX-License-Identifier: Apache-2.0 */
/* What a module prints, in the machine, against what the host prints. SEMO_SEED. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/debug/random.h"
#include "tests/runtime/rig.h"

enum { RUNS = 60, LINE = SEMO_PRINT_LINE };

static struct rig *printer(void)
{
    const struct rig_options o = {"printer", "tests/runtime/modules/printer.c", 128, 1, false, 0,
                                  0};
    return rig_new(&o);
}

static unsigned entry(const struct rig *r, const char *name)
{
    const struct semo_io *io = semo_unit_io(r->unit, SEMO_IO_ENTRY, name);
    assert_non_null(io);
    return io->index;
}

/* Takes all lines, which together are this; lines that were too long are cut. */
static void expect(struct rig *r, const char *text)
{
    static const uint8_t head[] = {0, 0, 'p', 'r', 'i', 'n', 't', 'e', 'r', ':', ' '};
    for (size_t len = strlen(text); len > 0;) {
        size_t part = len < LINE ? len : LINE;
        struct rig_result got = rig_call(r, SEMO_ENTRY_TAKE, "", 0);
        assert_int_equal(got.status, SEMO_OK);
        assert_int_equal(got.len % 2, 0);
        assert_in_range(got.len, sizeof head + part, sizeof head + part + 1);
        assert_memory_equal(got.answer, head, sizeof head);
        assert_memory_equal(got.answer + sizeof head, text, part);
        if (got.len > sizeof head + part)
            assert_int_equal(got.answer[got.len - 1], 0);
        text += part;
        len -= part;
    }
    assert_int_equal(rig_call(r, SEMO_ENTRY_TAKE, "", 0).status, SEMO_EMPTY);
}

static void run(struct rig *r, const char *name, const void *data, unsigned len)
{
    struct rig_result got = rig_call(r, entry(r, name), data, len);
    assert_int_equal(got.status, SEMO_OK);
    assert_int_equal(got.len, 0);
}

static unsigned below(unsigned n)
{
    return debug_random() % n;
}

static int number(unsigned bits)
{
    static const int edges[] = {0, 1, -1, 9, -10, 0x7FFFFFFF, -0x7FFFFFFF - 1, 0x7FFF, -0x8000};
    int n = (int)(debug_random() << 8 ^ debug_random());
    if (below(4) == 0)
        n = edges[below(sizeof edges / sizeof *edges)];
    return bits == 16 ? (int16_t)n : n;
}

static void numbers_are_the_hosts(void **state)
{
    struct rig *r = printer();
    (void)state;
    rig_stack_paint(r);
    for (unsigned i = 0; i < RUNS; i++) {
        int a = number(16), c = number(32);
        unsigned b = (uint16_t)number(16);
        uint8_t data[8] = {(uint8_t)a, (uint8_t)(a >> 8), (uint8_t)b,         (uint8_t)(b >> 8),
                           (uint8_t)c, (uint8_t)(c >> 8), (uint8_t)(c >> 16), (uint8_t)(c >> 24)};
        char text[300];
        int len = snprintf(text, sizeof text, "%d|%+6d|%-6i|%05d|%.4d|", a, a, a, a, a);
        len += snprintf(text + len, sizeof text - (size_t)len, "%u|%x|%X|%o|%04x|%-5u|", b, b, b, b,
                        b, b);
        snprintf(text + len, sizeof text - (size_t)len, "%d|%u|%x|%010d", c, (unsigned)c,
                 (unsigned)c, c);
        run(r, "numbers", data, sizeof data);
        expect(r, text);
    }
    print_message("# stack bound %u, used %u\n", r->unit->stack_len, rig_stack_used(r));
    assert_in_range(rig_stack_used(r), 1, r->unit->stack_len - 1);
    rig_free(r);
}

static void flags_are_the_hosts(void **state)
{
    struct rig *r = printer();
    (void)state;
    rig_stack_paint(r);
    for (unsigned i = 0; i < RUNS; i++) {
        int w = (int)below(60) - 30, a = number(16);
        unsigned b = (uint16_t)a;
        uint8_t data[4] = {(uint8_t)w, (uint8_t)(w >> 8), (uint8_t)a, (uint8_t)(a >> 8)};
        char text[300];
        int len = snprintf(text, sizeof text, "% d|%#x|%#o|%#8X|%hhu|%hhd|%hx|", a, b, b, b,
                           (unsigned char)a, (signed char)a, (unsigned short)b);
        snprintf(text + len, sizeof text - (size_t)len, "%030d|%*d|%-*x|%.*d|%.*s|%.0d", a, w, a, w,
                 b, w, a, w, "abc", a);
        run(r, "flags", data, sizeof data);
        expect(r, text);
    }
    run(r, "flags", "\xFF\x7F\x01\x00", 4); /* a width of 32,767: what has room, soon */
    assert_int_equal(rig_call(r, SEMO_ENTRY_TAKE, "", 0).status, SEMO_OK);
    assert_in_range(rig_stack_used(r), 1, r->unit->stack_len - 1);
    rig_free(r);
}

static void texts_are_the_hosts(void **state)
{
    struct rig *r = printer();
    (void)state;
    for (unsigned i = 0; i < RUNS; i++) {
        char data[16], a[9] = {0}, b[9] = {0}, text[200];
        for (unsigned k = 0; k < sizeof data; k++)
            data[k] = "0123 -ab"[below(8)];
        if (below(2))
            memcpy(data + 8, data, 8);
        data[below(8)] = data[8 + below(8)] = 0;
        if (!data[0])
            data[0] = 'x'; /* an empty character is not for a text */
        memcpy(a, data, 8);
        memcpy(b, data + 8, strnlen(data + 8, 8));
        b[7] = b[6]; /* moved there */
        snprintf(text, sizeof text, "%s|%10s|%-10s|%.3s|%c|%u|%d%d%d|%d", a, a, b, b, a[0],
                 (unsigned)strlen(b), strcmp(a, b) < 0, strncmp(a, b, 3) == 0, memcmp(a, b, 8) > 0,
                 (int16_t)atoi(a));
        run(r, "texts", data, sizeof data);
        expect(r, text);
    }
    rig_free(r);
}

static void values_are_there_from_the_beginning(void **state)
{
    struct rig *r = printer();
    (void)state;
    run(r, "start", "", 0);
    expect(r, "begun 7 0 1234 5%");
    run(r, "start", "", 0);
    expect(r, "begun 8 0 1234 5%");
    rig_free(r);
}

static void what_has_no_room_is_lost_and_said(void **state)
{
    struct rig *r = printer();
    char all[512 + 1] = {0};
    (void)state;
    for (unsigned i = 0; i < 512; i++)
        all[i] = (char)('a' + i % 26);
    run(r, "fill", "\x00\x02", 2);
    expect(r, all);
    run(r, "fill", "\x01\x02", 2);
    for (const char *at = all; *at; at += LINE < strlen(at) ? LINE : strlen(at))
        assert_int_equal(rig_call(r, SEMO_ENTRY_TAKE, "", 0).status, SEMO_OK);
    expect(r, "(more was printed than there is room for)");
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_the_hosts),
        cmocka_unit_test(flags_are_the_hosts),
        cmocka_unit_test(texts_are_the_hosts),
        cmocka_unit_test(values_are_there_from_the_beginning),
        cmocka_unit_test(what_has_no_room_is_lost_and_said),
    };
    debug_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
