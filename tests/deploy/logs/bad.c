/* SPDX-License-Identifier: Apache-2.0 */
/* BAD: writes where it is told to, whoever that belongs to. */
#include <semo/module.h>

SM_INPUT(BAD, poke_in, data, len)
{
    if (len == 2)
        *(volatile uint16_t *)(uintptr_t)(data[0] | (uint16_t)data[1] << 8) = 1;
}
