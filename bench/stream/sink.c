/* SPDX-License-Identifier: Apache-2.0 */
/* SINK: counts what it hears. */
#include <semo/module.h>

static uint8_t SM_DATA(SINK) heard;

SM_INPUT(SINK, in, data, len)
{
    (void)data;
    (void)len;
    heard++;
}

SM_HANDLER(SINK, count, data, len)
{
    (void)len;
    data[0] = heard;
    return 1;
}
