/* SPDX-License-Identifier: Apache-2.0 */
/* A module ends itself: its memory is zero and readable again. */
#include <stdio.h>
#include <sancus_support/sm_io.h>

DECLARE_SM(brief, 1);

static unsigned SM_DATA(brief) secret;

void SM_ENTRY(brief) brief_set(unsigned n)
{
    secret = n;
}

static void after(void)
{
    unsigned *data = brief.secret_start, rest = 0;
    while ((void *)data < brief.secret_end)
        rest |= *data++;
    printf("gone: %u, what is left: %u %u\n", sancus_get_id(brief.public_start), rest,
           *(unsigned *)brief.public_start);
    EXIT();
}

void SM_ENTRY(brief) brief_end(void)
{
    sancus_disable(after);
}

int main()
{
    sancus_enable(&brief);
    brief_set(0x1234);
    printf("there: %u\n", sancus_get_id(brief.public_start));
    brief_end();
    puts("not reached");
    return 0;
}
