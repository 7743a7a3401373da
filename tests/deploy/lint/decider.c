/* SPDX-License-Identifier: Apache-2.0 */
/* DESK: asks its guard, who may have been told by anybody what to answer. */
#include <semo/module.h>

SM_OUTPUT(DESK, command_out);

SM_REQUEST(DESK, may_i, status, data, len)
{
    if (status == SEMO_OK)
        (void)command_out(data, len);
}

SM_HANDLER(DESK, answer, data, len)
{
    (void)may_i(data, len);
    return 0;
}
