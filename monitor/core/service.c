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

/* A request, taken apart. What comes out takes the place of the body, and of the tag. */
struct crypto {
    const struct semo_gate_request *head;
    const uint8_t *ad;
    uint8_t *body, *tag;
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

/* OpenSSL writes what it opens before it knows the tag. */
static enum semo_status run_aes(const struct crypto *x, bool open)
{
    const struct semo_gate_request *r = x->head;
    uint8_t nonce[NONCE_LEN] = {0};
    int n;
    memcpy(nonce, x->ad, r->ad_len < SEMO_EVENT_AD_LEN ? r->ad_len : SEMO_EVENT_AD_LEN);
    if (EVP_CipherInit_ex(aes, NULL, NULL, r->key, nonce, !open) == 1 &&
        EVP_CipherUpdate(aes, NULL, &n, x->ad, r->ad_len) == 1 &&
        (r->len == 0 || EVP_CipherUpdate(aes, x->body, &n, x->body, r->len) == 1) &&
        (!open || EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_AEAD_SET_TAG, SEMO_TAG_LEN, x->tag) == 1) &&
        EVP_CipherFinal_ex(aes, x->tag, &n) == 1 &&
        (open || EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_AEAD_GET_TAG, SEMO_TAG_LEN, x->tag) == 1))
        return SEMO_OK;
    return open ? SEMO_REFUSED : SEMO_SYSTEM;
}

/* ---- SPONGENT ---- */

static enum semo_status run_spongent(const struct semo_aead *a, const struct crypto *x, bool open)
{
    const struct semo_gate_request *r = x->head;
    if (open)
        return semo_aead_unwrap(a, x->ad, r->ad_len, x->body, r->len, x->tag, x->body);
    if (r->len > 0)
        semo_aead_wrap(a, x->ad, r->ad_len, x->body, r->len, x->body, x->tag);
    else
        semo_aead_mac(a, x->ad, r->ad_len, x->tag);
    return SEMO_OK;
}

static enum semo_status run_with_key(const struct crypto *x, bool open)
{
    struct semo_aead a;
    semo_aead_key(&a, SEMO_SECURITY, x->head->key);
    enum semo_status status = run_spongent(&a, x, open);
    semo_aead_forget(&a);
    return status;
}

/* ---- requests ---- */

static enum semo_status run(const struct semo_identity *identity, const struct crypto *x,
                            semo_seal_watch *watch, void *context)
{
    const struct semo_gate_request *r = x->head;
    const bool open = r->type == SEMO_GATE_OPEN, own = r->suite == SEMO_SUITE_OWN;
    if (r->ad_len % 2 || r->len % 2 || r->ad_len == 0 || (open && r->len == 0))
        return SEMO_LENGTH;
    if (!open && r->len > 0 && watch)
        watch(context, own ? identity->key : r->key, x->ad, r->ad_len);
    if (r->suite == SEMO_SUITE_AES)
        return run_aes(x, open);
    return own ? run_spongent(&identity->aead, x, open) : run_with_key(x, open);
}

static bool is_known(const struct semo_gate_request *r)
{
    return (r->type == SEMO_GATE_SEAL || r->type == SEMO_GATE_OPEN) &&
           (r->suite == SEMO_SUITE_AES || r->suite == SEMO_SUITE_OWN ||
            r->suite == SEMO_SUITE_SPONGENT);
}

static enum semo_status answer(const struct semo_identity *identity,
                               const struct semo_gate_request *r, struct semo_cursor *c,
                               semo_seal_watch *watch, void *context)
{
    const unsigned behind = r->type == SEMO_GATE_OPEN ? SEMO_TAG_LEN : 0;
    if (!is_known(r) || c->left != (unsigned)r->ad_len + r->len + behind)
        return SEMO_MALFORMED;
    const struct crypto x = {r, c->at, c->at + r->ad_len, c->at + r->ad_len + r->len};
    const enum semo_status status = run(identity, &x, watch, context);
    c->at = x.body - 1;
    c->left = 1 + r->len + SEMO_TAG_LEN - behind;
    if (status != SEMO_OK)
        memset(c->at, 0, c->left);
    c->at[0] = (uint8_t)status;
    return SEMO_OK;
}

static enum semo_status answer_ahead(const struct semo_identity *identity, struct semo_cursor calls)
{
    while (calls.left > 0) {
        const struct semo_gate_call *call = (const void *)semo_cursor_take(&calls, sizeof *call);
        struct semo_cursor one = semo_cursor_over(calls.at, call ? call->len : 0);
        if (!semo_cursor_take(&calls, one.left))
            return SEMO_MALFORMED;
        semo_cursor_u16(&one);
        if (call->ahead.type == SEMO_GATE_OPEN &&
            answer(identity, &call->ahead, &one, NULL, NULL) != SEMO_OK)
            return SEMO_MALFORMED;
    }
    return SEMO_OK;
}

enum semo_status semo_service_crypto(const struct semo_identity *identity, struct semo_cursor *c,
                                     semo_seal_watch *watch, void *context)
{
    const struct semo_gate_request *r = (const void *)c->at;
    if (c->left > 0 && r->type == SEMO_GATE_AHEAD)
        return answer_ahead(identity, semo_cursor_over(c->at + 1, c->left - 1));
    if (!semo_cursor_take(c, sizeof *r))
        return SEMO_MALFORMED;
    return answer(identity, r, c, watch, context);
}
