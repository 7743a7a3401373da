/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptor reader: what it accepts, the exact line for what it does not, and a fuzz loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "host/tree.h"

static enum semo_status parse(const char *text, bool json, struct semo_tree **t,
                              struct semo_error *e)
{
    return semo_tree_parse("f", (const uint8_t *)text, strlen(text), json, t, e);
}

static void test_positions(void **state)
{
    struct semo_tree *t;
    struct semo_error e = {{0}, 0};
    (void)state;
    assert_int_equal(parse("{\n  \"a\": [1, \"x\",],\n}", true, &t, &e), SEMO_OK);
    const struct semo_tree *a = semo_tree_field(t, "a");
    assert_non_null(a);
    assert_int_equal(a->kind, SEMO_TREE_LIST);
    assert_int_equal(a->key_line, 2);
    assert_int_equal(a->key_column, 3);
    assert_int_equal(a->column, 8);
    assert_int_equal(a->count, 2);
    assert_int_equal(a->first->integer, 1);
    assert_int_equal(a->first->next->kind, SEMO_TREE_STRING);
    assert_int_equal(a->first->next->column, 12);
    semo_tree_free(t);
}

static void test_yaml_scalars(void **state)
{
    static const struct {
        const char *text;
        enum semo_tree_kind kind;
    } rows[] = {
        {"12", SEMO_TREE_INTEGER},     {"-3", SEMO_TREE_INTEGER},
        {"0x1234", SEMO_TREE_INTEGER}, {"\"12\"", SEMO_TREE_STRING},
        {"true", SEMO_TREE_BOOLEAN},   {"~", SEMO_TREE_NULL},
        {"1.5", SEMO_TREE_OTHER},      {"node1", SEMO_TREE_STRING},
        {"True", SEMO_TREE_BOOLEAN},   {"FALSE", SEMO_TREE_BOOLEAN},
        {"yes", SEMO_TREE_STRING},     {"99999999999999999999", SEMO_TREE_OTHER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct semo_tree *t;
        struct semo_error e = {{0}, 0};
        assert_int_equal(parse(rows[i].text, false, &t, &e), SEMO_OK);
        assert_int_equal(t->kind, rows[i].kind);
        semo_tree_free(t);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *message;
        bool json;
    } rows[] = {
        {"{a: 1}", "f:1:2: a: not JSON; write a string in double quotes", true},
        {"{\"a\": 01}", "f:1:8: 1: not JSON; write a comma or } here", true},
        {"{\"a\": 1", "f:1:8: end of file: not JSON; write a comma or } here", true},
        {"{\"a\": 1,,}", "f:1:9: ,: not JSON; write a string in double quotes", true},
        {"[1] 2", "f:1:5: 2: not JSON; remove what follows the closing bracket", true},
        {"[\"a\n\"]",
         "f:1:4: character 0x0a: not JSON; close the string with a double quote on the same line",
         true},
        {"[\"\\x\"]", "f:1:4: x: not JSON; after a backslash write one of \" \\ / b f n r t u",
         true},
        {"[\"\\u12g4\"]", "f:1:7: g: not JSON; write four hexadecimal digits after \\u", true},
        {"[-]", "f:1:3: ]: not JSON; write a digit after the sign", true},
        {"[1.]", "f:1:4: ]: not JSON; write a digit after the point", true},
        {"[1e+]", "f:1:5: ]: not JSON; write a digit in the exponent", true},
        {"{\"a\" 1}", "f:1:6: 1: not JSON; write a colon after the name of a field", true},
        {"[1 2]", "f:1:4: 2: not JSON; write a comma or ] here", true},
        {"[\"a\\u0000b\"]", "f:1:2: a: a zero character in a string; remove it", true},
        {"{\"a\\u0000b\": 1}", "f:1:2: a: a name with a zero character; remove it", true},
        {"[yes]",
         "f:1:2: y: not JSON; write a string in double quotes, a number, true, false, null, { or [",
         true},
        {"# c\n{}",
         "f:1:1: #: not JSON; write a string in double quotes, a number, true, false, null, { or [",
         true},
        {"{\"a\": 1, \"a\": 2}", "f:1:10: a: given twice; remove one of the two", true},
        {"",
         "f:1:1: end of file: not JSON; write a string in double quotes, a number, true, false, "
         "null, { or [",
         true},
        {"", "f:1:1: end of file: nothing in it; write a descriptor", false},
        {"a: 1\n---\nb: 2\n", "f:2:1: ---: a second document; put it in a file of its own", false},
        {"a: &x 1\n", "f:1:4: x: anchors are not read; write the value itself", false},
        {"a: &x [1]\n", "f:1:4: x: anchors are not read; write the value itself", false},
        {"a: !x {b: 1}\n", "f:1:4: !x: tags are not read; write the plain value", false},
        {"a: *x\n", "f:1:4: x: aliases are not read; write the value itself", false},
        {"a: !!int 1\n", "f:1:4: tag:yaml.org,2002:int: tags are not read; write the plain value",
         false},
        {"a: 1\na: 2\n", "f:2:1: a: given twice; remove one of the two", false},
        {"{[1]: 2}", "f:1:2: [: a field's name must be a word", false},
        {"a: [1\n", "f:2:1: not YAML: did not find expected ',' or ']'; correct the syntax here",
         false},
        {"a: \xff\n", "f:1:4: byte 0xff: not UTF-8; save the file as UTF-8", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct semo_tree *t;
        struct semo_error e = {{0}, 0};
        assert_int_equal(parse(rows[i].text, rows[i].json, &t, &e), SEMO_INPUT);
        assert_string_equal(e.text, rows[i].message);
        assert_int_equal(e.code, SEMO_EXIT_USAGE);
    }
}

static void nest(char *text, unsigned levels)
{
    memset(text, '[', levels);
    memset(text + levels, ']', levels);
    text[2 * levels] = 0;
}

static void test_bounds(void **state)
{
    struct semo_tree *t;
    struct semo_error e = {{0}, 0};
    char text[128];
    (void)state;
    for (int json = 0; json < 2; json++) {
        nest(text, SEMO_TREE_DEPTH);
        assert_int_equal(parse(text, json, &t, &e), SEMO_OK);
        semo_tree_free(t);
        nest(text, SEMO_TREE_DEPTH + 1);
        assert_int_equal(parse(text, json, &t, &e), SEMO_INPUT);
        assert_string_equal(e.text, "f:1:33: [: nested deeper than 32 levels; flatten it");
    }
    size_t len = SEMO_TREE_BYTES + 1;
    uint8_t *blanks = malloc(len);
    assert_non_null(blanks);
    memset(blanks, ' ', len);
    assert_int_equal(semo_tree_parse("f", blanks, len, true, &t, &e), SEMO_INPUT);
    assert_string_equal(e.text, "f: longer than 1048576 bytes; split it");
    free(blanks);
}

static void test_fields_of_one_map(void **state)
{
    static char text[12 * (SEMO_TREE_FIELDS + 1) + 3];
    struct semo_tree *t;
    struct semo_error e = {{0}, 0};
    (void)state;
    for (unsigned extra = 0; extra < 2; extra++) {
        size_t used = (size_t)sprintf(text, "{");
        for (unsigned i = 0; i < SEMO_TREE_FIELDS + extra; i++)
            used += (size_t)sprintf(text + used, "\"a%u\": 1,\n", i);
        sprintf(text + used, "}");
        enum semo_status status = parse(text, true, &t, &e);
        assert_int_equal(status, extra ? SEMO_INPUT : SEMO_OK);
        if (status == SEMO_OK)
            semo_tree_free(t);
    }
    assert_string_equal(e.text, "f:1025:1: a1024: too many fields in one map; use a list");
}

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Whatever the bytes: a tree, or one line with a position; SEMO_COUNT and SEMO_SEED choose more. */
static void test_fuzz(void **state)
{
    static const char sample[] = "{\"nodes\": [{\"name\": \"n\\u00e9\", \"id\": 4660,},],\n"
                                 " \"c\": {\"direct\": true, \"x\": null, \"y\": -1.5e3}}";
    static const char bits[] = "{}[]\",:\\\n \t#&*!|>-?0x9\x80\xc3\x00";
    const char *count = getenv("SEMO_COUNT"), *start = getenv("SEMO_SEED");
    uint64_t seed = start ? strtoull(start, NULL, 10) : 1;
    unsigned runs = count ? (unsigned)strtoul(count, NULL, 10) : 20000;
    unsigned accepted = 0;
    (void)state;
    print_message("# seed %llu, %u runs\n", (unsigned long long)seed, runs);
    for (unsigned i = 0; i < runs; i++) {
        uint8_t text[sizeof sample];
        struct semo_tree *t = NULL;
        struct semo_error e = {{0}, 0};
        size_t len = sizeof sample - 1;
        memcpy(text, sample, len);
        for (unsigned n = next_random(&seed) % 4 + 1; n > 0; n--)
            text[next_random(&seed) % len] = (uint8_t)bits[next_random(&seed) % sizeof bits];
        if (next_random(&seed) % 4 == 0)
            len = next_random(&seed) % len;
        bool json = next_random(&seed) % 2;
        if (semo_tree_parse("f", text, len, json, &t, &e) == SEMO_OK) {
            accepted++;
            semo_tree_free(t);
        } else {
            assert_null(t);
            assert_memory_equal(e.text, "f:", 2);
            assert_int_equal(e.code, SEMO_EXIT_USAGE);
        }
    }
    assert_in_range(accepted, 1, runs - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positions),         cmocka_unit_test(test_yaml_scalars),
        cmocka_unit_test(test_refused),           cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_fields_of_one_map), cmocka_unit_test(test_fuzz),
    };
    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
