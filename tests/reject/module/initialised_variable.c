/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: count: a variable with an initial value; private data starts at zero
#include <semo/module.h>

static SM_DATA(mod) unsigned count = 5;

SM_INPUT(mod, in, data, len)
{
    (void)data;
    count += len;
}
