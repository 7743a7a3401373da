/* SPDX-License-Identifier: Apache-2.0 */
/* The peripherals of the core itself (reference 2), as instructions see them, cycle by cycle. */
#include <semo/device.h>
#include "tests/machine/rig.h"

enum { NOPS = 0x6100, LAST_NOP = 0x8000 };

static struct semo_machine *machine(void)
{
    struct semo_machine *m = rig_machine(SEMO_COMPAT, 64);
    for (unsigned a = NOPS; a < LAST_NOP; a += 2)
        rig_put(m, (uint16_t)a, 0x4303);
    return m;
}

/* 5 cycles; the write is in the last but none, at +4. */
static void store(struct semo_machine *m, uint16_t address, uint16_t value)
{
    RIG_WORDS(m, RIG_CODE, 0x40B2, value, address);
    assert_in_range(rig_step(m, RIG_CODE), 5, 12);
}

static void store_byte(struct semo_machine *m, uint16_t address, uint8_t value)
{
    RIG_WORDS(m, RIG_CODE, 0x40F2, value, address);
    rig_step(m, RIG_CODE);
}

/* 3 cycles; the read is at +1. */
static uint16_t load(struct semo_machine *m, uint16_t address)
{
    RIG_WORDS(m, RIG_CODE, 0x4216, address);
    rig_step(m, RIG_CODE);
    return rig_reg(m, 6);
}

static void pass(struct semo_machine *m, unsigned cycles)
{
    rig_set(m, 0, NOPS);
    semo_machine_run(m, semo_machine_cycle(m) + cycles);
}

/* ---- SPI ---- */

/* Busy from the second cycle behind the write on, 17 clock phases and one cycle more for the
 * fastest. */
static void spi_is_busy(void **state)
{
    (void)state;
    static const struct {
        uint8_t control;
        unsigned busy;
        uint16_t data;
    } cases[] = {{0x00, 18, 0},  {0x02, 18, 0x80}, {0x11, 34, 0},    {0x23, 51, 0x80},
                 {0x50, 102, 0}, {0xF0, 272, 0},   {0xF3, 272, 0x80}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct semo_machine *m = machine();
        store_byte(m, 0x151, cases[i].control);
        store_byte(m, 0x150, 0xA5); /* written at w; the next instruction starts at w+1 */
        pass(m, cases[i].busy - 1); /* its read is at w+busy+1: the last busy cycle */
        assert_int_equal(load(m, 0x152), 1);
        assert_int_equal(load(m, 0x152), 0);
        assert_int_equal(load(m, 0x150), cases[i].data); /* nothing is connected */
        store_byte(m, 0x150, 0x5A);
        store_byte(m, 0x150, 0xFF); /* ignored while busy */
        assert_int_equal(load(m, 0x152), 1);
        semo_machine_free(m);
    }
}

/* ---- ports ---- */

static void port_input(void **state)
{
    (void)state;
    for (unsigned port = 1; port <= 6; port++) {
        static const uint16_t in[] = {0, 0x20, 0x28, 0x18, 0x1C, 0x30, 0x34};
        struct semo_machine *m = machine();
        pass(m, 2);
        semo_machine_set_pins(m, port, 0xA5);
        assert_int_equal(load(m, in[port]) & 0xFF, 0); /* read one cycle later: too early */
        semo_machine_set_pins(m, port, 0x5A);
        pass(m, 1);
        assert_int_equal(load(m, in[port]) & 0xFF, 0x5A);
        semo_machine_free(m);
    }
}

/* A rising or a falling edge by IES; the interrupt three cycles behind the pin. */
static void port_edges(void **state)
{
    (void)state;
    for (unsigned port = 1; port <= 2; port++) {
        uint16_t base = port == 1 ? 0x20 : 0x28;
        struct semo_machine *m = machine();
        store_byte(m, base + 4, 0x0F);
        semo_machine_set_pins(m, port, 0xFF);
        pass(m, 4);
        assert_int_equal(load(m, base + 2) >> 8, 0xF0);
        store_byte(m, base + 3, 0);
        semo_machine_set_pins(m, port, 0);
        pass(m, 4);
        assert_int_equal(load(m, base + 2) >> 8, 0x0F);
        store_byte(m, base + 3, 0);
        store_byte(m, base + 5, 0x10);
        rig_set(m, 2, 8);
        rig_set(m, 0, NOPS);
        semo_machine_set_pins(m, port, 0x10);
        uint64_t start = semo_machine_cycle(m);
        semo_machine_run(m, start + 5);
        /* flag from +3 on, seen in cycle 3, taken at 4; 7 cycles */
        assert_int_equal(semo_machine_cycle(m), start + 4 + 7);
        assert_int_equal(rig_reg(m, 0), RIG_HANDLER);
        semo_machine_free(m);
    }
}

