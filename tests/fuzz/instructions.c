/* SPDX-License-Identifier: Apache-2.0 */
/* Any instructions beside any modules. The fast path and the exact one must agree in every byte;
 * and in hardened nothing outside of a module that tells nobody its secret may depend on that
 * secret: the same run with another secret differs in the module's private memory only.
 *
 * Input: configuration u8 | options u8 | stranger's limits 4 u16 | registers 4..15 u16 | SP u16 |
 * WDTCTL, TACTL, TACCR0, TACCTL0 u16 | instructions: a third each for the stranger's module, for
 * the handlers and for code outside. */
#include "tests/fuzz/chip.h"
#include <semo/map.h>

enum { CODE = 0x6000, HANDLER = 0x5D00, EXIT = 0x6200, VICTIM = 0x7000, STRANGER = 0x7100 };
enum { SECRET = 0x2000, SECRET_LEN = 0x20, VICTIM_END = SECRET + 0x100 };
enum { ENABLE = 0x1381, SLICES = 5, SLICE = 131, FORK_AT = 2 };
enum { CYCLES = 20000 /* an instruction of the crypto unit can take millions */ };

/* Configuration. */
enum { HARDENED = 1, SECURITY_128 = 2, ATOMICITY = 4, RESET = 8, WITH_VICTIM = 16, KINDS = 32 };

struct trio {
    struct fuzz_chip fast, exact, other; /* other: with another secret, or a fork of fast */
};
static struct trio kinds[KINDS];

/* Adds to its secret, tells nobody, goes to one place. It has no other way out, so that no jump
 * into its middle is possible, and no stack. */
static const uint16_t victim_text[] = {
    0xC232,                      /* dint */
    0x4303,                      /* nop */
    0x421F, SECRET,              /* mov &secret, r15 */
    0x521F, SECRET + 2,          /* add &secret + 2, r15 */
    0x4F82, SECRET + SECRET_LEN, /* mov r15, &sum */
    0x430F,                      /* clr r15 */
    0x4302,                      /* clr sr */
    0x4030, EXIT,                /* br #exit */
};
enum { VICTIM_LEN = sizeof victim_text };

static bool is_victim_enabled(const struct semo_machine *m)
{
    return semo_machine_module_at(m, VICTIM) != 0;
}

static bool has_secret(unsigned kind)
{
    return kind & HARDENED && kind & WITH_VICTIM;
}

static void watch(void *context, uint16_t address, bool write, bool byte)
{
    (void)context, (void)address, (void)write, (void)byte;
}

static void step_at(struct semo_machine *m, uint16_t address)
{
    semo_machine_set_register(m, 0, address);
    semo_machine_run(m, semo_machine_cycle(m) + 1);
}

static void enable(struct semo_machine *m, const uint16_t *limits)
{
    semo_machine_set_register(m, 10, 0);
    semo_machine_set_register(m, 11, 0x1234);
    for (unsigned i = 0; i < 4; i++)
        semo_machine_set_register(m, 12 + i, limits[i]);
    fuzz_put(m, CODE, ENABLE);
    step_at(m, CODE);
}

static void write_register(struct semo_machine *m, uint16_t device, uint16_t value)
{
    fuzz_put(m, CODE, 0x40B2); /* mov #value, &device */
    fuzz_put(m, CODE + 2, value);
    fuzz_put(m, CODE + 4, device);
    step_at(m, CODE);
}

static uint8_t secret_byte(uint8_t secret, unsigned i)
{
    return (uint8_t)(secret + 37 * i);
}

static void put_victim(struct semo_machine *m, uint8_t secret)
{
    static const uint16_t limits[] = {VICTIM, VICTIM + VICTIM_LEN, SECRET, VICTIM_END};
    for (unsigned i = 0; i < VICTIM_LEN / 2; i++)
        fuzz_put(m, (uint16_t)(VICTIM + 2 * i), victim_text[i]);
    enable(m, limits);
    FUZZ_MUST(is_victim_enabled(m));
    for (unsigned i = 0; i < SECRET_LEN; i++) {
        uint8_t byte = secret_byte(secret, i);
        semo_machine_poke(m, (uint16_t)(SECRET + i), &byte, 1);
    }
}

/* ---- the machines ---- */

static void make(struct fuzz_chip *c, unsigned kind, uint8_t secret)
{
    const struct semo_machine_config config = {.profile =
                                                   kind & HARDENED ? SEMO_HARDENED : SEMO_COMPAT,
                                               .security = kind & SECURITY_128 ? 128 : 64,
                                               .master_key = {1, 2, 3, 4, 5, 6, 7, 8, 9},
                                               .atomicity = kind & ATOMICITY,
                                               .reset_on_violation = kind & RESET};
    c->machine = semo_machine_new(&config);
    fuzz_attach(c);
    for (unsigned n = 0; n < 16; n++)
        fuzz_put(c->machine, (uint16_t)(SEMO_VECTORS + 2 * n), n == 15 ? EXIT : HANDLER);
    semo_machine_reset(c->machine);
    write_register(c->machine, 0x0120, 0x5A80); /* the watchdog is held */
    if (kind & WITH_VICTIM)
        put_victim(c->machine, secret);
    fuzz_keep(c);
}

static void make_fork(struct fuzz_chip *c, const struct fuzz_chip *of)
{
    c->machine = semo_machine_fork(of->machine);
    FUZZ_MUST(c->machine);
    fuzz_attach(c);
    semo_machine_restore(c->machine, of->start);
    fuzz_keep(c);
    FUZZ_MUST(c->size == of->size && !memcmp(c->start, of->start, c->size));
}

