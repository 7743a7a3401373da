/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/monitor/app.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/bytes/cursor.h"
#include "lib/kdf/kdf.h"
#include "toolchain/toolchain.h"

static const uint8_t node_hash[SEMO_NODE_HASH_LEN] = "node3..";

struct app_image app_build(const char *name, const char *file, unsigned connections)
{
    const struct semo_module_source source = {.name = name,
                                              .files = &file,
                                              .file_count = 1,
                                              .target = SEMO_TARGET_LINUX,
                                              .security = SEMO_SECURITY,
                                              .connections = connections,
                                              .root = ".",
                                              .objects = "build/tests/monitor/objects"};
    static const struct semo_layout nowhere;
    uint8_t vendor_key[SEMO_KEY_LEN];
    struct semo_error e = {.text = ""};
    struct semo_unit *unit;
    struct semo_image built;
    if (semo_toolchain_compile(&source, &unit, &e) != SEMO_OK ||
        semo_toolchain_link(unit, 0, 0, &built, &e) != SEMO_OK)
        fail_msg("%s", e.text);
    semo_unit_free(unit);
    struct app_image image = {.bytes = realloc(built.text, built.text_len + 1),
                              .len = built.text_len};
    image.bytes[image.len] = 0; /* the monitor pads it to even length as well */
    semo_kdf_vendor(SEMO_SECURITY, rig_node_key, APP_VENDOR, vendor_key);
    semo_kdf_module(SEMO_SECURITY, vendor_key, image.bytes, image.len + image.len % 2, &nowhere,
                    image.key);
    return image;
}

void app_rig(struct rig *r)
{
    rig_prepare(r);
    strcpy(r->em, "build/bin/semo-em");
}

void app_rig_remove(struct rig *r)
{
    snprintf(r->em, sizeof r->em, "%s/puppet", r->folder);
    rig_remove(r);
}

void app_turn(struct rig *r, const void *frames, unsigned len)
{
    uint8_t message[SEMO_MONITOR_MESSAGE_MAX];
    struct semo_cursor c = semo_cursor_over(message, sizeof message);
    semo_cursor_put_u64(&c, r->time);
    semo_cursor_put(&c, frames, len);
    assert_false(c.bad);
    rig_turn(r, SEMO_MONITOR_FRAME, message, (size_t)(c.at - message));
}

