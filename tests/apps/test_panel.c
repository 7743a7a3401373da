/* SPDX-License-Identifier: Apache-2.0 */
/* GATE alone, compiled for the host: two takers, of whom one is an attacker or both are, say
 * whatever they can; the panel is its taker's until it lets go or the panel's owner frees it.
 * SEMO_SEED, SEMO_ROUNDS. */
#include <stdbool.h>
#include <semo/module.h>
#include "tests/lib/support.h"

static _Alignas(8) uint8_t device[256]; /* where the registers would be */
#undef SEMO_WINDOW_REG
#define SEMO_WINDOW_REG(window, name) ((uintptr_t)(device + (name)))
#define DRIVER                        GATE
#include "apps/car-park/modules/panel_driver.c"

enum { TEXT_LEN = 2 * SEMO_PANEL_COLUMNS, ROUNDS = 100000 };

static uint64_t seed;
static unsigned rounds;

static unsigned any(unsigned below)
{
    return (unsigned)(test_random(&seed) % below);
}

/* Mostly what means something. Letters of its own, so that it shows who wrote. */
static unsigned compose(uint8_t port, uint8_t *message)
{
    unsigned len = any(4) ? 1 : any(1 + PANEL_TEXT + 1);
    message[0] = (uint8_t)(any(8) ? any(4) : any(256));
    memset(message + 1, port == FIRST ? 'a' : 'b', PANEL_TEXT);
    return len;
}

static bool shows(char letter)
{
    return memchr(device + SEMO_PANEL_TEXT, letter, TEXT_LEN) != NULL;
}

static void o4_a_panel_is_its_takers(void **state)
{
    uint8_t message[1 + PANEL_TEXT], before[sizeof device];
    unsigned takes = 0, attempts = 0, freed = 0;
    uint8_t owner = NOBODY; /* as the world sees it */
    (void)state;
    for (unsigned i = 0; i < rounds; i++) {
        const uint8_t port = any(2) ? FIRST : SECOND;
        unsigned len = compose(port, message);
        if (any(50) == 0) {
            semo_input_free_in(message, any(2));
            owner = REG(SEMO_PANEL_LAMPS) ? owner : NOBODY;
            freed += owner == NOBODY;
            continue;
        }
        memcpy(before, device, sizeof before);
        (port == FIRST ? semo_input_first_in : semo_input_second_in)(message, len);
        if (owner != NOBODY && owner != port) {
            attempts++;
            assert_memory_equal(before, device, sizeof before);
            continue;
        }
        const bool takes_it = owner == NOBODY && len == 1 && message[0] == PANEL_TAKE,
                   leaves_it = owner == port && len == 1 && message[0] == PANEL_RELEASE;
        takes += takes_it;
        owner = takes_it ? port : leaves_it ? NOBODY : owner;
        assert_int_equal(REG(SEMO_PANEL_LAMPS), owner);
        assert_false(shows(owner == FIRST ? 'b' : 'a') || (owner == NOBODY && shows('b')));
    }
    printf("# o4: taken %u times, freed %u times, %u attempts of the other\n", takes, freed,
           attempts);
    assert_true(takes > rounds / 1000 && attempts > rounds / 10 && freed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(o4_a_panel_is_its_takers)};
    seed = test_seed();
    rounds = (unsigned)test_env("SEMO_ROUNDS", ROUNDS);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
