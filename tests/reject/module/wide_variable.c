/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: total: 64-bit type; modules compute with 32 bits at most
#include <semo/module.h>

static SM_DATA(mod) long long total;

SM_INPUT(mod, in, data, len)
{
    (void)data;
    (void)len;
    (void)total;
}
