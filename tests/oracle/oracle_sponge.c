/* SPDX-License-Identifier: Apache-2.0 */
/* SPONGENT nibble by nibble and the framing of the crypto unit (section 5). */
#include <string.h>
#include "tests/oracle/oracle.h"

enum { NIBBLES = 84 };

/* What the nibble j of the state with value v becomes in one round: S-box, then bit i goes to
 * i * width/4 mod (width - 1) and the last stays. */
static void tabulate(uint64_t moved[NIBBLES][16][6], unsigned width)
{
    static const uint8_t box[16] = {0xE, 0xD, 0xB, 0, 2, 1, 4, 0xF, 7, 0xA, 8, 5, 9, 0xC, 3, 6};
    for (unsigned i = 0; i < width; i++) {
        unsigned to = i == width - 1 ? i : i * (width / 4) % (width - 1);
        for (unsigned v = 0; v < 16; v++)
            moved[i / 4][v][to / 64] |= (uint64_t)(box[v] >> i % 4 & 1) << to % 64;
    }
}

static const uint64_t (*table(unsigned width))[16][6]
{
    static uint64_t moved[2][NIBBLES][16][6];
    static bool made[2];
    unsigned which = width == 336;
    if (!made[which])
        tabulate(moved[which], width);
    made[which] = true;
    return (const uint64_t(*)[16][6])moved[which];
}

void oracle_sponge_start(struct oracle_sponge *s, unsigned security)
{
    memset(s, 0, sizeof *s);
    s->security = security;
    s->width = security == 64 ? 176 : 336;
    s->counter_bits = security == 64 ? 7 : 8;
    s->start = security == 64 ? 0x45 : 0x52;
    s->taps = security == 64 ? 0x60 : 0x8E; /* bits 6,5 and bits 7,3,2,1 */
    s->moved = table(s->width);
}

static unsigned next_counter(const struct oracle_sponge *s, unsigned c)
{
    unsigned feedback = (unsigned)__builtin_parity(c & s->taps);
    return (c << 1 | feedback) & ((1U << s->counter_bits) - 1);
}

static void add_counter(struct oracle_sponge *s, unsigned c)
{
    s->state[0] ^= c;
    for (unsigned i = 0; i < s->counter_bits; i++) {
        unsigned to = s->width - 1 - i;
        s->state[to / 64] ^= (uint64_t)(c >> i & 1) << to % 64;
    }
}

static void substitute_and_spread(struct oracle_sponge *s)
{
    uint64_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0;
    for (unsigned j = 0; j < s->width / 4; j++) {
        const uint64_t *nibble = s->moved[j][s->state[j / 16] >> 4 * (j % 16) & 15];
        a |= nibble[0], b |= nibble[1], c |= nibble[2];
        d |= nibble[3], e |= nibble[4], f |= nibble[5];
    }
    memcpy(s->state, (const uint64_t[6]){a, b, c, d, e, f}, sizeof s->state);
}

static void permute(struct oracle_sponge *s)
{
    unsigned all_ones = (1U << s->counter_bits) - 1;
    for (unsigned c = s->start; c != all_ones; c = next_counter(s, c)) {
        add_counter(s, c);
        substitute_and_spread(s);
    }
}

/* Programs repeat themselves and keys come back: permutations are remembered. */
struct permuted {
    unsigned width;
    uint64_t from[6], to[6];
};

static struct permuted *remembered(const struct oracle_sponge *s)
{
    enum { PLACES = 1 << 15 };
    static struct permuted place[PLACES];
    uint64_t mixed = s->width;
    for (unsigned i = 0; i < 6; i++)
        mixed = (mixed ^ s->state[i]) * 0x9E3779B97F4A7C15U;
    return &place[mixed >> 49];
}

void oracle_sponge_duplex(struct oracle_sponge *s, uint32_t v)
{
    s->state[0] ^= v;
    struct permuted *p = remembered(s);
    if (p->width != s->width || memcmp(p->from, s->state, sizeof p->from) != 0) {
        p->width = s->width;
        memcpy(p->from, s->state, sizeof p->from);
        permute(s);
        memcpy(p->to, s->state, sizeof p->to);
    }
    memcpy(s->state, p->to, sizeof p->to);
}

uint16_t oracle_sponge_out(const struct oracle_sponge *s)
{
    return (uint16_t)s->state[0];
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
