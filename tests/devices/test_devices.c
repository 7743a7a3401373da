/* SPDX-License-Identifier: Apache-2.0 */
/* Metering front end, clock, relay, HAN port, random words, epochs, event flags. */
#include "tests/devices/rig.h"

#define HZ ((uint64_t)SEMO_CLOCK_HZ)
#define MS (HZ / 1000)

static uint64_t energy(struct rig *r)
{
    uint64_t ws = rig_read(r, SEMO_METERING_ENERGY);
    for (unsigned i = 1; i < 4; i++)
        ws |= (uint64_t)rig_read(r, SEMO_METERING_ENERGY + 2 * i) << 16 * i;
    return ws;
}

/* ---- metering ---- */

static const struct semo_supply house = {
    .power_w = 70000,
    .reactive_var = -418,
    .voltage_10mv = 23484,
    .current_10ma = 1840,
    .frequency_10mhz = 5000,
};

static void test_metering_registers(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_metering_new());
    semo_metering_supply(r.device, &house, 0);
    rig_advance(&r, 10 * HZ);
    assert_int_equal(r.ticks, 10);
    assert_int_equal(rig_events(&r), 1 << SEMO_WINDOW_METERING);
    assert_int_equal(rig_read(&r, SEMO_METERING_POWER), 0); /* nothing latched yet */
    assert_int_equal(energy(&r), 700000);
    assert_int_equal(rig_read32(&r, SEMO_METERING_POWER), 70000);
    assert_int_equal(rig_read(&r, SEMO_METERING_VOLTAGE), 23484);
    assert_int_equal(rig_read(&r, SEMO_METERING_CURRENT), 1840);
    assert_int_equal((int16_t)rig_read(&r, SEMO_METERING_REACTIVE), -418);
    assert_int_equal(rig_read(&r, SEMO_METERING_FREQUENCY), 5000);
    assert_int_equal(rig_read(&r, SEMO_METERING_TICKS), 10);
    semo_machine_free(r.machine);
}

static void test_metering_latch_is_one_moment(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_metering_new());
    semo_metering_supply(r.device, &house, 0);
    rig_advance(&r, HZ);
    rig_read(&r, SEMO_METERING_ENERGY);
    semo_metering_contact(r.device, false, HZ);
    rig_advance(&r, 3 * HZ);
    assert_int_equal(rig_read32(&r, SEMO_METERING_POWER), 70000);
    assert_int_equal(rig_read(&r, SEMO_METERING_TICKS), 1);
    assert_int_equal(energy(&r), 70000);
    assert_int_equal(rig_read32(&r, SEMO_METERING_POWER), 0);
    assert_int_equal(rig_read(&r, SEMO_METERING_VOLTAGE), 0);
    assert_int_equal(rig_read(&r, SEMO_METERING_CURRENT), 0);
    semo_machine_free(r.machine);
}

static void test_metering_reset_loses_no_energy(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_metering_new());
    semo_metering_supply(r.device, &house, 0);
    rig_advance(&r, HZ / 2);
    r.device->class->reset(r.device, r.now);
    rig_advance(&r, HZ);
    assert_int_equal(rig_read(&r, SEMO_METERING_VOLTAGE), 0); /* safe state: nothing latched */
    assert_int_equal(energy(&r), 70000);
    semo_machine_free(r.machine);
}

/* A million watts for 200 years fit; so does the largest power for the longest gap between looks.
 */
static void test_metering_does_not_overflow(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_metering_new());
    const struct semo_supply all = {.power_w = UINT32_MAX};
    semo_metering_supply(r.device, &all, 0);
    r.now = 100000 * HZ + HZ - 1;
    const unsigned __int128 cycles = (unsigned __int128)UINT32_MAX * r.now;
    assert_true(energy(&r) == (uint64_t)(cycles / HZ));
    semo_machine_free(r.machine);
}

