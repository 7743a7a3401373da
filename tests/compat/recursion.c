/* SPDX-License-Identifier: Apache-2.0 */
/* Recursion on both sides of the boundary. */
#include <sancus/sm_support.h>
#include <stdio.h>

#define COUNTER tally
DECLARE_SM(COUNTER, 0xCAFE);

static unsigned SM_DATA(COUNTER) visits;
static unsigned SM_DATA(COUNTER) depths[12];

unsigned SM_ENTRY(COUNTER) tally_visit(unsigned depth)
{
    if (depth < sizeof(depths) / sizeof(depths[0]))
        depths[depth]++;
    return ++visits;
}

unsigned SM_ENTRY(COUNTER) tally_depth(unsigned depth)
{
    return depths[depth % 12];
}

static unsigned SM_FUNC(COUNTER) ackermann(unsigned m, unsigned n)
{
    if (m == 0)
        return n + 1;
    if (n == 0)
        return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

unsigned SM_ENTRY(COUNTER) tally_ackermann(unsigned m, unsigned n)
{
    return ackermann(m, n);
}

static unsigned fibonacci(unsigned n)
{
    tally_visit(n);
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

int main()
{
    sancus_enable(&tally);
    printf("fibonacci %u, visits %u\n", fibonacci(10), tally_visit(11) - 1);
    for (unsigned i = 0; i < 11; i++)
        printf("%u ", tally_depth(i));
    printf("\nackermann %u\n", tally_ackermann(2, 3));
    return 0;
}
