/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest module with an event in each direction, for bench/bench_events.c. */
#include <semo/module.h>

SM_OUTPUT_MAX(events, out, 2);

static SM_DATA(events) uint16_t seen;

SM_INPUT_MAX(events, in, data, len, 2)
{
    seen = len ? data[0] : 0;
}

SM_SAMPLE(events, send, SEMO_WINDOW_CLOCK)
{
    static const uint16_t body = 0x55AA;
    out(&body, sizeof body);
}

SM_SAMPLE(events, nothing, SEMO_WINDOW_CLOCK)
{
}
