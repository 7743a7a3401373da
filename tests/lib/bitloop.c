/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/bitloop.h"

#include <string.h>

static const uint8_t box[16] = {14, 13, 11, 0, 2, 1, 4, 15, 7, 10, 8, 5, 9, 12, 3, 6};

static const struct shape {
    unsigned width, counter_bits, taps, start;
} shapes[] = {
    {176, 7, 0x60, 0x45}, {240, 7, 0x60, 0x01}, {264, 8, 0x8E, 0xD2}, {336, 8, 0x8E, 0x52}};

static unsigned bit(const uint64_t *s, unsigned i)
{
    return s[i / 64] >> i % 64 & 1;
}

static void flip(uint64_t *s, unsigned i, unsigned value)
{
    s[i / 64] ^= (uint64_t)value << i % 64;
}

static void round_of(const struct shape *p, unsigned counter, uint64_t *s)
{
    uint64_t moved[6] = {0};
    for (unsigned i = 0; i < p->counter_bits; i++) {
        flip(s, i, counter >> i & 1);
        flip(s, p->width - 1 - i, counter >> i & 1);
    }
    for (unsigned i = 0; i < p->width; i += 4) {
        unsigned shift = i % 64;
        uint64_t nibble = s[i / 64] >> shift & 15;
        s[i / 64] ^= (nibble ^ box[nibble]) << shift;
    }
    for (unsigned i = 0; i < p->width - 1; i++)
        flip(moved, i * (p->width / 4) % (p->width - 1), bit(s, i));
    flip(moved, p->width - 1, bit(s, p->width - 1));
    memcpy(s, moved, sizeof moved);
}

unsigned semo_bitloop_width(unsigned security)
{
    unsigned i = 0;
    while (shapes[i].width < 18 + 2 * security)
        i++;
    return shapes[i].width;
}

void semo_bitloop_permute(unsigned width, uint64_t *state)
{
    const struct shape *p = shapes;
    while (p->width != width)
        p++;
    unsigned all = (1u << p->counter_bits) - 1;
    for (unsigned c = p->start; c != all;
         c = (c << 1 & all) | (unsigned)__builtin_parity(c & p->taps))
        round_of(p, c, state);
}

static void duplex(unsigned width, uint64_t *state, uint32_t v)
{
    state[0] ^= v;
    semo_bitloop_permute(width, state);
}

void semo_bitloop_wrap(unsigned security, const uint8_t *key, const uint8_t *ad, unsigned ad_len,
                       const uint8_t *body, unsigned len, uint8_t *out, uint8_t *tag)
{
    const struct {
        const uint8_t *bytes;
        unsigned len;
        uint32_t frame, last;
    } phases[] = {{key, security / 8, 1, 0}, {ad, ad_len, 0, 1}, {body, len, 1, 0}};
    unsigned width = semo_bitloop_width(security);
    uint64_t state[6] = {0};
    for (unsigned phase = 0; phase < 3; phase++)
        for (unsigned i = 0; i < phases[phase].len; i += 2) {
            uint32_t low = phases[phase].bytes[i], high = phases[phase].bytes[i + 1];
            uint32_t frame = i + 2 == phases[phase].len ? phases[phase].last : phases[phase].frame;
            if (phase == 2) {
                out[i] = (uint8_t)(low ^ state[0]);
                out[i + 1] = (uint8_t)(high ^ state[0] >> 8);
            }
            duplex(width, state, 0x20000 | frame << 16 | high << 8 | low);
        }
    if (len == 0)
        duplex(width, state, 2);
    for (unsigned i = 0; i < security / 8; i += 2) {
        tag[i] = (uint8_t)state[0];
        tag[i + 1] = (uint8_t)(state[0] >> 8);
        duplex(width, state, 1);
    }
}
