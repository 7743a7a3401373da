/* SPDX-License-Identifier: Apache-2.0 */
// expect :7: in.table: a variable with an initial value; private data starts at zero
#include <semo/module.h>

SM_INPUT(mod, in, data, len)
{
    static uint8_t table[2] = {1, 2};
    (void)data;
    table[0] = (uint8_t)len;
}
