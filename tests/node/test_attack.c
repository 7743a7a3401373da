/* SPDX-License-Identifier: Apache-2.0 */
/* Two attackers, one behind the other, between senders and receivers that cannot be deceived: what
 * they count as accepted must be nothing, whatever one does to what the other did. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/bytes/cursor.h"
#include "tests/attack/hostile_em/attack.h"

#define CONNECTIONS 8
#define EVENT_LEN   32

static struct semo_attack out, in;
static unsigned counters[SEMO_COUNTERS];
static uint64_t last[CONNECTIONS + 4];
static unsigned arrived;
static uint8_t sent[CONNECTIONS + 4][64][EVENT_LEN]; /* the latest of each connection */

void semo_em_count(enum semo_counter which)
{
    counters[which]++;
}

static enum semo_status receive(uint8_t *event, unsigned len)
{
    const unsigned connection = event[0];
    struct semo_cursor c = semo_cursor_from(event + 4, 8);
    const uint64_t sequence = semo_cursor_u64(&c);
    if (len != EVENT_LEN || connection > CONNECTIONS || !connection || sequence <= last[connection])
        return SEMO_STALE;
    if (memcmp(event, sent[connection][sequence % 64], len) != 0)
        return SEMO_REFUSED;
    last[connection] = sequence;
    arrived++;
    return SEMO_OK;
}

/* The line: from the outbound attacker of one node to the inbound one of the next. */
static enum semo_status carry(uint8_t *event, unsigned len)
{
    uint8_t copy[SEMO_ATTACK_EVENT_MAX];
    memcpy(copy, event, len);
    semo_attack_event(&in, copy, len, receive);
    return SEMO_EMPTY;
}

static void nothing_false_is_counted_as_accepted(void **state)
{
    (void)state;
    const char *given = getenv("SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 0) : 1;
    const unsigned events = getenv("SOAK") ? 10000000 : 300000;
    printf("# SEED=%u\n", seed);
    semo_attack_start(&out, 0, (uint16_t)seed);
    semo_attack_start(&in, 0, (uint16_t)(seed * 31 + 7));
    in.inbound = 1;
    for (uint64_t i = 1; i <= events; i++) {
        uint8_t event[SEMO_ATTACK_EVENT_MAX];
        seed = seed * 1664525 + 1013904223;
        const uint8_t connection = (uint8_t)(1 + (seed >> 16) % CONNECTIONS);
        struct semo_cursor c = semo_cursor_over(event, EVENT_LEN);
        semo_cursor_put_u16(&c, connection);
        semo_cursor_put_u16(&c, SEMO_DOMAIN_EVENT);
        semo_cursor_put_u64(&c, i);
        for (unsigned k = 12; k < EVENT_LEN; k++)
            event[k] = (uint8_t)(seed >> (k % 24));
        memcpy(sent[connection][i % 64], event, EVENT_LEN);
        semo_attack_event(&out, event, EVENT_LEN, carry);
    }
    printf("# %u events, %u arrived; dropped %u, replayed %u, forged %u, corrupted %u\n", events,
           arrived, counters[SEMO_COUNT_DROPPED], counters[SEMO_COUNT_REPLAYED],
           counters[SEMO_COUNT_FORGED], counters[SEMO_COUNT_CORRUPTED]);
    for (unsigned which = SEMO_COUNT_DROPPED; which <= SEMO_COUNT_CORRUPTED; which++)
        assert_true(counters[which] > events / 30);
    assert_in_range(arrived, events / 2, events - events / 30);
    assert_int_equal(counters[SEMO_COUNT_ACCEPTED], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_false_is_counted_as_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
