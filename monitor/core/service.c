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

enum semo_status semo_service_crypto(const struct semo_identity *identity, const uint8_t *request,
                                     unsigned request_len, uint8_t *answer, unsigned *answer_len,
                                     struct semo_sealed *sealed)
{
    struct semo_cursor c = semo_cursor_from(request, request_len);
    struct crypto x = {.type = semo_cursor_u8(&c)};
    uint8_t suite = semo_cursor_u8(&c);
    *sealed = (struct semo_sealed){NULL, NULL, 0};
    if (x.type < SEMO_MODULE_WRAP || x.type > SEMO_MODULE_MAC)
        return SEMO_MALFORMED;
    enum semo_status status = parse(&c, suite, &x);
    if (status != SEMO_OK)
        return status;
    if (x.type == SEMO_MODULE_WRAP)
        *sealed = (struct semo_sealed){x.key ? x.key : identity->key, x.ad, x.ad_len};
    *answer_len = x.type == SEMO_MODULE_MAC ? 0 : x.len;
    *answer_len += x.type == SEMO_MODULE_UNWRAP ? 0 : SEMO_TAG_LEN;
    if (suite == SEMO_SUITE_AES)
        return run_aes(&x, answer);
    return suite == SEMO_SUITE_OWN ? run_spongent(&identity->aead, &x, answer)
                                   : run_with_key(&x, answer);
}
