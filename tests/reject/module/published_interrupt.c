/* SPDX-License-Identifier: Apache-2.0 */
// expect :7:1: static_assert failed "SM_ISR: only programs have it; semo cc builds them"
#include <sancus/reactive.h>

SM_OUTPUT(mod, pressed);

SM_ISR(mod, number)
{
    pressed(&number, sizeof number);
}
SM_HANDLE_IRQ(mod, 2);
