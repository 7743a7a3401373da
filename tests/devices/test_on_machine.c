/* SPDX-License-Identifier: Apache-2.0 */
/* Devices under a program: a processor that sleeps, is woken by clock and link, and echoes bytes.
 */
#include "tests/devices/rig.h"

#define HZ         ((uint64_t)SEMO_CLOCK_HZ)
#define BYTE       ((uint64_t)SEMO_LINK_BYTE_CYCLES)
#define RX_CONTROL 0x6401 /* receive interrupt, trigger level 100 */

/* The words are what clang --target=msp430 makes of the comments. Counts wake-ups by the link at
 * 0x200, by the clock at 0x202. */
static const uint16_t program[] = {
    0x4031, 0x4200,             /* reset: mov  #0x4200, r1 */
    0x40B2, 0x5A80,     0x0120, /*        mov  #WDTPW|WDTHOLD, &WDTCTL */
    0x40B2, RX_CONTROL, 0x00A6, /*        mov  #RX_CONTROL, &SEMO_LINK_CONTROL */
    0x43A2, 0x00E2,             /*        mov  #2, &SEMO_EVENT_ENABLE */
    0xD032, 0x0018,             /* sleep: bis  #CPUOFF|GIE, r2 */
    0x3FFD,                     /*        jmp  sleep */
    0x9382, 0x00A2,             /* link:  tst  &SEMO_LINK_RX_COUNT */
    0x2407,                     /*        jz   done */
    0x9382, 0x00A4,             /*        tst  &SEMO_LINK_TX_FREE */
    0x27FA,                     /*        jz   link */
    0x42D2, 0x00A0,     0x00A0, /*        mov.b &SEMO_LINK_DATA, &SEMO_LINK_DATA */
    0x3FF6,                     /*        jmp  link */
    0x5392, 0x0200,             /* done:  inc  &0x200 */
    0x1300,                     /*        reti */
    0x5392, 0x0202,             /* event: inc  &0x202 */
    0x43B2, 0x00E0,             /*        mov  #-1, &SEMO_EVENT_FLAGS */
    0x1300,                     /*        reti */
};
#define RESET (SEMO_PROGRAM_START)
#define LINK  (SEMO_PROGRAM_START + 0x1A)
#define EVENT (SEMO_PROGRAM_START + 0x34)

static struct {
    uint8_t byte[8192];
    unsigned count;
    uint64_t last;
} wire;

static void sent(void *context, uint8_t byte, uint64_t at)
{
    (void)context;
    assert_true(wire.count < sizeof wire.byte);
    assert_true(at >= wire.last + BYTE);
    wire.byte[wire.count++] = byte;
    wire.last = at;
}

static struct semo_device *uart, *buttons;

static void shown(void *context, uint8_t lamps, const char *text, uint64_t at)
{
    (void)context, (void)lamps, (void)text, (void)at;
}

static void poke_word(struct semo_machine *m, unsigned address, unsigned value)
{
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    semo_machine_poke(m, (uint16_t)address, bytes, 2);
}

static struct semo_machine *boot(void)
{
    const struct semo_machine_config config = {.profile = SEMO_HARDENED, .security = 128};
    struct semo_machine *m = semo_machine_new(&config);
    assert_non_null(m);
    memset(&wire, 0, sizeof wire);
    semo_machine_attach(m, uart = semo_link_new(sent, NULL));
    semo_machine_attach(m, semo_events_new());
    semo_machine_attach(m, semo_clock_new(0));
    semo_machine_attach(m, semo_metering_new());
    semo_machine_attach(m, buttons = semo_buttons_new());
    semo_machine_attach(m, semo_panel_new(shown, NULL));
    for (unsigned i = 0; i < sizeof program / 2; i++)
        poke_word(m, SEMO_PROGRAM_START + 2 * i, program[i]);
    poke_word(m, SEMO_VECTORS + 30, RESET);
    poke_word(m, SEMO_VECTORS + 2 * SEMO_IRQ_LINK, LINK);
    poke_word(m, SEMO_VECTORS + 2 * SEMO_IRQ_EVENT, EVENT);
    semo_machine_reset(m);
    return m;
}

