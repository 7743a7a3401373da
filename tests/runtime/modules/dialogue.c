/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is answered, repeated or expires; counts what its author is told. */
#include <semo/module.h>

SM_CLOCK(dialogue);
SM_OUTPUT_UNTIL(dialogue, order_out);
SM_QUEUE(dialogue, 600);

static SM_DATA(dialogue) uint8_t seen[16];

enum { ANSWERED, ANSWER, TOLD, LINED, HEARD, ORDERS };

SM_REQUEST(dialogue, question, status, data, len)
{
    seen[ANSWERED] = (uint8_t)(0x40 + status);
    seen[ANSWER] = len ? data[0] : 0;
}

SM_OUTPUT_RESULT(dialogue, tell, status)
{
    seen[TOLD] = (uint8_t)(0x40 + status);
}

SM_OUTPUT_RESULT(dialogue, line, status)
{
    seen[LINED] = (uint8_t)(0x40 + status);
}

SM_HANDLER(dialogue, reply, data, len)
{
    for (unsigned i = 0; i < len; i++)
        data[i]++;
    return len;
}

SM_INPUT(dialogue, hear, data, len)
{
    (void)data;
    (void)len;
    seen[HEARD]++;
}

SM_INPUT(dialogue, order, data, len)
{
    (void)data;
    (void)len;
    seen[ORDERS]++;
}

/* 0 ask, 1 tell, 2 line, 3 cancel, 4 order that counts for data[1] seconds */
SM_ENTRY(dialogue, act, data, len)
{
    enum semo_status status = SEMO_OK;
    if (data[0] == 0)
        status = question(data + 1, len - 1);
    else if (data[0] == 1)
        status = tell(data + 1, len - 1);
    else if (data[0] == 2)
        status = line(data + 1, len - 1);
    else if (data[0] == 3)
        SM_CANCEL(question);
    else
        status = order_out(data + 2, len - 2, data[1]);
    data[0] = (uint8_t)status;
    return 1;
}

/* What was seen since the last time. */
SM_ENTRY(dialogue, show, data, len)
{
    (void)len;
    for (unsigned i = 0; i < sizeof seen; i++) {
        data[i] = seen[i];
        seen[i] = 0;
    }
    return sizeof seen;
}
