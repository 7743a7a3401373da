/* SPDX-License-Identifier: Apache-2.0 */
/* Promise 4 of docs/threat-model.md: only the Central System moves the supply. Who tries here has
 * the network, every door, the loader, a reset line, and everything that was ever said. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "host/file.h"
#include "lib/bytes/cursor.h"
#include "tests/meter/house.h"

#define WATTS   3600
#define ENTRIES 16
#define PROBE   0x6400 /* where tests/node_host/probe.S is linked */

static struct house *house(void **state)
{
    return *state;
}

static struct {
    unsigned pins, log;
} before;
static struct house_event recorded; /* an order to switch off that was obeyed */

static unsigned to_switch(const struct house *h)
{
    return house_connection(h, "HASM_LS", "cs_in");
}

/* All that an order could have changed. */
static void watch(struct house *h)
{
    before.pins = h->pins;
    before.log = house_log_entries(h);
    assert_int_equal(house_supply(h), SPLY_ENABLED);
}

static void nothing_changed(struct house *h)
{
    house_run(h, 2 * SECOND);
    assert_int_equal(h->pins, before.pins);
    assert_int_equal(house_log_entries(h), before.log);
    assert_int_equal(house_supply(h), SPLY_ENABLED);
    assert_int_equal(h->pins, before.pins);
}

static int open_house(void **state)
{
    static struct house h;
    house_seed();
    house_open(&h);
    house_deploy(&h);
    house_draw(&h, WATTS);
    house_run(&h, 3 * SECOND);
    house_catch(&h, to_switch(&h));
    house_order(&h, 1, DISABLE_SPLY, 0);
    while (!h.catches)
        house_run(&h, SECOND / 10);
    recorded = h.caught[0];
    house_release(&h, &recorded);
    house_let_go(&h, to_switch(&h));
    house_run(&h, SECOND);
    assert_int_equal(h.pins, 1);
    house_switch(&h, ENABLE_SPLY, 1);
    *state = &h;
    return 0;
}

static int close_house(void **state)
{
    house_close(house(state));
    return 0;
}

/* Sealed under a key that is not the connection's, with a sequence far ahead. */
static unsigned forge(uint8_t *sealed, uint16_t number, uint8_t opcode)
{
    struct semo_channel c = {.connection = 1, .kind = SEMO_SENDER, .sequence = {0, 7}};
    uint8_t body[COMMAND_LEN];
    put_head(body, number, opcode);
    for (unsigned i = 0; i < sizeof c.key; i++)
        c.key[i] = (uint8_t)house_random();
    assert_int_equal(semo_channel_seal(&c, 0, body, sizeof body, sealed), SEMO_OK);
    return SEMO_SEALED_LEN(COMMAND_LEN);
}

static unsigned event_frame(uint8_t *frame, unsigned connection, const uint8_t *sealed,
                            unsigned len)
{
    struct semo_cursor c = semo_cursor_over(frame, SEMO_FRAME_MAX);
    semo_cursor_put_u8(&c, SEMO_FRAME_EVENT);
    semo_cursor_put_u16(&c, (uint16_t)connection);
    semo_cursor_put(&c, sealed, len);
    assert_false(c.bad);
    return (unsigned)(c.at - frame);
}

static unsigned turned_away(struct house *h)
{
    uint32_t count[SEMO_COUNTERS];
    house_counters(h, house_node(h, "node1"), count);
    return count[SEMO_COUNT_REFUSED] + count[SEMO_COUNT_MALFORMED] + count[SEMO_COUNT_UNROUTABLE];
}

static void a_strangers_order_by_tcp(void **state)
{
    struct house *h = house(state);
    const int door = house_knock(h, house_node(h, "node1"));
    _Alignas(2) uint8_t sealed[64];
    uint8_t frame[SEMO_FRAME_MAX];
    watch(h);
    const unsigned away = turned_away(h);
    const unsigned inputs[] = {to_switch(h), house_connection(h, "HASM_LS", "esme_in"),
                               house_connection(h, "RELAY", "command_in"),
                               house_connection(h, "HASM_LS", "relay_in")};
    for (unsigned i = 0; i < 4; i++)
        for (unsigned k = 0; k < 10; k++) {
            const unsigned len =
                forge(sealed, (uint16_t)(100 + k), k & 1 ? ENABLE_SPLY : DISABLE_SPLY);
            house_tcp(h, door, frame, event_frame(frame, inputs[i], sealed, len));
        }
    house_tcp_wait(h, door);
    assert_int_equal(turned_away(h), away + 40);
    nothing_changed(h);
    close(door);
}

