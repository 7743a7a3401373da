/* SPDX-License-Identifier: Apache-2.0 */
/* ANSWER: says each byte of a question plus one, and counts what else it hears. */
#include <semo/module.h>

SM_QUEUE(ANSWER, 1400);

static uint8_t SM_DATA(ANSWER) told, lines;

SM_HANDLER_MAX(ANSWER, question, data, len, 1024)
{
    for (unsigned i = 0; i < len; i++)
        data[i]++;
    return len;
}

SM_HANDLER(ANSWER, heard, data, len)
{
    (void)len;
    data[0] = told;
    data[1] = lines;
    return 2;
}

SM_INPUT_MAX(ANSWER, tell_in, data, len, 1024)
{
    (void)data;
    (void)len;
    told++;
}

SM_INPUT_MAX(ANSWER, line_in, data, len, 1024)
{
    (void)data;
    (void)len;
    lines++;
}
