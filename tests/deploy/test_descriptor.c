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
                        "tests/deploy/vendor_key.json:4:82: vendor_key: warning: a key in clear; "
                        "write \"...\" and use semo import-key");
    semo_descriptor_free(d);
}

/* As the published framework has them: every application of the reference's section 2, in its own
 * fields. */
struct published {
    const char *name, *file;
    unsigned nodes, modules, connections, requests, aes, periodic, warnings;
};
static const struct published published[] = {
    {"button-led", "json", 3, 5, 5, 2, 3, 1, 6},   {"button-led", "yaml", 3, 5, 5, 2, 3, 1, 6},
    {"car-park", "json", 2, 6, 6, 0, 0, 2, 2},     {"car-park", "yaml", 2, 6, 6, 0, 0, 2, 2},
    {"db-webserver", "json", 2, 2, 3, 2, 3, 0, 4}, {"module-update", "yaml", 3, 3, 5, 0, 1, 0, 5},
    {"ping-pong", "json", 2, 2, 3, 0, 2, 0, 11},   {"smart-home", "json", 6, 7, 15, 2, 5, 2, 9},
    {"supply-chain", "yaml", 2, 2, 6, 1, 3, 0, 3},
};

static struct semo_descriptor *load_published(const struct published *p)
{
    char *path = semo_format("tests/deploy/published/%s/descriptor.%s", p->name, p->file);
    struct semo_descriptor *d = load(path, NULL);
    free(path);
    return d;
}

static void test_published(void **state)
{
    (void)state;
    for (unsigned k = 0; k < sizeof published / sizeof *published; k++) {
        const struct published *p = &published[k];
        struct semo_descriptor *d = load_published(p);
        unsigned requests = 0, aes = 0;
        for (unsigned i = 0; i < d->connection_count; i++) {
            requests += d->connections[i].policy == SEMO_REQUEST;
            aes += d->connections[i].aes;
        }
        assert_string_equal(d->name, p->name);
        assert_int_equal(d->node_count, p->nodes);
        assert_int_equal(d->module_count, p->modules);
        assert_int_equal(d->connection_count, p->connections);
        assert_int_equal(requests, p->requests);
        assert_int_equal(aes, p->aes);
        assert_int_equal(d->periodic_count, p->periodic);
        assert_int_equal(d->warning_count, p->warnings);
        semo_descriptor_free(d);
    }
}

/* The same application, written twice. */
static void test_json_equals_yaml(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 4; k += 2) {
        struct semo_descriptor *j = load_published(&published[k]);
        struct semo_descriptor *y = load_published(&published[k + 1]);
        assert_string_equal(j->name, y->name);
        for (unsigned n = 0; n < j->node_count; n++) {
            assert_string_equal(j->nodes[n].host, y->nodes[n].host);
            assert_int_equal(j->nodes[n].vendor, y->nodes[n].vendor);
            assert_int_equal(j->nodes[n].deploy_port, y->nodes[n].deploy_port);
            assert_memory_equal(j->nodes[n].vendor_key, y->nodes[n].vendor_key, SEMO_KEY_LEN);
        }
        for (unsigned m = 0; m < j->module_count; m++) {
            assert_string_equal(j->modules[m].name, y->modules[m].name);
            assert_string_equal(j->modules[m].files[0], y->modules[m].files[0]);
            assert_int_equal(j->modules[m].flag_count, y->modules[m].flag_count);
            assert_int_equal(j->modules[m].ends, y->modules[m].ends);
        }
        for (unsigned i = 0; i < j->connection_count; i++) {
            assert_string_equal(j->connections[i].name, y->connections[i].name);
            assert_int_equal(j->connections[i].policy, y->connections[i].policy);
        }
        semo_descriptor_free(j);
        semo_descriptor_free(y);
    }
}

static void check_flag(const struct semo_descriptor *d, const char *module, const char *flag)
{
    const struct semo_module_spec *m = &d->modules[semo_descriptor_module(d, module)];
    assert_int_equal(m->flag_count, 1);
    assert_string_equal(m->flags[0], flag);
}

static void test_published_details(void **state)
{
    (void)state;
    struct semo_descriptor *d = load_published(&published[7]);
    check_flag(d, "thermostat", "-DTARGET=200");
    check_flag(d, "light_switch", "-Itests/deploy/published/smart-home/include");
    check_flag(d, "led_1", "-DSMNAME=led_1");
    int web = semo_descriptor_module(d, "web");
    assert_int_equal(web, 0); /* its priority */
    assert_string_equal(d->modules[web].files[0], "tests/deploy/published/smart-home/web/main.c");
    assert_int_equal(d->modules[web].ends, 2 + 3 + 2); /* a back channel for each request */
    const struct semo_node_spec *n = &d->nodes[semo_descriptor_node(d, "node_web")];
    assert_int_equal(n->kind, SEMO_NODE_LINUX);
    assert_int_equal(n->reactive_port, 5000);
    assert_int_equal(n->deploy_port, 5001);
    assert_int_equal(n->vendor, 1);
    n = &d->nodes[semo_descriptor_node(d, "node_sensor")];
    assert_int_equal(n->deploy_port, 6000); /* that of events when there is no other */
    semo_descriptor_free(d);
}

