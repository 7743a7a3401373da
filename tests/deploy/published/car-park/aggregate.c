/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(aggregate, count);

static uint8_t places;

SM_INPUT(aggregate, taken, data, len)
{
    (void)data, (void)len;
    places++;
    (void)count(&places, 1);
}