/* Random changes, announced early or on time, against the sum of every watt-cycle. */
static void test_metering_is_exact(void **state)
{
    (void)state;
    uint32_t seed = rig_seed();
    struct rig r = rig_with(semo_metering_new());
    unsigned __int128 sum = 0;
    uint64_t since = 0;
    uint32_t power = 0;
    bool closed = true;
    for (unsigned i = 0; i < 20000; i++) {
        const uint64_t at = r.now + rig_random(&seed) % (3 * HZ);
        if (rig_random(&seed) % 2)
            rig_advance(&r, r.now + (at - r.now) / 2);
        sum += (unsigned __int128)(closed ? power : 0) * (at - since);
        since = at;
        if (rig_random(&seed) % 4) {
            const struct semo_supply s = {.power_w = power = rig_random(&seed) % 30000};
            semo_metering_supply(r.device, &s, at);
        } else {
            semo_metering_contact(r.device, closed = !closed, at);
        }
        rig_advance(&r, at);
        if (rig_random(&seed) % 2)
            assert_true(energy(&r) == (uint64_t)(sum / HZ));
    }
    assert_true(energy(&r) == (uint64_t)(sum / HZ));
    assert_true(energy(&r) > 1000000);
    semo_machine_free(r.machine);
}

static void test_metering_changes_wait_for_their_cycle(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_metering_new());
    struct semo_supply s = {.power_w = 1000};
    semo_metering_contact(r.device, false, 5 * HZ); /* told in the wrong order */
    semo_metering_supply(r.device, &s, 1 * HZ);
    s.power_w = 3000;
    semo_metering_supply(r.device, &s, 3 * HZ);
    rig_advance(&r, 10 * HZ);
    assert_int_equal(energy(&r), 2 * 1000 + 2 * 3000);
    semo_machine_free(r.machine);
}

/* Told late, as when one long instruction hides the change, but before software looks. */
static void test_metering_changes_told_late(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_metering_new());
    semo_metering_supply(r.device, &house, 0);
    rig_advance(&r, 10 * HZ);
    semo_metering_contact(r.device, false, 4 * HZ);
    assert_int_equal(energy(&r), 4 * 70000);
    semo_machine_free(r.machine);
}

/* ---- clock ---- */

static void test_clock_ticks(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_clock_new(0x4583FFFE));
    rig_advance(&r, HZ - 1);
    assert_int_equal(rig_events(&r), 0);
    assert_int_equal(rig_read32(&r, SEMO_CLOCK_UTC), 0x4583FFFE);
    rig_advance(&r, HZ);
    assert_int_equal(rig_events(&r), 1 << SEMO_WINDOW_CLOCK);
    const uint16_t low = rig_read(&r, SEMO_CLOCK_UTC);
    rig_advance(&r, 2 * HZ); /* carries into the high word between the two reads */
    assert_int_equal(low, 0xFFFF);
    assert_int_equal(rig_read(&r, SEMO_CLOCK_UTC + 2), 0x4583);
    assert_int_equal(rig_read(&r, SEMO_CLOCK_TICKS), 1);
    assert_int_equal(rig_read32(&r, SEMO_CLOCK_UTC), 0x45840000);
    assert_int_equal(rig_read(&r, SEMO_CLOCK_TICKS), 2);
    semo_machine_free(r.machine);
}

static void test_clock_set_restarts_the_second(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_clock_new(100));
    rig_advance(&r, HZ + HZ / 2);
    semo_clock_set(r.device, 1166286240, r.now);
    assert_int_equal(semo_clock_utc(r.device, r.now + HZ - 1), 1166286240);
    assert_int_equal(semo_clock_utc(r.device, r.now + HZ), 1166286241);
    assert_int_equal(semo_clock_utc(r.device, r.now + 5 * HZ), 1166286245);
    rig_events(&r);
    rig_advance(&r, 2 * HZ + HZ / 2 - 1);
    assert_int_equal(rig_events(&r), 0);
    rig_advance(&r, 2 * HZ + HZ / 2);
    assert_int_equal(rig_events(&r), 1 << SEMO_WINDOW_CLOCK);
    assert_int_equal(rig_read32(&r, SEMO_CLOCK_UTC), 1166286241);
    semo_machine_free(r.machine);
}

/* ---- relay ---- */

static struct {
    unsigned count;
    bool closed;
    uint64_t at;
} contact;

static void moved(void *context, bool closed, uint64_t at)
{
    assert_ptr_equal(context, &contact);
    contact.count++;
    contact.closed = closed;
    contact.at = at;
}

