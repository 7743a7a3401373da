/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a number, one more each time it is asked to. */
#include <semo/module.h>

SM_OUTPUT_MAX(source, number, 2);
SM_DATA(source) static uint16_t last;

SM_ENTRY(source, next, data, len)
{
    (void)data, (void)len;
    last++;
    number(&last, sizeof last);
    return 0;
}
