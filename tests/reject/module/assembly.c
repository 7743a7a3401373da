/* SPDX-License-Identifier: Apache-2.0 */
// expect :9:5: in: inline assembly; only the runtime may contain it
#include <semo/module.h>

SM_INPUT(mod, in, data, len)
{
    (void)data;
    (void)len;
    __asm__ volatile(".word 0x1384");
}
