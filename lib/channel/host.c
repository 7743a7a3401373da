/* SPDX-License-Identifier: Apache-2.0 */
/* The crypto functions of the channel for host programs, which have no key of their own. */
#include "lib/channel/channel.h"
#include "lib/crypto/aead.h"

enum semo_status semo_crypto_wrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,
                                  const uint8_t *body, unsigned len, uint8_t *out, uint8_t *tag)
{
    struct semo_aead a;
    if (!key)
        return SEMO_UNSUPPORTED;
    semo_aead_key(&a, SEMO_SECURITY, key);
    semo_aead_wrap(&a, ad, ad_len, body, len, out, tag);
    semo_aead_forget(&a);
    return SEMO_OK;
}

enum semo_status semo_crypto_unwrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,
                                    const uint8_t *cipher, unsigned len, const uint8_t *tag,
                                    uint8_t *out)
{
    struct semo_aead a;
    enum semo_status status;
    if (!key)
        return SEMO_UNSUPPORTED;
    semo_aead_key(&a, SEMO_SECURITY, key);
    status = semo_aead_unwrap(&a, ad, ad_len, cipher, len, tag, out);
    semo_aead_forget(&a);
    return status;
}

enum semo_status semo_crypto_mac(const uint8_t *key, const uint8_t *message, unsigned len,
                                 uint8_t *tag)
{
    struct semo_aead a;
    if (!key)
        return SEMO_UNSUPPORTED;
    semo_aead_key(&a, SEMO_SECURITY, key);
    semo_aead_mac(&a, message, len, tag);
    semo_aead_forget(&a);
    return SEMO_OK;
}