static void an_order_replayed_everywhere(void **state)
{
    struct house *h = house(state);
    watch(h);
    for (unsigned n = 0; n < h->d->node_count; n++)
        for (unsigned c = 0; c <= h->d->connection_count + 1; c++) {
            house_send_event(h, n, c, recorded.sealed, recorded.len);
            house_run(h, SECOND / 50);
        }
    nothing_changed(h);
}

/* It has not been delivered, so nothing but its bits is wrong with it. */
static void an_order_with_any_bit_flipped(void **state)
{
    struct house *h = house(state);
    uint8_t frame[SEMO_FRAME_MAX];
    watch(h);
    h->catches = 0;
    house_catch(h, to_switch(h));
    house_order(h, 30, DISABLE_SPLY, 0);
    while (h->catches < 2)
        house_run(h, SECOND / 10);
    const struct house_event fresh = h->caught[h->catches - 1];
    const unsigned len = event_frame(frame, fresh.connection, fresh.sealed, fresh.len),
                   away = turned_away(h);
    for (unsigned bit = 0; bit < len * 8; bit++) {
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        house_send(h, house_node(h, "node1"), frame, len);
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        house_run(h, SECOND / 50);
    }
    printf("# %u flips\n", len * 8);
    assert_int_equal(turned_away(h), away + len * 8);
    assert_int_equal(h->pins, before.pins);
    house_release(h, &fresh); /* as it was, it is obeyed */
    house_let_go(h, to_switch(h));
    house_run(h, 2 * SECOND);
    assert_int_equal(h->pins, before.pins + 1);
    for (unsigned i = 0; i < h->catches; i++) /* and those before it are late */
        house_release(h, &h->caught[i]);
    house_run(h, SECOND);
    assert_int_equal(h->pins, before.pins + 1);
    assert_int_equal(house_heard(h, 30, DISABLE_SPLY, NULL), 1);
    house_switch(h, ENABLE_SPLY, 1);
    assert_int_equal(house_log_entries(h), before.log + 2);
}

/* Whoever holds the meter core's key: it may ask, and that is all. */
static void any_order_on_the_meter_cores_channel(void **state)
{
    struct house *h = house(state);
    static const uint8_t key[SEMO_KEY_LEN] = {0xE5, 0x3E};
    const unsigned ls = house_module(h, "HASM_LS"), in = house_connection(h, "HASM_LS", "esme_in"),
                   out = house_connection(h, "ESME", "ls_in"), node = house_node(h, "node1");
    struct semo_channel c = {.connection = (uint16_t)in, .kind = SEMO_SENDER};
    memcpy(c.key, key, sizeof key);
    watch(h);
    assert_int_equal(
        semo_set_key(&h->link, node, "node1", "HASM_LS", &h->state->modules[ls], in,
                     semo_unit_io(h->deploy->units[ls], SEMO_IO_INPUT, "esme_in")->index,
                     SEMO_RECEIVER, key, &h->e),
        SEMO_OK);
    h->catches = 0;
    house_catch(h, out);
    unsigned asked = 0;
    for (unsigned opcode = 0; opcode < 256; opcode += opcode < 33 ? 1 : 37)
        for (unsigned len = 0; len <= ACK_LEN; len++) {
            _Alignas(2) uint8_t sealed[64];
            const uint8_t body[ACK_LEN] = {(uint8_t)(50 + len), 0, (uint8_t)opcode, 0, 1};
            assert_int_equal(semo_channel_seal(&c, 0, body, len, sealed), SEMO_OK);
            house_send_event(h, node, in, sealed, SEMO_SEALED_LEN(len));
            house_run(h, SECOND / 50);
            asked += opcode == GET_SPLY_STAT && len == COMMAND_LEN;
        }
    assert_int_equal(h->catches, asked); /* answered, so the key was right */
    assert_int_equal(asked, 1);
    house_let_go(h, out);
    nothing_changed(h);
    house_deploy(h); /* new keys for all */
    nothing_changed(h);
}

static unsigned payload(struct house *h, unsigned which, uint8_t *out)
{
    _Alignas(2) uint8_t sealed[64];
    unsigned len = 0;
    struct semo_cursor c = semo_cursor_over(out, 1000);
    switch (which) {
    case 0:
        break;
    case 1: /* in clear */
        semo_cursor_put_u16(&c, 77);
        semo_cursor_put_u8(&c, DISABLE_SPLY);
        break;
    case 2:
    case 3:
        len = forge(sealed, 77, DISABLE_SPLY);
        semo_cursor_put_u16(
            &c, (uint16_t)(which == 2 ? to_switch(h) : house_connection(h, "RELAY", "command_in")));
        semo_cursor_put(&c, sealed, len);
        break;
    case 4:
        semo_cursor_put_u16(&c, (uint16_t)to_switch(h));
        semo_cursor_put(&c, recorded.sealed, recorded.len);
        break;
    default:
        for (len = which == 5 ? 88 : 1000; len; len--)
            semo_cursor_put_u8(&c, (uint8_t)house_random());
    }
    return (unsigned)(c.at - out);
}
#define PAYLOADS 7

