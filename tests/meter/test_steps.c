/* SPDX-License-Identifier: Apache-2.0 */
/* What `semo status --json` says at each step of a deployment, while another process is at it. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host/file.h"
#include "lib/bytes/cursor.h"
#include "tests/meter/house.h"

#define MODULES 7
#define STEPS   16

static struct {
    char step[STEPS][12];
    unsigned steps;
} seen[MODULES];

enum semo_status __real_semo_state_write_status(const struct semo_state *s,
                                                const struct semo_descriptor *d,
                                                struct semo_error *e);
enum semo_status __wrap_semo_state_write_status(const struct semo_state *s,
                                                const struct semo_descriptor *d,
                                                struct semo_error *e);

enum semo_status __real_semo_link_info(struct semo_link *l, unsigned node, const char *who,
                                       struct semo_node_info *info, struct semo_error *e);
enum semo_status __wrap_semo_link_info(struct semo_link *l, unsigned node, const char *who,
                                       struct semo_node_info *info, struct semo_error *e);

static struct semo_node_info lie; /* what is not 0 of it, an event manager says */

enum semo_status __wrap_semo_link_info(struct semo_link *l, unsigned node, const char *who,
                                       struct semo_node_info *info, struct semo_error *e)
{
    const enum semo_status status = __real_semo_link_info(l, node, who, info, e);
    info->text_start = lie.text_start ? lie.text_start : info->text_start;
    info->text_end = lie.text_end ? lie.text_end : info->text_end;
    info->data_start = lie.data_start ? lie.data_start : info->data_start;
    info->data_end = lie.data_end ? lie.data_end : info->data_end;
    return status;
}

static json_t *ask(const struct semo_state *s)
{
    char *line = semo_format("build/bin/semo status meter/descriptor.json --state %s "
                             "--operator-key %s/operator.key --json",
                             s->folder, s->folder);
    FILE *f = popen(line, "r");
    free(line);
    assert_non_null(f);
    json_t *root = json_loadf(f, 0, NULL);
    assert_non_null(root);
    assert_int_equal(pclose(f), 0);
    return root;
}

static void note(unsigned module, const char *step)
{
    const unsigned n = seen[module].steps;
    if (n > 0 && strcmp(seen[module].step[n - 1], step) == 0)
        return;
    assert_true(n < STEPS);
    strncpy(seen[module].step[n], step, sizeof seen[0].step[0] - 1);
    seen[module].steps++;
}

enum semo_status __wrap_semo_state_write_status(const struct semo_state *s,
                                                const struct semo_descriptor *d,
                                                struct semo_error *e)
{
    const enum semo_status status = __real_semo_state_write_status(s, d, e);
    json_t *root = ask(s), *module;
    size_t i;
    assert_int_equal(json_array_size(json_object_get(root, "modules")), MODULES);
    json_array_foreach(json_object_get(root, "modules"), i, module)
    {
        note((unsigned)i, json_string_value(json_object_get(module, "step")));
        assert_string_equal(json_string_value(json_object_get(module, "name")), d->modules[i].name);
    }
    json_decref(root);
    return status;
}

static unsigned connected(const struct semo_state *s)
{
    json_t *root = ask(s), *c;
    size_t i;
    unsigned n = 0;
    json_array_foreach(json_object_get(root, "connections"), i, c)
    {
        n += json_is_true(json_object_get(c, "connected"));
    }
    json_decref(root);
    return n;
}

static void each_step_of_each_module(void **state)
{
    static struct house h;
    static const char *const steps[] = {"waiting", "built",   "placed",   "linked",
                                        "loaded",  "enabled", "attested", "connected"};
    (void)state;
    house_open(&h);
    assert_int_equal(connected(h.state), 0);
    house_deploy(&h);
    assert_int_equal(connected(h.state), h.d->connection_count);
    for (unsigned m = 0; m < MODULES; m++) {
        /* the first to be built never waits where anybody could see it */
        const unsigned first = strcmp(seen[m].step[0], "waiting") != 0;
        for (unsigned i = 0; i < seen[m].steps; i++)
            assert_string_equal(seen[m].step[i], steps[first + i]);
        assert_int_equal(seen[m].steps, 8 - first);
    }
    house_deploy(&h); /* again: nobody takes a step */
    for (unsigned m = 0; m < MODULES; m++)
        assert_string_equal(seen[m].step[seen[m].steps - 1], "connected");
    house_close(&h);
}

/* As a loader may: its old text is still there, so the same module runs again, without its keys. */
static void enable_again(struct house *h, unsigned module)
{
    const struct semo_layout *l = &h->state->modules[module].layout;
    const uint16_t places[] = {l->ps, l->pe, l->ss, l->se};
    uint8_t body[18];
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, (uint16_t)h->d->nodes[h->d->modules[module].node].vendor);
    for (unsigned i = 0; i < 4; i++)
        semo_cursor_put_u32(&c, places[i]);
    assert_int_equal(
        house_request(h, h->d->modules[module].node, SEMO_FRAME_ENABLE, body, sizeof body),
        SEMO_OK);
    h->state->modules[module].id = (unsigned)(h->link.answer[1] | h->link.answer[2] << 8);
}

static void life_without_keys_is_not_connected(void **state)
{
    static struct house h;
    const uint8_t reset[] = {SEMO_FRAME_RESET, 0, 0};
    (void)state;
    memset(seen, 0, sizeof seen);
    house_open(&h);
    house_deploy(&h);
    const unsigned node = house_node(&h, "node1");
    house_send(&h, node, reset, sizeof reset);
    house_run(&h, SECOND / 10);
    for (unsigned m = 0; m < MODULES; m++)
        if (h.d->modules[m].node == node)
            enable_again(&h, m);
    assert_int_equal(semo_deploy_attest(h.deploy, &h.e), SEMO_OK);
    for (unsigned m = 0; m < MODULES; m++)
        assert_int_equal(h.state->modules[m].step,
                         h.d->modules[m].node == node ? SEMO_STEP_ATTESTED : SEMO_STEP_CONNECTED);
    assert_true(connected(h.state) < h.d->connection_count);
    house_deploy(&h);
    assert_int_equal(connected(h.state), h.d->connection_count);
    house_draw(&h, 1000);
    house_run(&h, 3 * SECOND);
    house_switch(&h, DISABLE_SPLY, 1);
    house_close(&h);
}

/* A node that offers devices, program memory or vectors for private data or text gets nothing. */
static void no_module_where_no_memory_is(void **state)
{
    static struct house h;
    static const struct semo_node_info lies[] = {
        {.text_start = SEMO_WINDOW_START},
        {.text_end = 0xFFFE},
        {.data_start = SEMO_EPOCH},
        {.data_start = SEMO_WINDOW(4), .data_end = SEMO_WINDOW(5)},
        {.data_start = 0x9000, .data_end = 0xA000},
    };
    (void)state;
    memset(seen, 0, sizeof seen);
    house_open(&h);
    for (unsigned i = 0; i < sizeof lies / sizeof *lies; i++) {
        lie = lies[i];
        assert_int_equal(semo_deploy_load(h.deploy, &h.e), SEMO_PLACE);
        for (unsigned m = 0; m < MODULES; m++)
            assert_true(h.state->modules[m].step < SEMO_STEP_PLACED);
    }
    memset(&lie, 0, sizeof lie);
    house_deploy(&h);
    house_close(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_of_each_module),
        cmocka_unit_test(life_without_keys_is_not_connected),
        cmocka_unit_test(no_module_where_no_memory_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
