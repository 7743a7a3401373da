/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(bundle, start);
SM_OUTPUT(bundle, report);

static uint8_t parts;

SM_INPUT(bundle, begin, data, len)
{
    (void)start(data, len);
}

SM_INPUT(bundle, part, data, len)
{
    (void)data, (void)len;
    parts++;
}

SM_INPUT(bundle, done, data, len)
{
    (void)data, (void)len;
    (void)report(&parts, 1);
}

SM_HANDLER(bundle, fetch, data, len)
{
    (void)len;
    data[0] = parts;
    return 1;
}
