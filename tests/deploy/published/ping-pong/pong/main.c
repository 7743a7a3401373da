/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(pong, pong_out);

SM_INPUT(pong, ping_in, data, len)
{
    (void)pong_out(data, len);
}
