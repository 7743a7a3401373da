/* SPDX-License-Identifier: Apache-2.0 */
/* PANEL: whoever presses reaches the relay, over the policy module. */
#include <semo/module.h>

SM_OUTPUT(PANEL, pressed);

SM_ENTRY(PANEL, press, data, len)
{
    pressed(data, len);
    return 0;
}
