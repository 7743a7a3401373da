/* SPDX-License-Identifier: Apache-2.0 */
// expect :9:30: in: memory on the stack whose size is not constant; give it a bound
#include <semo/module.h>

static SM_DATA(mod) uint8_t last;

SM_INPUT(mod, in, data, len)
{
    volatile uint8_t *copy = __builtin_alloca(len);
    copy[0] = data[0];
    last = copy[0];
}
