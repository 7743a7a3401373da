/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: in: declared for module model in a source of module mod
#include <semo/module.h>

SM_INPUT(model, in, data, len)
{
    (void)data;
    (void)len;
}
