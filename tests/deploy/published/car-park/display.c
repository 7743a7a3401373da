/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(display, show);

SM_INPUT(display, count, data, len)
{
    (void)show(data, len);
}
