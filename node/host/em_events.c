/* SPDX-License-Identifier: Apache-2.0 */
/* Where events go. Whatever comes from a module or from the network passes one of the two functions
 * at the end (tests/attack/hostile_em puts itself in front of them). */
#include "node/host/em.h"

void semo_em_count(enum semo_counter which)
{
    semo_em_table->counters[which]++;
}

/* The module that an event of this connection is for; 0: none here. */
static uint16_t receiver_of(const uint8_t *event, unsigned len)
{
    struct semo_cursor c = semo_cursor_from(event, len);
    const uint16_t connection = semo_cursor_u16(&c);
    return connection ? semo_em_table->routes[connection] : 0;
}

static enum semo_status deliver(const uint8_t *event, unsigned len)
{
    const uint16_t module = receiver_of(event, len);
    if (!module) {
        semo_em_count(SEMO_COUNT_UNROUTABLE);
        return SEMO_UNKNOWN;
    }
    semo_em_count(SEMO_COUNT_EVENTS_IN);
    semo_calls_post(module, SEMO_ENTRY_INPUT, event, len);
    return SEMO_OK;
}

enum semo_status semo_em_deliver(uint8_t *event, unsigned len)
{
    return deliver(event, len);
}

enum semo_status semo_em_route(uint8_t *event, unsigned len)
{
    if (receiver_of(event, len))
        return deliver(event, len);
    *--event = SEMO_FRAME_EVENT;
    semo_link_send(event, len + 1);
    return SEMO_EMPTY;
}
