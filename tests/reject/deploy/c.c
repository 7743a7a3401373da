/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_CLOCK(C);

SM_INPUT(C, in, data, len)
{
    (void)data;
    (void)len;
}
