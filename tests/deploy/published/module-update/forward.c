/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(gateway, to_ping);
SM_OUTPUT(gateway, to_pong);

SM_INPUT(gateway, from_ping, data, len)
{
    (void)to_pong(data, len);
}

SM_INPUT(gateway, from_pong, data, len)
{
    (void)to_ping(data, len);
}
