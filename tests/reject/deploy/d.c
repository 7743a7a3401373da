/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_DRIVER(D, SEMO_WINDOW_CLOCK);

SM_SAMPLE(D, sample, SEMO_WINDOW_CLOCK)
{
}
