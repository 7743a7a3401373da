/* SPDX-License-Identifier: Apache-2.0 */
/* One bit of one module's text is not what it should be: changed after it was loaded, by whoever
 * can write memory, or stored so by a loader that lies. It is found out, gets no key, and the
 * others go on. On the microcontrollers and on the Linux node. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/bytes/cursor.h"
#include "tests/attack/lying_loader/lying.h"
#include "tests/meter/house.h"

#define FLIPS   50 /* of each way; SEMO_COUNT */
#define MODULES 7

static struct {
    unsigned module, at, bit;
    bool after;  /* after loading, before it is protected */
    bool silent; /* a request to its node was not answered */
    unsigned keys;
} victim = {.module = MODULES};

static struct house *house(void **state)
{
    return *state;
}

/* ---- between the deployer and the rest ---- */

enum semo_status __real_semo_link_request(struct semo_link *l, unsigned node, const char *who,
                                          unsigned type, const void *body, unsigned body_len,
                                          unsigned *len, struct semo_error *e);
enum semo_status __wrap_semo_link_request(struct semo_link *l, unsigned node, const char *who,
                                          unsigned type, const void *body, unsigned body_len,
                                          unsigned *len, struct semo_error *e);
enum semo_status __real_semo_link_call(struct semo_link *l, unsigned node, const char *who,
                                       unsigned module, unsigned entry, const void *payload,
                                       unsigned payload_len, unsigned *len, struct semo_error *e);
enum semo_status __wrap_semo_link_call(struct semo_link *l, unsigned node, const char *who,
                                       unsigned module, unsigned entry, const void *payload,
                                       unsigned payload_len, unsigned *len, struct semo_error *e);
enum semo_status __real_semo_toolchain_link(const struct semo_unit *unit, uint16_t ps, uint16_t ss,
                                            struct semo_image *image, struct semo_error *e);
enum semo_status __wrap_semo_toolchain_link(const struct semo_unit *unit, uint16_t ps, uint16_t ss,
                                            struct semo_image *image, struct semo_error *e);
enum semo_status __real_semo_set_key(struct semo_link *l, unsigned node, const char *node_name,
                                     const char *who, struct semo_state_module *m,
                                     unsigned connection, unsigned io, unsigned direction,
                                     const uint8_t *key, struct semo_error *e);
enum semo_status __wrap_semo_set_key(struct semo_link *l, unsigned node, const char *node_name,
                                     const char *who, struct semo_state_module *m,
                                     unsigned connection, unsigned io, unsigned direction,
                                     const uint8_t *key, struct semo_error *e);

static struct house *rig;

static bool is_victim(const char *who)
{
    return victim.module < MODULES && strcmp(who, rig->d->modules[victim.module].name) == 0;
}

/* The images never change in this test, and the linker is a program. */
static struct {
    const struct semo_unit *unit;
    uint16_t ps, ss;
    struct semo_image image;
} linked[2 * MODULES];

enum semo_status __wrap_semo_toolchain_link(const struct semo_unit *unit, uint16_t ps, uint16_t ss,
                                            struct semo_image *image, struct semo_error *e)
{
    unsigned i = 0;
    while (i < 2 * MODULES && linked[i].unit &&
           (linked[i].unit != unit || linked[i].ps != ps || linked[i].ss != ss))
        i++;
    assert_true(i < 2 * MODULES);
    if (!linked[i].unit) {
        const enum semo_status status =
            __real_semo_toolchain_link(unit, ps, ss, &linked[i].image, e);
        if (status != SEMO_OK)
            return status;
        linked[i].unit = unit;
        linked[i].ps = ps;
        linked[i].ss = ss;
    }
    *image = linked[i].image;
    image->text = malloc(image->text_len);
    assert_non_null(image->text);
    memcpy(image->text, linked[i].image.text, image->text_len);
    return SEMO_OK;
}

static const struct semo_image *image_of(const char *module)
{
    for (unsigned i = 2 * MODULES; i-- > 0;)
        if (linked[i].unit && strcmp(linked[i].unit->name, module) == 0)
            return &linked[i].image;
    fail_msg("%s was never linked", module);
    return NULL;
}

enum semo_status __wrap_semo_set_key(struct semo_link *l, unsigned node, const char *node_name,
                                     const char *who, struct semo_state_module *m,
                                     unsigned connection, unsigned io, unsigned direction,
                                     const uint8_t *key, struct semo_error *e)
{
    victim.keys += is_victim(who);
    return __real_semo_set_key(l, node, node_name, who, m, connection, io, direction, key, e);
}

