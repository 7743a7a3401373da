/* SPDX-License-Identifier: Apache-2.0 */
/* Sancus key hierarchy: node -> vendor -> module (reference sancus-hardware 5.3). */
#ifndef SEMO_KDF_H
#define SEMO_KDF_H

#include <semo/status.h>
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

/* The text of a confidential module, in place: wrap(vendor key, nonce u16 | ps | pe | ss | se,
 * text), which the chip opens when it enables exactly that. The nonce is the first two bytes of
 * MAC(module key, 19 00 "nonce" 00), never 0: the same for the same text only, as far as 16 bits
 * go. seal: nonce | tag. SEMO_REFUSED: something was changed, and text is all zero. */
void semo_kdf_conceal(unsigned security, const uint8_t *vendor_key,
                      const struct semo_layout *layout, uint8_t *text, uint32_t text_len,
                      uint8_t *seal);
enum semo_status semo_kdf_reveal(unsigned security, const uint8_t *vendor_key,
                                 const struct semo_layout *layout, uint8_t *text, uint32_t text_len,
                                 const uint8_t *seal) SEMO_MUST_CHECK;

#endif
