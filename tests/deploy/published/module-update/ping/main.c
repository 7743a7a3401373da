/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(ping, ping_out);

static uint8_t rounds;

SM_INPUT(ping, start, data, len)
{
    (void)ping_out(data, len);
}

SM_INPUT(ping, pong_in, data, len)
{
    (void)data, (void)len;
    rounds++;
}
