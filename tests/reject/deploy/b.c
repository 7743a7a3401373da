/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

static uint8_t SM_DATA(B) last;

SM_INPUT(B, b_in, data, len)
{
    last = len ? data[0] : 0;
}
