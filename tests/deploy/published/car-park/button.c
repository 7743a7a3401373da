/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(button, pressed_1);
SM_OUTPUT(button, pressed_2);

SM_ENTRY(button, sample, data, len)
{
    (void)data, (void)len;
    (void)(len && data[0] == 1 ? pressed_1(data, 0) : pressed_2(data, 0));
    return 0;
}
