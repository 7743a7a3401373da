/* SPDX-License-Identifier: Apache-2.0 */
#include "host/admin.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "lib/bytes/cursor.h"

#define CALL_HEAD_LEN 7 /* type, tag, module, entry */

static bool is_open_entry(unsigned entry)
{
    return entry == SEMO_ENTRY_INPUT || entry == SEMO_ENTRY_TAKE || entry == SEMO_ENTRY_TICK ||
           entry >= SEMO_ENTRY_USER;
}

bool semo_admin_is_needed(const uint8_t *frame, unsigned len)
{
    struct semo_cursor c = semo_cursor_from(frame, len);
    unsigned type = semo_cursor_u8(&c);
    switch (type) {
    case SEMO_FRAME_INFO:
    case SEMO_FRAME_COUNTERS:
    case SEMO_FRAME_EVENT:
        return false;
    case SEMO_FRAME_CALL:
        semo_cursor_take(&c, CALL_HEAD_LEN - 3);
        return c.bad || !is_open_entry(semo_cursor_u16(&c)) || c.bad;
    default:
        return true;
    }
}

static void mac(const struct semo_admin *a, const uint8_t *key, uint32_t counter,
                const uint8_t *inner, unsigned len, uint8_t out[SEMO_ADMIN_MAC_LEN])
{
    uint8_t message[SEMO_CHALLENGE_LEN + 4 + SEMO_FRAME_MAX], whole[EVP_MAX_MD_SIZE];
    struct semo_cursor w = semo_cursor_over(message, sizeof message);
    semo_cursor_put(&w, a->challenge, sizeof a->challenge);
    semo_cursor_put_u32(&w, counter);
    semo_cursor_put(&w, inner, len);
    if (w.bad ||
        !HMAC(EVP_sha256(), key, SEMO_KEY_LEN, message, (size_t)(w.at - message), whole, NULL))
        abort();
    memcpy(out, whole, SEMO_ADMIN_MAC_LEN);
}

unsigned semo_admin_wrap(struct semo_admin *a, const uint8_t key[SEMO_KEY_LEN], unsigned vendor,
                         const uint8_t *inner, unsigned len, uint8_t *out)
{
    struct semo_cursor w = semo_cursor_over(out, SEMO_ADMIN_FRAME_MAX);
    uint8_t tag[SEMO_ADMIN_MAC_LEN];
    mac(a, key, ++a->counter, inner, len, tag);
    semo_cursor_put_u8(&w, SEMO_FRAME_ADMIN);
    semo_cursor_put(&w, inner + 1, 2); /* a refusal comes under the tag of what was refused */
    semo_cursor_put_u16(&w, (uint16_t)vendor);
    semo_cursor_put_u32(&w, a->counter);
    semo_cursor_put(&w, tag, sizeof tag);
    semo_cursor_put(&w, inner, len);
    return (unsigned)(w.at - out);
}

enum semo_status semo_admin_parse(const uint8_t *frame, unsigned len, struct semo_admin_frame *f)
{
    struct semo_cursor c = semo_cursor_from(frame, len);
    if (semo_cursor_u8(&c) != SEMO_FRAME_ADMIN)
        return SEMO_MALFORMED;
    f->tag = semo_cursor_u16(&c);
    f->vendor = semo_cursor_u16(&c);
    f->counter = semo_cursor_u32(&c);
    f->mac = semo_cursor_take(&c, SEMO_ADMIN_MAC_LEN);
    f->inner = c.at;
    f->inner_len = c.left;
    return c.bad || c.left < 3 || c.left > SEMO_FRAME_MAX ? SEMO_MALFORMED : SEMO_OK;
}

enum semo_status semo_admin_accept(struct semo_admin *a, const uint8_t key[SEMO_KEY_LEN],
                                   const struct semo_admin_frame *f)
{
    uint8_t right[SEMO_ADMIN_MAC_LEN];
    mac(a, key, f->counter, f->inner, f->inner_len, right);
    if (CRYPTO_memcmp(right, f->mac, sizeof right) != 0 || f->counter <= a->counter)
        return SEMO_REFUSED;
    a->counter = f->counter;
    return SEMO_OK;
}
