/* SPDX-License-Identifier: Apache-2.0 */
/* Where events go. Whatever comes from a module or from the link passes one of these two functions
 * (tests/attack/hostile_em puts itself in front of them). */
#include "node/mcu/firmware.h"

void semo_em_count(enum semo_counter which)
{
    semo_table.counters[which]++;
}

static struct semo_route *route_of(uint8_t *event)
{
    semo_table.in = (struct semo_cursor){event, 2, false};
    return semo_route_find(semo_cursor_u16(&semo_table.in));
}

static enum semo_status deliver(uint8_t *event, unsigned len)
{
    const struct semo_route *r = route_of(event);
    if (!r) {
        semo_em_count(SEMO_COUNT_UNROUTABLE);
        return SEMO_UNKNOWN;
    }
    semo_em_count(SEMO_COUNT_EVENTS_IN);
    uint16_t answer = len;
    const enum semo_status status = semo_module_call(r->module, SEMO_ENTRY_INPUT, event, &answer);
    if (status)
        semo_em_count(SEMO_COUNT_REFUSED);
    return status;
}

enum semo_status semo_em_route(uint8_t *event, unsigned len)
{
    if (route_of(event))
        return deliver(event, len);
    *--event = SEMO_FRAME_EVENT;
    semo_link_send(event, len + 1);
    return SEMO_EMPTY;
}

enum semo_status semo_em_deliver(uint8_t *event, unsigned len)
{
    return deliver(event, len);
}
