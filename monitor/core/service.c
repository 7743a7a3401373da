/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/core/service.h"
#include <openssl/evp.h>
#include <stddef.h>
#include <string.h>
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

/* A request, taken apart. */
struct crypto {
    uint8_t type;
    const uint8_t *key; /* NULL = the module's own */
    const uint8_t *ad, *body, *tag;
    unsigned ad_len, len;
};

/* ---- AES-128-GCM ---- */

enum { NONCE_LEN = 12 };

static EVP_CIPHER_CTX *aes;

bool semo_service_init(void)
{
    EVP_CIPHER *gcm = NULL;
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1)
        gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    aes = EVP_CIPHER_CTX_new();
    return gcm && aes && EVP_CipherInit_ex(aes, gcm, NULL, NULL, NULL, 1) == 1;
}

static bool start_aes(const struct crypto *x, const uint8_t *ad, unsigned ad_len, bool wrap)
{
    uint8_t nonce[NONCE_LEN] = {0};
    int n;
    memcpy(nonce, ad, ad_len < SEMO_EVENT_AD_LEN ? ad_len : SEMO_EVENT_AD_LEN);
    return EVP_CipherInit_ex(aes, NULL, NULL, x->key, nonce, wrap) == 1 &&
           EVP_CipherUpdate(aes, NULL, &n, ad, (int)ad_len) == 1;
}

static bool end_aes(uint8_t *out, uint8_t *tag)
{
    int n;
    return EVP_CipherFinal_ex(aes, out, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_AEAD_GET_TAG, SEMO_TAG_LEN, tag) == 1;
}

/* OpenSSL writes what it opens before it knows the tag. */
static enum semo_status unwrap_aes(const struct crypto *x, uint8_t *out)
{
    uint8_t tag[SEMO_TAG_LEN];
    int n;
    memcpy(tag, x->tag, sizeof tag);
    if (start_aes(x, x->ad, x->ad_len, false) &&
        EVP_CipherUpdate(aes, out, &n, x->body, (int)x->len) == 1 &&
        EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_AEAD_SET_TAG, SEMO_TAG_LEN, tag) == 1 &&
        EVP_CipherFinal_ex(aes, out + x->len, &n) == 1)
        return SEMO_OK;
    semo_bytes_wipe(out, x->len);
    return SEMO_REFUSED;
}

static enum semo_status run_aes(const struct crypto *x, uint8_t *out)
{
    bool done;
    int n;
    if (x->type == SEMO_MODULE_UNWRAP)
        return unwrap_aes(x, out);
    if (x->type == SEMO_MODULE_WRAP)
        done = start_aes(x, x->ad, x->ad_len, true) &&
               EVP_CipherUpdate(aes, out, &n, x->body, (int)x->len) == 1 &&
               end_aes(out + x->len, out + x->len);
    else
        done = start_aes(x, x->body, x->len, true) && end_aes(out, out);
    return done ? SEMO_OK : SEMO_SYSTEM;
}

/* ---- SPONGENT ---- */

static enum semo_status run_spongent(const struct semo_aead *a, const struct crypto *x,
                                     uint8_t *out)
{
    if (x->type == SEMO_MODULE_UNWRAP)
        return semo_aead_unwrap(a, x->ad, x->ad_len, x->body, x->len, x->tag, out);
    if (x->type == SEMO_MODULE_WRAP)
        semo_aead_wrap(a, x->ad, x->ad_len, x->body, x->len, out, out + x->len);
    else
        semo_aead_mac(a, x->body, x->len, out);
    return SEMO_OK;
}

static enum semo_status run_with_key(const struct crypto *x, uint8_t *out)
{
    struct semo_aead a;
    semo_aead_key(&a, SEMO_SECURITY, x->key);
    enum semo_status status = run_spongent(&a, x, out);
    semo_aead_forget(&a);
    return status;
}

/* ---- requests ---- */

