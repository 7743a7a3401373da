/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(gateway, toggle);
SM_OUTPUT(gateway, count);

SM_INPUT(gateway, button_pressed, data, len)
{
    (void)toggle(data, len);
    (void)count(data, len);
}
