/* SPDX-License-Identifier: Apache-2.0 */
#include "counter.h"

DECLARE_SM(counter, 0x1234);

static int SM_DATA(counter) value;

static int twice(int n)
{
    return 2 * n;
}

void SM_ENTRY(counter) counter_count(int by)
{
    value += twice(by);
    display("now", value);
}

int SM_ENTRY(counter) counter_value(void)
{
    return value;
}
