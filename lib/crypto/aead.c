/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/crypto/aead.h"

/* The 18 bits of a duplex: a word of data, the bit that tells one phase from the next, and the
 * padding bit (reference sancus-hardware 5.2). */
#define FRAME UINT32_C(0x10000)
#define DATA  UINT32_C(0x20000)
#define EMPTY UINT32_C(0x00002) /* in place of the body of a MAC */
#define BLANK UINT32_C(0x00001) /* between the words of a tag */

static uint16_t word(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static void put_word(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)v;
    at[1] = (uint8_t)(v >> 8);
}

/* `frame` goes with every word; the last word of a phase has it inverted. */
static void absorb(struct semo_sponge *s, const uint8_t *bytes, unsigned len, uint32_t frame,
                   bool last)
{
    for (unsigned i = 0; i < len; i += 2)
        semo_sponge_duplex(s,
                           DATA | (frame ^ (last && i + 2 == len ? FRAME : 0)) | word(bytes + i));
}

static void squeeze_tag(struct semo_sponge *s, uint8_t *tag)
{
    for (unsigned i = 0; i < s->security / 8; i += 2) {
        put_word(tag + i, semo_sponge_output(s));
        semo_sponge_duplex(s, BLANK);
    }
}

void semo_aead_key(struct semo_aead *a, unsigned security, const uint8_t *key)
{
    semo_sponge_init(&a->keyed, security);
    absorb(&a->keyed, key, security / 8, FRAME, true);
}

void semo_aead_forget(struct semo_aead *a)
{
    semo_bytes_wipe(a, sizeof *a);
}

void semo_aead_wrap(const struct semo_aead *a, const uint8_t *ad, unsigned ad_len,
                    const uint8_t *body, unsigned len, uint8_t *out, uint8_t *tag)
{
    struct semo_sponge s = a->keyed;
    absorb(&s, ad, ad_len, 0, true);
    for (unsigned i = 0; i < len; i += 2) {
        uint16_t plain = word(body + i);
        put_word(out + i, plain ^ semo_sponge_output(&s));
        semo_sponge_duplex(&s, DATA | (i + 2 == len ? 0 : FRAME) | plain);
    }
    squeeze_tag(&s, tag);
    semo_bytes_wipe(&s, sizeof s);
}

enum semo_status semo_aead_unwrap(const struct semo_aead *a, const uint8_t *ad, unsigned ad_len,
                                  const uint8_t *cipher, unsigned len, const uint8_t *tag,
                                  uint8_t *out)
{
    uint8_t expected[SEMO_AEAD_TAG_MAX];
    struct semo_sponge s = a->keyed;
    absorb(&s, ad, ad_len, 0, true);
    for (unsigned i = 0; i < len; i += 2) {
        uint16_t plain = word(cipher + i) ^ semo_sponge_output(&s);
        put_word(out + i, plain);
        semo_sponge_duplex(&s, DATA | (i + 2 == len ? 0 : FRAME) | plain);
    }
    squeeze_tag(&s, expected);
    semo_bytes_wipe(&s, sizeof s);
    if (semo_bytes_equal(expected, tag, a->keyed.security / 8))
        return SEMO_OK;
    semo_bytes_wipe(out, len);
    return SEMO_REFUSED;
}

void semo_aead_mac_pair(const struct semo_aead *a, const uint8_t *first, unsigned first_len,
                        const uint8_t *second, unsigned second_len, uint8_t *tag)
{
    struct semo_sponge s = a->keyed;
    absorb(&s, first, first_len, 0, second_len == 0);
    absorb(&s, second, second_len, 0, true);
    semo_sponge_duplex(&s, EMPTY);
    squeeze_tag(&s, tag);
    semo_bytes_wipe(&s, sizeof s);
}

void semo_aead_mac(const struct semo_aead *a, const uint8_t *message, unsigned len, uint8_t *tag)
{
    semo_aead_mac_pair(a, message, len, message, 0, tag);
}

int semo_bytes_equal(const void *a, const void *b, unsigned len)
{
    const volatile uint8_t *x = a, *y = b;
    uint8_t differ = 0;
    for (unsigned i = 0; i < len; i++)
        differ |= x[i] ^ y[i];
    return differ == 0;
}

void semo_bytes_wipe(void *bytes, unsigned len)
{
    volatile uint8_t *p = bytes;
    for (unsigned i = 0; i < len; i++)
        p[i] = 0;
}