/* Anybody may write what no module protects yet. */
static enum semo_status overwrite(struct semo_link *l, unsigned node, struct semo_error *e)
{
    const struct semo_image *image = image_of(rig->d->modules[victim.module].name);
    uint8_t body[5];
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u32(&c, image->layout.ps + victim.at);
    semo_cursor_put_u8(&c, (uint8_t)(image->text[victim.at] ^ 1 << victim.bit));
    return __real_semo_link_request(l, node, "attacker", SEMO_FRAME_WRITE, body, sizeof body, NULL,
                                    e);
}

enum semo_status __wrap_semo_link_request(struct semo_link *l, unsigned node, const char *who,
                                          unsigned type, const void *body, unsigned body_len,
                                          unsigned *len, struct semo_error *e)
{
    if (type == SEMO_FRAME_ENABLE && victim.after && is_victim(who))
        assert_int_equal(overwrite(l, node, e), SEMO_OK);
    enum semo_status status = SEMO_TIMEOUT;
    if (!victim.silent || node != rig->d->modules[victim.module].node)
        status = __real_semo_link_request(l, node, who, type, body, body_len, len, e);
    victim.silent |= status == SEMO_TIMEOUT;
    return status;
}

/* A module that a bit sends into a loop takes its node with it: a second tells, and nobody asks it
 * again. */
