/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler calls for floating point: IEEE 754, rounded to nearest even, one kind of NaN. A
 * float is computed as a double and rounded once more, which for one operation gives the same.
 * Nothing here uses floating point itself, and nothing is static: modules get copies under names of
 * their own. */
#include <stdbool.h>
#include <stdint.h>

#define SIGN     0x8000000000000000u
#define INFINITE 0x7FF0000000000000u
#define NOT      0x7FF8000000000000u
#define ONE      0x0010000000000000u /* of a mantissa */

struct semo_real { /* mantissa * 2^(exponent - 55): 3 bits below a double's last */
    uint64_t mantissa;
    int exponent;
    bool negative;
};

void semo_real_split(struct semo_real *r, uint64_t d)
{
    r->negative = d >> 63;
    r->exponent = (int)(d >> 52 & 0x7FF);
    r->mantissa = d & (ONE - 1);
    if (r->exponent)
        r->mantissa |= ONE;
    else
        r->exponent = 1;
    r->mantissa <<= 3;
}

/* The lowest bit stands for all that were lost. */
uint64_t semo_real_shifted(uint64_t m, unsigned by)
{
    if (by > 60)
        return m != 0;
    while (by--)
        m = m >> 1 | (m & 1);
    return m;
}

uint64_t semo_real_join(struct semo_real *r)
{
    uint64_t sign = r->negative ? SIGN : 0, m = r->mantissa;
    int exponent = r->exponent;
    if (m == 0)
        return sign;
    for (; m >= ONE << 4; exponent++)
        m = m >> 1 | (m & 1);
    for (; m < ONE << 3 && exponent > 1; exponent--)
        m <<= 1;
    if (exponent < 1) {
        m = semo_real_shifted(m, (unsigned)(1 - exponent));
        exponent = 1;
    }
    m = (m >> 3) + ((m & 7) > 4 || ((m & 7) == 4 && (m & 8)));
    if (m >= ONE << 1) {
        m >>= 1;
        exponent++;
    }
    if (exponent >= 0x7FF)
        return sign | INFINITE;
    return sign | (m & ONE ? (uint64_t)exponent << 52 | (m & (ONE - 1)) : m);
}

bool semo_is_nan(uint64_t d)
{
    return (d & ~SIGN) > INFINITE;
}

uint64_t semo_addd(uint64_t a, uint64_t b)
{
    struct semo_real x, y, big;
    uint64_t size_a = a & ~SIGN, size_b = b & ~SIGN;
    if (size_a > INFINITE || size_b > INFINITE || (size_a == INFINITE && (a ^ b) == SIGN))
        return NOT;
    if (size_a == INFINITE || size_b == INFINITE)
        return size_a == INFINITE ? a : b;
    semo_real_split(&x, size_a >= size_b ? a : b);
    semo_real_split(&y, size_a >= size_b ? b : a);
    y.mantissa = semo_real_shifted(y.mantissa, (unsigned)(x.exponent - y.exponent));
    big = x;
    big.mantissa = x.negative == y.negative ? x.mantissa + y.mantissa : x.mantissa - y.mantissa;
    if (big.mantissa == 0)
        big.negative = x.negative && y.negative;
    return semo_real_join(&big);
}

uint64_t semo_subd(uint64_t a, uint64_t b)
{
    return semo_addd(a, b ^ SIGN);
}

/* Not of zero. */
void semo_real_normalise(struct semo_real *r)
{
    for (; r->mantissa < ONE << 3; r->exponent--)
        r->mantissa <<= 1;
}

/* The upper half of a product of two mantissas, the rest in its lowest bit. */
uint64_t semo_real_product(uint64_t a, uint64_t b)
{
    uint64_t product = 0;
    for (unsigned i = 0; i < 56; i++) {
        product = product >> 1 | (product & 1);
        if (b & 1)
            product += a;
        b >>= 1;
    }
    return product;
}

uint64_t semo_mpyd(uint64_t a, uint64_t b)
{
    struct semo_real x, y;
    uint64_t size_a = a & ~SIGN, size_b = b & ~SIGN, sign = (a ^ b) & SIGN;
    if (size_a > INFINITE || size_b > INFINITE || (size_a == INFINITE && size_b == 0) ||
        (size_b == INFINITE && size_a == 0))
        return NOT;
    if (size_a == INFINITE || size_b == INFINITE)
        return sign | INFINITE;
    if (size_a == 0 || size_b == 0)
        return sign;
    semo_real_split(&x, a);
    semo_real_split(&y, b);
    semo_real_normalise(&x);
    semo_real_normalise(&y);
    x.negative = sign != 0;
    x.mantissa = semo_real_product(x.mantissa, y.mantissa);
    x.exponent += y.exponent - 1023;
    return semo_real_join(&x);
}

uint64_t semo_divd(uint64_t a, uint64_t b)
{
    struct semo_real x, y;
    uint64_t size_a = a & ~SIGN, size_b = b & ~SIGN, sign = (a ^ b) & SIGN, quotient = 0;
    if (size_a > INFINITE || size_b > INFINITE ||
        (size_a == size_b && (size_a == INFINITE || !size_a)))
        return NOT;
    if (size_a == INFINITE || size_b == 0)
        return sign | INFINITE;
    if (size_a == 0 || size_b == INFINITE)
        return sign;
    semo_real_split(&x, a);
    semo_real_split(&y, b);
    semo_real_normalise(&x);
    semo_real_normalise(&y);
    for (unsigned i = 0; i < 57; i++) {
        quotient <<= 1;
        if (x.mantissa >= y.mantissa) {
            x.mantissa -= y.mantissa;
            quotient |= 1;
        }
        x.mantissa <<= 1;
    }
    x.exponent -= y.exponent - 1022;
    x.mantissa = quotient | (x.mantissa != 0);
    x.negative = sign != 0;
    return semo_real_join(&x);
}

