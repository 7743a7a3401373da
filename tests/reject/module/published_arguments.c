/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: add: an entry of a deployed module is void add(void) or void add(uint8_t *data, size_t len), and not static; semo cc builds others
#include <sancus/reactive.h>

int SM_ENTRY(mod) add(int a, int b)
{
    return a + b;
}
