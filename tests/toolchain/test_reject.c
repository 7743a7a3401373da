/* SPDX-License-Identifier: Apache-2.0 */
/* One bad module source for each message of the build tool; its second line is the message, as it
 * follows the name of the file; * stands for sizes that come from elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "toolchain/toolchain.h"

static enum semo_status compile(const char *file, enum semo_target target, struct semo_error *e)
{
    struct semo_unit *unit = NULL;
    const struct semo_module_source m = {.name = "mod",
                                         .files = &file,
                                         .file_count = 1,
                                         .target = target,
                                         .security = 128,
                                         .connections = 2,
                                         .root = ".",
                                         .objects = "build/tests/reject"};
    enum semo_status status = semo_toolchain_compile(&m, &unit, e);
    if (status == SEMO_OK)
        semo_unit_free(unit);
    else
        assert_null(unit);
    return status;
}

static void expectation(const char *file, char *text, size_t room)
{
    char line[400];
    FILE *f = fopen(file, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    line[strcspn(line, "\n")] = 0;
    assert_memory_equal(line, "// expect ", 10);
    snprintf(text, room, "%s%s", line[10] == ':' ? file : "", line + 10);
}

static void every_bad_source_gets_its_line(void **state)
{
    glob_t found;
    (void)state;
    assert_int_equal(glob("tests/reject/module/*.c", 0, NULL, &found), 0);
    assert_true(found.gl_pathc > 20);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct semo_error e = {.text = ""};
        char expected[600];
        expectation(found.gl_pathv[i], expected, sizeof expected);
        assert_int_not_equal(compile(found.gl_pathv[i], SEMO_TARGET_MCU, &e), SEMO_OK);
        if (fnmatch(expected, e.text, 0) != 0)
            fail_msg("%s, not %s", e.text, expected);
        assert_int_equal(e.code, SEMO_EXIT_USAGE);
        assert_null(strchr(e.text, '\n'));
    }
    globfree(&found);
}

/* What has to do with the source alone is refused on every back end. */
static void the_rules_are_the_same_for_linux(void **state)
{
    static const char *const files[] = {"wide_type",    "recursion",           "function_outside",
                                        "pointer_call", "published_arguments", "function_section"};
    (void)state;
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        struct semo_error e = {.text = ""};
        char path[100], expected[600];
        snprintf(path, sizeof path, "tests/reject/module/%s.c", files[i]);
        expectation(path, expected, sizeof expected);
        assert_int_not_equal(compile(path, SEMO_TARGET_LINUX, &e), SEMO_OK);
        assert_string_equal(e.text, expected);
    }
}

static void linux_has_no_device_windows(void **state)
{
    struct semo_error e = {.text = ""};
    (void)state;
    assert_int_equal(compile("tests/reject/module/driver_queue.c", SEMO_TARGET_LINUX, &e),
                     SEMO_UNSUPPORTED);
    assert_string_equal(e.text, "tests/reject/module/driver_queue.c:5: mod: a driver needs a "
                                "microcontroller; a Linux node has no device windows");
}

static void a_missing_file_is_named(void **state)
{
    struct semo_error e = {.text = ""};
    (void)state;
    assert_int_equal(compile("tests/reject/module/none.c", SEMO_TARGET_MCU, &e), SEMO_MISSING);
    assert_string_equal(e.text, "tests/reject/module/none.c: no such source file of module mod");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_source_gets_its_line),
        cmocka_unit_test(the_rules_are_the_same_for_linux),
        cmocka_unit_test(linux_has_no_device_windows),
        cmocka_unit_test(a_missing_file_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
