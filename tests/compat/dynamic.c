/* SPDX-License-Identifier: Apache-2.0 */
/* Entries by address and number, as an event manager finds them; ids, limits and limits of trust.
 */
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <stdio.h>

DECLARE_SM(counter, 0x0A0A);
DECLARE_SM(proxy, 0x0B0B);

static int SM_DATA(counter) count;

int SM_ENTRY(counter) counter_add(int n)
{
    return count += n;
}

int SM_ENTRY(counter) counter_who(void)
{
    return sancus_get_caller_id();
}

unsigned long SM_ENTRY(counter) counter_three(int a, int b, int c)
{
    return (unsigned long)a * 10000 + b * 100 + c;
}

int SM_ENTRY(proxy) proxy_call(void *entry, unsigned index, int argument)
{
    if (!sancus_get_id(entry))
        return -1;
    return sancus_call(entry, index, argument);
}

int SM_ENTRY(proxy) proxy_self(void)
{
    return sancus_get_self_id() * 100 + sancus_get_id(SM_GET_ENTRY(counter));
}

static struct {
    const char *name;
    entry_idx index;
} entries[3];

int main()
{
    void *entry = SM_GET_ENTRY(counter);
    entries[0].name = "add", entries[0].index = SM_GET_ENTRY_IDX(counter, counter_add);
    entries[1].name = "who", entries[1].index = SM_GET_ENTRY_IDX(counter, counter_who);
    entries[2].name = "three", entries[2].index = SM_GET_ENTRY_IDX(counter, counter_three);
    printf("before %u\n", sancus_get_id(entry));
    sancus_enable(&counter);
    sancus_enable(&proxy);
    for (unsigned i = 0; i < 3; i++)
        printf("%s %d\n", entries[i].name, sancus_call(entry, entries[i].index, 4, 5, 6));
    printf("none %d\n", sancus_call(entry, entries[0].index));
    printf("by proxy %d %d %d\n", proxy_call(entry, entries[0].index, 7),
           proxy_call(entry, entries[1].index, 0), proxy_call((void *)0x200, 0, 0));
    printf("self %d\n", proxy_self());
    printf("limits %d %d\n", (char *)counter.public_end - (char *)counter.public_start > 100,
           counter.public_start == entry && &__PS(counter) == entry);
    printf("outside: id %u, caller %u\n", sancus_get_self_id(), sancus_get_caller_id());
    puts("no such entry");
    sancus_call(entry, 3, 1);
    puts("reached");
    return 0;
}