void app_frame(struct rig *r, const void *frame, unsigned len)
{
    uint8_t bytes[2 + SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_over(bytes, sizeof bytes);
    semo_cursor_put_u16(&c, (uint16_t)len);
    semo_cursor_put(&c, frame, len);
    assert_false(c.bad);
    app_turn(r, bytes, 2 + len);
}

enum semo_status app_ask(struct rig *r, uint8_t type, const void *body, unsigned len)
{
    uint8_t frame[SEMO_FRAME_MAX] = {type, 0xA5, 0x5A};
    assert_true(len <= sizeof frame - 3);
    memcpy(frame + 3, body, len);
    app_frame(r, frame, 3 + len);
    assert_int_equal(r->died + r->killed, 0);
    assert_int_equal(r->frames, 1);
    assert_true(r->len >= 4);
    assert_int_equal(r->frame[0], type | SEMO_FRAME_ANSWER);
    assert_memory_equal(r->frame + 1, "\xA5\x5A", 2);
    return (enum semo_status)r->frame[3];
}

enum semo_status app_load(struct rig *r, const struct app_image *image, struct app_module *m)
{
    uint8_t body[4 + 1000];
    struct semo_cursor c;
    for (uint32_t at = 0, n; at < image->len; at += n) {
        n = image->len - at < 1000 ? image->len - at : 1000;
        c = semo_cursor_over(body, sizeof body);
        semo_cursor_put_u32(&c, at);
        semo_cursor_put(&c, image->bytes + at, n);
        assert_int_equal(app_ask(r, SEMO_FRAME_WRITE, body, 4 + n), SEMO_OK);
    }
    memset(body, 0, 18);
    c = semo_cursor_over(body, 18);
    semo_cursor_put_u16(&c, APP_VENDOR);
    semo_cursor_put_u32(&c, 0);
    semo_cursor_put_u32(&c, image->len);
    enum semo_status status = app_ask(r, SEMO_FRAME_ENABLE, body, 18);
    *m = (struct app_module){.image = image, .id = (uint16_t)(r->frame[4] | r->frame[5] << 8)};
    return status;
}

enum semo_status app_call(struct rig *r, const struct app_module *m, uint16_t entry,
                          const void *payload, unsigned len)
{
    uint8_t body[4 + SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, m->id);
    semo_cursor_put_u16(&c, entry);
    semo_cursor_put(&c, payload, len);
    return app_ask(r, SEMO_FRAME_CALL, body, 4 + len);
}

bool app_attest(struct rig *r, struct app_module *m)
{
    uint8_t ad[SEMO_ATTEST_AD_LEN] = {SEMO_DOMAIN_ATTEST}, tag[SEMO_TAG_LEN];
    m->epoch = 0;
    memcpy(ad + 2, node_hash, sizeof node_hash);
    memcpy(ad + 10, "a random challenge", SEMO_CHALLENGE_LEN);
    if (app_call(r, m, SEMO_ENTRY_ATTEST, ad + 2, SEMO_ATTEST_LEN) != SEMO_OK ||
        r->len != 4 + SEMO_ATTEST_ANSWER_LEN)
        return false;
    memcpy(ad + 2 + SEMO_ATTEST_LEN, r->frame + 4, 14);
    assert_int_equal(semo_crypto_mac(m->image->key, ad, sizeof ad, tag), SEMO_OK);
    if (memcmp(tag, r->frame + 18, SEMO_TAG_LEN) != 0)
        return false;
    memcpy(&m->epoch, r->frame + 4, 8);
    return m->epoch != 0;
}

void app_connect(struct rig *r, struct app_module *m, const struct semo_channel *end)
{
    uint8_t p[2 + SEMO_SET_KEY_LEN] = {SEMO_DOMAIN_SET_KEY}, route[4];
    struct semo_cursor c = semo_cursor_over(p + 2, sizeof p - 2);
    semo_cursor_put(&c, node_hash, sizeof node_hash);
    semo_cursor_put_u64(&c, m->epoch);
    semo_cursor_put_u16(&c, end->connection);
    semo_cursor_put_u8(&c, end->io);
    semo_cursor_put_u8(&c, end->kind);
    semo_cursor_put_u32(&c, ++m->serial);
    semo_cursor_put(&c, "never used twice", 16);
    assert_int_equal(semo_crypto_wrap(m->image->key, p, 2 + SEMO_SET_KEY_HEAD_LEN, end->key,
                                      SEMO_KEY_LEN, c.at, c.at + SEMO_KEY_LEN),
                     SEMO_OK);
    assert_int_equal(app_call(r, m, SEMO_ENTRY_SET_KEY, p + 2, SEMO_SET_KEY_LEN), SEMO_OK);
    if ((end->kind & 1) == SEMO_SENDER)
        return;
    c = semo_cursor_over(route, sizeof route);
    semo_cursor_put_u16(&c, end->connection);
    semo_cursor_put_u16(&c, m->id);
    assert_int_equal(app_ask(r, SEMO_FRAME_ROUTE, route, sizeof route), SEMO_OK);
}

unsigned app_event(struct semo_channel *from, const void *body, unsigned len, uint8_t *frame)
{
    _Alignas(2) uint8_t sealed[SEMO_SEALED_LEN(SEMO_PAYLOAD_MAX)];
    frame[0] = SEMO_FRAME_EVENT;
    frame[1] = (uint8_t)from->connection;
    frame[2] = (uint8_t)(from->connection >> 8);
    assert_int_equal(semo_channel_seal(from, 0, body, len, sealed), SEMO_OK);
    memcpy(frame + 3, sealed, SEMO_SEALED_LEN(len));
    return 3 + SEMO_SEALED_LEN(len);
}
