/* SPDX-License-Identifier: Apache-2.0 */
/* ECHO: sends each event back as it came; answers a question with its bytes plus one. */
#include <semo/module.h>

SM_OUTPUT(ECHO, echo_out);

SM_INPUT(ECHO, echo_in, data, len)
{
    echo_out(data, len);
}

SM_HANDLER(ECHO, ask, data, len)
{
    for (unsigned i = 0; i < len; i++)
        data[i]++;
    return len;
}
