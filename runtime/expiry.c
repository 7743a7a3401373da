/* SPDX-License-Identifier: Apache-2.0 */
/* Events that expire: the sender stamps the last second in which they count, the receiver judges.
 * Both by time that they asked the clock driver for themselves (lib/channel/time.h). Linked only
 * into modules that declare SM_CLOCK. */
#include "lib/channel/time.h"
#include "runtime/runtime.h"

uint8_t semo_until[4]; /* of the event that is being sent; 0 = none */

uint16_t semo_turn;

static struct semo_time known;
static uint32_t asked;
static uint16_t asked_in, known_in; /* the units come round: in which turn */

static uint32_t get_u32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put_until(uint32_t utc)
{
    for (unsigned i = 0; i < 4; i++, utc >>= 8)
        semo_until[i] = (uint8_t)utc;
}

/* A time of another turn is none. */
static uint32_t units(void)
{
    uint32_t now = semo_units();
    if (semo_turn != known_in)
        known.utc = 0;
    return now;
}

void semo_clock_ask(void)
{
    static const uint8_t nothing;
    const struct semo_clock_record *clock = semo_clock;
    uint32_t now = semo_units();
    if (clock >= semo_clock_end || semo_request(clock->ask, &nothing, 0) != SEMO_OK)
        return;
    asked = now;
    asked_in = semo_turn;
}

void semo_clock_hear(enum semo_status status, const uint8_t *data, unsigned len)
{
    if (status == SEMO_OK && len == 4 &&
        semo_time_set(&known, get_u32(data), asked, semo_units()) == SEMO_OK)
        known_in = asked_in; /* else asked again when somebody wants to know */
}

enum semo_status semo_expiry_judge(const uint8_t *until)
{
    uint32_t now = units();
    if (semo_time_is_old(&known, now))
        semo_clock_ask();
    return semo_time_judge(&known, now, get_u32(until));
}

enum semo_status semo_output_until(const struct semo_output_record *output, const void *data,
                                   unsigned len, unsigned seconds)
{
    uint32_t now = units(), utc;
    enum semo_status status;
    if (semo_time_is_old(&known, now))
        semo_clock_ask();
    status = semo_time_earliest(&known, now, &utc);
    if (status != SEMO_OK)
        return status;
    put_until(utc + seconds);
    status = semo_output(output, data, len);
    put_until(0);
    return status;
}
