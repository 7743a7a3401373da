/* SPDX-License-Identifier: Apache-2.0 */
/* Places: the same for the same input, inside the free memory, without overlap, provisioned modules
 * first and where they were recorded; and what does not fit is said, not cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <semo/map.h>
#include "deploy/plan.h"

#define MODULES 6

static struct semo_node_spec nodes[2];
static struct semo_module_spec modules[MODULES];
static struct semo_unit units[MODULES], *unit_list[MODULES];
static struct semo_node_info infos[2];
static struct semo_tree *tree;
static struct semo_descriptor d;

/* Module k on node k % 2; number 4 drives the relay of node 0 and is provisioned. */
static int set_up(void **state)
{
    static const char text[] = "{\"name\": \"M\", \"node\": \"n\"}";
    struct semo_error e;
    (void)state;
    if (semo_tree_parse("f", (const uint8_t *)text, strlen(text), true, &tree, &e) != SEMO_OK)
        return -1;
    for (unsigned i = 0; i < MODULES; i++) {
        snprintf(modules[i].name, sizeof modules[i].name, "M%u", i);
        modules[i].node = i % 2;
        modules[i].provisioned = i == 4;
        modules[i].tree = tree;
        units[i] = (struct semo_unit){.text_len = 1000 + 2 * i,
                                      .data_len = 300 + 2 * i,
                                      .window = i == 4 ? SEMO_WINDOW_RELAY : -1};
        unit_list[i] = &units[i];
    }
    for (unsigned n = 0; n < 2; n++)
        infos[n] = (struct semo_node_info){.slots = 16,
                                           .text_start = SEMO_PROGRAM_START,
                                           .text_end = 0xF000,
                                           .data_start = SEMO_DATA_START,
                                           .data_end = 0x3800};
    d = (struct semo_descriptor){
        .nodes = nodes, .node_count = 2, .modules = modules, .module_count = MODULES};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    semo_tree_free(tree);
    return 0;
}

static void test_places(void **state)
{
    struct semo_place first[MODULES], second[MODULES];
    struct semo_error e;
    (void)state;
    assert_int_equal(semo_plan_place(&d, unit_list, infos, NULL, first, &e), SEMO_OK);
    assert_int_equal(semo_plan_place(&d, unit_list, infos, NULL, second, &e), SEMO_OK);
    assert_memory_equal(first, second, sizeof first);
    assert_int_equal(first[4].ps, SEMO_PROGRAM_START);
    assert_int_equal(first[4].ss, SEMO_WINDOW(SEMO_WINDOW_RELAY));
    assert_int_equal(first[0].ps, SEMO_PROGRAM_START + units[4].text_len);
    assert_int_equal(first[1].ps, SEMO_PROGRAM_START);
    for (unsigned i = 0; i < MODULES; i++) {
        assert_int_equal(first[i].ps % 2, 0);
        assert_int_equal(first[i].ss % 2, 0);
        for (unsigned k = 0; k < MODULES; k++) {
            if (k == i || modules[k].node != modules[i].node)
                continue;
            assert_true(first[k].ps >= first[i].ps + units[i].text_len ||
                        first[i].ps >= first[k].ps + units[k].text_len);
            assert_true(first[k].ss >= first[i].ss + units[i].data_len ||
                        first[i].ss >= first[k].ss + units[k].data_len);
        }
    }
}

/* An event manager's table is full: said before anything is built for nothing. */
static void test_routes(void **state)
{
    static struct semo_connection_spec connections[SEMO_ROUTES_MAX + 1];
    struct semo_descriptor many = d;
    struct semo_error e;
    (void)state;
    for (unsigned i = 0; i <= SEMO_ROUTES_MAX; i++)
        connections[i] =
            (struct semo_connection_spec){.from = SEMO_DEPLOYER, .tree = modules[0].tree};
    many.connections = connections;
    many.connection_count = SEMO_ROUTES_MAX + 1;
    assert_int_equal(semo_plan_limits(&many, &e), SEMO_INPUT);
    assert_non_null(strstr(e.text, "node too small: 64 connections end on "));
    /* a back channel ends at the sender */
    many.connection_count = SEMO_ROUTES_MAX / 2 + 1;
    for (unsigned i = 0; i <= SEMO_ROUTES_MAX; i++)
        connections[i] = (struct semo_connection_spec){
            .from = 0, .to = 2, .policy = SEMO_STRICT, .tree = modules[0].tree};
    assert_int_equal(semo_plan_limits(&many, &e), SEMO_INPUT);
    assert_non_null(strstr(e.text, "node too small: 64 connections end on "));
}

static void test_linux_modules(void **state)
{
    static struct semo_module_spec crowd[SEMO_LINUX_MODULES_MAX + 1];
    struct semo_node_spec node = {.kind = SEMO_NODE_LINUX};
    struct semo_descriptor many = {.nodes = &node, .node_count = 1, .modules = crowd};
    struct semo_error e;
    (void)state;
    for (unsigned i = 0; i <= SEMO_LINUX_MODULES_MAX; i++)
        crowd[i].tree = tree;
    many.module_count = SEMO_LINUX_MODULES_MAX;
    assert_int_equal(semo_plan_limits(&many, &e), SEMO_OK);
    many.module_count++;
    assert_int_equal(semo_plan_limits(&many, &e), SEMO_INPUT);
    assert_non_null(strstr(e.text, "node too small: it runs "));
}

/* One byte less than it takes is refused; exactly that fits. */
static void test_bounds(void **state)
{
    struct semo_place places[MODULES];
    struct semo_error e;
    struct semo_node_info kept = infos[1];
    uint32_t text = units[1].text_len + units[3].text_len + units[5].text_len;
    uint32_t data = units[1].data_len + units[3].data_len + units[5].data_len;
    (void)state;
    infos[1].text_end = (uint16_t)(infos[1].text_start + text);
    infos[1].data_end = (uint16_t)(infos[1].data_start + data);
    infos[1].slots = 3;
    assert_int_equal(semo_plan_place(&d, unit_list, infos, NULL, places, &e), SEMO_OK);
    infos[1].text_end -= 1;
    assert_int_equal(semo_plan_place(&d, unit_list, infos, NULL, places, &e), SEMO_INPUT);
    assert_string_equal(e.text, "f:1:23: n: node too small: module M5 needs 1010 bytes of program "
                                "memory and 1009 are free; move a module to another node");
    infos[1].text_end += 1;
    infos[1].data_end -= 2;
    assert_int_equal(semo_plan_place(&d, unit_list, infos, NULL, places, &e), SEMO_INPUT);
    assert_string_equal(e.text, "f:1:23: n: node too small: module M5 needs 310 bytes of data "
                                "memory and 308 are free; move a module to another node");
    infos[1].data_end += 2;
    infos[1].slots = 2;
    assert_int_equal(semo_plan_place(&d, unit_list, infos, NULL, places, &e), SEMO_INPUT);
    assert_string_equal(e.text, "f:1:23: n: node too small: it protects 2 modules; move a module "
                                "to another node");
    infos[1] = kept;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_linux_modules),
    };
    return cmocka_run_group_tests_name("plan", tests, set_up, tear_down);
}
