/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(Q, out);

SM_REQUEST(Q, ask, status, data, len)
{
    if (status == SEMO_OK)
        (void)out(data, len);
}
