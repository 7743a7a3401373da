/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: start: declared for module other in a source of module mod
#include <sancus/reactive.h>

SM_ENTRY(other) void start(void)
{
}
