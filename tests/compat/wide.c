/* SPDX-License-Identifier: Apache-2.0 */
/* 64-bit numbers in a module and outside: the same results. */
#include <sancus/sm_support.h>
#include <stdint.h>
#include <stdio.h>

DECLARE_SM(wide, 0x1234);

#define OPERATIONS(attribute, name)                                                                \
    attribute void name(const uint64_t *in, uint64_t *out)                                         \
    {                                                                                              \
        uint64_t a = in[0], b = in[1];                                                             \
        int64_t c = (int64_t)a, d = (int64_t)b;                                                    \
        out[0] = a * b;                                                                            \
        out[1] = b ? a / b : 0;                                                                    \
        out[2] = b ? a % b : 0;                                                                    \
        out[3] = d ? (uint64_t)(c / d) : 0;                                                        \
        out[4] = d ? (uint64_t)(c % d) : 0;                                                        \
        out[5] = a << (b & 63);                                                                    \
        out[6] = a >> (b & 63);                                                                    \
        out[7] = (uint64_t)(c >> (b & 63));                                                        \
        out[8] = a + b - (a ^ b);                                                                  \
        out[9] = (uint64_t)(c < d) << 1 | (a < b);                                                 \
    }

OPERATIONS(static SM_FUNC(wide), compute)
OPERATIONS(static __attribute__((noinline)), outside)

static uint64_t SM_DATA(wide) sum;

void SM_ENTRY(wide) wide_compute(const uint64_t *in, uint64_t *out)
{
    uint64_t own[10];
    if (!sancus_is_outside_sm(wide, in, 16) || !sancus_is_outside_sm(wide, out, sizeof own))
        return;
    compute(in, own);
    for (int i = 0; i < 10; i++) {
        out[i] = own[i];
        sum = sum * 31 + own[i];
    }
}

uint64_t SM_ENTRY(wide) wide_sum(void)
{
    return sum;
}

static void show(uint64_t v)
{
    printf("%08lx%08lx", (unsigned long)(v >> 32), (unsigned long)v);
}

int main()
{
    static const uint64_t in[][2] = {{7, 3},
                                     {0xFFFFFFFFFFFFFFFFull, 10},
                                     {0x123456789ABCDEF0ull, 0x1000000000ull},
                                     {(uint64_t)-1000000007ll, 97},
                                     {1ull << 63, 0xFFFFFFFFFFFFFFFFull},
                                     {0xFEDCBA9876543210ull, (uint64_t)-12345678ll},
                                     {5, 0},
                                     {1, 63}};
    uint64_t a[10], b[10];
    sancus_enable(&wide);
    for (unsigned i = 0; i < sizeof in / sizeof in[0]; i++) {
        int same = 1;
        wide_compute(in[i], a);
        outside(in[i], b);
        for (int k = 0; k < 10; k++)
            same &= a[k] == b[k];
        printf("%d", same);
        for (int k = 0; k < 8; k++) {
            putchar(' ');
            show(a[k]);
        }
        putchar('\n');
    }
    show(wide_sum());
    putchar('\n');
    return 0;
}