/* -1, 0, 1; with a NaN 1, which is true only for "not equal" and "greater" */
int semo_cmpd(uint64_t a, uint64_t b)
{
    if (semo_is_nan(a) || semo_is_nan(b))
        return 1;
    if (((a | b) & ~SIGN) == 0 || a == b)
        return 0;
    if ((a ^ b) & SIGN)
        return a & SIGN ? -1 : 1;
    return (a < b) == !(a & SIGN) ? -1 : 1;
}

/* ---- float and double ---- */

uint64_t __mspabi_cvtfd(uint32_t f)
{
    struct semo_real r = {(uint64_t)(f & 0x7FFFFF) << 32, (int)(f >> 23 & 0xFF), f >> 31};
    if (r.exponent == 0xFF)
        return (f & 0x7FFFFF ? NOT : INFINITE) | (uint64_t)(f >> 31) << 63;
    if (r.exponent)
        r.mantissa |= ONE << 3;
    r.exponent = (r.exponent ? r.exponent : 1) + 1023 - 127;
    return semo_real_join(&r);
}

uint32_t __mspabi_cvtdf(uint64_t d)
{
    uint32_t sign = d & SIGN ? 0x80000000u : 0, m;
    struct semo_real r;
    semo_real_split(&r, d);
    if (semo_is_nan(d))
        return 0x7FC00000u;
    r.exponent -= 1023 - 127;
    if (r.exponent < 1) {
        r.mantissa = semo_real_shifted(r.mantissa, (unsigned)(1 - r.exponent));
        r.exponent = r.exponent < -60 ? 0 : 1;
    }
    r.mantissa = semo_real_shifted(r.mantissa, 29);
    m = (uint32_t)(r.mantissa >> 3) +
        ((r.mantissa & 7) > 4 || ((r.mantissa & 7) == 4 && (r.mantissa & 8)));
    if (r.exponent > 254 || (r.exponent == 254 && m >= 0x1000000u))
        return sign | 0x7F800000u;
    /* The first bit of the mantissa, and its carry, add one to the exponent. */
    return sign + (m ? ((uint32_t)(r.exponent - 1) << 23) + m : 0);
}

#define OF_FLOATS(name)                                                                            \
    uint32_t __mspabi_##name##f(uint32_t a, uint32_t b)                                            \
    {                                                                                              \
        return __mspabi_cvtdf(semo_##name##d(__mspabi_cvtfd(a), __mspabi_cvtfd(b)));               \
    }
OF_FLOATS(add)
OF_FLOATS(sub)
OF_FLOATS(mpy)
OF_FLOATS(div)

int __mspabi_cmpf(uint32_t a, uint32_t b)
{
    return semo_cmpd(__mspabi_cvtfd(a), __mspabi_cvtfd(b));
}

/* ---- whole numbers ---- */

uint64_t __mspabi_fltulld(uint64_t n)
{
    struct semo_real r = {n, 1023 + 55, false};
    return semo_real_join(&r);
}

uint64_t __mspabi_fltllid(int64_t n)
{
    return n < 0 ? __mspabi_fltulld(-(uint64_t)n) | SIGN : __mspabi_fltulld((uint64_t)n);
}

uint64_t __mspabi_fltuld(uint32_t n)
{
    return __mspabi_fltulld(n);
}

uint64_t __mspabi_fltlid(int32_t n)
{
    return __mspabi_fltllid(n);
}

/* Straight from the number: by way of a double it would be rounded twice. */
uint32_t __mspabi_fltullf(uint64_t n)
{
    unsigned by = 0;
    for (; n >> 52 >> by; by++)
        ;
    uint64_t d = __mspabi_fltulld(semo_real_shifted(n, by));
    return __mspabi_cvtdf(n ? d + ((uint64_t)by << 52) : 0);
}

uint32_t __mspabi_fltllif(int64_t n)
{
    return n < 0 ? __mspabi_fltullf(-(uint64_t)n) | 0x80000000u : __mspabi_fltullf((uint64_t)n);
}

uint32_t __mspabi_fltulf(uint32_t n)
{
    return __mspabi_fltullf(n);
}

uint32_t __mspabi_fltlif(int32_t n)
{
    return __mspabi_fltllif(n);
}

/* Towards zero; what does not fit has no meaning in C. */
uint64_t __mspabi_fixdull(uint64_t d)
{
    struct semo_real r;
    semo_real_split(&r, d);
    int by = r.exponent - 1023 - 55;
    uint64_t n = by < -63 ? 0 : by < 0 ? r.mantissa >> -by : by < 64 ? r.mantissa << by : 0;
    return r.negative ? -n : n;
}

int64_t __mspabi_fixdlli(uint64_t d)
{
    return (int64_t)__mspabi_fixdull(d);
}

uint32_t __mspabi_fixdul(uint64_t d)
{
    return (uint32_t)__mspabi_fixdull(d);
}

int32_t __mspabi_fixdli(uint64_t d)
{
    return (int32_t)__mspabi_fixdull(d);
}

uint64_t __mspabi_fixfull(uint32_t f)
{
    return __mspabi_fixdull(__mspabi_cvtfd(f));
}

int64_t __mspabi_fixflli(uint32_t f)
{
    return (int64_t)__mspabi_fixfull(f);
}

uint32_t __mspabi_fixful(uint32_t f)
{
    return (uint32_t)__mspabi_fixfull(f);
}

int32_t __mspabi_fixfli(uint32_t f)
{
    return (int32_t)__mspabi_fixfull(f);
}
