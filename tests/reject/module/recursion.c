/* SPDX-License-Identifier: Apache-2.0 */
// expect :7: add_up: calls itself, directly or through others; use a loop
#include <semo/module.h>

static SM_DATA(mod) unsigned sum;

static unsigned SM_FUNC(mod) add_up(const uint8_t *a, unsigned n)
{
    return n ? a[0] + add_up(a + 1, n - 1) : 0;
}

SM_INPUT(mod, in, data, len)
{
    sum = add_up(data, len);
}
