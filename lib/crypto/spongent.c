/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/crypto/aead.h"
#include "lib/crypto/permutation.h"

#include <stddef.h>

static const struct semo_permutation *chosen;

/* Every caller would choose the same, so a race between threads is harmless. */
static const struct semo_permutation *permutation(void)
{
    const struct semo_permutation *p = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
    if (!p) {
        p = semo_permutation_find(NULL);
        __atomic_store_n(&chosen, p, __ATOMIC_RELAXED);
    }
    return p;
}

const char *semo_sponge_variant(void)
{
    return permutation()->name;
}

int semo_sponge_force(const char *variant)
{
    const struct semo_permutation *p = semo_permutation_find(variant);
    if (p)
        __atomic_store_n(&chosen, p, __ATOMIC_RELAXED);
    return p != NULL;
}

/* The smallest width that holds 18 + 2 * security bits. */
static enum semo_width width(unsigned security)
{
    return security <= 64   ? SEMO_WIDTH_176
           : security <= 96 ? SEMO_WIDTH_240
           : security < 128 ? SEMO_WIDTH_264
                            : SEMO_WIDTH_336;
}

void semo_sponge_init(struct semo_sponge *s, unsigned security)
{
    *s = (struct semo_sponge){.security = security};
}

void semo_sponge_duplex(struct semo_sponge *s, uint32_t v)
{
    s->state[0] ^= v;
    permutation()->permute[width(s->security)](s->state);
}