/* ---- DMA ---- */

static void dma_port(void **state)
{
    (void)state;
    const struct rig_module module = {0x9000, 0x9040, 0x2000, 0x2040};
    for (int profile = SEMO_COMPAT; profile <= SEMO_HARDENED; profile++) {
        struct semo_machine *m = rig_machine(profile, 64);
        uint16_t word = 0x1234;
        rig_enable(m, &module);
        static const uint16_t refused[] = {0x9000, 0x903E, 0x2000, 0x203F, 0x4200, 0x5BFE};
        for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
            uint16_t before = rig_get(m, refused[i] & 0xFFFE);
            word = 0x1234;
            assert_false(semo_machine_dma(m, refused[i], true, &word));
            assert_int_equal(rig_get(m, refused[i] & 0xFFFE), before);
            assert_false(semo_machine_dma(m, refused[i], false, &word));
            assert_int_equal(word, 0);
        }
        static const uint16_t open[] = {0x8FFE, 0x9040, 0x1FFE, 0x2040, 0x0200, 0x41FE, 0x5C00};
        for (unsigned i = 0; i < sizeof open / sizeof *open; i++) {
            word = 0x4303;
            assert_true(semo_machine_dma(m, open[i], true, &word));
            word = 0;
            assert_true(semo_machine_dma(m, open[i], false, &word));
            assert_int_equal(word, 0x4303);
        }
        assert_true(semo_machine_dma(m, 0x0004, false, &word)); /* CPU_ID */
        assert_int_equal(word, 0x0202);
        assert_int_equal(semo_machine_violations(m), 0);
        /* code that was decoded before is not executed once it has been replaced */
        rig_put(m, RIG_CODE, 0x4306);
        rig_set(m, 6, 7);
        rig_step(m, RIG_CODE);
        word = 0x4316;
        assert_true(semo_machine_dma(m, RIG_CODE, true, &word));
        rig_step(m, RIG_CODE);
        assert_int_equal(rig_reg(m, 6), 1);
        semo_machine_free(m);
    }
}

/* The recording tells in which cycles the processor used the memory that the attacker asked for. */
static void dma_recording(void **state)
{
    (void)state;
    static const struct {
        uint16_t address, expected;
    } cases[] = {
        {0x2000, 0x0148}, /* read at 3; read and write of xor at 6, 8 */
        {0x0000, 0x0000}, /* no device is used */
        {0x5000, 0x0000}, /* an error response is never late */
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct semo_machine *m = machine();
        rig_set(m, 5, 0x2800);
        store(m, 0x70, cases[i].address);
        store(m, 0x76, 0);
        store(m, 0x72, 0x0001);
        RIG_WORDS(m, RIG_CODE, 0x4303, 0x4303, 0x4303, 0x4303, 0x4527, 0xE785, 0x0000, 0x3FFF);
        rig_set(m, 0, RIG_CODE);
        semo_machine_run(m, semo_machine_cycle(m) + 2100);
        uint16_t word = load(m, 0x74);
        if (word != cases[i].expected)
            fail_msg("%04x: recorded %04x", cases[i].address, word);
        store(m, 0x76, 2047);
        assert_int_equal(load(m, 0x74), 0);
        semo_machine_free(m);
    }
}

/* ---- timer A ---- */

