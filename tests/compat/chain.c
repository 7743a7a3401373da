/* SPDX-License-Identifier: Apache-2.0 */
/* Three modules in a row, each with a call outside; who called whom is what the processor says. */
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <stdio.h>

extern struct SancusModule alice, bob, carol;
int SM_ENTRY(alice) alice_start(int n);
int SM_ENTRY(bob) bob_middle(int n, int from);
long SM_ENTRY(carol) carol_end(long n, sm_id from);

DECLARE_SM(alice, 0x1111);
DECLARE_SM(bob, 0x2222);
DECLARE_SM(carol, 0x3333);

static int SM_DATA(alice) calls;
static int SM_DATA(bob) calls_of_bob;

static void note(const char *who, int caller)
{
    printf("%s called by %d\n", who, caller);
}

int alice_start(int n)
{
    note("alice", sancus_get_caller_id());
    calls++;
    int got = bob_middle(n, sancus_get_self_id());
    note("alice again", sancus_get_caller_id());
    return got + calls;
}

int bob_middle(int n, int from)
{
    sm_id caller = sancus_get_caller_id();
    note("bob", caller);
    if (caller != (sm_id)from)
        return -1;
    calls_of_bob += n;
    long sum = 0;
    for (int i = 0; i < n; i++)
        sum += carol_end(i * 100000L, sancus_get_self_id());
    note("bob again", sancus_get_caller_id());
    return (int)(sum / 100000) + calls_of_bob;
}

long carol_end(long n, sm_id from)
{
    if (sancus_get_caller_id() != from)
        return -1;
    return n + 100000;
}

int main(void)
{
    sancus_enable(&carol);
    sancus_enable(&bob);
    sancus_enable(&alice);
    printf("ids %u %u %u\n", alice.id, bob.id, carol.id);
    printf("result %d\n", alice_start(3));
    printf("result %d\n", alice_start(4));
    printf("direct %d %ld %ld\n", bob_middle(1, 3), carol_end(5, 0), carol_end(5, 1));
    return 0;
}
