/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of lib/ share: golden files, hexadecimal, repeatable random bytes. */
#ifndef SEMO_TESTS_SUPPORT_H
#define SEMO_TESTS_SUPPORT_H

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define TEST_BYTES_MAX 2048

/* The array of a file in tests/golden. */
static inline json_t *test_golden(const char *name)
{
    char path[128];
    json_error_t error;
    snprintf(path, sizeof path, "tests/golden/%s", name);
    json_t *root = json_load_file(path, 0, &error);
    if (!root)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return root;
}

struct test_bytes {
    uint8_t at[TEST_BYTES_MAX];
    unsigned len;
};

static inline struct test_bytes test_hex(const json_t *object, const char *field)
{
    struct test_bytes b = {.len = 0};
    const char *text = json_string_value(json_object_get(object, field));
    for (unsigned value; text && sscanf(text, "%2x", &value) == 1; text += 2)
        b.at[b.len++] = (uint8_t)value;
    return b;
}

static inline unsigned test_number(const json_t *object, const char *field)
{
    return (unsigned)json_integer_value(json_object_get(object, field));
}

static inline uint64_t test_env(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

/* How often a property is tried: SEMO_COUNT, or more under SOAK. */
static inline uint64_t test_count(void)
{
    return test_env("SEMO_COUNT", getenv("SOAK") ? 100000 : 1000);
}

/* splitmix64; the seed of a run is printed by test_seed. */
static inline uint64_t test_random(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static inline void test_fill(uint64_t *seed, void *bytes, unsigned len)
{
    uint8_t *at = bytes;
    for (unsigned i = 0; i < len; i++)
        at[i] = (uint8_t)test_random(seed);
}

static inline uint64_t test_seed(void)
{
    uint64_t seed = test_env("SEMO_SEED", 1);
    print_message("# SEMO_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

#endif