static bool is_even_and_some(unsigned len)
{
    return len > 0 && len % 2 == 0;
}

static enum semo_status parse(struct semo_cursor *c, uint8_t suite, struct crypto *x)
{
    if (suite != SEMO_SUITE_OWN)
        x->key = semo_cursor_take(c, SEMO_KEY_LEN);
    if (x->type != SEMO_MODULE_MAC) {
        x->ad_len = semo_cursor_u16(c);
        x->ad = semo_cursor_take(c, x->ad_len);
    }
    if (x->type == SEMO_MODULE_UNWRAP)
        x->tag = semo_cursor_take(c, SEMO_TAG_LEN);
    x->len = c->left;
    x->body = semo_cursor_take(c, x->len);
    if (c->bad || suite > SEMO_SUITE_AES)
        return SEMO_MALFORMED;
    if (!is_even_and_some(x->len) || (x->type != SEMO_MODULE_MAC && !is_even_and_some(x->ad_len)))
        return SEMO_LENGTH;
    return SEMO_OK;
}

static enum semo_status run(const struct semo_identity *identity, const struct crypto *x,
                            uint8_t suite, uint8_t *out)
{
    if (suite == SEMO_SUITE_AES)
        return run_aes(x, out);
    return suite == SEMO_SUITE_OWN ? run_spongent(&identity->aead, x, out) : run_with_key(x, out);
}

static enum semo_status answer_one(const struct semo_identity *identity, uint8_t type,
                                   struct semo_cursor *c, struct semo_cursor *answer,
                                   semo_seal_watch *watch, void *context)
{
    struct semo_cursor status_at = *answer;
    struct crypto x = {.type = type};
    uint8_t suite = semo_cursor_u8(c);
    enum semo_status status = parse(c, suite, &x);
    unsigned len =
        (type == SEMO_MODULE_MAC ? 0 : x.len) + (type == SEMO_MODULE_UNWRAP ? 0 : SEMO_TAG_LEN);
    semo_cursor_put_u8(answer, SEMO_OK);
    if (status == SEMO_MALFORMED || len > answer->left)
        return SEMO_MALFORMED;
    if (status == SEMO_OK && type == SEMO_MODULE_WRAP && watch)
        watch(context, x.key ? x.key : identity->key, x.ad, x.ad_len);
    if (status == SEMO_OK)
        status = run(identity, &x, suite, answer->at);
    if (status == SEMO_OK)
        semo_cursor_take(answer, len);
    semo_cursor_put_u8(&status_at, (uint8_t)status);
    return answer->bad ? SEMO_MALFORMED : SEMO_OK;
}

enum semo_status semo_service_crypto(const struct semo_identity *identity,
                                     struct semo_cursor request, struct semo_cursor *answer,
                                     semo_seal_watch *watch, void *context)
{
    uint8_t type = semo_cursor_u8(&request);
    enum semo_status status = SEMO_OK;
    if (type >= SEMO_MODULE_WRAP && type <= SEMO_MODULE_MAC)
        return answer_one(identity, type, &request, answer, watch, context);
    if (type != SEMO_MODULE_MANY)
        return SEMO_MALFORMED;
    semo_cursor_put_u8(answer, SEMO_OK);
    while (status == SEMO_OK && request.left > 0) {
        unsigned len = semo_cursor_u16(&request);
        struct semo_cursor one = semo_cursor_from(semo_cursor_take(&request, len), len),
                           at = *answer;
        type = request.bad ? 0 : semo_cursor_u8(&one);
        semo_cursor_put_u16(answer, 0);
        status = type < SEMO_MODULE_WRAP || type > SEMO_MODULE_MAC
                     ? SEMO_MALFORMED
                     : answer_one(identity, type, &one, answer, watch, context);
        semo_cursor_put_u16(&at, (uint16_t)(answer->at - at.at - 2));
    }
    return status;
}
