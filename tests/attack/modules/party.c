/* SPDX-License-Identifier: Apache-2.0 */
/* One end of connections of every policy. It keeps account of what its author is told. */
#include <semo/module.h>

#ifndef PARTY /* two of them in one application: -DPARTY=name */
#define PARTY party
#endif

enum { OK, GAP, UNKNOWN, TIMEOUT, ENDS };
enum { HEARD, OTHERS, ANSWERED, TOLD, COUNTS = TOLD + ENDS, LOG = 24 };

static SM_DATA(PARTY) uint8_t count[COUNTS];
static SM_DATA(PARTY) uint8_t heard[LOG], answers[LOG];

static void SM_FUNC(PARTY) tell(enum semo_status status)
{
    switch (status) {
    case SEMO_OK:
        count[TOLD + OK]++;
        break;
    case SEMO_GAP:
        count[TOLD + GAP]++;
        break;
    case SEMO_TIMEOUT:
        count[TOLD + TIMEOUT]++;
        break;
    default:
        count[TOLD + UNKNOWN]++;
    }
}

SM_QUEUE(PARTY, 700);
SM_OUTPUT_MAX(PARTY, plain, 8);
SM_OUTPUT_RESULT_MAX(PARTY, orderly, status, 8)
{
    tell(status);
}
SM_OUTPUT_RESULT_MAX(PARTY, surely, status, 8)
{
    tell(status);
}
SM_REQUEST_MAX(PARTY, ask, status, data, len, 8)
{
    if (status == SEMO_OK && len)
        answers[count[TOLD + OK] % LOG] = data[0];
    tell(status);
}

SM_INPUT_MAX(PARTY, hear, data, len, 8)
{
    heard[count[HEARD] % LOG] = len ? data[0] : 0;
    count[HEARD]++;
}

SM_INPUT_MAX(PARTY, other, data, len, 8)
{
    (void)data;
    (void)len;
    count[OTHERS]++;
}

SM_HANDLER_MAX(PARTY, answer, data, len, 8)
{
    count[ANSWERED]++;
    if (len && data[0] == 0xEE)
        return 200; /* more than it may */
    if (len)
        data[0] ^= 0x55;
    return len;
}

/* which output | body -> status */
SM_ENTRY(PARTY, say, data, len)
{
    enum semo_status status = SEMO_UNKNOWN;
    if (len && data[0] == 0)
        status = plain(data + 1, len - 1);
    if (len && data[0] == 1)
        status = orderly(data + 1, len - 1);
    if (len && data[0] == 2)
        status = surely(data + 1, len - 1);
    if (len && data[0] == 3)
        status = ask(data + 1, len - 1);
    data[0] = (uint8_t)status;
    return 1;
}

SM_ENTRY(PARTY, drop, data, len)
{
    (void)data;
    (void)len;
    SM_CANCEL(ask);
    return 0;
}

SM_ENTRY(PARTY, tally, data, len)
{
    unsigned i;
    (void)len;
    for (i = 0; i < COUNTS; i++)
        data[i] = count[i];
    for (i = 0; i < LOG; i++) {
        data[COUNTS + i] = heard[i];
        data[COUNTS + LOG + i] = answers[i];
    }
    return COUNTS + 2 * LOG;
}
