/* SPDX-License-Identifier: Apache-2.0 */
/* A module for tests and benches: sends what a stranger gives it, counts what arrives. */
#include <semo/module.h>

SM_OUTPUT(Pinger, ping);

static SM_DATA(Pinger) uint32_t count, sum;

SM_INPUT(Pinger, pong, data, len)
{
    count++;
    for (unsigned i = 0; i < len; i++)
        sum += data[i];
}

SM_ENTRY(Pinger, kick, data, len)
{
    ping(data, len);
    return 0;
}

static SM_FUNC(Pinger) void put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

SM_ENTRY(Pinger, report, data, len)
{
    (void)len;
    put_u32(data, count);
    put_u32(data + 4, sum);
    return 8;
}
