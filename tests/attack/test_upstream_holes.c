/* SPDX-License-Identifier: Apache-2.0 */
/* Each hole of the upstream core: the same attack succeeds on `compat` and fails on `hardened`.
 * F numbers: docs/machine.md. Everything the attacker does is an instruction of the machine. */
#include "tests/machine/rig.h"

enum { TEXT = 0x7000, GADGET = 0x7010, PRIVATE = 0x2000, SECRET_AT = 0x2004, SECRET = 0x7777 };
static const struct rig_module victim = {TEXT, 0x7040, PRIVATE, 0x2040};

static struct semo_machine *machine(enum semo_profile profile, bool atomicity)
{
    struct semo_machine_config config = {
        .profile = profile, .security = 64, .atomicity = atomicity, .master_key = {1, 2, 3}};
    return rig_configured(&config);
}

static uint16_t read_from_outside(struct semo_machine *m, uint16_t address)
{
    rig_set(m, 6, 0);
    RIG_WORDS(m, RIG_CODE, 0x4216, address); /* mov &address, r6 */
    rig_step(m, RIG_CODE);
    return rig_reg(m, 6);
}

static void write_from_outside(struct semo_machine *m, uint16_t address, uint16_t value)
{
    RIG_WORDS(m, RIG_CODE, 0x40B2, value, address); /* mov #value, &address */
    rig_step(m, RIG_CODE);
}

/* Enables the victim; its entry stores the secret, and at GADGET it has what `gadget` says. */
static void load_victim(struct semo_machine *m, const uint16_t *gadget, unsigned n)
{
    RIG_WORDS(m, TEXT, 0x40B2, SECRET, SECRET_AT);
    rig_put_words(m, GADGET, gadget, n);
    assert_int_equal(rig_enable(m, &victim), 1);
    rig_step(m, TEXT);
    assert_int_equal(rig_get(m, SECRET_AT), SECRET);
    rig_instruction(m, 0x4303); /* outside again */
}

#define LOAD_VICTIM(m, ...)                                                                        \
    load_victim(m, (const uint16_t[]){__VA_ARGS__}, sizeof((const uint16_t[]){__VA_ARGS__}) / 2)

typedef bool attack_fn(struct semo_machine *m); /* true: it succeeded */

static void on_both(attack_fn *attack, bool atomicity)
{
    struct semo_machine *m = machine(SEMO_COMPAT, atomicity);
    assert_true(attack(m));
    semo_machine_free(m);
    m = machine(SEMO_HARDENED, atomicity);
    assert_false(attack(m));
    semo_machine_free(m);
}

#define ATTACK(name)                                                                               \
    static bool name##_attack(struct semo_machine *m);                                             \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        on_both(name##_attack, false);                                                             \
    }                                                                                              \
    static bool name##_attack(struct semo_machine *m)

/* A value planted before enable is what the module finds in its "zeroed" variable. */
ATTACK(f1_planted_data)
{
    RIG_WORDS(m, TEXT, 0x4216, SECRET_AT); /* mov &SECRET_AT, r6 */
    write_from_outside(m, SECRET_AT, 0xBEEF);
    assert_int_equal(rig_enable(m, &victim), 1);
    rig_step(m, TEXT);
    return rig_reg(m, 6) == 0xBEEF;
}

/* A jump to a 0x1380 inside disables the victim without clearing it. */
ATTACK(f2_disable_by_jump)
{
    LOAD_VICTIM(m, RIG_DISABLE);
    rig_set(m, 15, RIG_CODE);
    rig_step(m, GADGET);
    return read_from_outside(m, SECRET_AT) == SECRET;
}

/* A module writes the odd bytes of its own text. */
ATTACK(f3_text_written)
{
    RIG_WORDS(m, TEXT, 0x40F2, 0x0055, GADGET + 1); /* mov.b #0x55, &GADGET+1 */
    rig_put(m, GADGET, 0x1234);
    assert_int_equal(rig_enable(m, &victim), 1);
    rig_step(m, TEXT);
    return rig_get(m, GADGET) == 0x5534;
}