static enum semo_status call_briefly(struct semo_link *l, unsigned node, unsigned module,
                                     unsigned entry, const void *payload, unsigned payload_len,
                                     unsigned *len)
{
    uint8_t body[SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    const uint64_t limit = l->now + SECOND;
    unsigned reason;
    semo_cursor_put_u16(&c, (uint16_t)module);
    semo_cursor_put_u16(&c, (uint16_t)entry);
    semo_cursor_put(&c, payload, payload_len);
    assert_int_equal(
        semo_link_post(l, node, SEMO_FRAME_CALL, body, (unsigned)(c.at - body), &rig->e), SEMO_OK);
    l->waiting = true;
    l->waiting_node = node;
    while (l->waiting && l->now < limit)
        assert_int_equal(semo_control_run_until(l->client, &l->handlers, limit,
                                                SEMO_CONTROL_RUN_FRAME, &l->now, &reason),
                         SEMO_OK);
    if (l->waiting) {
        l->waiting = false;
        return SEMO_TIMEOUT;
    }
    *len = l->answer_len - 1;
    return l->answer[0];
}

enum semo_status __wrap_semo_link_call(struct semo_link *l, unsigned node, const char *who,
                                       unsigned module, unsigned entry, const void *payload,
                                       unsigned payload_len, unsigned *len, struct semo_error *e)
{
    enum semo_status status = SEMO_TIMEOUT;
    if (!victim.silent || node != rig->d->modules[victim.module].node)
        status = is_victim(who) ? call_briefly(l, node, module, entry, payload, payload_len, len)
                                : __real_semo_link_call(l, node, who, module, entry, payload,
                                                        payload_len, len, e);
    victim.silent |= status == SEMO_TIMEOUT;
    return status;
}

/* ---- */

static int open_house(void **state)
{
    static struct house h;
    rig = &h;
    house_seed();
    house_open(&h);
    house_deploy(&h);
    *state = &h;
    return 0;
}

static int close_house(void **state)
{
    house_close(house(state));
    for (unsigned i = 0; i < 2 * MODULES; i++)
        if (linked[i].unit)
            semo_image_free(&linked[i].image);
    return 0;
}

static void restart(struct house *h, unsigned node, bool lying)
{
    const bool mcu = h->d->nodes[node].kind == SEMO_NODE_MCU;
    const char *manager = !lying ? "" : mcu ? "build/mcu/lying.elf" : "build/bin/lying-em";
    assert_int_equal(semo_control_reset(h->link.client, node, 1), SEMO_OK);
    house_run(h, SECOND / 10);
    assert_int_equal(semo_control_manager(h->link.client, node, manager), SEMO_OK);
    house_run(h, SECOND / 10);
}

static void lie(struct house *h, unsigned node)
{
    const struct semo_image *image = image_of(h->d->modules[victim.module].name);
    uint8_t body[4];
    put_u16(body, (uint16_t)(image->layout.ps + victim.at));
    put_u16(body + 2, (uint16_t)victim.bit);
    assert_int_equal(house_request(h, node, SEMO_FRAME_LIE, body, sizeof body), SEMO_OK);
}

/* What runs in its place, asked under its own measurement: it has never been given anything. */
static bool has_nothing(struct house *h)
{
    const struct semo_module_spec *spec = &h->d->modules[victim.module];
    const struct semo_image *image = image_of(spec->name);
    struct semo_state_module m = h->state->modules[victim.module];
    uint8_t *text = malloc(image->text_len);
    assert_non_null(text);
    memcpy(text, image->text, image->text_len);
    text[victim.at] ^= (uint8_t)(1 << victim.bit);
    semo_kdf_module(SEMO_SECURITY, h->state->nodes[spec->node].vendor_key, text, image->text_len,
                    &image->layout, m.key);
    free(text);
    if (semo_attest_module(&h->link, spec->node, h->d->nodes[spec->node].name, "flipped", &m,
                           &h->e) != SEMO_OK)
        return false;                           /* the bit has broken it */
    return m.serial == 0 && m.connections == 0; /* unless the bit makes it say something else */
}

static bool is_on(const struct house *h, int module, unsigned node)
{
    return module >= 0 && h->d->modules[module].node == node;
}

struct tally {
    unsigned flips, on_linux, refused, silent, own_key;
};

static void flip(struct house *h, unsigned module, bool after, struct tally *t)
{
    const struct semo_module_spec *spec = &h->d->modules[module];
    const struct semo_image *image = image_of(spec->name);
    const bool mcu = spec->kind == SEMO_NODE_MCU;
    restart(h, spec->node, !after);
    victim.module = module;
    victim.at = mcu ? house_random() % image->text_len : 1 + house_random() % (image->text_len - 1);
    victim.bit = house_random() % 8;
    victim.after = after;
    victim.silent = false;
    victim.keys = 0;
    h->state->modules[module].failed = false;
    if (!after)
        lie(h, spec->node);
    const enum semo_status status = semo_deploy_load(h->deploy, &h->e);
    if (status == SEMO_OK || h->deploy->attested_now[module])
        fail_msg("%s with bit %u of byte %u flipped was attested", spec->name, victim.bit,
                 victim.at);
    t->refused += status == SEMO_REFUSED;
    assert_true(h->state->modules[module].failed);
    assert_true(h->state->modules[module].step < SEMO_STEP_ATTESTED);
    assert_int_not_equal(semo_deploy_connect(h->deploy, &h->e), SEMO_OK);
    assert_int_equal(victim.keys, 0);
    for (unsigned i = 0; i < h->d->connection_count; i++) {
        const struct semo_connection_spec *c = &h->d->connections[i];
        const bool touched = c->from == (int)module || c->to == (int)module;
        if (touched && h->state->connections[i].connected)
            fail_msg("%s counts as connected", c->name);
        const bool cut_off =
            victim.silent && (is_on(h, c->from, spec->node) || is_on(h, c->to, spec->node));
        if (!touched && !cut_off && !h->state->connections[i].connected)
            fail_msg("%s is not connected (%s flipped; %s)", c->name, spec->name, h->e.text);
    }
    for (unsigned m = 0; m < h->d->module_count; m++)
        if (m != module && (!victim.silent || h->d->modules[m].node != spec->node))
            assert_true(h->deploy->attested_now[m]);
    t->flips++;
    t->on_linux += !mcu;
    t->silent += victim.silent;
    if (!victim.silent && h->state->modules[module].step == SEMO_STEP_ENABLED)
        t->own_key += has_nothing(h);
    victim.module = MODULES;
    victim.silent = false;
    restart(h, spec->node, false);
}

static void flips(struct house *h, bool after)
{
    const char *count = getenv("SEMO_COUNT");
    const unsigned n = count ? (unsigned)strtoul(count, NULL, 0) : FLIPS;
    const unsigned cs = house_module(h, "CS");
    struct tally t = {0};
    while (t.flips < n)
        flip(h, house_random() % 3 ? (unsigned)(house_random() % MODULES) : cs, after, &t);
    printf("# %u flips, %u on Linux: %u answered wrongly, %u silenced their node, %u proved to be "
           "themselves and to have no key\n",
           t.flips, t.on_linux, t.refused, t.silent, t.own_key);
    assert_true(n < 20 || (t.on_linux > 0 && t.on_linux < n && t.own_key > n / 2));
    house_deploy(h); /* as it was: all is well */
    assert_int_equal(h->pins, 0);
}

static void after_loading(void **state)
{
    flips(house(state), true);
}

static void by_a_lying_loader(void **state)
{
    flips(house(state), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_loading),
        cmocka_unit_test(by_a_lying_loader),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
