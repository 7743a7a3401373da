/* SPDX-License-Identifier: Apache-2.0 */
/* What the hardware does for a module and no operating system is needed for: its key, its crypto.
 */
#ifndef SEMO_SERVICE_H
#define SEMO_SERVICE_H

#include <semo/status.h>
#include <stdbool.h>
#include <stdint.h>
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

struct semo_sealed { /* what a WRAP was asked to do, for the detector of reuse */
    const uint8_t *key, *ad;
    unsigned ad_len;
};

/* Does one WRAP, UNWRAP or MAC of a module; `request` is the whole message, `answer` has room for
 * SEMO_SERVICE_ANSWER_MAX bytes. SEMO_MALFORMED: no such message; SEMO_LENGTH: a length that the
 * crypto unit does not take (odd, or nothing); SEMO_REFUSED: the tag differs. *sealed->key is NULL
 * unless it was a WRAP. */
#define SEMO_SERVICE_ANSWER_MAX (SEMO_MONITOR_MESSAGE_MAX + SEMO_TAG_LEN)
enum semo_status semo_service_crypto(const struct semo_identity *identity, const uint8_t *request,
                                     unsigned request_len, uint8_t *answer, unsigned *answer_len,
                                     struct semo_sealed *sealed) SEMO_MUST_CHECK;

#endif