static struct rig relay_rig(bool closed)
{
    memset(&contact, 0, sizeof contact);
    return rig_with(semo_relay_new(closed, moved, &contact));
}

static void test_relay_at_rest_costs_nothing(void **state)
{
    (void)state;
    struct rig r = relay_rig(true);
    assert_true(r.device->class->next(r.device) == UINT64_MAX);
    rig_advance(&r, 1000 * HZ);
    assert_int_equal(rig_read(&r, SEMO_RELAY_CONTACT), 1);
    assert_int_equal(rig_read(&r, SEMO_RELAY_STABLE), 65535);
    assert_int_equal(rig_read(&r, SEMO_RELAY_SINCE), 65535);
    assert_int_equal(rig_read(&r, SEMO_RELAY_COIL), 0);
    semo_machine_free(r.machine);
}

static void test_relay_opens(void **state)
{
    (void)state;
    struct rig r = relay_rig(true);
    rig_advance(&r, HZ);
    rig_write(&r, SEMO_RELAY_COIL, 2);
    rig_advance(&r, HZ + 10 * MS - 1);
    assert_int_equal(rig_read(&r, SEMO_RELAY_CONTACT), 1);
    assert_int_equal(rig_events(&r), 0);
    rig_advance(&r, HZ + 10 * MS);
    assert_int_equal(rig_read(&r, SEMO_RELAY_CONTACT), 0);
    assert_int_equal(rig_read(&r, SEMO_RELAY_STABLE), 0);
    assert_int_equal(rig_read(&r, SEMO_RELAY_SINCE), 10);
    assert_int_equal(rig_events(&r), 1 << SEMO_WINDOW_RELAY);
    assert_true(contact.count == 1 && !contact.closed && contact.at == HZ + 10 * MS);
    rig_advance(&r, HZ + 30 * MS - 1);
    assert_int_equal(rig_events(&r), 0);
    rig_advance(&r, HZ + 30 * MS);
    assert_int_equal(rig_read(&r, SEMO_RELAY_STABLE), 20);
    assert_int_equal(rig_events(&r), 1 << SEMO_WINDOW_RELAY);
    rig_advance(&r, HZ + 200 * MS - 1);
    assert_int_equal(rig_events(&r), 0);
    rig_advance(&r, HZ + 200 * MS);
    assert_int_equal(rig_events(&r), 1 << SEMO_WINDOW_RELAY);
    assert_true(r.device->class->next(r.device) == UINT64_MAX);
    semo_machine_free(r.machine);
}

static void test_relay_already_there_still_reports(void **state)
{
    (void)state;
    struct rig r = relay_rig(true);
    rig_write(&r, SEMO_RELAY_COIL, 1);
    rig_advance(&r, 200 * MS);
    assert_int_equal(r.ticks, 3);
    assert_int_equal(contact.count, 0);
    assert_int_equal(rig_read(&r, SEMO_RELAY_STABLE), 65535);
    semo_machine_free(r.machine);
}

static void test_relay_last_pulse_wins(void **state)
{
    (void)state;
    struct rig r = relay_rig(true);
    rig_write(&r, SEMO_RELAY_COIL, 2);
    rig_advance(&r, 5 * MS);
    rig_write(&r, SEMO_RELAY_COIL, 1);
    rig_advance(&r, HZ);
    assert_int_equal(contact.count, 0);
    assert_int_equal(rig_read(&r, SEMO_RELAY_CONTACT), 1);
    semo_machine_free(r.machine);
}

static void test_relay_ignores_other_values(void **state)
{
    (void)state;
    struct rig r = relay_rig(true);
    for (unsigned v = 0; v < 0x10000; v++)
        if (v != 1 && v != 2)
            rig_write(&r, SEMO_RELAY_COIL, v);
    rig_write(&r, SEMO_RELAY_CONTACT, 2);
    rig_write(&r, SEMO_RELAY_STABLE, 2);
    assert_true(r.device->class->next(r.device) == UINT64_MAX);
    semo_machine_free(r.machine);
}

