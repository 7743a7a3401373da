/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_HANDLER(H, tell, data, len)
{
    (void)data;
    return len;
}
