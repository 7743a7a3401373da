/* SPDX-License-Identifier: Apache-2.0 */
/* SPONGENT bit by bit and the framing of the crypto unit (section 5). */
#include <string.h>
#include "tests/oracle/oracle.h"

void oracle_sponge_start(struct oracle_sponge *s, unsigned security)
{
    memset(s, 0, sizeof *s);
    s->security = security;
    s->width = security == 64 ? 176 : 336;
    s->counter_bits = security == 64 ? 7 : 8;
    s->start = security == 64 ? 0x45 : 0x52;
    s->taps = security == 64 ? 0x60 : 0x8E; /* bits 6,5 and bits 7,3,2,1 */
}

static unsigned next_counter(const struct oracle_sponge *s, unsigned c)
{
    unsigned feedback = (unsigned)__builtin_parity(c & s->taps);
    return (c << 1 | feedback) & ((1U << s->counter_bits) - 1);
}

static void add_counter(struct oracle_sponge *s, unsigned c)
{
    for (unsigned i = 0; i < s->counter_bits; i++) {
        s->bit[i] ^= c >> i & 1;
        s->bit[s->width - 1 - i] ^= c >> i & 1;
    }
}

/* S-box on every nibble, then bit i moves to i * width/4 mod (width - 1); the last stays. */
static void substitute_and_spread(struct oracle_sponge *s)
{
    static const uint8_t box[16] = {0xE, 0xD, 0xB, 0, 2, 1, 4, 0xF, 7, 0xA, 8, 5, 9, 0xC, 3, 6};
    uint8_t moved[336];
    unsigned to = 0;
    for (unsigned j = 0; j < s->width; j += 4) {
        const uint8_t *b = s->bit + j;
        unsigned v = box[b[0] | b[1] << 1 | b[2] << 2 | b[3] << 3];
        for (unsigned k = 0; k < 4; k++) {
            moved[j + k == s->width - 1 ? j + k : to] = v >> k & 1;
            to += s->width / 4;
            if (to >= s->width - 1)
                to -= s->width - 1;
        }
    }
    memcpy(s->bit, moved, s->width);
}

static void permute(struct oracle_sponge *s)
{
    unsigned all_ones = (1U << s->counter_bits) - 1;
    for (unsigned c = s->start; c != all_ones; c = next_counter(s, c)) {
        add_counter(s, c);
        substitute_and_spread(s);
    }
}

void oracle_sponge_duplex(struct oracle_sponge *s, uint32_t v)
{
    for (unsigned i = 0; i < 18; i++)
        s->bit[i] ^= v >> i & 1;
    permute(s);
}

uint16_t oracle_sponge_out(const struct oracle_sponge *s)
{
    unsigned out = 0;
    for (unsigned i = 0; i < 16; i++)
        out |= (unsigned)s->bit[i] << i;
    return (uint16_t)out;
}

void oracle_sponge_absorb(struct oracle_sponge *s, uint16_t word, bool frame)
{
    oracle_sponge_duplex(s, 0x20000U | (uint32_t)frame << 16 | word);
}

void oracle_sponge_key(struct oracle_sponge *s, const uint8_t *key)
{
    unsigned n = s->security / 16;
    for (unsigned i = 0; i < n; i++)
        oracle_sponge_absorb(s, (uint16_t)(key[2 * i] | key[2 * i + 1] << 8), i < n - 1);
}

void oracle_mac(unsigned security, const uint8_t *key, const uint16_t *words, size_t n,
                uint8_t *tag)
{
    struct oracle_sponge s;
    oracle_sponge_start(&s, security);
    oracle_sponge_key(&s, key);
    for (size_t i = 0; i < n; i++)
        oracle_sponge_absorb(&s, words[i], i == n - 1);
    oracle_sponge_duplex(&s, 2);
    for (unsigned i = 0; i < security / 16; i++) {
        uint16_t word = oracle_sponge_out(&s);
        tag[2 * i] = (uint8_t)word;
        tag[2 * i + 1] = (uint8_t)(word >> 8);
        oracle_sponge_duplex(&s, 1);
    }
}
