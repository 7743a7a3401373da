/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: take: an entry of a deployed module is void take(void) or void take(uint8_t *data, size_t len), and not static; semo cc builds others
#include <sancus/reactive.h>

SM_ENTRY(mod) void take(uint16_t *data, size_t len)
{
    data[0] = (uint16_t)len;
}
