/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed files open for their key, application and purpose, whole and unchanged, and for nothing
 * else; the operator key is private and never replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "deploy/seal.h"
#include "host/file.h"

static char folder[] = "build/tests/seal-XXXXXX";
static char *key_path, *path;
static struct semo_operator operator;
static const char text[] = "{\"nodes\": []}";

static int set_up(void **state)
{
    struct semo_error e;
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    key_path = semo_format("%s/config/semo/operator.key", folder);
    path = semo_format("%s/nodes.sealed", folder);
    return semo_operator_create(key_path, &operator, & e) == SEMO_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    char *command = semo_format("rm -rf %s", folder);
    int failed = system(command);
    (void)state;
    free(command);
    free(key_path);
    free(path);
    return failed;
}

static enum semo_status open_as(const struct semo_operator *o, const char *app, const char *purpose,
                                struct semo_error *e)
{
    uint8_t *bytes;
    size_t len;
    enum semo_status status = semo_seal_read(o, path, app, purpose, &bytes, &len, e);
    if (status == SEMO_OK) {
        assert_string_equal((char *)bytes, text);
        free(bytes);
    }
    return status;
}

static void seal(void)
{
    struct semo_error e;
    assert_int_equal(semo_seal_write(&operator, path, "meter", "nodes", text, strlen(text), &e),
                     SEMO_OK);
}

static void test_operator_key(void **state)
{
    struct semo_operator other;
    struct semo_error e;
    struct stat info;
    (void)state;
    assert_int_equal(stat(key_path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(info.st_size, 32);
    assert_int_equal(semo_operator_create(key_path, &other, &e), SEMO_SYSTEM);
    assert_int_equal(semo_operator_load(key_path, &other, &e), SEMO_OK);
    assert_memory_equal(other.key, operator.key, sizeof other.key);
    assert_int_equal(chmod(key_path, 0640), 0);
    assert_int_equal(semo_operator_load(key_path, &other, &e), SEMO_SYSTEM);
    assert_int_equal(chmod(key_path, 0600), 0);
    assert_int_equal(truncate(key_path, 31), 0);
    assert_int_equal(semo_operator_load(key_path, &other, &e), SEMO_INPUT);
    assert_int_equal(semo_operator_load("/does/not/exist", &other, &e), SEMO_MISSING);
}

static void test_opens_for_its_own(void **state)
{
    struct semo_error e;
    struct stat info;
    (void)state;
    seal();
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(open_as(&operator, "meter", "nodes", &e), SEMO_OK);
}

static void test_refuses_others(void **state)
{
    struct semo_operator wrong = operator;
    struct semo_error e;
    (void)state;
    seal();
    wrong.key[31] ^= 1;
    assert_int_equal(open_as(&wrong, "meter", "nodes", &e), SEMO_REFUSED);
    assert_non_null(strstr(e.text, "sealed under another operator key"));
    assert_int_equal(open_as(&operator, "meterx", "nodes", &e), SEMO_REFUSED);
    assert_non_null(strstr(e.text, "of another application"));
    assert_int_equal(open_as(&operator, "meter", "run", &e), SEMO_REFUSED);
    assert_int_equal(open_as(&operator, "mete", "rnodes", &e), SEMO_REFUSED);
    assert_int_equal(e.code, SEMO_EXIT_FAILED);
}

/* Every byte cut off, every bit of the file flipped. */
static void test_refuses_damage(void **state)
{
    struct semo_error e;
    uint8_t *whole;
    size_t len;
    (void)state;
    seal();
    assert_int_equal(semo_file_read(path, 4096, &whole, &len, &e), SEMO_OK);
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(semo_file_write(path, whole, cut, 0600, &e), SEMO_OK);
        assert_int_equal(open_as(&operator, "meter", "nodes", &e), SEMO_REFUSED);
    }
    for (size_t bit = 0; bit < 8 * len; bit++) {
        whole[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(semo_file_write(path, whole, len, 0600, &e), SEMO_OK);
        assert_int_equal(open_as(&operator, "meter", "nodes", &e), SEMO_REFUSED);
        whole[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free(whole);
}

static void test_never_the_same_twice(void **state)
{
    struct semo_error e;
    uint8_t *first, *second;
    size_t first_len, second_len;
    (void)state;
    seal();
    assert_int_equal(semo_file_read(path, 4096, &first, &first_len, &e), SEMO_OK);
    seal();
    assert_int_equal(semo_file_read(path, 4096, &second, &second_len, &e), SEMO_OK);
    assert_int_equal(first_len, second_len);
    assert_memory_not_equal(first + 30, second + 30, 12); /* nonce */
    assert_null(memmem(first, first_len, text, strlen(text)));
    free(first);
    free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opens_for_its_own), cmocka_unit_test(test_refuses_others),
        cmocka_unit_test(test_refuses_damage),    cmocka_unit_test(test_never_the_same_twice),
        cmocka_unit_test(test_operator_key),
    };
    return cmocka_run_group_tests_name("seal", tests, set_up, tear_down);
}
