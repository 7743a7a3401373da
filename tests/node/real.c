/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "lib/bytes/cursor.h"
#include "lib/crypto/aead.h"
#include "tests/node/real.h"

#define SECURITY 128
#define VENDOR   0x1234
#define CHUNK    1000

static const uint8_t node[SEMO_NODE_HASH_LEN] = {'n', 'o', 'd', 'e', 0, 0, 0, 1};

static struct semo_image build(struct real *m, const char *name, uint16_t ps, uint16_t ss)
{
    char path[64];
    snprintf(path, sizeof path, "tests/node/modules/%s.c", name);
    const char *files[] = {path};
    const struct semo_module_source source = {.name = name,
                                              .files = files,
                                              .file_count = 1,
                                              .target = SEMO_TARGET_MCU,
                                              .security = SECURITY,
                                              .connections = 2,
                                              .root = ".",
                                              .objects = "build/tests/modules"};
    struct semo_error e = {.text = ""};
    struct semo_image image;
    if (semo_toolchain_compile(&source, &m->unit, &e) != SEMO_OK ||
        semo_toolchain_link(m->unit, ps, ss, &image, &e) != SEMO_OK)
        fail_msg("%s", e.text);
    return image;
}

static void derive(struct real *m, const struct semo_image *image)
{
    static const uint8_t master[16]; /* peer.c gives the machine none */
    uint8_t vendor[16];
    semo_kdf_vendor(SECURITY, master, VENDOR, vendor);
    semo_kdf_module(SECURITY, vendor, image->text, image->text_len, &image->layout, m->key);
}

struct real real_load(struct peer *p, const char *name, uint16_t ps, uint16_t ss)
{
    struct real m = {.serial = 0};
    struct semo_image image = build(&m, name, ps, ss);
    const struct semo_layout *l = &image.layout;
    for (uint32_t at = 0; at < image.text_len; at += CHUNK) {
        const uint32_t left = image.text_len - at;
        assert_int_equal(peer_write(p, ps + at, image.text + at, left < CHUNK ? left : CHUNK),
                         SEMO_OK);
    }
    assert_int_equal(peer_enable(p, (uint32_t[]){l->ps, l->pe, l->ss, l->se}, &m.id), SEMO_OK);
    derive(&m, &image);
    m.layout = *l;
    semo_image_free(&image);
    return m;
}

static bool tag_is(const struct real *m, const uint8_t *message, unsigned len, const uint8_t *tag)
{
    uint8_t expected[16];
    struct semo_aead a;
    semo_aead_key(&a, SECURITY, m->key);
    semo_aead_mac(&a, message, len, expected);
    return memcmp(expected, tag, sizeof expected) == 0;
}

enum semo_status real_attest(struct peer *p, struct real *m)
{
    struct peer_frame f;
    uint8_t ad[SEMO_ATTEST_AD_LEN] = {SEMO_DOMAIN_ATTEST, 0};
    memcpy(ad + 2, node, sizeof node);
    memset(ad + 2 + sizeof node, 0xC4, SEMO_CHALLENGE_LEN);
    const enum semo_status status =
        peer_call(p, m->id, SEMO_ENTRY_ATTEST, ad + 2, SEMO_ATTEST_LEN, &f);
    if (status != SEMO_OK)
        return status;
    assert_int_equal(f.len, SEMO_ATTEST_ANSWER_LEN);
    memcpy(ad + 2 + SEMO_ATTEST_LEN, f.bytes, 14);
    if (!tag_is(m, ad, sizeof ad, f.bytes + 14))
        return SEMO_REFUSED;
    struct semo_cursor c = semo_cursor_over(f.bytes + 8, 4);
    m->serial = semo_cursor_u32(&c);
    memcpy(m->epoch, f.bytes, sizeof m->epoch);
    return SEMO_OK;
}

enum semo_status real_connect(struct peer *p, struct real *m, enum semo_io_kind kind,
                              const char *io, uint16_t connection)
{
    uint8_t ad[2 + SEMO_SET_KEY_LEN], key[16], *cipher = ad + 2 + SEMO_SET_KEY_HEAD_LEN;
    struct peer_frame f;
    struct semo_aead a;
    const struct semo_io *found = semo_unit_io(m->unit, kind, io);
    assert_non_null(found);
    memset(key, 0x30 + connection, sizeof key);
    struct semo_cursor c = semo_cursor_over(ad, sizeof ad);
    semo_cursor_put_u16(&c, SEMO_DOMAIN_SET_KEY);
    semo_cursor_put(&c, node, sizeof node);
    semo_cursor_put(&c, m->epoch, sizeof m->epoch);
    semo_cursor_put_u16(&c, connection);
    semo_cursor_put_u8(&c, found->index);
    semo_cursor_put_u8(&c, kind == SEMO_IO_INPUT ? SEMO_RECEIVER : SEMO_SENDER);
    semo_cursor_put_u32(&c, ++m->serial);
    semo_cursor_put(&c, (uint8_t[16]){0x77}, 16);
    semo_aead_key(&a, SECURITY, m->key);
    semo_aead_wrap(&a, ad, 2 + SEMO_SET_KEY_HEAD_LEN, key, sizeof key, cipher, cipher + sizeof key);
    return peer_call(p, m->id, SEMO_ENTRY_SET_KEY, ad + 2, SEMO_SET_KEY_LEN, &f);
}

enum semo_status real_call(struct peer *p, const struct real *m, const char *entry,
                           struct peer_frame *answer)
{
    const struct semo_io *found = semo_unit_io(m->unit, SEMO_IO_ENTRY, entry);
    assert_non_null(found);
    return peer_call(p, m->id, found->index, NULL, 0, answer);
}

void real_free(struct real *m)
{
    semo_unit_free(m->unit);
}