static void every_entry_of_every_module(void **state)
{
    struct house *h = house(state);
    unsigned calls = 0, obeyed = 0;
    watch(h);
    for (unsigned m = 0; m < h->d->module_count; m++)
        for (unsigned entry = 0; entry <= ENTRIES; entry++)
            for (unsigned which = 0; which < PAYLOADS; which++) {
                uint8_t body[4 + 1000];
                const unsigned id = h->state->modules[m].id;
                const uint16_t number = entry < ENTRIES ? (uint16_t)entry : 0xFFFF;
                put_u16(body, (uint16_t)id);
                put_u16(body + 2, number);
                obeyed += house_request(h, h->d->modules[m].node, SEMO_FRAME_CALL, body,
                                        4 + payload(h, which, body + 4)) == SEMO_OK;
                calls++;
                assert_int_equal(h->pins, before.pins);
            }
    printf("# %u calls, %u answered without an error\n", calls, obeyed);
    assert_int_equal(h->lost, 0);
    nothing_changed(h);
    house_deploy(h);
    nothing_changed(h);
}

/* Every frame of the deployer, of the run so far, again. */
static void a_recorded_deployment(void **state)
{
    struct house *h = house(state);
    char *path = semo_format("%s/trace", h->folder), from[32], to[32], hex[2 * SEMO_FRAME_MAX + 1];
    unsigned long long time;
    unsigned frames = 0;
    watch(h);
    FILE *f = fopen(path, "r");
    free(path);
    assert_non_null(f);
    while (fscanf(f, "%llu frame %31s %31s %2200s\n", &time, from, to, hex) == 4 ||
           fscanf(f, "pin %31s relay %31s\n", from, to) == 2) {
        uint8_t frame[SEMO_FRAME_MAX];
        unsigned len = 0, byte;
        if (strcmp(from, "client") != 0 || frames > 400)
            continue;
        while (sscanf(hex + 2 * len, "%2x", &byte) == 1)
            frame[len++] = (uint8_t)byte;
        house_send(h, house_node(h, to), frame, len);
        frames++;
        house_run(h, SECOND / 10);
    }
    fclose(f);
    printf("# %u frames\n", frames);
    assert_true(frames > 50);
    nothing_changed(h);
    house_deploy(h);
    nothing_changed(h);
}

static enum semo_status load(struct house *h, const uint8_t *text, unsigned len, uint16_t vendor,
                             const uint32_t of[4])
{
    uint8_t body[1004];
    const unsigned node = house_node(h, "node1");
    for (unsigned done = 0, n; done < len; done += n) {
        struct semo_cursor c = semo_cursor_over(body, sizeof body);
        n = len - done < 1000 ? len - done : 1000;
        semo_cursor_put_u32(&c, of[0] + done);
        semo_cursor_put(&c, text + done, n);
        assert_int_equal(house_request(h, node, SEMO_FRAME_WRITE, body, 4 + n), SEMO_OK);
    }
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, vendor);
    for (unsigned i = 0; i < 4; i++)
        semo_cursor_put_u32(&c, of[i]);
    return house_request(h, node, SEMO_FRAME_ENABLE, body, 18);
}

static void pulse(struct house *h, uint16_t module)
{
    for (uint8_t coil = 1; coil <= 2; coil++) {
        uint8_t body[6] = {0, 0, 9, 0, coil, 0};
        put_u16(body, module);
        (void)!house_request(h, house_node(h, "node1"), SEMO_FRAME_CALL, body, sizeof body);
        house_run(h, SECOND);
    }
}

static void reset(struct house *h)
{
    assert_int_equal(semo_control_reset(h->link.client, house_node(h, "node1"), 1), SEMO_OK);
    house_run(h, SECOND);
}