static void test_places_and_policies(void **state)
{
    (void)state;
    struct semo_descriptor *d = load("tests/deploy/policies.yaml", NULL);
    const struct semo_node_spec *n = d->nodes;
    assert_true(n[0].emulated && !n[0].host && !n[0].serial); /* nothing said */
    assert_true(n[1].emulated && n[1].host);                  /* whatever its address says */
    assert_true(!n[2].emulated && n[2].serial && !n[2].host);
    assert_true(!n[3].emulated && n[3].host && n[3].deploy_port == 7000);
    static const enum semo_policy policy[] = {SEMO_NEWEST,       SEMO_NEWEST,  SEMO_STRICT,
                                              SEMO_ACKNOWLEDGED, SEMO_REQUEST, SEMO_REQUEST};
    static const bool aes[] = {false, true, false, true, false, true};
    assert_int_equal(d->connection_count, 6);
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(d->connections[i].policy, policy[i]);
        assert_int_equal(d->connections[i].aes, aes[i]);
    }
    assert_string_equal(semo_connection_io(&d->connections[4], true)->text, "ask");
    assert_string_equal(semo_connection_io(&d->connections[4], false)->text, "answer");
    assert_null(semo_connection_io(&d->connections[5], true));
    assert_int_equal(d->modules[0].ends, 1 + 2 + 2);
    assert_int_equal(d->warning_count, 0);
    semo_descriptor_free(d);
}

/* ---- large ones ---- */

#define MANY "build/tests/many-descriptor.json"

/* A ring of modules on one Linux node, so many connections from each to the next. */
static void write_ring(unsigned modules, unsigned connections)
{
    FILE *f = fopen(MANY, "w");
    assert_non_null(f);
    fputs("{\"nodes\": [{\"type\": \"linux\", \"name\": \"l\"}],\n\"modules\": [\n", f);
    for (unsigned i = 0; i < modules; i++)
        fprintf(f,
                "{\"type\": \"linux\", \"name\": \"M%u\", \"node\": \"l\", \"files\": "
                "[\"../../tests/deploy/test_descriptor.c\"]},\n",
                i);
    fputs("],\n\"connections\": [\n", f);
    for (unsigned i = 0; i < connections; i++)
        fprintf(f,
                "{\"from_module\": \"M%u\", \"from_output\": \"o%u\", \"to_module\": \"M%u\", "
                "\"to_input\": \"i\"},\n",
                i % modules, i / modules, (i + 1) % modules);
    fputs("]}\n", f);
    fclose(f);
}

static void check_ring(unsigned modules, unsigned connections, const char *refused)
{
    struct semo_descriptor *d;
    struct semo_error e = {{0}, 0};
    char *paths[] = {MANY}, path[64];
    write_ring(modules, connections);
    enum semo_status status = semo_descriptor_load(paths, 1, &d, &e);
    remove(MANY);
    assert_int_equal(status, refused ? SEMO_INPUT : SEMO_OK);
    if (refused) {
        assert_string_equal(e.text, refused);
        return;
    }
    assert_int_equal(d->module_count, modules);
    assert_int_equal(d->connection_count, connections);
    assert_true(semo_flow_path(d, 0, modules - 1, true, path, sizeof path));
    assert_string_equal(path + strlen(path) - 3, "..."); /* the whole way has no room */
    semo_descriptor_free(d);
}

static void test_many(void **state)
{
    (void)state;
    check_ring(SEMO_MODULES_MAX, SEMO_CONNECTIONS_MAX, NULL);
    check_ring(SEMO_MODULES_MAX + 1, 0,
               MANY ":2051:1: {: more than 2048 modules; make two applications of it");
    check_ring(2, SEMO_CONNECTIONS_MAX + 1,
               MANY ":4103:1: {: more than 4096 connections; make two applications of it");
}

static void test_many_files(void **state)
{
    struct semo_descriptor *d;
    struct semo_error e = {{0}, 0};
    char names[17][48], *paths[17];
    (void)state;
    for (unsigned i = 0; i < 17; i++) {
        snprintf(names[i], sizeof names[i], "build/tests/many-descriptor-%u.yaml", i);
        paths[i] = names[i];
        FILE *f = fopen(names[i], "w");
        assert_non_null(f);
        fputs("{}\n", f);
        fclose(f);
    }
    assert_int_equal(semo_descriptor_load(paths, 17, &d, &e), SEMO_INPUT);
    assert_string_equal(
        e.text, "build/tests/many-descriptor-16.yaml: more than 16 descriptor files; join some");
    for (unsigned i = 0; i < 17; i++)
        remove(names[i]);
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
        cmocka_unit_test(test_published),
        cmocka_unit_test(test_json_equals_yaml),
        cmocka_unit_test(test_published_details),
        cmocka_unit_test(test_places_and_policies),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_many_files),
        cmocka_unit_test(test_rejects),
    };
    return cmocka_run_group_tests_name("descriptor", tests, NULL, NULL);
}
