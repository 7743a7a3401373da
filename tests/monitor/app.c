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
    return image;
}

static void derive(struct app_port *p, const struct app_image *image)
{
    static const struct semo_layout nowhere;
    uint8_t vendor_key[SEMO_KEY_LEN];
    if (p->image == image)
        return;
    p->image = image;
    semo_kdf_vendor(SEMO_SECURITY, p->node_key, APP_VENDOR, vendor_key);
    semo_kdf_module(SEMO_SECURITY, vendor_key, image->bytes, image->len + image->len % 2, &nowhere,
                    p->key);
}

enum semo_status app_load(struct app_port *p, const struct app_image *image, struct app_module *m)
{
    uint8_t body[4 + 1000];
    struct semo_cursor c;
    for (uint32_t at = 0, n; at < image->len; at += n) {
        n = image->len - at < 1000 ? image->len - at : 1000;
        c = semo_cursor_over(body, sizeof body);
        semo_cursor_put_u32(&c, at);
        semo_cursor_put(&c, image->bytes + at, n);
        assert_int_equal(p->ask(p, SEMO_FRAME_WRITE, body, 4 + n), SEMO_OK);
    }
    memset(body, 0, 18);
    c = semo_cursor_over(body, 18);
    semo_cursor_put_u16(&c, APP_VENDOR);
    semo_cursor_put_u32(&c, 0);
    semo_cursor_put_u32(&c, image->len);
    enum semo_status status = p->ask(p, SEMO_FRAME_ENABLE, body, 18);
    derive(p, image);
    *m = (struct app_module){.serial = 0};
    memcpy(m->key, p->key, sizeof m->key);
    c = semo_cursor_from(p->answer, p->len);
    m->id = semo_cursor_u16(&c);
    return status;
}

enum semo_status app_call(struct app_port *p, const struct app_module *m, uint16_t entry,
                          const void *payload, unsigned len)
{
    uint8_t body[4 + SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, m->id);
    semo_cursor_put_u16(&c, entry);
    semo_cursor_put(&c, payload, len);
    return p->ask(p, SEMO_FRAME_CALL, body, 4 + len);
}

bool app_attest(struct app_port *p, struct app_module *m)
{
    uint8_t ad[SEMO_ATTEST_AD_LEN] = {SEMO_DOMAIN_ATTEST}, tag[SEMO_TAG_LEN];
    m->epoch = 0;
    memcpy(ad + 2, node_hash, sizeof node_hash);
    memcpy(ad + 10, "a random challenge", SEMO_CHALLENGE_LEN);
    if (app_call(p, m, SEMO_ENTRY_ATTEST, ad + 2, SEMO_ATTEST_LEN) != SEMO_OK ||
        p->len != SEMO_ATTEST_ANSWER_LEN)
        return false;
    memcpy(ad + 2 + SEMO_ATTEST_LEN, p->answer, 14);
    assert_int_equal(semo_crypto_mac(m->key, ad, sizeof ad, tag), SEMO_OK);
    if (memcmp(tag, p->answer + 14, SEMO_TAG_LEN) != 0)
        return false;
    memcpy(&m->epoch, p->answer, 8);
    return m->epoch != 0;
}

void app_connect(struct app_port *p, struct app_module *m, const struct semo_channel *end)
{
    uint8_t request[2 + SEMO_SET_KEY_LEN] = {SEMO_DOMAIN_SET_KEY}, route[4];
    struct semo_cursor c = semo_cursor_over(request + 2, sizeof request - 2);
    semo_cursor_put(&c, node_hash, sizeof node_hash);
    semo_cursor_put_u64(&c, m->epoch);
    semo_cursor_put_u16(&c, end->connection);
    semo_cursor_put_u8(&c, end->io);
    semo_cursor_put_u8(&c, end->kind);
    semo_cursor_put_u32(&c, ++m->serial);
    semo_cursor_put(&c, "never used twice", 16);
    assert_int_equal(semo_crypto_wrap(m->key, request, 2 + SEMO_SET_KEY_HEAD_LEN, end->key,
                                      SEMO_KEY_LEN, c.at, c.at + SEMO_KEY_LEN),
                     SEMO_OK);
    assert_int_equal(app_call(p, m, SEMO_ENTRY_SET_KEY, request + 2, SEMO_SET_KEY_LEN), SEMO_OK);
    if ((end->kind & 1) == SEMO_SENDER)
        return;
    c = semo_cursor_over(route, sizeof route);
    semo_cursor_put_u16(&c, end->connection);
    semo_cursor_put_u16(&c, m->id);
    assert_int_equal(p->ask(p, SEMO_FRAME_ROUTE, route, sizeof route), SEMO_OK);
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
