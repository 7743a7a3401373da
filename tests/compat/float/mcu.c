/* SPDX-License-Identifier: Apache-2.0 */
/* Reads operands from the file device and writes what the helpers make of them; see host.c. */
#include <stdint.h>
#include <string.h>
#include <sancus/sm_support.h>
#include <sancus_support/fileio.h>

DECLARE_SM(fp, 1);

struct results {
    double value[4];
    uint64_t less;
    float single[3];
    double of_whole;
    float of_unsigned;
    uint64_t whole;
};

void SM_ENTRY(fp) fp_compute(const uint64_t *in, struct results *r)
{
    uint64_t a, b;
    double x, y, size;
    memcpy(&a, &in[0], sizeof a);
    memcpy(&b, &in[1], sizeof b);
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    float f = (float)x, g = (float)y;
    r->value[0] = x + y;
    r->value[1] = x - y;
    r->value[2] = x * y;
    r->value[3] = x / y;
    r->less = x < y ? 1 : x == y ? 2 : 0;
    r->single[0] = f + g;
    r->single[1] = f * g;
    r->single[2] = f / g;
    r->of_whole = (double)(int64_t)a;
    r->of_unsigned = (float)a;
    a &= 0x7FFFFFFFFFFFFFFFu;
    memcpy(&size, &a, sizeof size);
    r->whole = size < 1e18 ? (uint64_t)(int64_t)x : 0;
}

static void write64(uint64_t n)
{
    for (unsigned i = 0; i < 8; i++, n >>= 8)
        fileio_putc((unsigned char)n);
}

static void write_double(const double *d)
{
    uint64_t n;
    memcpy(&n, d, sizeof n);
    write64((n & 0x7FFFFFFFFFFFFFFFu) > 0x7FF0000000000000u ? 0x7FF8000000000000u : n);
}

static void write_float(const float *f)
{
    uint32_t n;
    memcpy(&n, f, sizeof n);
    write64((n & 0x7FFFFFFFu) > 0x7F800000u ? 0x7FC00000u : n);
}

int main()
{
    sancus_enable(&fp);
    for (;;) {
        uint64_t in[2] = {0, 0};
        struct results r;
        for (unsigned i = 0; i < 16; i++) {
            for (unsigned wait = 0; !fileio_available(); wait++)
                if (wait == 100)
                    return 0;
            ((unsigned char *)in)[i] = fileio_getc();
        }
        fp_compute(in, &r);
        for (unsigned i = 0; i < 4; i++)
            write_double(&r.value[i]);
        write64(r.less);
        for (unsigned i = 0; i < 3; i++)
            write_float(&r.single[i]);
        write_double(&r.of_whole);
        write_float(&r.of_unsigned);
        write64(r.whole);
    }
}