static const struct timing {
    const char *what;
    uint16_t tar, ccr0, control;
    unsigned cycles;
    uint16_t expected, flags; /* flags: TAIFG, CCIFG0 << 1 */
} timings[] = {
    {"up", 0, 9, 0x0210, 9, 9, 2},
    {"up, over the top", 0, 9, 0x0210, 10, 0, 3},
    {"up, from above", 20, 9, 0x0210, 1, 0, 0},
    {"up to 0", 0, 0, 0x0210, 3, 0, 1},
    {"up to 0 from above", 5, 0, 0x0210, 1, 0, 2},
    {"continuous", 0xFFFE, 9, 0x0220, 2, 0, 1},
    {"up and down, at the top", 0, 4, 0x0230, 4, 4, 2},
    {"up and down, at the bottom", 0, 4, 0x0230, 8, 0, 3},
    {"up and down, up again", 0, 4, 0x0230, 11, 3, 3},
    {"up and down of one", 0, 1, 0x0230, 3, 1, 3},
    {"up and down of nothing", 0, 0, 0x0230, 5, 0, 1},
    {"divided by 8", 0, 9, 0x02D0, 23, 2, 0},
    {"divided by 8, next", 0, 9, 0x02D0, 24, 3, 0},
    {"no clock", 3, 9, 0x0110, 50, 3, 0},
    {"stopped", 3, 9, 0x0200, 50, 3, 0},
    {"up, many times", 0, 9, 0x0210, 20003, 3, 3},
};

/* A register after so many ticks: the timer runs from the cycle behind the write on. */
static uint16_t after(const struct timing *t, uint16_t address)
{
    struct semo_machine *m = machine();
    store(m, 0x172, t->ccr0);
    store(m, 0x170, t->tar);
    store(m, 0x160, t->control);
    unsigned nops = t->cycles - 1;
    for (; nops > 3000; nops -= 3000)
        pass(m, 3000);
    pass(m, nops);
    uint16_t value = load(m, address);
    semo_machine_free(m);
    return value;
}

static void timer_counts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof timings / sizeof *timings; i++) {
        const struct timing *t = &timings[i];
        uint16_t tar = after(t, 0x170);
        unsigned flags = (after(t, 0x160) & 1) | (after(t, 0x162) & 1) << 1;
        if (tar != t->expected || flags != t->flags)
            fail_msg("%s: TAR = %u, flags = %u", t->what, tar, flags);
    }
}

static void timer_write_and_tick_in_one_cycle(void **state)
{
    (void)state;
    struct semo_machine *m = machine();
    store(m, 0x172, 9);
    store(m, 0x170, 0);
    store(m, 0x160, 0x0210);
    pass(m, 5);              /* TAR = 5; the next write is at TAR = 9: it goes to 0 then */
    store(m, 0x160, 0x0210); /* writes TAIFG = 0 */
    assert_int_equal(load(m, 0x160), 0x0211);
    store(m, 0x160, 0x0214);
    assert_int_equal(load(m, 0x170), 1); /* cleared, and bit 2 is not stored */
    store(m, 0x164, 0x3000);
    assert_int_equal(load(m, 0x164), 0x3008); /* the supply as capture input */
    semo_machine_free(m);
}

/* CMP reads twice, and each read of TAIV takes a flag. */
static void timer_vector(void **state)
{
    (void)state;
    struct semo_machine *m = machine();
    store(m, 0x164, 0x0011);
    store(m, 0x166, 0x0011);
    store(m, 0x160, 0x0003);
    assert_int_equal(load(m, 0x12E), 2);
    assert_int_equal(load(m, 0x12E), 4);
    assert_int_equal(load(m, 0x12E), 10);
    assert_int_equal(load(m, 0x12E), 0);
    store(m, 0x164, 0x0011);
    store(m, 0x166, 0x0011);
    RIG_WORDS(m, RIG_CODE, 0x9382, 0x012E); /* cmp #0, &TAIV */
    rig_step(m, RIG_CODE);
    assert_int_equal(load(m, 0x12E), 0);
    semo_machine_free(m);
}

/* An interrupt is sampled with what the last cycle starts with, not with what it writes. */
static void interrupt_behind_its_cause(void **state)
{
    (void)state;
    struct semo_machine *m = machine();
    rig_set(m, 2, 8);
    store(m, 0x162, 0x0011); /* enabled and set in the last cycle: one more instruction */
    assert_int_equal(rig_reg(m, 0), RIG_CODE + 6);
    rig_put(m, RIG_CODE, 0x4303);
    rig_step(m, RIG_CODE);
    assert_int_equal(rig_reg(m, 0), RIG_HANDLER);
    semo_machine_free(m);
}

/* ---- watchdog ---- */

