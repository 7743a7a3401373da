/* SPDX-License-Identifier: Apache-2.0 */
// expect :10:11: errno: a variable outside the module; define it in one of the module's sources
#include <semo/module.h>

extern unsigned errno;

SM_INPUT(mod, in, data, len)
{
    (void)data;
    errno = len;
}
