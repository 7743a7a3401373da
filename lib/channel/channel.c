/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences move as whole words: on the microcontroller every cycle here is paid for each event.
 * Every target is little endian, like the wire. */
#include "lib/channel/channel.h"

#ifndef SEMO_POLICIES
#define SEMO_POLICIES 2 /* as in runtime/runtime.h; a module may do with less */
#endif

#define SATURATED 0xFFFF
#define RESYNC    (SEMO_POLICIES ? SEMO_EVENT_RESYNC : ~0u)
#define RARE      __attribute__((noinline)) /* kept out of the way of what is not */

typedef uint16_t __attribute__((may_alias)) word; /* of a frame, at an even address */

#define CRYPTO(c, function, ...)                                                                   \
    (SEMO_HAS_AES && (c)->kind & SEMO_KIND_AES ? semo_aes_##function((c)->key, __VA_ARGS__)        \
                                               : semo_crypto_##function((c)->key, __VA_ARGS__))

/* The key of the numbers whose upper half is high[0..1], from that of the half before. */
static RARE enum semo_status next_key(struct semo_channel *c, const word *high)
{
    uint16_t message[5] = {SEMO_DOMAIN_REKEY, 0, 0, high[0], high[1]};
    return CRYPTO(c, mac, (const uint8_t *)message, sizeof message, c->key);
}

static RARE enum semo_status carry(struct semo_channel *c)
{
    unsigned i = 1;
    while (++c->sequence[i] == 0)
        i++;
    return i > 1 ? next_key(c, c->sequence + 2) : SEMO_OK;
}

enum semo_status semo_channel_seal(struct semo_channel *c, unsigned flags, const void *body,
                                   unsigned len, uint8_t *sealed)
{
    const uint8_t *plain = body;
    uint8_t *cipher = sealed + SEMO_EVENT_AD_LEN;
    unsigned pad = len ? len & 1 : 2;
    word *head = (word *)sealed;
    if (c->sequence[3] == SATURATED)
        return SEMO_EXHAUSTED;
    if (++c->sequence[0] == 0 && carry(c) != SEMO_OK)
        return SEMO_SYSTEM;
    head[0] = (word)(SEMO_DOMAIN_EVENT | (flags | pad) << 8);
    head[1] = c->sequence[0];
    head[2] = c->sequence[1];
    head[3] = c->sequence[2];
    head[4] = c->sequence[3];
    if (pad | ((uintptr_t)plain & 1)) { /* wrapped in place: a crypto unit reads whole words */
        cipher[len] = cipher[len + pad - 1] = 0;
        plain = __builtin_memcpy(cipher, plain, len);
    }
    len += pad;
    return CRYPTO(c, wrap, sealed, SEMO_EVENT_AD_LEN, plain, len, cipher, cipher + len);
}

/* *skipped = received - last - 1, saturated; false when received is not greater than last. */
static RARE bool is_newer(const uint16_t *last, const word *received, uint16_t *skipped)
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

static RARE void count(uint16_t *counter, uint16_t more)
{
    *counter = *counter > SATURATED - more ? SATURATED : (uint16_t)(*counter + more);
}

/* Of numbers with another upper half: the key that they have is tried, and kept if it was right. */
static RARE enum semo_status open_rekeyed(struct semo_channel *c, const uint8_t *sealed,
                                          unsigned len, void *body)
{
    const uint8_t *cipher = sealed + SEMO_EVENT_AD_LEN;
    struct semo_channel next = *c;
    enum semo_status status = next_key(&next, (const word *)sealed + 3);
    if (status == SEMO_OK)
        status = CRYPTO(&next, unwrap, sealed, SEMO_EVENT_AD_LEN, cipher, len, cipher + len, body);
    if (status == SEMO_OK)
        __builtin_memcpy(c->key, next.key, sizeof c->key);
    return status;
}

static bool is_shaped(const struct semo_channel *c, const uint8_t *sealed, unsigned len)
{
    unsigned flags = sealed[1], pad = flags & SEMO_EVENT_PAD_MASK, more = flags - pad;
    bool resync = more == RESYNC && SEMO_KIND_POLICY(c->kind) == SEMO_STRICT;
    unsigned wanted = SEMO_POLICIES > 1 && c->kind & SEMO_KIND_EXPIRES ? SEMO_EVENT_EXPIRES : 0;
    return (resync || more == wanted) && pad < 3 && (pad < 2 || len == 2);
}

static enum semo_status open_event(struct semo_channel *c, const uint8_t *sealed,
                                   unsigned sealed_len, void *body, unsigned body_max,
                                   unsigned *body_len)
{
    const word *received = (const word *)sealed + 1;
    const uint8_t *cipher = sealed + SEMO_EVENT_AD_LEN;
    unsigned len = sealed_len - SEMO_EVENT_AD_LEN - SEMO_TAG_LEN;
    enum semo_status status;
    uint16_t skipped;
    if (sealed_len < SEMO_SEALED_LEN(0) || (sealed_len & 1) || sealed[0] != SEMO_DOMAIN_EVENT ||
        !is_shaped(c, sealed, len))
        return SEMO_MALFORMED;
    if (len - (sealed[1] & SEMO_EVENT_PAD_MASK) > body_max)
        return SEMO_LENGTH;
    skipped = (uint16_t)(received[0] - c->sequence[0] - 1);
    if ((received[1] ^ c->sequence[1]) | (received[2] ^ c->sequence[2]) |
        (received[3] ^ c->sequence[3]) | (received[0] <= c->sequence[0])) {
        if (!is_newer(c->sequence, received, &skipped)) /* the slow way, for what is rare */
            return SEMO_STALE;
    }
    if (SEMO_POLICIES && skipped && SEMO_KIND_POLICY(c->kind) == SEMO_STRICT &&
        !(sealed[1] & SEMO_EVENT_RESYNC))
        return SEMO_GAP;
    if ((received[2] ^ c->sequence[2]) | (received[3] ^ c->sequence[3]))
        status = open_rekeyed(c, sealed, len, body);
    else
        status = CRYPTO(c, unwrap, sealed, SEMO_EVENT_AD_LEN, cipher, len, cipher + len, body);
    if (status != SEMO_OK)
        return status;
    __builtin_memcpy(c->sequence, received, sizeof c->sequence);
    if (skipped)
        count(&c->gaps, skipped);
    *body_len = len - (sealed[1] & SEMO_EVENT_PAD_MASK);
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
