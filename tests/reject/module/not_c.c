/* SPDX-License-Identifier: Apache-2.0 */
// expect :8:14: expected ';' after expression
#include <semo/module.h>

SM_INPUT(mod, in, data, len)
{
    (void)data;
    (void)len
}
