/* SPDX-License-Identifier: Apache-2.0 */
/* One module, two entries, private state, an internal function. */
#include <stdio.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>

DECLARE_SM(foo, 0x1234);

static int SM_DATA(foo) count;
SM_DATA(foo) static const int weights[] = {1, 10, 100};

static int SM_FUNC(foo) weigh(int n)
{
    return n * weights[count % 3];
}

int SM_ENTRY(foo) foo_add(int n, int times)
{
    for (int i = 0; i < times; i++)
        count += n;
    return weigh(count);
}

SM_ENTRY(foo) long foo_long(long a, int b)
{
    return a * 3 + b;
}

SM_ENTRY(foo) unsigned foo_who(void)
{
    return sancus_get_self_id() * 256 + sancus_get_caller_id();
}

int main()
{
    msp430_io_init();
    printf("enable %u\n", sancus_enable(&foo));
    printf("id %u of %s\n", foo.id, foo.name);
    printf("%d\n", foo_add(2, 2));
    printf("%d\n", foo_add(3, 1));
    printf("%ld\n", foo_long(123456L, -1));
    printf("who %04x\n", foo_who());
    int (*volatile p)(int, int) = foo_add;
    printf("%d\n", p(1, 1));
    printf("%d\n", sancus_is_outside_sm(foo, foo.public_start, 2));
    printf("%d\n", sancus_is_outside_sm(foo, foo.public_end, 2));
    return 0;
}
