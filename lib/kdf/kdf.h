/* SPDX-License-Identifier: Apache-2.0 */
/* Sancus key hierarchy: node -> vendor -> module (reference sancus-hardware 5.3). */
#ifndef SEMO_KDF_H
#define SEMO_KDF_H

#include <stdint.h>

struct semo_layout { /* byte addresses, ends exclusive; all 0 for a Linux module */
    uint16_t ps, pe, ss, se;
};

/* Keys have security/8 bytes; out must not overlap in. */
void semo_kdf_vendor(unsigned security, const uint8_t *node_key, uint16_t vendor, uint8_t *out);
/* For frames that change a node (docs/wire.md, "admin"): MAC(vendor key, 18 00 "admin" 00). */
void semo_kdf_admin(unsigned security, const uint8_t *vendor_key, uint8_t *out);
/* text_len even. */
void semo_kdf_module(unsigned security, const uint8_t *vendor_key, const uint8_t *text,
                     uint32_t text_len, const struct semo_layout *layout, uint8_t *out);

#endif
