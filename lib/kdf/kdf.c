/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/kdf/kdf.h"

#include <string.h>
#include "lib/crypto/aead.h"

enum { NONCE_LEN = 2, PLACE_LEN = 8 };

static void put_u16(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)v;
    at[1] = (uint8_t)(v >> 8);
}

static void derive(unsigned security, const uint8_t *key, const uint8_t *message, unsigned len,
                   uint8_t *out)
{
    struct semo_aead a;
    semo_aead_key(&a, security, key);
    semo_aead_mac(&a, message, len, out);
    semo_aead_forget(&a);
}

void semo_kdf_vendor(unsigned security, const uint8_t *node_key, uint16_t vendor, uint8_t *out)
{
    uint8_t id[2];
    put_u16(id, vendor);
    derive(security, node_key, id, sizeof id, out);
}

void semo_kdf_admin(unsigned security, const uint8_t *vendor_key, uint8_t *out)
{
    static const uint8_t message[] = {0x18, 0, 'a', 'd', 'm', 'i', 'n', 0};
    derive(security, vendor_key, message, sizeof message, out);
}

static void put_layout(uint8_t *at, const struct semo_layout *layout)
{
    put_u16(at, layout->ps);
    put_u16(at + 2, layout->pe);
    put_u16(at + 4, layout->ss);
    put_u16(at + 6, layout->se);
}

void semo_kdf_module(unsigned security, const uint8_t *vendor_key, const uint8_t *text,
                     uint32_t text_len, const struct semo_layout *layout, uint8_t *out)
{
    struct semo_aead a;
    uint8_t place[PLACE_LEN];
    put_layout(place, layout);
    semo_aead_key(&a, security, vendor_key);
    semo_aead_mac_pair(&a, text, text_len, place, sizeof place, out);
    semo_aead_forget(&a);
}

static void choose_nonce(unsigned security, const uint8_t *vendor_key,
                         const struct semo_layout *layout, const uint8_t *text, uint32_t text_len,
                         uint8_t *nonce)
{
    static const uint8_t message[] = {0x19, 0, 'n', 'o', 'n', 'c', 'e', 0};
    uint8_t key[SEMO_AEAD_TAG_MAX], tag[SEMO_AEAD_TAG_MAX];
    semo_kdf_module(security, vendor_key, text, text_len, layout, key);
    derive(security, key, message, sizeof message, tag);
    nonce[0] = tag[0] | !(tag[0] | tag[1]); /* 0 means: not encrypted */
    nonce[1] = tag[1];
    semo_bytes_wipe(key, sizeof key);
}

void semo_kdf_conceal(unsigned security, const uint8_t *vendor_key,
                      const struct semo_layout *layout, uint8_t *text, uint32_t text_len,
                      uint8_t *seal)
{
    struct semo_aead a;
    uint8_t ad[NONCE_LEN + PLACE_LEN];
    choose_nonce(security, vendor_key, layout, text, text_len, seal);
    memcpy(ad, seal, NONCE_LEN);
    put_layout(ad + NONCE_LEN, layout);
    semo_aead_key(&a, security, vendor_key);
    semo_aead_wrap(&a, ad, sizeof ad, text, text_len, text, seal + NONCE_LEN);
    semo_aead_forget(&a);
}

enum semo_status semo_kdf_reveal(unsigned security, const uint8_t *vendor_key,
                                 const struct semo_layout *layout, uint8_t *text, uint32_t text_len,
                                 const uint8_t *seal)
{
    struct semo_aead a;
    uint8_t ad[NONCE_LEN + PLACE_LEN];
    memcpy(ad, seal, NONCE_LEN);
    put_layout(ad + NONCE_LEN, layout);
    semo_aead_key(&a, security, vendor_key);
    const enum semo_status status =
        semo_aead_unwrap(&a, ad, sizeof ad, text, text_len, seal + NONCE_LEN, text);
    semo_aead_forget(&a);
    return status;
}
