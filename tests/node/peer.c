/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/bytes/cursor.h"
#include "tests/attack/hostile_em/attack.h"
#include "tests/node/peer.h"

#define END 0xC0
#define ESC 0xDB

#define WARM 4      /* behind the start of an image */
#define RAM  0x3800 /* of the firmware */

static void fill(void *context, void *out, unsigned len)
{
    (void)context;
    memset(out, 0x5A, len);
}

static uint64_t next_epoch(void *context)
{
    struct peer *p = context;
    return ++p->epoch;
}

static void decode(struct peer *p)
{
    assert_true(p->count < PEER_FRAMES);
    struct peer_frame *f = &p->frames[p->count++];
    f->len = 0;
    for (unsigned i = 0; i < p->line_len; i++) {
        uint8_t byte = p->line[i];
        if (byte == ESC)
            byte = p->line[++i] == 0xDC ? END : ESC;
        assert_true(f->len < SEMO_FRAME_MAX);
        f->bytes[f->len++] = byte;
    }
    if (p->deaf_to_events && f->bytes[0] == SEMO_FRAME_EVENT)
        p->count--;
}

static void sent(void *context, uint8_t byte, uint64_t at)
{
    struct peer *p = context;
    (void)at;
    if (byte != END) {
        assert_true(p->line_len < sizeof p->line);
        p->line[p->line_len++] = byte;
        return;
    }
    if (p->line_len)
        decode(p);
    p->line_len = 0;
}

