/* SPDX-License-Identifier: Apache-2.0 */
// expect :7: add: 5 argument words, at most 4; pass a pointer to a structure
#include <semo/module.h>

static SM_DATA(mod) uint32_t total;

static void SM_FUNC(mod) add(uint32_t a, uint32_t b, uint8_t c)
{
    total += a + b + c;
}

SM_INPUT(mod, in, data, len)
{
    add(data[0], data[1], (uint8_t)len);
}
