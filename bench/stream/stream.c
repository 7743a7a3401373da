/* SPDX-License-Identifier: Apache-2.0 */
/* STREAM: fills its queue at one word of the deployer. */
#include <semo/module.h>

SM_OUTPUT(STREAM, out);
SM_QUEUE(STREAM, 6000);

static uint8_t SM_DATA(STREAM) block[SEMO_PAYLOAD_DEFAULT];

SM_INPUT(STREAM, go, data, len)
{
    (void)data;
    (void)len;
    while (out(block, sizeof block) == SEMO_OK)
        block[0]++;
}
