/* SPDX-License-Identifier: Apache-2.0 */
/* What the hardware does for a module and no operating system is needed for: its key, its crypto.
 */
#ifndef SEMO_SERVICE_H
#define SEMO_SERVICE_H

#include <semo/status.h>
#include <stdbool.h>
#include <stdint.h>
#include "lib/bytes/cursor.h"
#include "lib/crypto/aead.h"
#include "lib/wire/wire.h"
#include "monitor/protocol.h"

/* Who a module is: its key says vendor and image. */
struct semo_identity {
    uint8_t key[SEMO_KEY_LEN];
    struct semo_aead aead;
};

bool semo_service_init(void); /* once; false: there is no AES-128-GCM here */
/* len even; the layout of a Linux module is all 0. */
void semo_identity_derive(const uint8_t *node_key, uint16_t vendor, const uint8_t *image,
                          uint32_t len, struct semo_identity *out);

/* Who looks on, for the detector of reuse; may be NULL. */
typedef void semo_seal_watch(void *context, const uint8_t *key, const uint8_t *ad, unsigned ad_len);

/* Makes the message of a module with a SEAL, an OPEN or AHEAD, which is at the cursor, its answer
 * in the same place, which the cursor is over then; behind the message there is room for a tag. The
 * status is SEMO_LENGTH for a length that the crypto unit does not take (odd, or nothing),
 * SEMO_REFUSED for a tag that differs. SEMO_MALFORMED, returned: no such message. */
enum semo_status semo_service_crypto(const struct semo_identity *identity, struct semo_cursor *c,
                                     semo_seal_watch *watch, void *context) SEMO_MUST_CHECK;

#endif
