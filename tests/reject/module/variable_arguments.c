/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: first: variable arguments; declare each of them
#include <semo/module.h>

static unsigned SM_FUNC(mod) first(const uint8_t *a, ...)
{
    return a[0];
}
static SM_DATA(mod) unsigned sum;

SM_INPUT(mod, in, data, len)
{
    sum = first(data, len);
}