static void test_relay_reset_cuts_the_coil(void **state)
{
    (void)state;
    struct rig r = relay_rig(true);
    rig_write(&r, SEMO_RELAY_COIL, 2);
    rig_advance(&r, 10 * MS - 1);
    r.device->class->reset(r.device, r.now);
    rig_advance(&r, HZ);
    assert_int_equal(contact.count, 0);
    assert_int_equal(r.ticks, 0);
    assert_int_equal(rig_read(&r, SEMO_RELAY_CONTACT), 1);
    assert_int_equal(rig_read(&r, SEMO_RELAY_SINCE), 65535);
    semo_machine_free(r.machine);
}

static void test_relay_welded(void **state)
{
    (void)state;
    struct rig r = relay_rig(true);
    semo_relay_stick(r.device, true);
    rig_write(&r, SEMO_RELAY_COIL, 2);
    rig_advance(&r, 200 * MS);
    assert_int_equal(contact.count, 0);
    assert_int_equal(rig_read(&r, SEMO_RELAY_CONTACT), 1);
    assert_int_equal(r.ticks, 3); /* the driver learns of it at 200 ms */
    rig_events(&r);
    semo_relay_stick(r.device, false); /* breaks loose: the armature is open */
    assert_true(contact.count == 1 && !contact.closed);
    assert_int_equal(contact.at, semo_machine_cycle(r.machine));
    assert_int_equal(rig_events(&r), 1 << SEMO_WINDOW_RELAY);
    assert_int_equal(rig_read(&r, SEMO_RELAY_CONTACT), 0);
    semo_machine_free(r.machine);
}

/* ---- HAN port ---- */

static unsigned han_count;
static uint64_t han_last;

static void han_sent(void *context, uint8_t byte, uint64_t at)
{
    assert_ptr_equal(context, &han_count);
    assert_int_equal(byte, (uint8_t)han_count);
    han_count++;
    han_last = at;
}

static void test_han_transmits(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_han_new(han_sent, &han_count));
    han_count = 0;
    assert_int_equal(rig_read(&r, SEMO_HAN_STATUS), 512);
    for (unsigned i = 0; i < 513; i++)
        rig_write(&r, SEMO_HAN_DATA, i);
    assert_int_equal(rig_read(&r, SEMO_HAN_STATUS), 0);
    rig_write(&r, SEMO_HAN_DATA, 0xFF); /* lost */
    assert_int_equal(han_count, 513);
    assert_int_equal(han_last, 513 * SEMO_LINK_BYTE_CYCLES);
    rig_advance(&r, 512 * SEMO_LINK_BYTE_CYCLES - 1);
    assert_int_equal(rig_events(&r), 0);
    rig_advance(&r, 512 * SEMO_LINK_BYTE_CYCLES);
    assert_int_equal(rig_events(&r), 1 << SEMO_WINDOW_HAN);
    assert_int_equal(rig_read(&r, SEMO_HAN_STATUS), 512);
    rig_advance(&r, HZ);
    assert_int_equal(r.ticks, 1);
    semo_machine_free(r.machine);
}

/* ---- buttons ---- */

static unsigned edges(struct rig *r, unsigned button)
{
    rig_read(r, SEMO_BUTTONS_LEVEL);
    return rig_read(r, SEMO_BUTTONS_EDGES(button));
}

static void test_buttons_debounce(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_buttons_new());
    semo_buttons_press(r.device, 3, true, 5 * MS);
    rig_advance(&r, 25 * MS - 1);
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_LEVEL), 0);
    assert_int_equal(rig_events(&r), 0);
    rig_advance(&r, 25 * MS);
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_LEVEL), 1 << 3);
    assert_int_equal(edges(&r, 3), 1);
    assert_int_equal(edges(&r, 2), 0);
    assert_int_equal(rig_events(&r), 1 << SEMO_WINDOW_BUTTONS);
    for (unsigned i = 0; i < 40; i++) /* bounces, and rests where it was */
        semo_buttons_press(r.device, 3, i % 2, (30 + i) * MS);
    rig_advance(&r, 200 * MS);
    assert_int_equal(edges(&r, 3), 1);
    assert_int_equal(rig_events(&r), 0);
    semo_buttons_press(r.device, 3, false, 300 * MS);
    semo_buttons_press(r.device, 3, false, 310 * MS); /* said twice: not later */
    rig_advance(&r, 320 * MS);
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_LEVEL), 0);
    assert_int_equal(edges(&r, 3), 2);
    assert_int_equal(rig_events(&r), 1 << SEMO_WINDOW_BUTTONS);
    semo_machine_free(r.machine);
}

