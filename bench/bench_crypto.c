/* SPDX-License-Identifier: Apache-2.0 */
/* SPONGENT and SpongeWrap by each variant, beside the bit loop of the tests (compiled here with
 * -O3). CPU time; medians of rounds in which all candidates take turns. SEMO_CPU leaves only one.
 */
#include "bench/measure.h"
#include "lib/crypto/aead.h"
#include "tests/lib/bitloop.h"

#include <string.h>

#define ROUNDS 15
#define AD_LEN 10 /* of an event */

static const char *const variants[] = {"bit loop", "portable", "bmi2", "avx512"};
#define VARIANTS (sizeof variants / sizeof *variants)

struct task {
    const char *name;
    unsigned security, body_len; /* body_len 0: one permutation */
};

static const struct task tasks[] = {
    {"permutation 64", 64, 0},       {"wrap 64, 2 bytes", 64, 2},     {"wrap 64, 16 bytes", 64, 16},
    {"wrap 64, 64 bytes", 64, 64},   {"permutation 128", 128, 0},     {"wrap 128, 2 bytes", 128, 2},
    {"wrap 128, 16 bytes", 128, 16}, {"wrap 128, 64 bytes", 128, 64},
};

/* The bit loop is none of the library's variants and always runs. */
static bool runs(unsigned variant)
{
    const char *wanted = getenv("SEMO_CPU");
    if (variant == 0)
        return true;
    return (!wanted || strcmp(wanted, variants[variant]) == 0) &&
           semo_sponge_force(variants[variant]);
}

static void permute_once(int bitloop, struct semo_sponge *s)
{
    if (bitloop)
        semo_bitloop_permute(semo_bitloop_width(s->security), s->state);
    else
        semo_sponge_duplex(s, 0);
}

/* The key is absorbed in each wrap, as the crypto unit does. */
static void wrap_once(int bitloop, const struct task *t, uint8_t *body, uint8_t *tag)
{
    static const uint8_t key[16] = {1, 2, 3}, ad[AD_LEN] = {4, 5, 6};
    if (bitloop) {
        semo_bitloop_wrap(t->security, key, ad, AD_LEN, body, t->body_len, body, tag);
        return;
    }
    struct semo_aead a;
    semo_aead_key(&a, t->security, key);
    semo_aead_wrap(&a, ad, AD_LEN, body, t->body_len, body, tag);
}

/* Nanoseconds. */
static double once(int bitloop, const struct task *t, unsigned repeat)
{
    static struct semo_sponge s;
    static uint8_t body[64], tag[16];
    s.security = t->security;
    memset(s.state, 0, sizeof s.state);
    double start = measure_cpu();
    for (unsigned i = 0; i < repeat; i++)
        if (t->body_len)
            wrap_once(bitloop, t, body, tag);
        else
            permute_once(bitloop, &s);
    return (measure_cpu() - start) * 1e9 / repeat;
}

static void measure(const struct task *t)
{
    static double samples[VARIANTS][ROUNDS];
    unsigned repeat = t->body_len ? 2 : 20;
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned v = 0; v < VARIANTS; v++)
            if (runs(v))
                samples[v][round] = once(v == 0, t, v == 0 ? repeat : 20 * repeat);
    double reference = measure_median(samples[0], ROUNDS), unit = t->body_len ? 1e3 : 1;
    printf("%-18s %s %10.1f", t->name, t->body_len ? "us" : "ns", reference / unit);
    for (unsigned v = 1; v < VARIANTS; v++) {
        if (!runs(v)) {
            printf(" %18s", "skipped");
            continue;
        }
        double own = measure_median(samples[v], ROUNDS);
        printf(" %10.2f %6.1fx", own / unit, reference / own);
    }
    puts("");
}

int main(void)
{
    printf("in use when nobody measures: %s\n", semo_sponge_variant());
    printf("%-18s   ", "CPU time each");
    for (unsigned v = 0; v < VARIANTS; v++)
        printf(" %10s%s", variants[v], v ? "  faster" : "");
    puts("");
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
        measure(&tasks[i]);
    puts("goal, best variant over the bit loop: at least 15x (64 bit), 25x (128 bit)\n"
         "published, libspongent -O3 on another day: 14060 ns (64 bit), 67510 ns (128 bit)");
    return 0;
}