static void run_to(struct semo_machine *m, uint64_t until)
{
    while (semo_machine_cycle(m) < until)
        if (semo_machine_run(m, until) == SEMO_STOP_ASLEEP)
            break;
}

static unsigned counter(struct semo_machine *m, unsigned address)
{
    uint8_t b[2];
    semo_machine_peek(m, (uint16_t)address, b, 2);
    return b[0] | b[1] << 8;
}

static void test_clock_wakes_a_sleeping_processor(void **state)
{
    (void)state;
    struct semo_machine *m = boot();
    run_to(m, 1000 * HZ + HZ / 2);
    assert_int_equal(counter(m, 0x202), 1000);
    assert_int_equal(counter(m, 0x200), 0);
    semo_machine_free(m);
}

static void test_echo_of_everything(void **state)
{
    (void)state;
    enum { LEN = 5000 };
    static uint8_t bytes[LEN];
    uint32_t seed = rig_seed();
    struct semo_machine *m = boot();
    for (unsigned i = 0; i < LEN; i++)
        bytes[i] = (uint8_t)rig_random(&seed);
    assert_int_equal(semo_link_receive(uart, bytes, LEN, 1000), LEN);
    run_to(m, (LEN + 200) * BYTE);
    assert_int_equal(wire.count, LEN);
    assert_memory_equal(wire.byte, bytes, LEN);
    assert_int_equal(counter(m, 0x200), LEN / 100); /* wake-ups: one for each trigger level */
    semo_machine_free(m);
}

/* Short frames a second apart cost one wake-up each; between them nothing runs. */
static void test_frames_cost_one_wake_up(void **state)
{
    (void)state;
    struct semo_machine *m = boot();
    const uint8_t frame[60] = {1, 2, 3};
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(semo_link_receive(uart, frame, sizeof frame, i * HZ + 777), sizeof frame);
        run_to(m, (i + 1) * HZ);
        assert_int_equal(counter(m, 0x200), i + 1);
    }
    assert_int_equal(wire.count, 50 * sizeof frame);
    semo_machine_free(m);
}

/* Snapshots of the machine carry the devices: two futures of one moment are the same. */
static void test_snapshot_carries_the_devices(void **state)
{
    (void)state;
    struct semo_machine *m = boot();
    uint8_t frame[300];
    for (unsigned i = 0; i < sizeof frame; i++)
        frame[i] = (uint8_t)(i * 7);
    semo_link_receive(uart, frame, sizeof frame, 0);
    semo_buttons_press(buttons, 2, true, 140 * BYTE); /* settles after the snapshot */
    semo_buttons_press(buttons, 2, false, 2 * HZ);
    run_to(m, 150 * BYTE);
    uint8_t *before = malloc(semo_machine_snapshot_size(m));
    uint8_t *after[2];
    assert_non_null(before);
    semo_machine_snapshot(m, before);
    for (unsigned round = 0; round < 2; round++) {
        semo_machine_restore(m, before);
        wire.last = 0;
        run_to(m, 3 * HZ);
        after[round] = malloc(semo_machine_snapshot_size(m));
        assert_non_null(after[round]);
        semo_machine_snapshot(m, after[round]);
    }
    assert_memory_equal(after[0], after[1], semo_machine_snapshot_size(m));
    assert_memory_not_equal(after[0], before, semo_machine_snapshot_size(m));
    free(before);
    free(after[0]);
    free(after[1]);
    semo_machine_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_wakes_a_sleeping_processor),
        cmocka_unit_test(test_echo_of_everything),
        cmocka_unit_test(test_frames_cost_one_wake_up),
        cmocka_unit_test(test_snapshot_carries_the_devices),
    };
    return cmocka_run_group_tests_name("devices on the machine", tests, NULL, NULL);
}