static void test_buttons_latch_and_tick(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_buttons_new());
    semo_buttons_press(r.device, 7, true, HZ + 5 * MS);
    semo_buttons_press(r.device, 0, true, HZ - 20 * MS); /* told later, happens first */
    rig_advance(&r, HZ);
    assert_int_equal(rig_events(&r), 1 << SEMO_WINDOW_BUTTONS); /* a tick and a change */
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_LEVEL), 1);
    rig_advance(&r, 2 * HZ);
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_TICKS), 1);
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_EDGES(0)), 1);
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_EDGES(7)), 0);
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_LEVEL), 1 | 1 << 7);
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_TICKS), 2);
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_EDGES(7)), 1);
    r.device->class->reset(r.device, r.now); /* the next owner counts for itself */
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_TICKS), 0);
    assert_int_equal(edges(&r, 7), 0);
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_LEVEL), 1 | 1 << 7);
    assert_int_equal(rig_read(&r, SEMO_BUTTONS_TICKS), 2);
    semo_machine_free(r.machine);
}

/* More changes than wait: none is lost, in whatever order they were told. */
static void test_buttons_lose_no_press(void **state)
{
    (void)state;
    uint32_t seed = rig_seed();
    struct rig r = rig_with(semo_buttons_new());
    uint16_t wanted[SEMO_BUTTONS_COUNT] = {0};
    uint64_t at = 0;
    for (unsigned i = 0; i < 4 * SEMO_BUTTONS_AHEAD; i++) {
        unsigned n = rig_random(&seed) % SEMO_BUTTONS_COUNT;
        at += SEMO_BUTTONS_BOUNCE_CYCLES + rig_random(&seed) % HZ;
        semo_buttons_press(r.device, n, wanted[n]++ % 2 == 0, at);
        if (rig_random(&seed) % 4 == 0)
            rig_advance(&r, at);
    }
    rig_advance(&r, at + HZ);
    for (unsigned n = 0; n < SEMO_BUTTONS_COUNT; n++) {
        assert_int_equal(edges(&r, n), wanted[n]);
        assert_int_equal(rig_read(&r, SEMO_BUTTONS_LEVEL) >> n & 1, wanted[n] % 2);
    }
    semo_machine_free(r.machine);
}

/* ---- panel ---- */

static struct {
    unsigned count;
    uint8_t lamps;
    char text[SEMO_PANEL_CHARACTERS + 1];
    uint64_t at;
} eyes;

static void shown(void *context, uint8_t lamps, const char *text, uint64_t at)
{
    assert_ptr_equal(context, &eyes);
    eyes.count++;
    eyes.lamps = lamps;
    memcpy(eyes.text, text, SEMO_PANEL_CHARACTERS);
    eyes.at = at;
}

static struct rig panel_rig(void)
{
    memset(&eyes, 0, sizeof eyes);
    return rig_with(semo_panel_new(shown, &eyes));
}

static void panel_write(struct rig *r, unsigned at, char c)
{
    r->device->class->write(r->device, (uint16_t)(SEMO_PANEL_TEXT + (at & ~1u)),
                            (uint16_t)((uint8_t)c << (at & 1 ? 8 : 0)), at & 1 ? 2 : 1, r->now, 1);
}

static void test_panel_shows_all_at_once(void **state)
{
    (void)state;
    static const char text[] = "FREE 2          till 18:00    \x01 \xff";
    struct rig r = panel_rig();
    rig_advance(&r, HZ);
    for (unsigned i = 0; i < SEMO_PANEL_CHARACTERS; i++)
        panel_write(&r, i, text[i]);
    rig_write(&r, SEMO_PANEL_LAMPS, 0xFF05);
    assert_int_equal(rig_read(&r, SEMO_PANEL_LAMPS), 0);
    rig_write(&r, SEMO_PANEL_SHOW, 2);
    assert_int_equal(eyes.count, 0);
    rig_write(&r, SEMO_PANEL_SHOW, 1);
    assert_true(eyes.count == 1 && eyes.lamps == 5 && eyes.at == HZ);
    assert_string_equal(eyes.text, "FREE 2          till 18:00      ");
    assert_int_equal(rig_read(&r, SEMO_PANEL_LAMPS), 5);
    rig_write(&r, SEMO_PANEL_SHOW, 1); /* nothing is new */
    rig_write(&r, SEMO_PANEL_TEXT + 2, 'a' | 'b' << 8);
    assert_int_equal(eyes.count, 1);
    for (unsigned o = SEMO_PANEL_SHOW; o < r.device->size; o += 2)
        assert_int_equal(rig_read(&r, o), 0); /* write only */
    semo_machine_free(r.machine);
}

