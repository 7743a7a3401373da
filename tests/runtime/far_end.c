/* SPDX-License-Identifier: Apache-2.0 */
/* The crypto functions of the channel for the other ends of a rig's module (lib/channel/host.c
 * clashes with a name inside the machine). */
#include "lib/channel/channel.h"
#include "lib/crypto/aead.h"

enum semo_status semo_crypto_wrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,
                                  const uint8_t *body, unsigned len, uint8_t *out, uint8_t *tag)
{
    struct semo_aead a;
    semo_aead_key(&a, SEMO_SECURITY, key);
    semo_aead_wrap(&a, ad, ad_len, body, len, out, tag);
    return SEMO_OK;
}

enum semo_status semo_crypto_unwrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,
                                    const uint8_t *cipher, unsigned len, const uint8_t *tag,
                                    uint8_t *out)
{
    struct semo_aead a;
    semo_aead_key(&a, SEMO_SECURITY, key);
    return semo_aead_unwrap(&a, ad, ad_len, cipher, len, tag, out);
}

enum semo_status semo_crypto_mac(const uint8_t *key, const uint8_t *message, unsigned len,
                                 uint8_t *tag)
{
    struct semo_aead a;
    semo_aead_key(&a, SEMO_SECURITY, key);
    semo_aead_mac(&a, message, len, tag);
    return SEMO_OK;
}
