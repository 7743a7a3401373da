/* SPDX-License-Identifier: Apache-2.0 */
/* SAY: an order that counts for as many seconds as its first byte says. */
#include <semo/module.h>

SM_CLOCK(SAY);
SM_OUTPUT_UNTIL(SAY, order_out);
SM_OUTPUT_MAX(SAY, status_out, 1);

SM_INPUT(SAY, order_in, data, len)
{
    uint8_t status = SEMO_MALFORMED;
    if (len)
        status = (uint8_t)order_out(data + 1, len - 1, data[0]);
    status_out(&status, 1);
}
