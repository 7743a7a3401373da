/* SPDX-License-Identifier: Apache-2.0 */
/* Two modules: calls between them are verified; a third one is not what was expected. */
#include <stdio.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>

DECLARE_SM(outer, 0x1234);
DECLARE_SM(inner, 0x4321);

static unsigned SM_DATA(inner) calls;

unsigned SM_ENTRY(inner) inner_sum(unsigned a, unsigned b, unsigned c, unsigned d)
{
    calls++;
    return a + 2 * b + 3 * c + 4 * d;
}

unsigned SM_ENTRY(inner) inner_caller(void)
{
    return sancus_get_caller_id() + 16 * calls;
}

unsigned SM_ENTRY(outer) outer_sum(unsigned a, unsigned b)
{
    return inner_sum(a, b, a, b) + inner_sum(1, 1, 1, 1);
}

unsigned SM_ENTRY(outer) outer_caller(void)
{
    return inner_caller();
}

unsigned SM_ENTRY(outer) outer_verify(void)
{
    return sancus_verify(SM_GET_TAG(outer, inner), &inner);
}

unsigned SM_ENTRY(outer) outer_known(void)
{
    return *SM_GET_VERIFY_ID(outer, inner);
}

int main()
{
    msp430_io_init();
    sancus_enable(&outer);
    sancus_enable(&inner);
    printf("ids %u %u\n", outer.id, inner.id);
    printf("verified %u, cached %u\n", outer_verify(), outer_known());
    printf("sum %u, cached %u\n", outer_sum(1, 2), outer_known());
    printf("caller %x\n", outer_caller());
    printf("sum %u\n", outer_sum(3, 4));
    printf("through its address %x\n",
           sancus_call(inner.public_start, SM_GET_ENTRY_IDX(inner, inner_caller)));
    return 0;
}
