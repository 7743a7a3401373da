/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(button_driver, pressed);

SM_ENTRY(button_driver, poll, data, len)
{
    (void)data, (void)len;
    (void)pressed(data, 0);
    return 0;
}
