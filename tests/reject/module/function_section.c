/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: escape: section .outside would lie outside the measured text; leave it out
#include <semo/module.h>

static __attribute__((section(".outside"))) unsigned escape(unsigned n)
{
    return n + 1;
}
static SM_DATA(mod) unsigned sum;

SM_INPUT(mod, in, data, len)
{
    (void)data;
    sum = escape(len);
}
