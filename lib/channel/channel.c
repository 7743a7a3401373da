/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences move as whole words: on the microcontroller every cycle here is paid for each event.
 * Every target is little endian, like the wire. */
#include "lib/channel/channel.h"

#include <stdbool.h>

#define SATURATED 0xFFFF

typedef uint16_t __attribute__((may_alias)) word; /* of a frame, at an even address */

/* Beyond the first word of a sequence: rare, so kept out of the way. */
static __attribute__((noinline)) void carry(uint16_t *sequence)
{
    for (unsigned i = 1; ++sequence[i] == 0; i++)
        ;
}

enum semo_status semo_channel_seal(struct semo_channel *c, const void *body, unsigned len,
                                   uint8_t *sealed)
{
    const uint8_t *plain = body;
    uint8_t *cipher = sealed + SEMO_EVENT_AD_LEN;
    unsigned pad = len ? len & 1 : 2;
    word *head = (word *)sealed;
    if (c->sequence[3] == SATURATED)
        return SEMO_EXHAUSTED;
    if (++c->sequence[0] == 0)
        carry(c->sequence);
    head[0] = (word)(SEMO_DOMAIN_EVENT | pad << 8);
    head[1] = c->sequence[0];
    head[2] = c->sequence[1];
    head[3] = c->sequence[2];
    head[4] = c->sequence[3];
    if (pad | ((uintptr_t)plain & 1)) { /* wrapped in place: a crypto unit reads whole words */
        cipher[len] = cipher[len + pad - 1] = 0;
        plain = __builtin_memcpy(cipher, plain, len);
    }
    len += pad;
    return semo_crypto_wrap(c->key, sealed, SEMO_EVENT_AD_LEN, plain, len, cipher, cipher + len);
}

/* *skipped = received - last - 1, saturated; false when received is not greater than last. */
static __attribute__((noinline)) bool is_newer(const uint16_t *last, const word *received,
                                               uint16_t *skipped)
{
    uint16_t borrow = 1, above = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint16_t difference = (uint16_t)(received[i] - last[i] - borrow);
        borrow = received[i] < last[i] || (borrow && received[i] == last[i]);
        if (i == 0)
            *skipped = difference;
        else
            above |= difference;
    }
    if (above)
        *skipped = SATURATED;
    return !borrow;
}

static void count(uint16_t *counter, uint16_t more)
{
    *counter = *counter > SATURATED - more ? SATURATED : (uint16_t)(*counter + more);
}

static enum semo_status open_event(struct semo_channel *c, const uint8_t *sealed,
                                   unsigned sealed_len, void *body, unsigned body_max,
                                   unsigned *body_len)
{
    const word *received = (const word *)sealed + 1;
    const uint8_t *cipher = sealed + SEMO_EVENT_AD_LEN;
    unsigned len = sealed_len - SEMO_EVENT_AD_LEN - SEMO_TAG_LEN, pad;
    enum semo_status status;
    uint16_t skipped;
    if (sealed_len < SEMO_SEALED_LEN(0) || (sealed_len & 1) || sealed[0] != SEMO_DOMAIN_EVENT)
        return SEMO_MALFORMED;
    pad = sealed[1];
    if (pad > 2 || (pad == 2 && len != 2))
        return SEMO_MALFORMED;
    if (len - pad > body_max)
        return SEMO_LENGTH;
    skipped = (uint16_t)(received[0] - c->sequence[0] - 1);
    if ((received[1] ^ c->sequence[1]) | (received[2] ^ c->sequence[2]) |
        (received[3] ^ c->sequence[3]) | (received[0] <= c->sequence[0])) {
        if (!is_newer(c->sequence, received, &skipped)) /* the slow way, for what is rare */
            return SEMO_STALE;
    }
    status = semo_crypto_unwrap(c->key, sealed, SEMO_EVENT_AD_LEN, cipher, len, cipher + len, body);
    if (status != SEMO_OK)
        return status;
    c->sequence[0] = received[0];
    c->sequence[1] = received[1];
    c->sequence[2] = received[2];
    c->sequence[3] = received[3];
    if (skipped)
        count(&c->gaps, skipped);
    *body_len = len - pad;
    return SEMO_OK;
}

enum semo_status semo_channel_open(struct semo_channel *c, const uint8_t *sealed,
                                   unsigned sealed_len, void *body, unsigned body_max,
                                   unsigned *body_len)
{
    enum semo_status status = open_event(c, sealed, sealed_len, body, body_max, body_len);
    if (status != SEMO_OK)
        count(&c->refused, 1);
    return status;
}
