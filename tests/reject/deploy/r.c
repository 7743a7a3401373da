/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_DRIVER(R, SEMO_WINDOW_RELAY);

SM_SAMPLE(R, sample, SEMO_WINDOW_RELAY)
{
}
