/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(ping, ping_out);

static unsigned char left;

SM_INPUT(ping, start, data, len)
{
    left = 8;
    (void)ping_out(data, len);
}

SM_INPUT(ping, pong_in, data, len)
{
    if (left && --left)
        (void)ping_out(data, len);
}