void peer_load(struct peer *p, const char *name)
{
    char path[64];
    static uint8_t elf[65536];
    snprintf(path, sizeof path, "build/mcu/%s.elf", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    const size_t len = fread(elf, 1, sizeof elf, f);
    fclose(f);
    const char *why = NULL;
    if (semo_machine_load_elf(p->machine, elf, len, &why) != SEMO_OK)
        fail_msg("%s: %s", path, why);
}

struct peer *peer_new(const char *name, enum semo_profile profile, unsigned security)
{
    const struct semo_machine_config config = {
        .profile = profile, .security = security, .modules = 16};
    struct peer *p = calloc(1, sizeof *p);
    p->machine = semo_machine_new(&config);
    assert_non_null(p->machine);
    p->link = semo_link_new(sent, p);
    p->clock = semo_clock_new(0);
    semo_machine_attach(p->machine, semo_events_new());
    semo_machine_attach(p->machine, p->link);
    semo_machine_attach(p->machine, semo_random_new(fill, p));
    semo_machine_attach(p->machine, semo_epoch_new(next_epoch, p));
    semo_machine_attach(p->machine, p->clock);
    peer_load(p, name);
    semo_machine_reset(p->machine);
    peer_run(p, 10 * MS);
    return p;
}

void peer_free(struct peer *p)
{
    semo_machine_free(p->machine);
    free(p);
}

void peer_run(struct peer *p, uint64_t cycles)
{
    const uint64_t until = semo_machine_cycle(p->machine) + cycles;
    while (semo_machine_cycle(p->machine) < until)
        if (semo_machine_run(p->machine, until) == SEMO_STOP_ASLEEP)
            break;
}

void peer_take_over(struct peer *p, const char *name)
{
    uint8_t tables[SEMO_DATA_END - RAM];
    peer_run(p, 100 * MS);
    semo_machine_peek(p->machine, RAM, tables, sizeof tables);
    peer_load(p, name);
    semo_machine_poke(p->machine, RAM, tables, sizeof tables);
    uint8_t start[2];
    semo_machine_peek(p->machine, 0xFFFE, start, sizeof start);
    for (unsigned r = 1; r < 16; r++)
        semo_machine_set_register(p->machine, r, 0);
    semo_machine_set_register(p->machine, 0, (uint16_t)(start[0] + 256 * start[1] + WARM));
}

unsigned peer_stack_room(struct peer *p, uint16_t low)
{
    uint8_t byte = 0;
    unsigned room = 0;
    while (!byte && low + room < SEMO_DATA_END)
        semo_machine_peek(p->machine, (uint16_t)(low + room++), &byte, 1);
    return room;
}

void peer_send_raw(struct peer *p, const void *bytes, unsigned len)
{
    const uint8_t *from = bytes;
    while (len) {
        const unsigned taken =
            semo_link_receive(p->link, from, len, semo_machine_cycle(p->machine));
        from += taken;
        len -= taken;
        if (len)
            peer_run(p, MS);
    }
}

void peer_send(struct peer *p, const void *frame, unsigned len)
{
    uint8_t coded[2 * SEMO_FRAME_MAX + 2];
    unsigned n = 0;
    assert_true(len <= SEMO_FRAME_MAX);
    for (unsigned i = 0; i < len; i++) {
        const uint8_t byte = ((const uint8_t *)frame)[i];
        if (byte == END || byte == ESC) {
            coded[n++] = ESC;
            coded[n++] = byte == END ? 0xDC : 0xDD;
        } else {
            coded[n++] = byte;
        }
    }
    coded[n++] = END;
    peer_send_raw(p, coded, n);
}

bool peer_take(struct peer *p, struct peer_frame *frame)
{
    for (unsigned ms = 0; ms < 1000 && !p->count; ms++)
        peer_run(p, MS);
    if (!p->count)
        return false;
    *frame = p->frames[0];
    memmove(p->frames, p->frames + 1, --p->count * sizeof p->frames[0]);
    return true;
}

enum semo_status peer_ask(struct peer *p, enum semo_frame type, const void *body, unsigned len,
                          struct peer_frame *answer)
{
    uint8_t frame[SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_over(frame, sizeof frame);
    semo_cursor_put_u8(&c, (uint8_t)type);
    semo_cursor_put_u16(&c, ++p->tag);
    semo_cursor_put(&c, body, len);
    assert_false(c.bad);
    peer_send(p, frame, 3 + len);
    if (!peer_take(p, answer))
        fail_msg("no answer to request %02x", type);
    c = semo_cursor_over(answer->bytes, answer->len);
    assert_int_equal(semo_cursor_u8(&c), type | SEMO_FRAME_ANSWER);
    assert_int_equal(semo_cursor_u16(&c), p->tag);
    const enum semo_status status = semo_cursor_u8(&c);
    assert_false(c.bad);
    answer->len -= 4;
    memmove(answer->bytes, answer->bytes + 4, answer->len);
    return status;
}

uint32_t peer_counter(struct peer *p, enum semo_counter which)
{
    struct peer_frame a;
    assert_int_equal(peer_ask(p, SEMO_FRAME_COUNTERS, NULL, 0, &a), SEMO_OK);
    assert_int_equal(a.len, 1 + 4 * SEMO_COUNTERS);
    assert_int_equal(a.bytes[0], SEMO_COUNTERS);
    struct semo_cursor c = semo_cursor_over(a.bytes + 1 + 4 * which, 4);
    return semo_cursor_u32(&c);
}

struct peer_info peer_info(struct peer *p)
{
    struct peer_frame a;
    assert_int_equal(peer_ask(p, SEMO_FRAME_INFO, NULL, 0, &a), SEMO_OK);
    assert_int_equal(a.len, SEMO_INFO_LEN);
    struct semo_cursor c = semo_cursor_over(a.bytes, a.len);
    assert_int_equal(semo_cursor_u8(&c), SEMO_VERSION);
    assert_int_equal(semo_cursor_u8(&c), 0);
    struct peer_info i = {.security = semo_cursor_u16(&c)};
    i.slots = semo_cursor_u8(&c);
    i.modules = semo_cursor_u8(&c);
    i.flags = semo_cursor_u8(&c);
    i.text_start = semo_cursor_u16(&c);
    i.text_end = semo_cursor_u16(&c);
    i.data_start = semo_cursor_u16(&c);
    i.data_end = semo_cursor_u16(&c);
    assert_int_equal(semo_cursor_u16(&c), SEMO_FRAME_MAX);
    return i;
}

enum semo_status peer_write(struct peer *p, uint32_t at, const void *bytes, unsigned len)
{
    uint8_t body[SEMO_FRAME_MAX];
    struct peer_frame a;
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u32(&c, at);
    semo_cursor_put(&c, bytes, len);
    return peer_ask(p, SEMO_FRAME_WRITE, body, 4 + len, &a);
}

enum semo_status peer_enable(struct peer *p, const uint32_t range[4], uint16_t *module)
{
    return peer_enable_sealed(p, range, NULL, module);
}

enum semo_status peer_enable_sealed(struct peer *p, const uint32_t range[4], const uint8_t *seal,
                                    uint16_t *module)
{
    uint8_t body[SEMO_ENABLE_LEN + SEMO_CONCEALED_LEN];
    struct peer_frame a;
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, 0x1234);
    for (int i = 0; i < 4; i++)
        semo_cursor_put_u32(&c, range[i]);
    if (seal)
        semo_cursor_put(&c, seal, SEMO_CONCEALED_LEN);
    const enum semo_status status =
        peer_ask(p, SEMO_FRAME_ENABLE, body, (unsigned)(c.at - body), &a);
    if (status == SEMO_OK) {
        assert_int_equal(a.len, 2);
        c = semo_cursor_over(a.bytes, a.len);
        *module = semo_cursor_u16(&c);
    }
    return status;
}

enum semo_status peer_call(struct peer *p, unsigned module, unsigned entry, const void *payload,
                           unsigned len, struct peer_frame *answer)
{
    uint8_t body[SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, (uint16_t)module);
    semo_cursor_put_u16(&c, (uint16_t)entry);
    semo_cursor_put(&c, payload, len);
    return peer_ask(p, SEMO_FRAME_CALL, body, 4 + len, answer);
}

enum semo_status peer_route(struct peer *p, unsigned connection, unsigned module)
{
    uint8_t body[4];
    struct peer_frame a;
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, (uint16_t)connection);
    semo_cursor_put_u16(&c, (uint16_t)module);
    return peer_ask(p, SEMO_FRAME_ROUTE, body, sizeof body, &a);
}

void peer_attack(struct peer *p, unsigned budget, unsigned seed)
{
    uint8_t body[4];
    struct peer_frame a;
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, (uint16_t)budget);
    semo_cursor_put_u16(&c, (uint16_t)seed);
    assert_int_equal(peer_ask(p, (enum semo_frame)SEMO_FRAME_ATTACK, body, sizeof body, &a),
                     SEMO_OK);
}
