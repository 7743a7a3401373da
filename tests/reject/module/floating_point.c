/* SPDX-License-Identifier: Apache-2.0 */
// expect :10:24: in: floating point; modules compute with integers
#include <semo/module.h>

static SM_DATA(mod) unsigned total;

SM_INPUT(mod, in, data, len)
{
    (void)data;
    total = (unsigned)(len * 1.5f);
}
