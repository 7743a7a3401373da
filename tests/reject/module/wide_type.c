/* SPDX-License-Identifier: Apache-2.0 */
// expect :7: in: 64-bit type; modules compute with 32 bits at most
#include <semo/module.h>

static SM_DATA(mod) uint32_t total;

SM_INPUT(mod, in, data, len)
{
    uint64_t wide = (uint64_t)total * data[0];
    total = (uint32_t)(wide >> len);
}
