/* SPDX-License-Identifier: Apache-2.0 */
// expect :9: entry both is declared twice
#include <sancus/reactive.h>

SM_ENTRY(mod, both, data, len)
{
    return data[0] + len;
}
void SM_ENTRY(mod) both(void)
{
}
