/* SPDX-License-Identifier: Apache-2.0 */
// expect : assembly outside of functions; only the runtime may contain it
#include <semo/module.h>

__asm__(".word 0x1384");

SM_INPUT(mod, in, data, len)
{
    (void)data;
    (void)len;
}
