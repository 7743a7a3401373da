/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point in a module and outside: the same results, those of IEEE 754. */
#include <sancus/sm_support.h>
#include <stdio.h>

DECLARE_SM(fp, 0x1234);

static double SM_DATA(fp) mean = 20.5;
static unsigned SM_DATA(fp) count = 1;

double SM_FUNC(fp) square_root(double x)
{
    double r = x > 1 ? x : 1;
    for (int i = 0; i < 20; i++)
        r = (r + x / r) / 2;
    return r;
}

long SM_ENTRY(fp) fp_add(int tenths)
{
    count++;
    mean += (tenths / 10.0 - mean) / count;
    return (long)(mean * 1000);
}

float SM_ENTRY(fp) fp_area(float radius)
{
    return 3.14159265f * radius * radius;
}

long SM_ENTRY(fp) fp_root(long n)
{
    return (long)(square_root((double)n) * 1000000.0 + 0.5);
}

static float area(float radius)
{
    return 3.14159265f * radius * radius;
}

int main(void)
{
    sancus_enable(&fp);
    printf("%ld %ld %ld\n", fp_add(215), fp_add(190), fp_add(-53));
    printf("%ld %ld %ld\n", fp_root(2), fp_root(1000000), fp_root(7));
    printf("%d %ld\n", fp_area(2.5f) == area(2.5f), (long)(area(2.5f) * 10000.0f));
    printf("%d %d\n", fp_area(1.0f) < 3.15f, fp_area(-1.0f) >= 3.2f);
    return 0;
}