static void watchdog_interval(void **state)
{
    (void)state;
    struct semo_machine *m = machine();
    store(m, 0x120, 0x5A18); /* 2^15, interval mode, cleared */
    assert_int_equal(load(m, 0x120), 0x6910);
    pass(m, 0x100 - 3 - 4 - 1);
    store(m, 0x120, 0x5A13); /* at a count of 0x100: 2^6, the bit rises at 0x140 */
    pass(m, 0x40 - 2);
    assert_int_equal(load(m, 0x0002), 0);
    assert_int_equal(load(m, 0x0002), 1);
    store(m, 0x120, 0x5AFF);
    assert_int_equal(load(m, 0x120), 0x6997);
    store(m, 0x0002, 0);
    pass(m, 200);
    assert_int_equal(load(m, 0x0002), 0); /* held */
    semo_machine_free(m);
}

static void watchdog_resets(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint16_t words[3];
    } cases[] = {
        {"the password of a byte write is the byte", {0x40F2, 0x0080, 0x0120}},
        {"a byte written to the high half", {0x40F2, 0x0080, 0x0121}},
        {"its flag, set by software", {0x40B2, 0x0001, 0x0002}},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct semo_machine *m = machine();
        rig_put_words(m, RIG_CODE, cases[i].words, 3);
        rig_set(m, 5, 0x1234);
        rig_step(m, RIG_CODE);
        semo_machine_run(m, semo_machine_cycle(m) + 1);
        if (rig_reg(m, 5) != 0)
            fail_msg("%s: no reset", cases[i].what);
        assert_int_equal(load(m, 0x0002), 1); /* it says who it was */
        semo_machine_free(m);
    }
    struct semo_machine *m = machine();
    store_byte(m, 0x120, 0x5A); /* the byte stands in both halves: password and value */
    assert_int_equal(load(m, 0x120), 0x6912);
    semo_machine_free(m);
}

/* ---- multiplier ---- */

static void multiplier_sequences(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint16_t operand, first, second; /* operand: 0x130 MPY, 132 MPYS, 134 MAC, 136 MACS */
        uint16_t low, high, extension;
    } cases[] = {
        {"unsigned", 0x130, 0xFFFF, 0xFFFF, 0x0001, 0xFFFE, 0},
        {"accumulated, no carry", 0x134, 1, 1, 0x0002, 0xFFFE, 0},
        {"accumulated, carry", 0x134, 0xFFFF, 0xFFFF, 0x0003, 0xFFFC, 1},
        {"signed", 0x132, 0xFFFF, 2, 0xFFFE, 0xFFFF, 0xFFFF},
        {"signed, accumulated to 0", 0x136, 1, 2, 0x0000, 0x0000, 0},
        {"signed, accumulated below", 0x136, 0x8000, 0x7FFF, 0x8000, 0xC000, 0xFFFF},
        {"signed, overflow", 0x136, 0x8000, 0x7FFF, 0x0000, 0x8001, 0xFFFF},
        {"signed, further", 0x136, 0x8000, 0x7FFF, 0x8000, 0x4001, 0},
        {"unsigned after signed", 0x134, 0xFFFF, 1, 0x7FFF, 0x4002, 0},
    };
    struct semo_machine *m = machine();
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        store(m, cases[i].operand, cases[i].first);
        store(m, 0x138, cases[i].second);
        uint16_t low = load(m, 0x13A), high = load(m, 0x13C), extension = load(m, 0x13E);
        if (low != cases[i].low || high != cases[i].high || extension != cases[i].extension)
            fail_msg("%s: %04x %04x %04x", cases[i].what, low, high, extension);
    }
    store_byte(m, 0x130, 0x12); /* the byte in both halves */
    assert_int_equal(load(m, 0x136), 0x1212);
    store(m, 0x13C, 0x1234);
    store(m, 0x13E, 0x1234); /* read only */
    assert_int_equal(load(m, 0x13C), 0x1234);
    assert_int_equal(load(m, 0x13E), 0);
    semo_machine_free(m);
}

/* ---- clocks, counter, file ---- */

