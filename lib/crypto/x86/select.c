/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses a permutation on a host: by SEMO_CPU, else the best that the CPU runs. */
#include "lib/crypto/permutation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int always(void)
{
    return 1;
}

#ifdef __x86_64__
static int has_bmi2(void)
{
    return __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

static int has_avx512(void)
{
    return has_bmi2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("gfni");
}
#endif

static const struct {
    const struct semo_permutation *variant;
    int (*runs)(void);
} variants[] = {
/* best first */
#ifdef __x86_64__
    {&semo_permutation_avx512, has_avx512},
    {&semo_permutation_bmi2, has_bmi2},
#endif
    {&semo_permutation_portable, always},
};

static const struct semo_permutation *first(const char *name)
{
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
        if ((!name || strcmp(name, variants[i].variant->name) == 0) && variants[i].runs())
            return variants[i].variant;
    return NULL;
}

/* Who forces a variant and does not get it must hear so: all of them compute the same. */
static const struct semo_permutation *instead_of(const char *wanted)
{
    const struct semo_permutation *best = first(NULL);
    fprintf(stderr,
            "SEMO_CPU=%s: not one of portable, bmi2, avx512, or this CPU does not run it; "
            "%s is used\n",
            wanted, best->name);
    return best;
}

const struct semo_permutation *semo_permutation_find(const char *name)
{
    const char *wanted = name ? name : getenv("SEMO_CPU");
    const struct semo_permutation *found = first(wanted && *wanted ? wanted : NULL);
    return found || name ? found : instead_of(wanted);
}
