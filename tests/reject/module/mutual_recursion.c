/* SPDX-License-Identifier: Apache-2.0 */
// expect :8: even: calls itself, directly or through others; use a loop
#include <semo/module.h>

static SM_DATA(mod) unsigned sum;

static unsigned odd(unsigned n);
static unsigned even(unsigned n)
{
    return n ? odd(n - 1) : 1;
}
static unsigned odd(unsigned n)
{
    return n ? even(n - 1) : 0;
}

SM_INPUT(mod, in, data, len)
{
    sum = data[0] + even(len);
}
