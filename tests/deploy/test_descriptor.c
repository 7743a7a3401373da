/* SPDX-License-Identifier: Apache-2.0 */
/* Listing 1 of the paper loads; every file of tests/reject/descriptor gets exactly the line that
 * expected.txt there has for it, and nothing else. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "deploy/descriptor.h"
#include "host/file.h"

#define REJECT "tests/reject/descriptor"

static struct semo_descriptor *load(char *path, char *second)
{
    struct semo_descriptor *d;
    struct semo_error e = {{0}, 0};
    char *paths[] = {path, second};
    if (semo_descriptor_load(paths, second ? 2 : 1, &d, &e) != SEMO_OK)
        fail_msg("%s", e.text);
    return d;
}

/* The listing as the paper has it, with the modules that it leaves out in a second file. */
static void check_listing(const struct semo_descriptor *d)
{
    assert_int_equal(d->node_count, 1);
    assert_int_equal(d->nodes[0].vendor, 4660);
    assert_int_equal(d->nodes[0].kind, SEMO_NODE_MCU);
    assert_false(d->nodes[0].has_vendor_key);
    assert_int_equal(d->warning_count, 0);
    assert_int_equal(d->module_count, 3);
    int ls = semo_descriptor_module(d, "HASM_LS");
    assert_true(ls >= 0);
    assert_int_equal(d->modules[ls].ends, 4);
    assert_int_equal(d->modules[ls].file_count, 1);
    assert_non_null(strstr(d->modules[ls].files[0], "meter/modules/hasm_ls.c"));
    assert_int_equal(d->connection_count, 4);
    assert_string_equal(d->connections[1].name, "HASM_LS.cs_out>CS.ls_in");
    assert_int_equal(d->connections[1].from, ls);
}

static void test_listing1_completed_on_the_command_line(void **state)
{
    (void)state;
    struct semo_descriptor *d = load("meter/listing1.json", "tests/deploy/complete.json");
    check_listing(d);
    assert_string_equal(d->name, "listing1");
    semo_descriptor_free(d);
}

static void test_listing1_completed_by_include(void **state)
{
    (void)state;
    struct semo_descriptor *d = load("tests/deploy/include.yaml", NULL);
    check_listing(d);
    assert_string_equal(d->name, "load-switch");
    semo_descriptor_free(d);
}

static void test_listing1_alone_names_what_it_leaves_out(void **state)
{
    struct semo_descriptor *d;
    struct semo_error e = {{0}, 0};
    char *paths[] = {"meter/listing1.json"};
    (void)state;
    assert_int_equal(semo_descriptor_load(paths, 1, &d, &e), SEMO_INPUT);
    assert_string_equal(e.text,
                        "meter/listing1.json:21:20: CS: no module of this name; declare it under "
                        "modules, or name the descriptor file that does");
}

static void test_meter(void **state)
{
    (void)state;
    struct semo_descriptor *d = load("meter/descriptor.json", NULL);
    assert_string_equal(d->name, "meter");
    assert_int_equal(d->module_count, 7);
    assert_true(d->modules[semo_descriptor_module(d, "RELAY")].provisioned);
    assert_int_equal(d->wire_count, 1);
    unsigned direct = 0;
    for (unsigned i = 0; i < d->connection_count; i++)
        direct += d->connections[i].from == SEMO_DEPLOYER || d->connections[i].to == SEMO_DEPLOYER;
    assert_int_equal(direct, 2);
    semo_descriptor_free(d);
}

static void test_vendor_key_warns(void **state)
{
    (void)state;
    struct semo_descriptor *d = load("tests/deploy/vendor_key.json", NULL);
    assert_true(d->nodes[0].has_vendor_key);
    assert_int_equal(d->nodes[0].vendor_key[15], 0x0F);
    assert_int_equal(d->warning_count, 1);
    assert_string_equal(d->warnings[0],
                        "tests/deploy/vendor_key.json:4:96: vendor_key: warning: a key in clear; "
                        "write \"...\" and use semo import-key");
    semo_descriptor_free(d);
}

/* Returns the rest of the line "name<tab>rest" of the list. */
static char *expected_for(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = list; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, len) == 0 && line[len] == '\t')
            return semo_format("%.*s", (int)strcspn(line + len + 1, "\n"), line + len + 1);
    }
    return NULL;
}

static void check_reject(const char *list, const char *name)
{
    struct semo_descriptor *d = NULL;
    struct semo_error e = {{0}, 0};
    char *path = semo_format("%s/%s", REJECT, name), *paths[] = {path};
    char *line = expected_for(list, name);
    enum semo_status status = semo_descriptor_load(paths, 1, &d, &e);
    if (!line)
        fail_msg("%s has no line in expected.txt", name);
    assert_int_equal(status, SEMO_INPUT);
    assert_int_equal(e.code, SEMO_EXIT_USAGE);
    assert_null(d);
    char *full = semo_format("%s/%s", REJECT, line);
    assert_string_equal(e.text, full);
    free(full);
    free(line);
    free(path);
}

static void test_rejects(void **state)
{
    struct semo_error e = {{0}, 0};
    struct dirent *entry;
    uint8_t *list;
    size_t len;
    unsigned seen = 0;
    (void)state;
    DIR *folder = opendir(REJECT);
    assert_non_null(folder);
    assert_int_equal(semo_file_read(REJECT "/expected.txt", 65536, &list, &len, &e), SEMO_OK);
    while ((entry = readdir(folder))) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || (strcmp(dot, ".json") != 0 && strcmp(dot, ".yaml") != 0))
            continue;
        check_reject((const char *)list, entry->d_name);
        seen++;
    }
    closedir(folder);
    free(list);
    assert_in_range(seen, 50, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listing1_completed_on_the_command_line),
        cmocka_unit_test(test_listing1_completed_by_include),
        cmocka_unit_test(test_listing1_alone_names_what_it_leaves_out),
        cmocka_unit_test(test_meter),
        cmocka_unit_test(test_vendor_key_warns),
        cmocka_unit_test(test_rejects),
    };
    return cmocka_run_group_tests_name("descriptor", tests, NULL, NULL);
}
