/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/bitloop.h"

#include <string.h>

static const uint8_t box[16] = {14, 13, 11, 0, 2, 1, 4, 15, 7, 10, 8, 5, 9, 12, 3, 6};

/* width, bits of the counter, its feedback taps, its start */
#define SHAPES(X)                                                                                  \
    X(176, 7, 0x60, 0x45)                                                                          \
    X(240, 7, 0x60, 0x01)                                                                          \
    X(264, 8, 0x8E, 0xD2)                                                                          \
    X(336, 8, 0x8E, 0x52)

/* Always inlined, so that the compiler knows the numbers of each width. */
#define CONSTANT static inline __attribute__((always_inline))

CONSTANT uint64_t bit(const uint64_t *s, unsigned i)
{
    return s[i / 64] >> i % 64 & 1;
}

CONSTANT void flip(uint64_t *s, unsigned i, uint64_t value)
{
    s[i / 64] ^= value << i % 64;
}

CONSTANT void add_counter(unsigned width, unsigned bits, unsigned counter, uint64_t *s)
{
    for (unsigned i = 0; i < bits; i++) {
        flip(s, i, counter >> i & 1);
        flip(s, width - 1 - i, counter >> i & 1);
    }
}

CONSTANT void substitute(uint64_t *s)
{
    for (unsigned word = 0; word < 6; word++) {
        uint64_t bits = 0;
        for (unsigned i = 0; i < 64; i += 4)
            bits |= (uint64_t)box[s[word] >> i & 15] << i;
        s[word] = bits;
    }
}

/* Bit i goes to i * width / 4 modulo width - 1, so bit i comes from 4 * i; the last one stays. */
CONSTANT void move_bits(unsigned width, uint64_t *s)
{
    uint64_t moved[6] = {0};
    for (unsigned word = 0; word < 6; word++) {
        uint64_t bits = 0;
        for (unsigned i = 64 * word; i < 64 * word + 64 && i < width; i++)
            bits |= bit(s, i == width - 1 ? i : 4 * i % (width - 1)) << i % 64;
        moved[word] = bits;
    }
    memcpy(s, moved, sizeof moved);
}

CONSTANT void permute(unsigned width, unsigned bits, unsigned taps, unsigned start, uint64_t *s)
{
    const unsigned all = (1u << bits) - 1;
    for (unsigned c = start; c != all; c = (c << 1 & all) | (unsigned)__builtin_parity(c & taps)) {
        add_counter(width, bits, c, s);
        substitute(s); /* what lies above the width is not moved on */
        move_bits(width, s);
    }
}

#define PERMUTE_CASE(width, bits, taps, start)                                                     \
    case width:                                                                                    \
        permute(width, bits, taps, start, state);                                                  \
        break;
void semo_bitloop_permute(unsigned width, uint64_t *state)
{
    switch (width) {
        SHAPES(PERMUTE_CASE)
    }
}

#define WIDTH_IF(width, bits, taps, start)                                                         \
    if (width >= 18 + 2 * security)                                                                \
        return width;
unsigned semo_bitloop_width(unsigned security)
{
    SHAPES(WIDTH_IF)
    return 0;
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
