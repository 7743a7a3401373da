/* SPDX-License-Identifier: Apache-2.0 */
/* Inline functions of everybody become part of the module that calls them. */
#include <sancus/sm_support.h>
#include <stdio.h>
#include <string.h>
DECLARE_SM(box, 1);
static inline unsigned swap16(unsigned x)
{
    return x << 8 | x >> 8;
}
static __inline__ void bump(int *p)
{
    ++*p;
}
inline static int clampv(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}
#define MIN(a, b)                                                                                  \
    ({                                                                                             \
        __typeof__(a) _a = (a);                                                                    \
        __typeof__(b) _b = (b);                                                                    \
        _a < _b ? _a : _b;                                                                         \
    })
static inline __attribute__((always_inline)) int twice(int v)
{
    return 2 * v;
}
static __attribute__((noinline)) inline int nope(int v)
{
    return 3 * v;
}
static int SM_DATA(box) n;
unsigned SM_ENTRY(box) box_in(unsigned x)
{
    bump(&n);
    return swap16(x) + twice(n) + MIN(x, 3u) + nope(1);
}
int SM_ENTRY(box) box_clamp(int v)
{
    return clampv(v, -5, 5);
}
int main()
{
    sancus_enable(&box);
    printf("%x %x %d\n", box_in(0x1234), box_in(0x1234), box_clamp(99));
    printf("%x\n", swap16(1));
    return 0;
}
