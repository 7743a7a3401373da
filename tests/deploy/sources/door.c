/* SPDX-License-Identifier: Apache-2.0 */
/* Both ways to write an entry in one file. */
#include <sancus/reactive.h>
#include <stdio.h>

static uint8_t SM_DATA(door) knocks = 1;

void SM_ENTRY(door) knock()
{
    puts("come in");
    knocks++;
}

SM_ENTRY(door, ask, data, len)
{
    (void)len;
    knock();
    data[0] = knocks;
    return 1;
}
