/* SPDX-License-Identifier: Apache-2.0 */
/* PANEL: whoever calls reaches the relay, over a request. */
#include <semo/module.h>

SM_REQUEST(PANEL, ask, status, data, len)
{
    (void)status, (void)data, (void)len;
}

SM_ENTRY(PANEL, poll, data, len)
{
    (void)ask(data, len);
    return 0;
}