static void test_panel_reset_is_dark(void **state)
{
    (void)state;
    struct rig r = panel_rig();
    r.device->class->reset(r.device, r.now);
    assert_int_equal(eyes.count, 0);
    panel_write(&r, 31, '!');
    rig_write(&r, SEMO_PANEL_LAMPS, 0x81);
    rig_write(&r, SEMO_PANEL_SHOW, 1);
    assert_true(eyes.count == 1 && eyes.lamps == 0x81 && eyes.text[31] == '!');
    panel_write(&r, 0, 'x'); /* half written: it never appears */
    rig_advance(&r, HZ);
    r.device->class->reset(r.device, r.now);
    assert_true(eyes.count == 2 && eyes.lamps == 0 && eyes.at == HZ);
    rig_write(&r, SEMO_PANEL_SHOW, 1);
    assert_int_equal(eyes.count, 2);
    assert_int_equal(strspn(eyes.text, " "), SEMO_PANEL_CHARACTERS);
    semo_machine_free(r.machine);
}

/* Behind its registers a window is empty, whatever is written there; so is the whole HAN port but
 * for its status. */
static void test_rest_of_the_windows(void **state)
{
    (void)state;
    struct semo_device *devices[] = {semo_metering_new(),
                                     semo_clock_new(0xFFFFFFFF),
                                     semo_relay_new(true, moved, &contact),
                                     semo_han_new(han_sent, &han_count),
                                     semo_buttons_new(),
                                     semo_panel_new(shown, &eyes)};
    for (unsigned i = 0; i < sizeof devices / sizeof *devices; i++) {
        struct rig r = rig_with(devices[i]);
        rig_read(&r, 0);
        for (unsigned o = r.device->size; o < SEMO_WINDOW_SIZE - SEMO_WINDOW_REGISTERS; o += 2) {
            rig_write(&r, o, 0xFFFF);
            assert_int_equal(rig_read(&r, o), 0);
        }
        for (unsigned o = 0; i == SEMO_WINDOW_HAN && o < r.device->size; o += 2)
            assert_int_equal(rig_read(&r, o), o == SEMO_HAN_STATUS ? SEMO_HAN_FIFO : 0);
        semo_machine_free(r.machine);
    }
}

/* ---- shared devices ---- */