static void counter_and_clocks(void **state)
{
    (void)state;
    struct semo_machine *m = machine();
    store(m, 0x190, 0);
    uint16_t first = load(m, 0x190);
    store_byte(m, 0x197, 0); /* any of them */
    assert_int_equal((uint16_t)(load(m, 0x190) - first), 5 + 3);
    assert_int_equal(load(m, 0x196), 0);
    store_byte(m, 0x57, 0xFF);
    store_byte(m, 0x58, 0xF6); /* SMCLK = MCLK / 8 */
    assert_int_equal(load(m, 0x56), 0x3000);
    assert_int_equal(load(m, 0x58), 0x0006);
    store(m, 0x160, 0x0224);
    pass(m, 80);
    assert_in_range(load(m, 0x170), 10, 11);
    store_byte(m, 0x58, 0x08); /* from the crystal, which does not tick */
    uint16_t tar = load(m, 0x170);
    pass(m, 80);
    assert_int_equal(load(m, 0x170), tar);
    semo_machine_free(m);
}

/* What is set shows in the tick of the next cycle but one: a division begins with its whole period,
 * SCG1 lets one more tick through. */
static void smclk_cycle_by_cycle(void **state)
{
    (void)state;
    static const uint16_t divided[] = {6, 7, 9, 10, 12}, stopped[] = {3, 3}, going[] = {3, 6};
    struct semo_machine *m = machine();
    store(m, 0x160, 0x0224); /* SMCLK, continuous, from 0 */
    store_byte(m, 0x58, 0x02);
    for (unsigned i = 0; i < 5; i++) /* a read every third cycle */
        assert_int_equal(load(m, 0x170), divided[i]);
    store_byte(m, 0x58, 0x00);
    store(m, 0x160, 0x0224);
    RIG_WORDS(m, RIG_CODE, 0xD032, 0x0080); /* bis #SCG1, sr */
    rig_step(m, RIG_CODE);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(load(m, 0x170), stopped[i]);
    RIG_WORDS(m, RIG_CODE, 0xC032, 0x0080);
    rig_step(m, RIG_CODE);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(load(m, 0x170), going[i]);
    semo_machine_free(m);
}

static void file_input(void **state)
{
    (void)state;
    struct semo_machine *m = machine();
    semo_machine_input(m, (const uint8_t *)"abc", 3);
    assert_int_equal(load(m, 0xC0), 1);
    assert_int_equal(load(m, 0xC2), 'a');
    pass(m, 8);
    RIG_WORDS(m, RIG_CODE, 0x4256, 0x00C3); /* the high byte is of the same word: it takes one */
    rig_step(m, RIG_CODE);
    pass(m, 8);
    assert_int_equal(load(m, 0xC2), 'c');
    pass(m, 8);
    assert_int_equal(load(m, 0xC0), 0);
    semo_machine_free(m);
}

/* Any line may be requested by a device, also 13, the one of violations; GIE masks it then. */
static uint16_t line_13(const struct semo_device *d)
{
    (void)d;
    return 1 << 13;
}

static void external_interrupt_13(void **state)
{
    (void)state;
    static const struct semo_device_class class = {.name = "line", .interrupts = line_13};
    struct semo_device line = {.class = &class, .base = 0x1F0, .size = 2, .window = -1};
    struct semo_machine *m = machine();
    semo_machine_attach(m, &line);
    rig_put(m, 0xFFFA, 0x5D80);
    rig_instruction(m, 0x4303);
    assert_int_equal(rig_reg(m, 0), RIG_CODE + 2);
    rig_set(m, 2, 8);
    rig_instruction(m, 0x4303);
    assert_int_equal(rig_reg(m, 0), 0x5D80);
    assert_int_equal(rig_get(m, RIG_STACK - 4), 8);
    assert_int_equal(semo_machine_violations(m), 0);
    semo_machine_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spi_is_busy),
        cmocka_unit_test(port_input),
        cmocka_unit_test(port_edges),
        cmocka_unit_test(dma_port),
        cmocka_unit_test(dma_recording),
        cmocka_unit_test(timer_counts),
        cmocka_unit_test(timer_write_and_tick_in_one_cycle),
        cmocka_unit_test(timer_vector),
        cmocka_unit_test(interrupt_behind_its_cause),
        cmocka_unit_test(watchdog_interval),
        cmocka_unit_test(watchdog_resets),
        cmocka_unit_test(multiplier_sequences),
        cmocka_unit_test(counter_and_clocks),
        cmocka_unit_test(smclk_cycle_by_cycle),
        cmocka_unit_test(file_input),
        cmocka_unit_test(external_interrupt_13),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