static void a_module_that_claims_the_relay_after_a_reset(void **state)
{
    struct house *h = house(state);
    struct semo_image image;
    uint8_t *probe;
    size_t len;
    const unsigned relay = house_module(h, "RELAY");
    const struct semo_layout l = h->state->modules[relay].layout;
    assert_int_equal(semo_file_read("build/mcu/probe-relay.bin", 4096, &probe, &len, &h->e),
                     SEMO_OK);
    watch(h);
    reset(h);
    const uint32_t end = PROBE + (uint32_t)len;
    const uint16_t vendors[] = {(uint16_t)h->d->nodes[house_node(h, "node1")].vendor, 0, 1, 0xFFFF};
    for (unsigned i = 0; i < 4; i++)
        assert_int_not_equal(load(h, probe, (unsigned)len, vendors[i],
                                  (uint32_t[]){PROBE, end, SEMO_WINDOW(SEMO_WINDOW_RELAY),
                                               SEMO_WINDOW(SEMO_WINDOW_RELAY) + SEMO_WINDOW_SIZE}),
                             SEMO_OK);
    /* a part of the window, and more than it */
    const uint32_t ranges[][2] = {{0x380, 0x400}, {0x300, 0x3FE}, {0, 0x3FE}, {2, 0x400}};
    for (unsigned i = 0; i < 4; i++)
        if (load(h, probe, (unsigned)len, 1,
                 (uint32_t[]){PROBE, end, SEMO_WINDOW(SEMO_WINDOW_RELAY) + ranges[i][0],
                              SEMO_WINDOW(SEMO_WINDOW_RELAY) + ranges[i][1]}) == SEMO_OK) {
            pulse(h, get_u16(h->link.answer + 1));
            reset(h);
        }
    assert_int_equal(semo_toolchain_link(h->deploy->units[relay], l.ps, l.ss, &image, &h->e),
                     SEMO_OK);
    const unsigned at = house_random() % image.text_len, bit = house_random() % 8;
    image.text[at] ^= (uint8_t)(1 << bit);
    assert_int_not_equal(
        load(h, image.text, image.text_len, vendors[0], (uint32_t[]){l.ps, l.pe, l.ss, l.se}),
        SEMO_OK);
    image.text[at] ^= (uint8_t)(1 << bit);
    /* a window that nobody is bound to it may have: and reach no further */
    assert_int_equal(
        load(h, probe, (unsigned)len, 1, (uint32_t[]){PROBE, end, SEMO_WINDOW(4), SEMO_WINDOW(5)}),
        SEMO_OK);
    pulse(h, get_u16(h->link.answer + 1));
    assert_int_equal(h->pins, before.pins);
    reset(h);
    /* the true driver, but without its keys: nobody can tell it anything */
    assert_int_equal(
        load(h, image.text, image.text_len, vendors[0], (uint32_t[]){l.ps, l.pe, l.ss, l.se}),
        SEMO_OK);
    house_send_event(h, house_node(h, "node1"), to_switch(h), recorded.sealed, recorded.len);
    house_run(h, SECOND);
    assert_int_equal(h->pins, before.pins);
    semo_image_free(&image);
    free(probe);
    reset(h);
    house_deploy(h);
    house_run(h, 12 * SECOND);
    assert_int_equal(h->pins, before.pins);
    assert_int_equal(house_supply(h), SPLY_ENABLED);
}

static void the_home_can_say_nothing(void **state)
{
    struct house *h = house(state);
    char heard[8192];
    watch(h);
    const unsigned lines = h->lines, away = turned_away(h);
    const int door = house_han_port(h, false);
    house_shout(h, door, &recorded);
    house_run(h, 25 * SECOND);
    house_shout(h, door, &recorded);
    house_run(h, 25 * SECOND);
    assert_in_range(h->lines, lines + 4, lines + 6); /* one each ten seconds, as ever */
    const ssize_t n = recv(door, heard, sizeof heard - 1, 0);
    assert_true(n > 0);
    heard[n] = 0;
    assert_non_null(strstr(heard, "supply=on power_w=")); /* it hears */
    assert_null(strstr(heard, "disable"));
    close(door);
    assert_int_equal(turned_away(h), away); /* nobody has even noticed */
    nothing_changed(h);
}

static void and_the_central_system_still_can(void **state)
{
    struct house *h = house(state);
    house_switch(h, DISABLE_SPLY, 1);
    house_run(h, 5 * SECOND);
    house_switch(h, ENABLE_SPLY, 1);
    house_run(h, 5 * SECOND);
    house_draw(h, 0);
    assert_int_equal(house_register(h), house_drawn(h));
    printf("# %llu Ws, %u moves\n", (unsigned long long)house_drawn(h), h->pins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_strangers_order_by_tcp),
        cmocka_unit_test(an_order_replayed_everywhere),
        cmocka_unit_test(an_order_with_any_bit_flipped),
        cmocka_unit_test(any_order_on_the_meter_cores_channel),
        cmocka_unit_test(every_entry_of_every_module),
        cmocka_unit_test(a_recorded_deployment),
        cmocka_unit_test(the_home_can_say_nothing),
        cmocka_unit_test(a_module_that_claims_the_relay_after_a_reset),
        cmocka_unit_test(and_the_central_system_still_can),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
