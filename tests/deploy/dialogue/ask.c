/* SPDX-License-Identifier: Apache-2.0 */
/* ASK: what the deployer says becomes a request, an acknowledged or a strict event; the answer goes
 * back as it is, and what became of each as two bytes. */
#include <semo/module.h>

enum { REQUEST, TELL, LINE };

SM_OUTPUT_MAX(ASK, answer_out, 1024);
SM_OUTPUT_MAX(ASK, status_out, 2);
SM_QUEUE(ASK, 2400);

static void SM_FUNC(ASK) told(uint8_t what, enum semo_status status)
{
    uint8_t m[2];
    m[0] = what;
    m[1] = (uint8_t)status;
    status_out(m, sizeof m);
}

SM_REQUEST_MAX(ASK, question, status, data, len, 1024)
{
    told(REQUEST, status);
    if (status == SEMO_OK)
        answer_out(data, len);
}

SM_OUTPUT_RESULT_MAX(ASK, tell_out, status, 1024)
{
    told(TELL, status);
}

SM_OUTPUT_RESULT_MAX(ASK, line_out, status, 1024)
{
    told(LINE, status);
}

static void SM_FUNC(ASK) refused(uint8_t what, enum semo_status status)
{
    if (status != SEMO_OK)
        told(0x80 | what, status);
}

SM_INPUT_MAX(ASK, ask_in, data, len, 1024)
{
    refused(REQUEST, question(data, len));
}

SM_INPUT_MAX(ASK, tell_in, data, len, 1024)
{
    refused(TELL, tell_out(data, len));
}

SM_INPUT_MAX(ASK, line_in, data, len, 1024)
{
    refused(LINE, line_out(data, len));
}

SM_INPUT(ASK, cancel_in, data, len)
{
    (void)data;
    (void)len;
    SM_CANCEL(question);
}
