/* SPDX-License-Identifier: Apache-2.0 */
/* PONG: sends each byte back plus one. */
#include <semo/module.h>

SM_OUTPUT(PONG, pong_out);

static uint8_t SM_DATA(PONG) answer[SEMO_PAYLOAD_DEFAULT];

SM_INPUT(PONG, ping_in, data, len)
{
    for (unsigned i = 0; i < len; i++)
        answer[i] = (uint8_t)(data[i] + 1);
    pong_out(answer, len);
}
