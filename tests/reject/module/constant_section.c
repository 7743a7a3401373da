/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: table: section .outside would lie outside the measured text; leave it out
#include <semo/module.h>

static const __attribute__((section(".outside"))) uint8_t table[2] = {3, 4};
static SM_DATA(mod) unsigned sum;

SM_INPUT(mod, in, data, len)
{
    sum = table[data[0] & 1] + len;
}
