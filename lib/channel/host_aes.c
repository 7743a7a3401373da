/* SPDX-License-Identifier: Apache-2.0 */
/* AES-128-GCM of the channel for host programs, by OpenSSL. The nonce is the associated data's
 * first ten bytes, domain, flags and sequence: no two events of a key share it. */
#include <openssl/evp.h>
#include <string.h>
#include "lib/channel/channel.h"

enum { NONCE_LEN = 12, TAG_LEN = 16 };

static bool update(EVP_CIPHER_CTX *c, uint8_t *out, const uint8_t *in, unsigned len)
{
    int n;
    return len == 0 || EVP_CipherUpdate(c, out, &n, in, (int)len) == 1;
}

/* tag: written when sealing, else compared (by OpenSSL, in constant time). */
static bool gcm(const uint8_t *key, bool seal, const uint8_t *ad, unsigned ad_len,
                const uint8_t *in, unsigned len, uint8_t *out, uint8_t *tag)
{
    uint8_t nonce[NONCE_LEN] = {0}, end[16];
    int n;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    memcpy(nonce, ad, ad_len < SEMO_EVENT_AD_LEN ? ad_len : SEMO_EVENT_AD_LEN);
    bool ok = c && EVP_CipherInit_ex(c, EVP_aes_128_gcm(), NULL, key, nonce, seal) == 1 &&
              (seal || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1) &&
              update(c, NULL, ad, ad_len) && update(c, out, in, len) &&
              EVP_CipherFinal_ex(c, end, &n) == 1 &&
              (!seal || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, tag) == 1);
    EVP_CIPHER_CTX_free(c);
    return ok;
}

enum semo_status semo_aes_wrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,
                               const uint8_t *body, unsigned len, uint8_t *out, uint8_t *tag)
{
    if (!key)
        return SEMO_UNSUPPORTED;
    return gcm(key, true, ad, ad_len, body, len, out, tag) ? SEMO_OK : SEMO_SYSTEM;
}

enum semo_status semo_aes_unwrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,
                                 const uint8_t *cipher, unsigned len, const uint8_t *tag,
                                 uint8_t *out)
{
    uint8_t expected[TAG_LEN];
    if (!key)
        return SEMO_UNSUPPORTED;
    memcpy(expected, tag, sizeof expected);
    if (gcm(key, false, ad, ad_len, cipher, len, out, expected))
        return SEMO_OK;
    memset(out, 0, len);
    return SEMO_REFUSED;
}

enum semo_status semo_aes_mac(const uint8_t *key, const uint8_t *message, unsigned len,
                              uint8_t *tag)
{
    return semo_aes_wrap(key, message, len, NULL, 0, NULL, tag);
}
