/* SPDX-License-Identifier: Apache-2.0 */
/* PING: what the deployer says goes to PONG; what PONG says goes back to the deployer. */
#include <semo/module.h>

SM_OUTPUT(PING, ping_out);
SM_OUTPUT(PING, result_out);

static uint16_t SM_DATA(PING) sent;

SM_INPUT(PING, start_in, data, len)
{
    sent++;
    ping_out(data, len);
}

SM_INPUT(PING, pong_in, data, len)
{
    result_out(data, len);
}

SM_ENTRY(PING, count, data, len)
{
    (void)len;
    data[0] = (uint8_t)sent;
    return 1;
}
