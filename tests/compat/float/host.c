/* SPDX-License-Identifier: Apache-2.0 */
/* The host's side of the comparison of floating point: writes operands, and what this processor
 * makes of them; the microcontroller's program next to it must make the same. Without a second
 * argument the operands, with one the results. NaNs are written as one. SEMO_SEED sets the
 * operands. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Numbers near each other, near one, tiny, round, infinite and none. */
static uint64_t operand(void)
{
    uint64_t n = next(), exponent = next() % 60;
    switch (next() % 8) {
    case 0:
        return n & 0x800FFFFFFFFFFFFFu;
    case 1:
    case 2:
    case 3:
        return (n & 0x800FFFFFFFFFFFFFu) | (993 + exponent) << 52;
    case 4:
        return n & 0xFFFFFFFFF0000000u;
    case 5:
        return n & 0xFFF0000000000000u;
    default:
        return n;
    }
}

static void write64(uint64_t n)
{
    for (unsigned i = 0; i < 8; i++)
        putchar((int)(n >> 8 * i & 0xFF));
}

static void write_double(double d)
{
    uint64_t n;
    memcpy(&n, &d, sizeof n);
    write64(isnan(d) ? 0x7FF8000000000000u : n);
}

static void write_float(float f)
{
    uint32_t n;
    memcpy(&n, &f, sizeof n);
    write64(isnan(f) ? 0x7FC00000u : n);
}

int main(int argc, char **argv)
{
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    const char *seed = getenv("SEMO_SEED");
    state = (seed ? strtoull(seed, NULL, 10) : 1) * 0x9E3779B97F4A7C15u | 1;
    for (unsigned i = 0; i < count; i++) {
        uint64_t a = operand(), b = operand();
        double x, y;
        memcpy(&x, &a, sizeof x);
        memcpy(&y, &b, sizeof y);
        volatile float f = (float)x, g = (float)y;
        if (argc == 2) {
            write64(a);
            write64(b);
            continue;
        }
        write_double(x + y);
        write_double(x - y);
        write_double(x * y);
        write_double(x / y);
        write64(x < y ? 1 : x == y ? 2 : 0);
        write_float(f + g);
        write_float(f * g);
        write_float(f / g);
        write_double((double)(int64_t)a);
        write_float((float)a);
        write64(fabs(x) < 1e18 ? (uint64_t)(int64_t)x : 0);
    }
    return 0;
}