ATTACK(f4_data_over_data)
{
    LOAD_VICTIM(m, 0x4303);
    return rig_enable(m, &(struct rig_module){0x7100, 0x7110, 0x2020, 0x2060}) != 0;
}

ATTACK(f4_text_over_data)
{
    struct rig_module in_program = {TEXT, 0x7040, 0x7200, 0x7240};
    assert_int_equal(rig_enable(m, &in_program), 1);
    return rig_enable(m, &(struct rig_module){0x7200, 0x7210, 0x2200, 0x2210}) != 0;
}

ATTACK(f4_data_over_text)
{
    LOAD_VICTIM(m, 0x4303);
    return rig_enable(m, &(struct rig_module){0x7100, 0x7110, 0x7020, 0x7030}) != 0;
}

/* A failed unwrap leaves what it decrypted. */
ATTACK(f5_unverified_plaintext)
{
    enum { KEY = 0x2800, AD = 0x2810, BODY = 0x2820, OUT = 0x2830, TAG = 0x2840 };
    const uint16_t operands[7] = {KEY, AD, AD + 2, BODY, BODY + 2, OUT, TAG};
    rig_put(m, BODY, 0x1CE1);
    for (unsigned n = 0; n < 7; n++)
        rig_set(m, 9 + n, operands[n]);
    rig_instruction(m, RIG_WRAP);
    rig_put(m, BODY, rig_get(m, OUT));
    rig_put(m, OUT, 0xCCCC);
    rig_put(m, TAG, (uint16_t)~rig_get(m, TAG));
    rig_set(m, 15, TAG);
    rig_instruction(m, RIG_UNWRAP);
    assert_int_equal(rig_reg(m, 15), 0);
    return rig_get(m, OUT) == 0x1CE1;
}

/* The id of a module that is gone is still said to be the caller. */
ATTACK(f6_caller_id_after_disable)
{
    RIG_WORDS(m, TEXT, RIG_DISABLE);
    assert_int_equal(rig_enable(m, &victim), 1);
    rig_set(m, 15, RIG_CODE);
    rig_step(m, TEXT);
    rig_instruction(m, 0x4303);
    rig_instruction(m, RIG_GET_CALLER);
    return rig_reg(m, 15) == 1;
}

static uint16_t timer(struct semo_machine *m)
{
    RIG_WORDS(m, RIG_CODE, 0x4216, 0x0170); /* mov &TAR, r6 */
    rig_step(m, RIG_CODE);
    return rig_reg(m, 6);
}

/* With the monitor, unprotected code stops SMCLK and so the scheduler's timer. */
static bool stopped_clock(struct semo_machine *m)
{
    write_from_outside(m, 0x0160, 0x0224); /* TACTL: SMCLK, continuous, clear */
    assert_int_equal(rig_enable(m, &victim), 1);
    rig_instruction(m, 0x4303);
    RIG_WORDS(m, RIG_CODE, 0xD032, 0x0080); /* bis #SCG1, sr */
    rig_step(m, RIG_CODE);
    uint16_t before = timer(m);
    return timer(m) == before;
}

static void f7_stopped_clock(void **state)
{
    (void)state;
    on_both(stopped_clock, true);
}

/* A reset (wrong watchdog password) ends the protection of what the module knew. */
ATTACK(keys_after_reset)
{
    LOAD_VICTIM(m, 0x4303);
    write_from_outside(m, 0x0120, 0);
    semo_machine_run(m, semo_machine_cycle(m) + 20);
    assert_int_equal(semo_machine_module_at(m, TEXT), 0);
    return read_from_outside(m, SECRET_AT) == SECRET;
}

/* The read port keeps the last word that the module read; unmapped addresses show it. */
ATTACK(last_word_read)
{
    LOAD_VICTIM(m, 0x4303);
    RIG_WORDS(m, TEXT, 0x4216, SECRET_AT);
    rig_step(m, TEXT);
    return read_from_outside(m, 0x5A00) == SECRET;
}

