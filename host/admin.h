/* SPDX-License-Identifier: Apache-2.0 */
/* Frames that change a node, from the holder of its admin key by TCP (lib/wire/wire.h, "ADMIN").
 * Needs libcrypto. */
#ifndef SEMO_ADMIN_H
#define SEMO_ADMIN_H

#include <semo/status.h>
#include <stdbool.h>
#include <stdint.h>
#include "lib/wire/wire.h"

#define SEMO_ADMIN_FRAME_MAX (SEMO_ADMIN_HEAD_LEN + SEMO_FRAME_MAX)

struct semo_admin {   /* one end of one TCP connection */
    uint32_t counter; /* of the last frame */
    uint8_t challenge[SEMO_CHALLENGE_LEN];
};

/* May only the holder of the admin key say this? What is too short to be told: no, nor do. */
bool semo_admin_is_needed(const uint8_t *frame, unsigned len);
/* The ADMIN frame around `inner` (len <= SEMO_FRAME_MAX) with the next counter; returns its length,
 * at most SEMO_ADMIN_FRAME_MAX. */
unsigned semo_admin_wrap(struct semo_admin *a, const uint8_t key[SEMO_KEY_LEN], unsigned vendor,
                         const uint8_t *inner, unsigned len, uint8_t *out);

struct semo_admin_frame {
    uint16_t tag, vendor;
    uint32_t counter;
    const uint8_t *mac, *inner;
    unsigned inner_len;
};
/* SEMO_MALFORMED: not an ADMIN frame around a frame. */
enum semo_status semo_admin_parse(const uint8_t *frame, unsigned len,
                                  struct semo_admin_frame *f) SEMO_MUST_CHECK;
/* SEMO_REFUSED: another key, connection or content, or a counter that is not greater. */
enum semo_status semo_admin_accept(struct semo_admin *a, const uint8_t key[SEMO_KEY_LEN],
                                   const struct semo_admin_frame *f) SEMO_MUST_CHECK;

#endif
