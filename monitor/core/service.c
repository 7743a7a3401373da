/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/core/service.h"
#include <stddef.h>
#include "lib/bytes/cursor.h"
#include "lib/kdf/kdf.h"

void semo_identity_derive(const uint8_t *node_key, uint16_t vendor, const uint8_t *image,
                          uint32_t len, struct semo_identity *out)
{
    static const struct semo_layout nowhere;
    uint8_t vendor_key[SEMO_KEY_LEN];
    semo_kdf_vendor(SEMO_SECURITY, node_key, vendor, vendor_key);
    semo_kdf_module(SEMO_SECURITY, vendor_key, image, len, &nowhere, out->key);
    semo_aead_key(&out->aead, SEMO_SECURITY, out->key);
    semo_bytes_wipe(vendor_key, sizeof vendor_key);
}

/* The rest of a request, once its key and associated data are known. */
struct crypto {
    const struct semo_aead *aead;
    const uint8_t *ad, *body;
    unsigned ad_len, len;
    const uint8_t *tag; /* UNWRAP only */
};

static bool is_even_and_some(unsigned len)
{
    return len > 0 && len % 2 == 0;
}

static enum semo_status parse(uint8_t type, struct semo_cursor *c, struct crypto *x)
{
    if (type != SEMO_MODULE_MAC) {
        x->ad_len = semo_cursor_u16(c);
        x->ad = semo_cursor_take(c, x->ad_len);
    }
    if (type == SEMO_MODULE_UNWRAP)
        x->tag = semo_cursor_take(c, SEMO_TAG_LEN);
    x->len = c->left;
    x->body = semo_cursor_take(c, x->len);
    if (c->bad)
        return SEMO_MALFORMED;
    if (!is_even_and_some(x->len) || (type != SEMO_MODULE_MAC && !is_even_and_some(x->ad_len)))
        return SEMO_LENGTH;
    return SEMO_OK;
}

static enum semo_status run(uint8_t type, const struct crypto *x, uint8_t *answer,
                            unsigned *answer_len)
{
    switch (type) {
    case SEMO_MODULE_WRAP:
        semo_aead_wrap(x->aead, x->ad, x->ad_len, x->body, x->len, answer, answer + x->len);
        *answer_len = x->len + SEMO_TAG_LEN;
        return SEMO_OK;
    case SEMO_MODULE_UNWRAP:
        *answer_len = x->len;
        return semo_aead_unwrap(x->aead, x->ad, x->ad_len, x->body, x->len, x->tag, answer);
    default:
        semo_aead_mac(x->aead, x->body, x->len, answer);
        *answer_len = SEMO_TAG_LEN;
        return SEMO_OK;
    }
}

enum semo_status semo_service_crypto(const struct semo_identity *identity, const uint8_t *request,
                                     unsigned request_len, uint8_t *answer, unsigned *answer_len,
                                     struct semo_sealed *sealed)
{
    *sealed = (struct semo_sealed){NULL, NULL, 0};
    struct semo_cursor c = semo_cursor_from(request, request_len);
    uint8_t type = semo_cursor_u8(&c);
    if (type < SEMO_MODULE_WRAP || type > SEMO_MODULE_MAC)
        return SEMO_MALFORMED;
    uint8_t has_key = semo_cursor_u8(&c);
    const uint8_t *key = has_key ? semo_cursor_take(&c, SEMO_KEY_LEN) : identity->key;
    if (key == NULL || has_key > 1)
        return SEMO_MALFORMED;
    struct crypto x = {.aead = &identity->aead};
    enum semo_status status = parse(type, &c, &x);
    if (status != SEMO_OK)
        return status;
    struct semo_aead theirs;
    if (has_key) {
        semo_aead_key(&theirs, SEMO_SECURITY, key);
        x.aead = &theirs;
    }
    status = run(type, &x, answer, answer_len);
    semo_aead_forget(&theirs);
    if (type == SEMO_MODULE_WRAP)
        *sealed = (struct semo_sealed){key, x.ad, x.ad_len};
    return status;
}