static void count_up(void *context, void *out, unsigned len)
{
    uint8_t *next = context;
    for (unsigned i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (*next)++;
}

static void test_random_words_are_fresh(void **state)
{
    (void)state;
    uint8_t next = 1;
    struct rig r = rig_with(semo_random_new(count_up, &next));
    assert_int_equal(rig_read(&r, 0), 0x0201);
    assert_int_equal(rig_read(&r, 0), 0x0403);
    semo_machine_free(r.machine);
}

static uint64_t next_epoch(void *context)
{
    return ++*(uint64_t *)context;
}

static uint16_t epoch_word(struct rig *r, unsigned word, uint16_t module)
{
    return r->device->class->read(r->device, (uint16_t)(2 * word), 3, r->now, module);
}

static void test_epoch_is_latched_for_each_module(void **state)
{
    (void)state;
    uint64_t drawn = 0x123456789ABCDEEF;
    struct rig r = rig_with(semo_epoch_new(next_epoch, &drawn));
    assert_int_equal(epoch_word(&r, 1, 3), 0); /* never drew */
    assert_int_equal(epoch_word(&r, 0, 3), 0xDEF0);
    assert_int_equal(epoch_word(&r, 0, 4), 0xDEF1);
    drawn = 0xFFFF00000000;
    assert_int_equal(epoch_word(&r, 0, 0), 1);
    for (uint16_t m = 3; m < 5; m++) {
        assert_int_equal(epoch_word(&r, 1, m), 0x9ABC);
        assert_int_equal(epoch_word(&r, 2, m), 0x5678);
        assert_int_equal(epoch_word(&r, 3, m), 0x1234);
    }
    assert_int_equal(epoch_word(&r, 2, 0), 0xFFFF);
    for (uint16_t m = 100; m < 130; m++) /* as many as there are slots, and more */
        epoch_word(&r, 0, m);
    assert_int_equal(epoch_word(&r, 3, 3), 0x1234);
    r.device->class->reset(r.device, r.now);
    assert_int_equal(epoch_word(&r, 3, 3), 0);
    semo_machine_free(r.machine);
}

static void test_epoch_high_byte_draws_nothing(void **state)
{
    (void)state;
    uint64_t drawn = 0x4242;
    struct rig r = rig_with(semo_epoch_new(next_epoch, &drawn));
    epoch_word(&r, 0, 1);
    assert_int_equal(r.device->class->read(r.device, 0, 2, 0, 1), 0x4243);
    assert_int_equal(drawn, 0x4243);
    semo_machine_free(r.machine);
}

static void test_event_flags(void **state)
{
    (void)state;
    struct rig r = rig_with(semo_clock_new(0));
    const struct semo_device_class *class = r.events->class;
    const uint16_t line = 1 << SEMO_IRQ_EVENT;
    semo_events_raise(r.events, 1);
    semo_events_raise(r.events, 3);
    assert_int_equal(class->interrupts(r.events), 0);
    class->write(r.events, 2, 1 << 2, 3, 0, 0);
    assert_int_equal(class->interrupts(r.events), 0);
    class->write(r.events, 2, 1 << 3, 1, 0, 0);
    assert_int_equal(class->interrupts(r.events), line);
    class->write(r.events, 0, 1 << 3, 2, 0, 0); /* the other byte */
    assert_int_equal(class->interrupts(r.events), line);
    class->write(r.events, 0, 1 << 3, 1, 0, 0);
    assert_int_equal(class->interrupts(r.events), 0);
    assert_int_equal(class->read(r.events, 0, 3, 0, 0), 1 << 1);
    class->reset(r.events, 0);
    assert_int_equal(class->read(r.events, 0, 3, 0, 0), 0);
    assert_int_equal(class->read(r.events, 2, 3, 0, 0), 0);
    semo_machine_free(r.machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metering_registers),
        cmocka_unit_test(test_metering_latch_is_one_moment),
        cmocka_unit_test(test_metering_reset_loses_no_energy),
        cmocka_unit_test(test_metering_does_not_overflow),
        cmocka_unit_test(test_metering_is_exact),
        cmocka_unit_test(test_metering_changes_wait_for_their_cycle),
        cmocka_unit_test(test_metering_changes_told_late),
        cmocka_unit_test(test_clock_ticks),
        cmocka_unit_test(test_clock_set_restarts_the_second),
        cmocka_unit_test(test_relay_at_rest_costs_nothing),
        cmocka_unit_test(test_relay_opens),
        cmocka_unit_test(test_relay_already_there_still_reports),
        cmocka_unit_test(test_relay_last_pulse_wins),
        cmocka_unit_test(test_relay_ignores_other_values),
        cmocka_unit_test(test_relay_reset_cuts_the_coil),
        cmocka_unit_test(test_relay_welded),
        cmocka_unit_test(test_han_transmits),
        cmocka_unit_test(test_buttons_debounce),
        cmocka_unit_test(test_buttons_latch_and_tick),
        cmocka_unit_test(test_buttons_lose_no_press),
        cmocka_unit_test(test_panel_shows_all_at_once),
        cmocka_unit_test(test_panel_reset_is_dark),
        cmocka_unit_test(test_rest_of_the_windows),
        cmocka_unit_test(test_random_words_are_fresh),
        cmocka_unit_test(test_epoch_is_latched_for_each_module),
        cmocka_unit_test(test_epoch_high_byte_draws_nothing),
        cmocka_unit_test(test_event_flags),
    };
    return cmocka_run_group_tests_name("devices", tests, NULL, NULL);
}
