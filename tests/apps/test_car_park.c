/* SPDX-License-Identifier: Apache-2.0 */
/* VIO_P1 alone, compiled for the host, behind a network that loses and delays: it counts a stay
 * only when a car stood for more than MAX ticks, and every one that the messages that arrived
 * prove. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SENSOR VIO_P1
#include "apps/car-park/modules/vio_sensor.c"

#define STAYS_MAX 4096

static uint32_t said; /* by the sensor */

enum semo_status semo_output(const struct semo_output_record *output, const void *data,
                             unsigned len)
{
    (void)output;
    assert_int_equal(len, NUMBER_LEN);
    said = get_u16(data);
    return SEMO_OK;
}

/* ---- the place and its driver ---- */

static uint32_t seed;

static unsigned draw(unsigned below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static struct {
    uint32_t moves;
    uint16_t session, tick;
    uint8_t occupied;
} place;

/* What the world knows of a stay: its ticks; and what of it has arrived. */
static struct {
    unsigned ticks;
    int first, last; /* ticks in it of the first and last message that arrived; -1: none */
} stays[STAYS_MAX];
static unsigned stay_count;

static void begin_stay(void)
{
    if (!place.occupied)
        return;
    assert_true(stay_count < STAYS_MAX);
    stays[stay_count].ticks = 0;
    stays[stay_count].first = stays[stay_count].last = -1;
    stay_count++;
}

static void deliver(bool arrives)
{
    uint8_t m[PLACE_LEN];
    if (!arrives)
        return;
    put_u16(m + PLACE_SESSION, place.session);
    put_u16(m + PLACE_MOVES, (uint16_t)place.moves);
    put_u16(m + PLACE_MOVES + 2, (uint16_t)(place.moves >> 16));
    put_u16(m + PLACE_TICK, place.tick);
    m[PLACE_OCCUPIED] = place.occupied;
    semo_input_place_in(m, sizeof m);
    if (!place.occupied)
        return;
    int at = (int)stays[stay_count - 1].ticks;
    if (stays[stay_count - 1].first < 0)
        stays[stay_count - 1].first = at;
    stays[stay_count - 1].last = at;
}

static void move(void)
{
    place.occupied = !place.occupied;
    place.moves++;
    begin_stay();
}

static void pass_tick(void)
{
    place.tick++;
    if (place.occupied)
        stays[stay_count - 1].ticks++;
}

/* A reset of the driver's node: another session, the car is where it was. */
static void reset(void)
{
    place.session = (uint16_t)(place.session + 2);
    place.moves = 0;
    place.tick = (uint16_t)draw(65536);
    begin_stay();
}

/* ---- */

static void check(void)
{
    unsigned long_enough = 0, proven = 0;
    for (unsigned i = 0; i < stay_count; i++) {
        long_enough += stays[i].ticks > MAX;
        proven += stays[i].last - stays[i].first > MAX;
    }
    assert_int_equal(said, proven);
    assert_true(said <= long_enough);
}

static void only_proven_stays_are_counted(void **state)
{
    (void)state;
    const char *given = getenv("SEMO_SEED"), *soak = getenv("SOAK");
    unsigned first = given ? (unsigned)strtoul(given, NULL, 0) : 1, events = 0;
    printf("# SEMO_SEED=%u\n", first);
    for (unsigned run = 0; run < (soak ? 20000u : 200u); run++) {
        seed = first + run;
        said = overstays = counted = 0;
        memset(stay, 0, sizeof stay);
        stay_count = 0;
        memset(&place, 0, sizeof place);
        place.session = 1;
        place.tick = (uint16_t)draw(65536);
        unsigned loss = draw(100);
        for (unsigned i = 0; i < 1000; i++, events++) {
            unsigned what = draw(100);
            if (what < 60)
                pass_tick();
            else if (what < 98)
                move();
            else
                reset();
            deliver(draw(100) >= loss);
            check();
        }
    }
    printf("# %u events\n", events);
}

/* Nobody hears of 2^16 moves, after which the count of a smaller one would be what it was. */
static void unheard_moves_are_no_stay(void **state)
{
    (void)state;
    said = overstays = 0;
    memset(stay, 0, sizeof stay);
    stay_count = 0;
    memset(&place, 0, sizeof place);
    place.session = 1;
    move();
    deliver(true);
    for (unsigned i = 0; i < 65536; i++)
        place.moves++;
    for (unsigned i = 0; i < 10; i++)
        place.tick++;
    deliver(true);
    assert_int_equal(said, 0);
}

static void other_lengths_are_ignored(void **state)
{
    (void)state;
    uint8_t m[PLACE_LEN] = {1, 0, 1};
    overstays = 0;
    said = 77;
    for (unsigned len = 0; len < PLACE_LEN; len++)
        semo_input_place_in(m, len);
    assert_int_equal(said, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_proven_stays_are_counted),
        cmocka_unit_test(unheard_moves_are_no_stay),
        cmocka_unit_test(other_lengths_are_ignored),
    };
    return cmocka_run_group_tests_name("car park", tests, NULL, NULL);
}