/* Watching forces the exact path, and is cheaper than tracing. */
static struct trio *trio(unsigned kind)
{
    struct trio *t = &kinds[kind];
    if (t->fast.machine)
        return t;
    make(&t->fast, kind, 0x11);
    make(&t->exact, kind, 0x11);
    if (has_secret(kind))
        make(&t->other, kind, 0xEE);
    else
        make_fork(&t->other, &t->fast);
    semo_machine_watch(t->exact.machine, watch, NULL);
    return t;
}

static void set_up(struct semo_machine *m, struct semo_cursor in)
{
    static const uint16_t devices[] = {0x0120, 0x0160, 0x0172, 0x0162};
    uint16_t limits[4], r[13];
    unsigned options = semo_cursor_u8(&in);
    for (unsigned i = 0; i < 4; i++)
        limits[i] = semo_cursor_u16(&in);
    for (unsigned i = 0; i < 13; i++)
        r[i] = semo_cursor_u16(&in);
    if (options & 1)
        enable(m, limits);
    for (unsigned i = 0; i < 4; i++) {
        uint16_t value = semo_cursor_u16(&in);
        if (options >> i & 0x10)
            write_register(m, devices[i], value);
    }
    for (unsigned i = 0; i < 12; i++)
        semo_machine_set_register(m, 4 + i, r[i]);
    semo_machine_set_register(m, 1, r[12] & 0xFFFE);
    unsigned third = in.left / 3 & ~1u;
    if (third) {
        semo_machine_poke(m, STRANGER, semo_cursor_take(&in, third), third);
        semo_machine_poke(m, HANDLER, semo_cursor_take(&in, third), third);
    }
    if (in.left)
        semo_machine_poke(m, EXIT, in.at, in.left);
    semo_machine_set_register(m, 0, options & 2 ? STRANGER : EXIT);
}

/* ---- what must hold ---- */

static void check_paths(struct trio *t)
{
    semo_machine_snapshot(t->fast.machine, t->fast.now);
    semo_machine_snapshot(t->exact.machine, t->exact.now);
    FUZZ_MUST(semo_machine_cycle(t->fast.machine) == semo_machine_cycle(t->exact.machine));
    FUZZ_MUST(!memcmp(t->fast.now, t->exact.now, t->fast.size));
}

/* What the victim never writes is as it was, its text too. */
static void check_integrity(const struct semo_machine *m, uint8_t secret)
{
    uint8_t text[VICTIM_LEN], bytes[SECRET_LEN];
    semo_machine_peek(m, VICTIM, text, VICTIM_LEN);
    FUZZ_MUST(!memcmp(text, victim_text, VICTIM_LEN));
    semo_machine_peek(m, SECRET, bytes, SECRET_LEN);
    for (unsigned i = 0; i < SECRET_LEN; i++)
        FUZZ_MUST(bytes[i] == secret_byte(secret, i));
}

/* Both runs are one but for what is inside the module. */
static void check_secrecy(struct trio *t)
{
    static uint8_t inside[VICTIM_END - SECRET];
    struct semo_machine *m = t->other.machine;
    bool enabled = is_victim_enabled(t->fast.machine);
    FUZZ_MUST(enabled == is_victim_enabled(m));
    uint16_t pc = semo_machine_register(m, 0);
    if (enabled && pc >= VICTIM && pc < VICTIM + VICTIM_LEN)
        return; /* its registers are its own */
    if (enabled) {
        semo_machine_peek(t->fast.machine, SECRET, inside, sizeof inside);
        semo_machine_poke(m, SECRET, inside, sizeof inside);
        semo_machine_set_register(m, 0, pc); /* a poke before a reset may change it */
    }
    semo_machine_snapshot(m, t->other.now);
    FUZZ_MUST(!memcmp(t->fast.now, t->other.now, t->fast.size));
}

static void take_over(struct trio *t)
{
    semo_machine_restore(t->other.machine, t->fast.now);
    t->other.draws = t->fast.draws;
    t->other.epochs = t->fast.epochs;
}

static void check_fork(struct trio *t)
{
    semo_machine_snapshot(t->other.machine, t->other.now);
    FUZZ_MUST(!memcmp(t->fast.now, t->other.now, t->fast.size));
}

static void run_one(struct trio *t, struct semo_cursor in, bool secret)
{
    struct fuzz_chip *chips[] = {&t->fast, &t->exact, &t->other};
    for (unsigned i = 0; i < 2 + secret; i++) {
        fuzz_rewind(chips[i]);
        set_up(chips[i]->machine, in);
    }
    uint64_t end = semo_machine_cycle(t->fast.machine) + CYCLES;
    bool forked = false;
    for (unsigned n = 1; n <= SLICES && semo_machine_cycle(t->fast.machine) < end; n++) {
        uint64_t until = semo_machine_cycle(t->fast.machine) + SLICE * n;
        for (unsigned i = 0; i < 3; i++)
            if (i < 2 || secret || forked)
                semo_machine_run(chips[i]->machine, until);
        check_paths(t);
        if (!secret && n == FORK_AT)
            take_over(t);
        forked |= !secret && n == FORK_AT;
        if (secret && is_victim_enabled(t->fast.machine))
            check_integrity(t->fast.machine, 0x11);
    }
    if (secret)
        check_secrecy(t);
    else if (forked)
        check_fork(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct semo_cursor in = semo_cursor_from(input, (unsigned)len);
    unsigned kind = semo_cursor_u8(&in) % KINDS;
    if (len <= 2048)
        run_one(trio(kind), in, has_secret(kind));
    return 0;
}
