/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

static uint8_t SM_DATA(L) large[14000];

SM_INPUT(L, l_in, data, len)
{
    large[len] = data[0];
}

SM_ENTRY(L, get, data, len)
{
    data[0] = large[len];
    return 1;
}
