/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_DRIVER(E, SEMO_WINDOW_CLOCK);

SM_SAMPLE(E, sample, SEMO_WINDOW_CLOCK)
{
}