/* A wrap of nothing mixes the last word that the unit was fed into its tag. */
static uint16_t tag_of_nothing(struct semo_machine *m, uint16_t fed)
{
    enum { KEY = 0x2800, TAG = 0x2840 };
    rig_put(m, SECRET_AT, fed);
    const uint16_t inside[7] = {0, SECRET_AT, SECRET_AT + 2, 0, 0, 0, PRIVATE + 16};
    for (unsigned n = 0; n < 7; n++)
        rig_set(m, 9 + n, inside[n]);
    rig_step(m, TEXT);
    const uint16_t outside[7] = {KEY, 0, 0, 0, 0, 0, TAG};
    for (unsigned n = 0; n < 7; n++)
        rig_set(m, 9 + n, outside[n]);
    rig_instruction(m, RIG_WRAP);
    return rig_get(m, TAG);
}

ATTACK(last_word_absorbed)
{
    RIG_WORDS(m, TEXT, RIG_WRAP);
    assert_int_equal(rig_enable(m, &victim), 1);
    return tag_of_nothing(m, 0x1111) != tag_of_nothing(m, 0x2222);
}

/* After an illegal entry the core takes the interrupt handler for the module's own code. */
ATTACK(handler_inside_module)
{
    LOAD_VICTIM(m, 0x4216, SECRET_AT); /* mov &SECRET_AT, r6 */
    rig_put(m, SEMO_VECTORS + 2 * SEMO_IRQ_VIOLATION, GADGET);
    rig_set(m, 6, 0);
    rig_step(m, GADGET + 4);
    semo_machine_run(m, semo_machine_cycle(m) + 1);
    return rig_reg(m, 6) == SECRET;
}

/* The extension word of an instruction just before the text is the first word of the text. */
ATTACK(text_as_extension_word)
{
    LOAD_VICTIM(m, 0x4303);
    RIG_WORDS(m, TEXT - 2, 0x4030); /* br #(first word of the text) */
    rig_step(m, TEXT - 2);
    return rig_reg(m, 0) == 0x40B2;
}

/* Code outside program memory is the word fetched last: that behind the module's jump. */
ATTACK(last_word_fetched)
{
    RIG_WORDS(m, TEXT, 0x4030, 0x3000, 0x4036); /* br #0x3000; then what reads as mov #x, r6 */
    assert_int_equal(rig_enable(m, &victim), 1);
    rig_set(m, 6, 0);
    rig_step(m, TEXT);
    semo_machine_run(m, semo_machine_cycle(m) + 1);
    return rig_reg(m, 6) != 0;
}

/* The immediate of an instruction behind a shift of PC is the module's last extension word. */
ATTACK(last_extension_word)
{
    RIG_WORDS(m, TEXT, 0x4037, SECRET); /* mov #SECRET, r7 */
    assert_int_equal(rig_enable(m, &victim), 1);
    rig_step(m, TEXT);
    rig_set(m, 6, 0);
    RIG_WORDS(m, RIG_CODE, 0x1000, 0x4036); /* rrc pc; mov #0, r6 */
    rig_step(m, RIG_CODE);
    semo_machine_run(m, semo_machine_cycle(m) + 1);
    return rig_reg(m, 6) == SECRET;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(f1_planted_data),         cmocka_unit_test(f2_disable_by_jump),
        cmocka_unit_test(f3_text_written),         cmocka_unit_test(f4_data_over_data),
        cmocka_unit_test(f4_text_over_data),       cmocka_unit_test(f4_data_over_text),
        cmocka_unit_test(f5_unverified_plaintext), cmocka_unit_test(f6_caller_id_after_disable),
        cmocka_unit_test(f7_stopped_clock),        cmocka_unit_test(keys_after_reset),
        cmocka_unit_test(last_word_read),          cmocka_unit_test(last_word_absorbed),
        cmocka_unit_test(handler_inside_module),   cmocka_unit_test(text_as_extension_word),
        cmocka_unit_test(last_word_fetched),       cmocka_unit_test(last_extension_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
