/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: start: an entry of a deployed module is void start(void) or void start(uint8_t *data, size_t len), and not static; semo cc builds others
#include <sancus/reactive.h>

static void SM_ENTRY(mod) start(void)
{
}
