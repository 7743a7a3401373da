/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/kdf/kdf.h"

#include "lib/crypto/aead.h"

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

void semo_kdf_module(unsigned security, const uint8_t *vendor_key, const uint8_t *text,
                     uint32_t text_len, const struct semo_layout *layout, uint8_t *out)
{
    struct semo_aead a;
    uint8_t place[8];
    put_u16(place, layout->ps);
    put_u16(place + 2, layout->pe);
    put_u16(place + 4, layout->ss);
    put_u16(place + 6, layout->se);
    semo_aead_key(&a, security, vendor_key);
    semo_aead_mac_pair(&a, text, text_len, place, sizeof place, out);
    semo_aead_forget(&a);
}
